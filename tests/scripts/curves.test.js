// The arithmetic of the curves, by values worked out by hand.

import assert from "node:assert/strict";
import test from "node:test";

import { nearest, runNames, smoothed } from "../../ui/curves/data.js";
import { cellEdges } from "../../ui/curves/heatmap.js";
import { duration, logTicks, numberTicks, spread, timeTicks } from "../../ui/curves/scale.js";
import { within } from "../../ui/curves/view.js";

const texts = (ticks) => ticks.map(({ text }) => text).join(" ");
const times = (...range) => {
  const { ticks, unit } = timeTicks(...range);
  return [texts(ticks), unit];
};

function assertClose(actual, expected) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert.ok(Math.abs(actual[i] - value) < 1e-5, `${actual[i]} is not ${value}`);
  });
}

test("ticks are round numbers", () => {
  assert.equal(texts(numberTicks(0, 100, 5)), "0 20 40 60 80 100");
  assert.equal(texts(numberTicks(80.9, 81.1, 4)), "80.90 80.95 81.00 81.05 81.10");
  assert.equal(texts(numberTicks(-1, 1, 4)), "−1.0 −0.5 0.0 0.5 1.0");
  assert.deepEqual(
    logTicks(1, 50, 5).map(({ value }) => value),
    [1, 2, 5, 10, 20, 50],
  );
});

test("times have the unit that suits their length", () => {
  assert.deepEqual(times(0, 45, 4), ["0 10 20 30 40", "s"]);
  assert.deepEqual(times(300, 330, 3), ["5:00 5:10 5:20 5:30", "min:s"]);
  assert.deepEqual(times(0, 600, 5), ["0 2 4 6 8 10", "min"]);
  assert.deepEqual(times(0, 36000, 5), ["0 2 4 6 8 10", "h"]);
  assert.deepEqual([0.5, 45, 126, 5400 * 1.2].map(duration), ["0.5 s", "45 s", "2.1 min", "1 h 48 min"]);
});

test("labels keep their distance and stay inside", () => {
  assertClose(spread([10, 12, 40, 39], 5, 0, 42), [8.5, 13.5, 42, 37]);
});

test("cells reach half-way to their neighbours", () => {
  assertClose(cellEdges([1, 2, 4, 10]), [0, 1.5, 3, 7, 10]);
  assertClose(cellEdges([5, 6]), [4.5, 5.5, 6]);
  assertClose(cellEdges([3]), [0, 3]);
});

test("smoothing keeps gaps and straight falls", () => {
  assert.deepEqual([...smoothed(Float32Array.of(5, NaN, 5, 5, 5))], [5, NaN, 5, 5, 5]);
  const fall = smoothed(Float32Array.of(9, 7, 5, 3, 1, -1, -3, -5, -7));
  assertClose(fall.subarray(0, 6), [9, 7, 5, 3, 1, -1]);
});

test("the nearest of ascending numbers is found, and none of none", () => {
  assert.deepEqual([nearest([], 1), nearest([1, 2, 4], 3.1), nearest([1, 2, 4], 9)], [-1, 2, 2]);
});

test("two runs of one name are told apart", () => {
  const series = ["a x", "a y", "a x", "b x", "a y"].map((text) => {
    const [run, name] = text.split(" ");
    return { run, name };
  });
  assert.deepEqual(runNames(series), ["a", "a", "a (2)", "b", "a (2)"]);
});

test("a zoom stays inside, and is none when it shows everything", () => {
  assert.equal(within([-1, 11], 10), null);
  assert.deepEqual(within([8, 12], 10), [6, 10]);
});
