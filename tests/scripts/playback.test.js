// The clock of a player, and the timeline's bars, of films of few and of very many steps.

import assert from "node:assert/strict";
import test from "node:test";

import { Playback } from "../../ui/player/playback.js";
import { Transport } from "../../ui/player/transport.js";

// Plays a film from its beginning on a screen of so many pictures in a second; when which step came.
function played(t, last, { hertz = 60, parts = 1, slowness = 1 } = {}) {
  let [now, next] = [0, null];
  t.mock.method(performance, "now", () => now);
  globalThis.requestAnimationFrame = (then) => {
    next = then;
  };
  globalThis.cancelAnimationFrame = () => {};
  const steps = [];
  const on = { moved: () => steps.push([now / 1000, playback.step]), rested() {}, playing() {} };
  const playback = new Playback({ speed: 1, loop: false }, on);
  playback.slowness = slowness;
  playback.load(last, 0, parts);
  playback.play();
  for (let frame = 1; playback.playing && frame < 1e5; frame++) {
    now = (1000 * frame) / hertz;
    next(now);
  }
  return steps;
}

const seconds = (steps) => steps.at(-1)[0];

test("a film of few steps shows each of them for a quarter of a second", (t) => {
  for (const last of [1, 16, 64]) {
    const steps = played(t, last);
    assert.deepEqual(
      steps.map(([, step]) => step),
      Array.from({ length: last }, (_, k) => k + 1),
    );
    assert.ok(Math.abs(seconds(steps) - last / 4) < 0.1, `${seconds(steps)} s`);
  }
});

test("a film of very many steps is over in 8 to 20 seconds", (t) => {
  for (const last of [200, 784, 3072]) {
    for (const hertz of [60, 144]) {
      const steps = played(t, last, { hertz });
      assert.equal(steps.at(-1)[1], last);
      assert.ok(seconds(steps) > 8 && seconds(steps) < 20, `${last} at ${hertz} Hz: ${seconds(steps)} s`);
      for (const [k, [, step]] of steps.slice(1).entries()) assert.ok(step > steps[k][1]);
    }
  }
});

test("the stages of slow motion keep their pace", (t) => {
  const steps = played(t, 7 * 28, { parts: 7, slowness: 10 });
  assert.equal(steps.length, 7 * 28);
  assert.ok(Math.abs(seconds(steps) - 7 * 28 * 2.5) < 0.1, `${seconds(steps)} s`);
});

function transport(numSteps) {
  const bars = Object.create(Transport.prototype);
  bars.count(numSteps);
  return bars;
}

test("every step has a place on the timeline, and is found there", () => {
  for (const numSteps of [1, 28, 100, 784, 3072]) {
    const bars = transport(numSteps);
    assert.equal(bars.stepAt(0), 0);
    assert.equal(bars.stepAt(1 - 1e-9), numSteps);
    let before = 0;
    for (let step = 0; step <= numSteps; step++) {
      const bar = bars.barOf(step);
      assert.ok(bar === before || bar === before + 1, `${step} of ${numSteps}`);
      before = bar;
    }
    for (let bar = 0; bar <= bars.numBars; bar++) {
      const step = bars.stepAt((bar + 0.5) / (bars.numBars + 1));
      assert.equal(bars.barOf(step), bar, `bar ${bar} of ${numSteps}`);
      if (numSteps <= 100) assert.equal(step, bar);
    }
    assert.ok(bars.numBars <= 128);
  }
});

test("a bar is the mean of its steps", () => {
  assert.deepEqual(transport(3).binned([3, null, 5]), [3, null, 5]);
  const values = Float32Array.from({ length: 784 }, (_, t) => t);
  const bars = transport(784);
  bars.binned(values).forEach((mean, k) => {
    const own = [...values].filter((_, t) => bars.barOf(t + 1) === k + 1);
    assert.equal(mean, own.reduce((a, b) => a + b) / own.length);
  });
});
