// What Python sends is unpacked, and a film answers for its arrays.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { parseSafetensors } from "../../ui/kit/safetensors.js";
import { Film, unpackFilms } from "../../ui/player/film.js";
import { turned } from "../../ui/player/overlay.js";
import { BYTE_PROBABILITY } from "../../ui/player/segments.js";

// DRAW_FILMS names a folder of films as Python packs them, each beside what it shows (see
// tests/ui/test_player_film.py).
const { DRAW_FILMS } = process.env;

const DTYPES = { Uint8Array: "U8", Int32Array: "I32", Float32Array: "F32", Uint16Array: "F16" };

// Safetensors bytes that begin at an odd place of their buffer, as those of a message may.
function packed(meta, tensors) {
  const header = { __metadata__: { data: JSON.stringify(meta) } };
  const chunks = [];
  let length = 0;
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const bytes = new Uint8Array(data.buffer);
    const dtype = DTYPES[data.constructor.name];
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

const LABELS = ["g_x", "g_y", "delta", "sigma2", "gamma"];
const windows = (changes) => ({
  ...{ kind: "windows", name: "write", points: 2, labels: LABELS, rule: "gaussian" },
  ...{ arrays: { parameters: "write_params" }, ...changes },
});
const description = {
  segments: [{ kind: "frames", codec: "bernoulli", arrays: { pixels: "canvases" } }],
  tracks: [windows({}), { kind: "patches", name: "write", arrays: { values: "write_patches" } }],
};

test("safetensors keep their numbers, shapes and text", () => {
  const given = { ...tensors(), order: { shape: [2], data: Int32Array.of(-1, 2 ** 30) } };
  const { meta, tensors: found } = parseSafetensors(packed({ id: "x", note: "ä" }, given));
  assert.deepEqual(meta, { id: "x", note: "ä" });
  assert.deepEqual(found, given);
});

test("numbers of half precision keep their value", () => {
  // By hand from IEEE 754: sign, five bits of exponent, ten of fraction.
  const halves = Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001);
  const { tensors: found } = parseSafetensors(packed({}, { nats: { shape: [6], data: halves } }));
  assert.deepEqual([...found.nats.data], [0, 1, -2, Math.fround(1365 / 4096), 65504, 2 ** -24]);
});

test("a film answers for its samples and steps", () => {
  const film = new Film({ tensors: tensors(), description });
  assert.deepEqual([film.numSteps, film.samples, film.width, film.height], [1, 2, 3, 2]);
  assert.deepEqual([...film.canvas(1, 0)], [0, 0, 255, 0, 0, 0]);
  assert.equal(film.window("write", 0, 0), null);
  assert.equal(film.window("read", 1, 0), null);
  assert.deepEqual([film.has("write"), film.has("read"), film.points("write"), film.kl], [true, false, 2, null]);
  assert.deepEqual(film.window("write", 1, 0), { gX: 2, gY: 1, delta: 1, sigma: 0.5, gamma: 0.5, size: 2 });
  const gained = BYTE_PROBABILITY[255] - BYTE_PROBABILITY[0];
  assert.deepEqual(film.inkAddedAndRemoved(1, 0), { added: gained, removed: 0 });
  assert.deepEqual([...film.barValues(1)], [0]);
  assert.ok(Math.abs(film.inkShare(1, 0) - (BYTE_PROBABILITY[0] + gained / 6)) < 1e-6);
  assert.equal(film.fullness(1, 0), "17 % of the canvas is ink");
});

test("a stroke is the patch under its window, divided by the intensity", () => {
  const film = new Film({ tensors: tensors(), description });
  // The second window's points lie on the first two pixels of both rows, with no width.
  assert.deepEqual([...film.stroke(1, 1)], [4, 0, 0, 0, -3, 0]);
  assert.equal(film.patchScale(1), 8);
});

test("films are told apart by their prefix, and one that is sent once serves twice", () => {
  const sent = Object.fromEntries(Object.entries(tensors()).map(([name, tensor]) => [`a.${name}`, tensor]));
  const told = { id: "x", films: { "a.": description, "b.": "a." } };
  const { meta, films } = unpackFilms(packed(told, sent));
  assert.equal(meta.id, "x");
  for (const prefix of ["a.", "b."]) assert.deepEqual([...new Film(films[prefix]).canvas(1, 0)], [0, 0, 255, 0, 0, 0]);
});

test("a raster paints each pixel in its order and leaves the others blank", () => {
  const final = { shape: [2, 3, 1, 3], data: Uint8Array.from({ length: 18 }, (_, i) => 10 * i) };
  const part = { kind: "raster", codec: "plain", blank: 7, arrays: { final: "canvases", order: "order" } };
  const film = (order) =>
    new Film({ tensors: { canvases: final, order }, description: { segments: [part], tracks: [] } });
  // One step paints all channels of a pixel; the second pixel was given.
  const pixels = film({ shape: [1, 1, 3], data: Int32Array.of(2, 0, 1) });
  assert.equal(pixels.numSteps, 2);
  assert.deepEqual([...pixels.canvas(0, 0)], [7, 10, 7, 7, 40, 7, 7, 70, 7]);
  assert.deepEqual([...pixels.canvas(1, 1)], [7, 100, 110, 7, 130, 140, 7, 160, 170]);
  assert.deepEqual([...pixels.canvas(2, 0)], [...final.data.subarray(0, 9)]);
  // Or each value has its own step.
  const values = film({ shape: [3, 1, 3], data: Int32Array.of(1, 4, 7, 2, 5, 8, 3, 6, 9) });
  assert.equal(values.numSteps, 9);
  assert.deepEqual([...values.canvas(4, 0)], [0, 10, 7, 30, 7, 7, 60, 7, 7]);
  assert.ok(Math.abs(values.pixel(1, 0, 9, 0).p - (10 + 40 + 70) / 3 / 255) < 1e-6);
  assert.equal(values.barValues(0).length, 9);
});

test("a canvas that grows midway is shown in the size of the finished one, and so are its windows", () => {
  const part = (name, codec) => ({ kind: "frames", codec, arrays: { pixels: name } });
  const film = new Film({
    tensors: {
      small: { shape: [2, 1, 1, 1, 2], data: Uint8Array.of(0, 0, 20, 30) },
      large: { shape: [2, 1, 1, 2, 4], data: Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 1, 5, 6, 7, 8, 9, 10, 11, 12) },
      write_params: { shape: [2, 1, 5], data: Float32Array.of(0, 0, 1, 4, 1, 0, 0, 1, 4, 1) },
    },
    description: { segments: [part("small", "bernoulli"), part("large", "plain")], tracks: [windows({ points: 3 })] },
  });
  assert.deepEqual([film.numSteps, film.width, film.height], [2, 4, 2]);
  assert.deepEqual([...film.canvas(1, 0)], [20, 20, 30, 30, 20, 20, 30, 30]);
  assert.deepEqual([...film.canvas(2, 0)], [5, 6, 7, 8, 9, 10, 11, 12]);
  assert.deepEqual([...film.before(2, 0)], Array(8).fill(1)); // not what step 1 left
  assert.equal(film.codec(1).logits?.length, 256);
  assert.equal(film.codec(2).logits, null);
  // The centre of the first of two pixels lies between the first two of four.
  assert.deepEqual(film.window("write", 1, 0), { gX: 0.5, gY: 0.5, delta: 2, sigma: 4, gamma: 1, size: 3 });
  assert.deepEqual(film.window("write", 2, 0), { gX: 0, gY: 0, delta: 1, sigma: 2, gamma: 1, size: 3 });
});

test("a window may be any quad, and the square that is drawn is laid onto it", () => {
  const given = { shape: [1, 1, 4, 2], data: Float32Array.of(2, 1, 5, 5, 1, 8, -2, 4) }; // sides of 5, turned
  const film = new Film({
    tensors: { ...tensors(), given, pose: { shape: [1, 1, 1], data: Float32Array.of(0.25) } },
    description: {
      segments: description.segments,
      tracks: [
        windows({ name: "read", points: 5, labels: ["s"], rule: null, arrays: { parameters: "pose", given: "given" } }),
      ],
    },
  });
  const window = film.window("read", 1, 0);
  assert.deepEqual(window, {
    ...{ gX: 1.5, gY: 4.5, delta: 1, sigma: NaN, gamma: NaN, size: 5 },
    corners: [2, 1, 5, 5, 1, 8, -2, 4],
    own: { s: 0.25 },
  });
  const [a, b, c, d, e, f] = turned(window, 5).slice(7, -1).split(" ").map(Number);
  const moved = [
    [-1, -1],
    [1, -1],
    [1, 1],
    [-1, 1],
  ].flatMap(([u, v]) => {
    const [x, y] = [1.5 + 2.5 * u, 4.5 + 2.5 * v];
    return [a * x + c * y + e, b * x + d * y + f];
  });
  for (const [k, at] of moved.entries()) assert.ok(Math.abs(at - window.corners[k]) < 1e-9, `${moved}`);
  assert.equal(turned({ gX: 1, gY: 1 }, 5), "");
});

test("the numbers of a window are found by their labels, and no rule is guessed", () => {
  const turned = { shape: [1, 2, 5], data: Float32Array.of(0.5, 0.25, 1, 1, 2, 2, 1e-12, 1, 0.5, 0.5) };
  const other = { ...description, tracks: [windows({ labels: [...LABELS].reverse() })] };
  const film = new Film({ tensors: { ...tensors(), write_params: turned }, description: other });
  assert.deepEqual(film.window("write", 1, 0), { gX: 2, gY: 1, delta: 1, sigma: 0.5, gamma: 0.5, size: 2 });
  const odd = { ...description, tracks: [windows({ rule: "spiral" })] };
  assert.throws(() => new Film({ tensors: tensors(), description: odd }), /rule spiral of write/);
});

test("windows of any name are there, the one that writes above all", () => {
  const named = ["write", "look", "read"].map((name) => windows({ name }));
  const film = new Film({ tensors: tensors(), description: { ...description, tracks: named } });
  assert.deepEqual(film.windowNames, ["look", "read", "write"]);
});

test("bars are what their track says", () => {
  const said = { unit: "bits", caption: "Left over", meaning: "What is left.", power: 1 };
  const bars = (name, more) => ({ kind: "bars", name, ...more, arrays: { values: "left" } });
  const left = { shape: [1, 2], data: Float32Array.of(3, 4) };
  const film = (...tracks) => new Film({ tensors: { ...tensors(), left }, description: { ...description, tracks } });
  const { measure } = film(bars("left", said));
  assert.deepEqual(measure, { words: "Left over, in bits: ", meaning: "What is left.", power: 1 });
  assert.deepEqual([...film(bars("left", said), bars("kl", said)).barValues(1)], [4]);
  assert.equal(film(bars("left", { ...said, unit: "", caption: "" })).measure.words, "left: ");
  assert.equal(film().measure.words, "Pixels of ink that this step moves: ");
});

test("words come with their weights", () => {
  const weights = { shape: [1, 2, 2], data: Float32Array.of(0.25, 0.75, 1, 0) };
  const track = { kind: "words", name: "caption", texts: [["a", "six"], ["ö"]], arrays: { weights: "w" } };
  const film = new Film({ tensors: { ...tensors(), w: weights }, description: { ...description, tracks: [track] } });
  assert.equal(film.words("caption", 0, 0), null);
  assert.equal(film.words("other", 1, 0), null);
  assert.deepEqual(film.words("caption", 1, 0), [
    { text: "a", weight: 0.25 },
    { text: "six", weight: 0.75 },
  ]);
  assert.deepEqual(film.words("caption", 1, 1), [{ text: "ö", weight: 1 }]);
});

// A raster of many values in a scattered order.
function scattered([channels, height, width], each) {
  const [count, planes] = [channels * height * width, each ? channels : 1];
  const places = planes * height * width; // 7 has no divisor in common with any of these numbers
  const steps = Int32Array.from({ length: places }, (_, i) => 1 + ((7 * i + 3) % places));
  const final = { shape: [2, channels, height, width], data: Uint8Array.from({ length: 2 * count }, (_, i) => 37 * i) };
  const order = { shape: [planes, height, width], data: steps };
  const part = { kind: "raster", codec: "plain", blank: 90, arrays: { final: "final", order: "order" } };
  return new Film({ tensors: { final, order }, description: { segments: [part], tracks: [] } });
}

test("the ink and the pixels of a raster are those of its canvases", () => {
  for (const each of [true, false]) {
    const film = scattered([3, 4, 5], each);
    const { values } = film.codec(0);
    for (let step = 0; step <= film.numSteps; step++) {
      const [now, before] = [film.canvas(step, 1), film.before(step, 1)];
      const sums = { added: 0, removed: 0 };
      now.forEach((q, i) => {
        const change = (values[q] - values[before[i]]) / 3;
        sums[change > 0 ? "added" : "removed"] += Math.abs(change);
      });
      const found = film.inkAddedAndRemoved(step, 1);
      for (const key of ["added", "removed"]) assert.ok(Math.abs(found[key] - sums[key]) < 1e-6, `${step} ${key}`);
      const at = [7, 27, 47].map((i) => values[now[i]]);
      assert.ok(Math.abs(film.pixelCurve(2, 1, 1)[step] - at.reduce((a, b) => a + b) / 3) < 1e-6);
    }
    assert.equal(film.paints(1), each ? "one value of a pixel" : "one pixel");
  }
});

test("a film of 3,072 steps answers without painting all of them", () => {
  const film = scattered([3, 32, 32], true);
  const start = performance.now();
  assert.equal(film.barValues(0).length, 3072);
  assert.equal(film.pixelCurve(5, 6, 0).length, 3073);
  const took = performance.now() - start;
  assert.ok(took < 100, `${took} ms`);
});

test("a still picture stays for all its steps", () => {
  const part = { kind: "still", codec: "plain", num_steps: 3, arrays: { picture: "canvases" } };
  const canvases = { shape: [2, 1, 1, 2], data: Uint8Array.of(1, 2, 3, 4) };
  const film = new Film({ tensors: { canvases }, description: { segments: [part], tracks: [] } });
  assert.deepEqual([film.numSteps, film.samples], [3, 2]);
  for (const step of [0, 1, 3]) assert.deepEqual([...film.canvas(step, 1)], [3, 4]);
});

test("films of Python show what they show there", { skip: !DRAW_FILMS }, () => {
  const names = readdirSync(DRAW_FILMS).filter((name) => name.endsWith(".film"));
  assert.ok(names.length > 0);
  for (const name of names) {
    const { films } = unpackFilms(new Uint8Array(readFileSync(`${DRAW_FILMS}/${name}`)));
    const film = new Film(films["a."]);
    const shown = JSON.parse(readFileSync(`${DRAW_FILMS}/${name}.json`, "utf8"));
    assert.deepEqual([film.numSteps, film.samples], [shown.steps, shown.samples]);
    for (const [step, pictures] of shown.frames.entries()) {
      for (const [sample, bytes] of pictures.entries()) {
        const [segment, k] = film.at(step);
        assert.deepEqual([...segment.bytes(k, sample)], bytes, `${name}, step ${step}`);
      }
    }
    for (const [track, values] of Object.entries(shown.tracks)) {
      const [kind, own] = track.split(" ");
      const { values: found, parameters = found } = film.track(kind, own)?.arrays ?? {};
      assert.deepEqual([...parameters.data], values, `${name}, ${track}`);
    }
  }
});
