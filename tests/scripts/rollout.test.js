// What Python sends is unpacked, and a rollout answers for its arrays.

import assert from "node:assert/strict";
import test from "node:test";

import { parseSafetensors } from "../../ui/kit/safetensors.js";
import { BYTE_PROBABILITY, Rollout } from "../../ui/player/rollout.js";

// Safetensors bytes that begin at an odd place of their buffer, as those of a message may.
function packed(meta, tensors) {
  const header = { __metadata__: { data: JSON.stringify(meta) } };
  const chunks = [];
  let length = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(data.buffer);
    const dtype = data instanceof Float32Array ? "F32" : "U8";
    header[name] = { dtype, shape, data_offsets: [length, length + bytes.length] };
    chunks.push(bytes);
    length += bytes.length;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const out = new Uint8Array(1 + 8 + text.length + length).subarray(1);
  new DataView(out.buffer, out.byteOffset).setBigUint64(0, BigInt(text.length), true);
  out.set(text, 8);
  let at = 8 + text.length;
  for (const bytes of chunks) {
    out.set(bytes, at);
    at += bytes.length;
  }
  return out;
}

// Two samples of 2 x 3 pixels and one step: the first gains a white pixel, the second stays black.
const tensors = () => ({
  canvases: { shape: [2, 2, 1, 2, 3], data: Uint8Array.of(...Array(12).fill(0), 0, 0, 255, ...Array(9).fill(0)) },
  write_params: { shape: [1, 2, 5], data: Float32Array.of(2, 1, 1, 0.25, 0.5, 0.5, 0.5, 1, 1e-12, 2) },
  write_patches: { shape: [1, 2, 1, 2, 2], data: Float32Array.of(1, 2, 3, 4, 8, 0, 0, -6) },
});

test("safetensors keep their numbers, shapes and text", () => {
  const given = tensors();
  const { meta, tensors: found } = parseSafetensors(packed({ id: "x", note: "ä" }, given));
  assert.deepEqual(meta, { id: "x", note: "ä" });
  assert.deepEqual(found, given);
});

test("a rollout answers for its samples and steps", () => {
  const rollout = new Rollout({ meta: { write_size: 2 }, tensors: tensors() });
  assert.deepEqual([rollout.numSteps, rollout.samples, rollout.width, rollout.height], [1, 2, 3, 2]);
  assert.deepEqual([...rollout.canvas(1, 0)], [0, 0, 255, 0, 0, 0]);
  assert.equal(rollout.window("write", 0, 0), null);
  assert.equal(rollout.window("read", 1, 0), null);
  assert.deepEqual(rollout.window("write", 1, 0), { gX: 2, gY: 1, delta: 1, sigma: 0.5, gamma: 0.5, size: 2 });
  const gained = BYTE_PROBABILITY[255] - BYTE_PROBABILITY[0];
  assert.deepEqual(rollout.inkAddedAndRemoved(1, 0), { added: gained, removed: 0 });
  assert.deepEqual([...rollout.barValues(1)], [0]);
  assert.ok(Math.abs(rollout.inkShare(1, 0) - (BYTE_PROBABILITY[0] + gained / 6)) < 1e-6);
  assert.equal(rollout.fullness(1, 0), "17 % of the canvas is ink");
});

test("a stroke is the patch under its window, divided by the intensity", () => {
  const rollout = new Rollout({ meta: { write_size: 2 }, tensors: tensors() });
  // The second window's points lie on the first two pixels of both rows, with no width.
  assert.deepEqual([...rollout.stroke(1, 1)], [4, 0, 0, 0, -3, 0]);
  assert.equal(rollout.patchScale(1), 8);
});
