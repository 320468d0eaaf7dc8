// A hand in a film: what it changes, and what it leaves alone.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parseSafetensors } from "../../ui/kit/safetensors.js";
import { Draw } from "../../ui/live/draw.js";
import { noiseOf } from "../../ui/live/generator.js";
import { handsOf } from "../../ui/live/hand.js";
import { trace } from "../../ui/live/trace.js";

const FOLDER = new URL("../../checkpoints/mnist-pen/", import.meta.url);
const { config } = JSON.parse(readFileSync(new URL("card.json", FOLDER), "utf8"));
const network = new Draw(
  config,
  parseSafetensors(new Uint8Array(readFileSync(new URL("model.safetensors", FOLDER)))).tensors,
);
const noise = noiseOf(config, 1, 7);
const film = (edits) => trace(network, noise, null, handsOf(edits, network.shape));
const plain = film([]);
const { data: windows } = plain.tensors.write_params;
const { pixels } = network;
const canvas = (made, step) => made.logits.slice(step * pixels, (step + 1) * pixels);
const far = (a, b) => a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

test("a step with the window that it had changes nothing", () => {
  const [gX, gY, delta, sigma2, gamma] = windows.slice(5 * 8, 5 * 9);
  const same = film([{ step: 9, gX, gY, delta, sigma: Math.sqrt(sigma2), gamma }]);
  assert.ok(far(same.logits, plain.logits) < 1e-4);
  assert.ok(far(film([{ step: 9, turn: 4 }]).logits, plain.logits) === 0);
});

test("a silenced step writes nothing, and without an image the network paints on as if it had", () => {
  const silent = film([{ step: 9, how: "silence" }]);
  assert.equal(far(canvas(silent, 9), canvas(silent, 8)), 0);
  const lost = canvas(plain, 9).map((value, i) => value - canvas(plain, 8)[i]);
  const missing = canvas(plain, config.num_steps).map((value, i) => value - canvas(silent, config.num_steps)[i]);
  assert.ok(far(lost, new Float32Array(pixels)) > 0.5);
  assert.ok(far(missing, lost) < 1e-4);
});

test("a network that looks at an image sees that its stroke was lost", () => {
  const image = Float32Array.from(canvas(plain, config.num_steps), (c) => Number(c > 0));
  const [seen, silent] = [[], [{ step: 9, how: "silence" }]].map((edits) =>
    trace(network, noise, image, handsOf(edits, network.shape)),
  );
  assert.ok(
    far(seen.tensors.h_dec.data.slice(0, 9 * config.dec_size), silent.tensors.h_dec.data.slice(0, 9 * config.dec_size))
      === 0,
  );
  assert.ok(far(seen.tensors.h_dec.data, silent.tensors.h_dec.data) > 0.01);
});

test("a held step writes what the step before wrote", () => {
  const held = film([{ step: 9, how: "hold" }]);
  const change = (step) => canvas(held, step).map((value, i) => value - canvas(held, step - 1)[i]);
  assert.ok(far(change(9), change(8)) < 1e-5);
});
