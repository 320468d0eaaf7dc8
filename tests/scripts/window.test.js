// The window and the bytes of a canvas have the numbers of PyTorch: see tests/support/windows.py.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { coverage, filterRows, readPatch, rootMeanSquare, writeBack } from "../../ui/kit/window.js";
import { BYTE_LOGIT, BYTE_PROBABILITY } from "../../ui/player/segments.js";

const GOLDEN = 0.6180339887498949;
const reference = JSON.parse(readFileSync(new URL("reference.json", import.meta.url), "utf8"));
const pattern = (count) => Float64Array.from({ length: count }, (_, i) => (i * GOLDEN) % 1);

// The sum of all numbers times 1 + pattern, and of their sizes.
function weighed(values) {
  const weights = pattern(values.length);
  let [sum, size] = [0, 0];
  values.forEach((value, i) => {
    assert.ok(Number.isFinite(value));
    sum += value * (1 + weights[i]);
    size += Math.abs(value) * (1 + weights[i]);
  });
  return { sum, size };
}

test("windows of all kinds are those of PyTorch", () => {
  assert.ok(reference.windows.length > 100);
  for (const [channels, height, width, n, gX, gY, delta, sigma, gamma, ...sums] of reference.windows) {
    const image = pattern(channels * height * width);
    const fX = filterRows(gX, delta, sigma ** 2, n, width);
    const fY = filterRows(gY, delta, sigma ** 2, n, height);
    const shape = { channels, height, width };
    const patch = readPatch(image, shape, fX, fY, n, gamma);
    const back = writeBack(patch, shape, fX, fY, n, gamma);
    const arrays = [fX, fY, patch, back, coverage(fX, fY, n, shape)];
    arrays.forEach((array, k) => {
      const { sum, size } = weighed(array);
      const where = `array ${k} of the window ${[gX, gY, delta, sigma, gamma]}, N = ${n}`;
      assert.ok(Math.abs(sum - sums[k]) <= 1e-8 * Math.max(1, size), `${where}: ${sum}, not ${sums[k]}`);
    });
  }
});

test("a filter that is far outside has all its weight on the last pixel", () => {
  assert.deepEqual([...filterRows(1e9, 1, 0.01, 2, 3)], [0, 0, 1, 0, 0, 1]);
});

test("two patches differ by the root of their mean square", () => {
  assert.equal(rootMeanSquare([1, 2, 3, 4], [1, 2, 3, 0]), 2);
});

test("a byte of a canvas is a logit and a probability", () => {
  for (const [q, logit, probability] of reference.bytes) {
    assert.ok(Math.abs(BYTE_LOGIT[q] - logit) < 1e-5, `${q}: ${BYTE_LOGIT[q]}`);
    assert.ok(Math.abs(BYTE_PROBABILITY[q] - probability) < 1e-6, `${q}: ${BYTE_PROBABILITY[q]}`);
  }
});
