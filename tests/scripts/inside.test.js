// The tools of Inside on a shipped network: exact shares, latents on their way, and what an address says.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { readWish, writeWish } from "../../ui/inside/link.js";
import { greatCircle, transplant, wished, wishesNothing } from "../../ui/inside/noise.js";
import { cellsOf, decidedBy, sharesOf, strokesOf } from "../../ui/inside/shares.js";
import { missingAfter } from "../../ui/inside/words.js";
import { parseSafetensors } from "../../ui/kit/safetensors.js";
import { Draw } from "../../ui/live/draw.js";
import { noiseOf } from "../../ui/live/generator.js";
import { readHand, writeHand } from "../../ui/live/hand.js";
import { trace } from "../../ui/live/trace.js";
import { Film } from "../../ui/player/film.js";
import { described } from "./described.js";

function shipped(name) {
  const folder = new URL(`../../checkpoints/${name}/`, import.meta.url);
  const { config } = JSON.parse(readFileSync(new URL("card.json", folder), "utf8"));
  const weights = new Uint8Array(readFileSync(new URL("model.safetensors", folder)));
  return new Draw(config, parseSafetensors(weights).tensors);
}

const near = (a, b, most, what) => assert.ok(Math.abs(a - b) <= most, `${what}: ${a}, not ${b}`);

for (const name of ["mnist-pen", "mnist-attention", "cifar-colour"]) {
  test(`the shares of all steps add up to each logit of ${name}`, () => {
    const network = shipped(name);
    const { config, pixels } = network;
    const { tensors, logits } = trace(network, noiseOf(config, 1, 4));
    const film = new Film({ tensors, description: described(config, false) });
    const strokes = strokesOf(film, 0);
    assert.equal(strokes.length, config.num_steps);
    const plane = config.height * config.width;
    const end = logits.subarray(config.num_steps * pixels);
    for (let pixel = 0; pixel < plane; pixel += 13) {
      const shares = sharesOf(logits.subarray(0, pixels), strokes, pixel, plane);
      let logit = 0;
      for (let c = pixel; c < pixels; c += plane) logit += end[c] / config.channels;
      near(
        shares.reduce((a, b) => a + b),
        logit,
        1e-4,
        `pixel ${pixel}`,
      );
      const [x, y, step] = [pixel % config.width, Math.floor(pixel / config.width), 1 + (pixel % config.num_steps)];
      const cells = cellsOf(film, step, 0, x, y);
      near(
        cells.reduce((a, b) => a + b),
        shares[step],
        1e-4,
        `cells of step ${step}`,
      );
    }
    const steps = decidedBy(strokes, plane);
    const pixel = steps.findIndex((step) => step > 0);
    const sizes = strokes.map((stroke) =>
      Math.max(...[pixel, pixel + plane, pixel + 2 * plane].map((i) => Math.abs(stroke[i] ?? 0))),
    );
    assert.equal(steps[pixel] - 1, sizes.indexOf(Math.max(...sizes)));
  });
}

test("an edit that changes nothing leaves the film as it is, bit for bit", () => {
  const network = shipped("mnist-pen");
  const noise = noiseOf(network.config, 1, 2);
  const { tensors, logits } = trace(network, noise);
  const film = new Film({ tensors, description: described(network.config, false) });
  const { gX, gY } = film.window("write", 6, 0);
  const edited = trace(network, noise, null, () => (_image, window) => window);
  assert.deepEqual(edited.logits, logits);
  near(gX, tensors.write_params.data[25], 1e-6, "gX");
  near(gY, tensors.write_params.data[26], 1e-6, "gY");
});

test("the missing nats of a rebuilt picture are those of its last canvas", () => {
  const network = shipped("mnist-pen");
  const { config, pixels } = network;
  const x = Float32Array.from({ length: pixels }, (_, i) => Number(i % 28 > 10 && i % 28 < 14));
  const made = trace(network, noiseOf(config, 1, 2), x);
  near(missingAfter(made.logits, x, config.num_steps), made.nll, 1e-3, "L_x");
  assert.ok(missingAfter(made.logits, x, 0) > made.nll);
});

test("half-way on the great circle the length of each step lies half-way", () => {
  const [size, steps] = [16, 5];
  const [a, b] = [1, 2].map((seed) => noiseOf({ num_steps: steps, z_size: size }, 1, seed));
  const length = (z, t) => Math.hypot(...z.subarray(t * size, (t + 1) * size));
  for (const share of [0, 0.25, 0.5, 1]) {
    const z = greatCircle(a, b, share, size);
    for (let t = 0; t < steps; t++)
      near(length(z, t), (1 - share) * length(a, t) + share * length(b, t), 1e-4, `step ${t}`);
  }
  greatCircle(a, b, 0, size).forEach((v, i) => void near(v, a[i], 1e-5, "start"));
  greatCircle(a, b, 1, size).forEach((v, i) => void near(v, b[i], 1e-5, "end"));
});

test("a transplant begins as one sample and ends as another", () => {
  const [a, b] = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6, 7, 8)];
  assert.deepEqual(transplant(a, b, 0, 2), b);
  assert.deepEqual(transplant(a, b, 2, 2), a);
  assert.deepEqual([...transplant(a, b, 1, 2)], [1, 2, 7, 8]);
  const wish = { other: 1, mix: "transplant", far: 1, temperature: { 2: 0.5 }, own: { "1:1": -3 } };
  assert.deepEqual([...wished(a, b, wish, 2)], [1, -3, 3.5, 4]);
  assert.ok(!wishesNothing(wish) && wishesNothing({ ...wish, mix: "none", temperature: {}, own: {} }));
});

test("an address says what a hand does, and only what a film can follow is taken", () => {
  const wish = { other: 7, mix: "path", far: 0.25, temperature: { 3: 0.5 }, own: { "2:1": -1.25 } };
  assert.deepEqual(readWish(writeWish(wish), 5, 4), { ...wish });
  assert.deepEqual(readWish("", 5, 4), { temperature: {}, own: {} });
  for (const text of ["w_9_0.5", "w_1_3", "z_1_4_0", "z_1_x_0", "mix_path_1_2", "mix_other_1_0", "q_1_2", "z_1__2"]) {
    assert.equal(readWish(text, 5, 4), null, text);
  }
  const edits = [
    { step: 2, gX: 4.5, delta: 2, turn: 3 },
    { step: 4, how: "silence" },
  ];
  assert.deepEqual(readHand(writeHand(edits), 5), edits);
  for (const text of ["0_x1", "6_x1", "2", "2_x1*2_y1", "2_q1", "2_d0", "2_d-1", "2_x1e9", "2_turn4"]) {
    assert.equal(readHand(text, 5), null, text);
  }
});
