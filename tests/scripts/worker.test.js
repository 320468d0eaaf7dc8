// The worker of networks: what it sends in parts is what they compute at once.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parseSafetensors } from "../../ui/kit/safetensors.js";
import { Draw } from "../../ui/live/draw.js";
import { noiseOf } from "../../ui/live/generator.js";
import { LiveNetwork } from "../../ui/live/live.js";
import { trace } from "../../ui/live/trace.js";
import serve from "../../ui/live/worker.js";

const FOLDER = new URL("../../checkpoints/mnist-attention-short/", import.meta.url);
const BATCH = 40;

const { config } = JSON.parse(readFileSync(new URL("card.json", FOLDER), "utf8"));
const weights = new Uint8Array(readFileSync(new URL("model.safetensors", FOLDER)));

/** A worker in this thread, with a network of the folder above. */
function page() {
  const calls = { fetched: 0 };
  globalThis.fetch = async () => {
    calls.fetched += 1;
    return new Response(weights);
  };
  globalThis.location = { href: "http://localhost/" };
  globalThis.document = {};
  globalThis.Worker = class {
    constructor() {
      this.scope = { postMessage: (data) => queueMicrotask(() => this.onmessage({ data: structuredClone(data) })) };
      serve(this.scope);
    }
    postMessage(data) {
      setTimeout(() => this.scope.onmessage({ data: structuredClone(data) }));
    }
  };
  return calls;
}

/** A network that is there, and all that it makes. */
async function network() {
  const made = [];
  const asked = await new Promise((resolve) => {
    const one = new LiveNetwork(
      "",
      { url: "weights", config },
      (...part) => made.push(part),
      (ready) => resolve({ one, ready }),
    );
  });
  assert.ok(asked.ready);
  return { network: asked.one, made };
}

test("many samples come in parts, and are those of one batch", async () => {
  const calls = page();
  const { network: live, made } = await network();
  const noise = noiseOf(config, BATCH, 3);
  await live.ask({ noise });
  assert.deepEqual(
    made.map(([, , done]) => done),
    [16, 32, 40],
  );
  const [whole] = made.at(-1);
  const expected = trace(new Draw(config, parseSafetensors(weights).tensors), noise);
  for (const [name, { shape, data }] of Object.entries(expected.tensors)) {
    assert.deepEqual(whole.tensors[name].shape, shape, name);
    const far = data.reduce((most, value, i) => Math.max(most, Math.abs(value - whole.tensors[name].data[i])), 0);
    assert.ok(far <= (data instanceof Uint8Array ? 1 : 1e-4), `${name}: ${far}`);
  }
  assert.equal(whole.logits.length, expected.logits.length);
  assert.equal(calls.fetched, 1);
});

test("of several questions the last is answered whole, and the one before it ends early", async () => {
  page();
  const { network: live, made } = await network();
  const [first, second, third] = [1, 2, 3].map((seed) => ({ noise: noiseOf(config, 4 * BATCH, seed) }));
  const all = live.ask(first);
  live.ask(second);
  live.ask(third);
  await all;
  assert.ok(made.every(([, asked]) => asked.noise !== second.noise));
  assert.equal(made.filter(([, asked]) => asked.noise === third.noise).at(-1)[2], 4 * BATCH);
  assert.ok(made.filter(([, asked]) => asked.noise === first.noise).every(([, , done]) => done < 4 * BATCH));
});

test("half a network is not fetched where the whole is there", async () => {
  const calls = page();
  await network();
  const ready = await new Promise((resolve) => {
    new LiveNetwork("", { url: "half", whole: "weights", config }, assert.fail, resolve);
  });
  assert.equal(ready, true);
  assert.equal(calls.fetched, 1);
});

test("a network that cannot be had says so, and answers nothing", async () => {
  page();
  globalThis.fetch = async () => new Response("gone", { status: 404 });
  const told = await new Promise((resolve) => {
    const one = new LiveNetwork("", { url: "weights", config }, assert.fail, (ready) => resolve({ one, ready }));
  });
  assert.equal(told.ready, false);
  await told.one.ask({ noise: noiseOf(config, 1, 0) });
});
