// What Reconstruct says of a run: with which earlier run it is compared, and what a picture costs.

import assert from "node:assert/strict";
import { test } from "node:test";

import { earlierOf, earlierWords } from "../../ui/diagram/before.js";
import { sumsWords } from "../../ui/diagram/sums.js";

/** As much of a run as is looked at. */
const run = (pixel, { model = "m", seed = 0, drawn = true, steps = 3 } = {}) => ({
  numSteps: steps,
  x: Float32Array.of(0, pixel),
  meta: { about: { model, seed, drawn } },
});

test("a drawing is compared with what was there before it, and other noise with the noise before", () => {
  const [one, two] = [run(1), run(0.5)];
  assert.deepEqual(earlierOf(null, one, two, false), { run: one, changes: 1 });
  assert.deepEqual(earlierOf({ run: one, changes: 1 }, two, run(0.2), false), { run: two, changes: 1 });
  assert.deepEqual(earlierOf({ run: one, changes: 1 }, two, run(0.2), true), { run: one, changes: 2 });
  assert.deepEqual(earlierOf(null, one, run(1, { seed: 4, drawn: false }), false), { run: one, changes: 1 });
  const earlier = { run: two, changes: 3 };
  assert.equal(earlierOf(earlier, one, run(1, { drawn: false }), false), earlier); // the same run
});

test("nothing is compared with another picture, network or an empty page", () => {
  const [one, earlier] = [run(1), { run: run(0.1), changes: 1 }];
  assert.equal(earlierOf(earlier, one, run(0.5, { drawn: false }), false), null);
  assert.equal(earlierOf(earlier, one, run(0.5, { model: "other" }), true), null);
  assert.equal(earlierOf(earlier, one, run(0.5, { steps: 4 }), true), null);
  assert.equal(earlierOf(null, run(0), one, false), null);
  assert.equal(earlierOf(null, null, one, false), null);
});

for (const [earlier, changes, now, words] of [
  [run(1), 1, run(0.5), "one change ago"],
  [run(1), 3, run(0.5), "3 changes ago"],
  [run(1, { seed: 4 }), 1, run(1, { seed: 5 }), "sampled with seed 4"],
  [run(1, { seed: null }), 1, run(1, { seed: 5 }), "with z = μ"],
  [run(1), 1, run(0.5, { drawn: false }), "another picture"],
  [run(1), 2, run(0.5, { seed: 1 }), "2 changes ago, sampled with seed 0"],
]) {
  test(`the run before is told by what sets it apart: ${words}`, () => {
    assert.equal(earlierWords({ run: earlier, changes }, now), words);
  });
}

test("the cost of a picture is held against the average", () => {
  const costs = (about) => ({ nll: 60.26, latent_loss: 20.5, about: { seed: 3, grey: false, usual: null, ...about } });
  assert.match(sumsWords(costs({})), /sends 21 nats about this picture, and the canvas still misses 60 nats\./);
  const beside = (usual, seed = 3) => sumsWords(costs({ usual, seed, images: "digits" }));
  assert.match(
    beside(90),
    /learned from digits\. .* costs it 90\.0 nats on average; this picture costs less, 80\.8 nats\.$/,
  );
  assert.match(beside(70), /on average; this picture costs more, 80\.8 nats\.$/);
  assert.match(beside(80.8), /on average, as much as this picture\.$/);
  assert.match(beside(70, null), /no noise is drawn, so the sum is no bound.* on average\.$/); // no bound, as theirs is
  assert.match(sumsWords(costs({ grey: true })), /never 0/);
});
