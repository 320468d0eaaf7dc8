// Films in the browser: what Python sends of a network's steps, and answers to questions about it.
// Positions are 0-based pixel centres of the finished picture, as everywhere in this project.
//
// draw_core/film says what a film is. Step 0 is what it begins with; a canvas that is smaller at first
// is shown in the size of the finished one.

import { parseSafetensors } from "../kit/safetensors.js";
import { filterRows, writeBack } from "../kit/window.js";
import { BYTE_LOGIT, resized, SEGMENTS, slice } from "./segments.js";

/** @typedef {import("./segments.js").Segment} Segment
 * @typedef {import("./segments.js").Codec} Codec
 * @typedef {import("./segments.js").Part} Part
 * @typedef {{ segments: Part[], tracks: Part[] }} Description
 * @typedef {{ words: string, meaning: string, power: number }} Measure of bars: caption, tip, and the power of a
 *   value that is its bar's height
 * @typedef {{ n: number, channels: number, data: Float32Array }} Patch */

/** @type {Record<string, Measure>} */
const MOVED = {
  ink: {
    words: "Pixels of ink that this step moves: ",
    meaning: "The change in probability, summed over all pixels. 1 is one pixel from black to white.",
    power: 0.5,
  },
  light: {
    words: "Pixels of light that this step moves: ",
    meaning:
      "The change of the values, 0 to 1, summed over all pixels and averaged over red, green and blue. 1 is one pixel from black to white.",
    power: 0.5,
  },
};

/** How a window follows from its parameters, by their labels.
 * @type {Record<string, (of: (label: string) => number) => GridWindow>} */
const RULES = {
  gaussian: (of) => ({
    ...{ gX: of("g_x"), gY: of("g_y"), delta: of("delta") },
    ...{ sigma: Math.sqrt(of("sigma2")), gamma: of("gamma") },
  }),
};

/** A window of any four corners: its centre, and as stride of its points a cell of its upper side.
 * @param {number[]} corners x and y of top left, top right, bottom right, bottom left @param {number} size */
function ofQuad(corners, size) {
  const mean = (/** @type {number} */ from) => [0, 2, 4, 6].reduce((sum, k) => sum + corners[from + k] / 4, 0);
  const delta = Math.hypot(corners[2] - corners[0], corners[3] - corners[1]) / size;
  return { gX: mean(0), gY: mean(1), delta, sigma: NaN, gamma: NaN, size, corners };
}

export class Film {
  /** meta: what else is told of it. tensors: its arrays, and others beside them.
   * @param {{ meta?: any, tensors: Tensors, description: Description }} sent */
  constructor({ meta = {}, tensors, description }) {
    this.meta = meta;
    this.tensors = tensors;
    this.description = description;
    this.still = description.segments.every(({ kind }) => kind === "still"); // of a network that only looks
    this.segments = description.segments.map((part) => SEGMENTS[part.kind](part, arraysOf(part, tensors)));
    this.tracks = description.tracks;
    for (const { name, kind, rule } of this.tracks) {
      if (kind === "windows" && rule && !RULES[rule]) throw new Error(`No player knows the rule ${rule} of ${name}.`);
    }
    this.end = this.segments[this.segments.length - 1];
    this.numSteps = this.segments.reduce((sum, one) => sum + one.numSteps, 0);
    const { samples, channels, height, width } = this.end;
    this.samples = samples;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = height * width;
    this.original = tensors.original ?? null; // what the samples rebuild, as bytes of grey or colour
    this.memo = new Map();
  }

  // ---- tracks

  /** The track of that kind and name and its arrays, or null.
   * @param {string} kind @param {string} name @returns {{ part: Part, arrays: Tensors } | null} */
  track(kind, name) {
    const part = this.tracks.find((one) => one.kind === kind && one.name === name);
    return part ? { part, arrays: arraysOf(part, this.tensors) } : null;
  }

  /** The names of its windows, in the order in which they are drawn. */
  get windowNames() {
    const names = this.tracks.filter(({ kind }) => kind === "windows").map(({ name }) => name);
    return names.sort((a, b) => Number(a === "write") - Number(b === "write")); // over all others
  }

  /** Whether it has windows of that name. @param {string} name */
  has(name) {
    return this.windowNames.includes(name);
  }

  /** N of the N x N points of the windows of that name. @param {string} name @returns {number} */
  points(name) {
    return this.track("windows", name)?.part.points ?? 0;
  }

  /** Units [T, B, D] of that name, or null. @param {string} name @returns {Tensor | null} */
  vectors(name) {
    return this.track("vectors", name)?.arrays.values ?? null;
  }

  /** Those of one sample in a step 1..T, or null before the first or where there are none.
   * @param {string} name @param {number} step @param {number} sample */
  vector(name, step, sample) {
    const found = this.vectors(name);
    return found && step ? slice(found.data, (step - 1) * this.samples + sample, found.shape[2]) : null;
  }

  /** The words that a sample attends to, and their weights in a step; null before the first or without them.
   * @param {string} name @param {number} step @param {number} sample
   * @returns {{ text: string, weight: number }[] | null} */
  words(name, step, sample) {
    const found = this.track("words", name);
    if (!found || step < 1) return null;
    const { shape, data } = found.arrays.weights;
    const weights = slice(data, (step - 1) * this.samples + sample, shape[2]);
    return found.part.texts[sample].map((text, k) => ({ text, weight: weights[k] }));
  }

  // The KL [T, B] in nats, of a network that was shown an image; else null.
  get kl() {
    return this.track("bars", "kl")?.arrays.values.data ?? null;
  }

  // The track that the timeline shows: the first of its kind.
  get bars() {
    return this.tracks.find(({ kind }) => kind === "bars");
  }

  /** What the bars of the timeline are: as their track says, or what a step moves. @returns {Measure} */
  get measure() {
    if (!this.bars) return MOVED[this.matter];
    const { name, unit, caption, meaning, power } = this.bars;
    return { words: `${caption || name}${unit && `, in ${unit}`}: `, meaning, power };
  }

  // ---- pictures

  /** The segment of a step, and how many of its own steps are done then.
   * @param {number} step @returns {[Segment, number]} */
  at(step) {
    for (const one of this.segments) {
      if (step <= one.numSteps || one === this.end) return [one, step];
      step -= one.numSteps;
    }
    return [this.end, step];
  }

  /** What the bytes of a step mean. @param {number} step @returns {Codec} */
  codec(step) {
    return this.at(step)[0].codec;
  }

  /** Canvas bytes [C, H, W] of one sample; step 0 is c_0.
   * @param {number} step @param {number} sample @returns {Uint8Array} */
  canvas(step, sample) {
    const [one, k] = this.at(step);
    return this.fitted(one, one.bytes(k, sample));
  }

  /** What a step began with, as bytes of its own codec; step 0 with itself.
   * @param {number} step @param {number} sample @returns {Uint8Array} */
  before(step, sample) {
    const [one, k] = this.at(step);
    return this.fitted(one, one.bytes(Math.max(0, k - 1), sample));
  }

  /** @param {Segment} one @param {Uint8Array} bytes */
  fitted(one, bytes) {
    const { channels, height, width } = this.end;
    const same = one.channels === channels && one.height === height && one.width === width;
    return same ? bytes : resized(bytes, one, this.end);
  }

  /** What a step paints, in words: "one pixel"; "" for any part of the canvas. @param {number} step */
  paints(step) {
    return this.at(step)[0].paints;
  }

  // What a step adds or takes away, in a word: ink on black, or the light of a colour picture.
  get matter() {
    return this.channels === 3 ? "light" : "ink";
  }

  /** How full a canvas is, in words. @param {number} step @param {number} sample */
  fullness(step, sample) {
    const share = Math.round(100 * this.inkShare(step, sample));
    return this.matter === "ink"
      ? `${share} % of the canvas is ink`
      : `the canvas has ${share} % of the light of a white one`;
  }

  // ---- windows and patches

  /** The window of that name that acted in a step (1..T), or null; sigma and gamma are NaN where it has none.
   * @param {string} name @param {number} step @param {number} sample
   * @returns {FilmWindow | null} */
  window(name, step, sample) {
    const found = this.track("windows", name);
    if (!found || step < 1) return null;
    const { given, parameters } = found.arrays;
    const { rule, points, labels } = found.part;
    const zoom = this.width / this.at(step)[0].width; // a smaller canvas is shown larger, and so is its window
    const place = (/** @type {number} */ g) => (zoom === 1 ? g : (g + 0.5) * zoom - 0.5);
    const index = (step - 1) * this.samples + sample;
    const numbers = slice(parameters.data, index, labels.length);
    if (!rule) {
      const own = Object.fromEntries(labels.map((label, k) => [label, numbers[k]]));
      return { ...ofQuad(Array.from(slice(given.data, index, 8), place), points ?? 1), own };
    }
    const { gX, gY, delta, sigma, gamma } = RULES[rule]((label) => numbers[labels.indexOf(label)]);
    return { gX: place(gX), gY: place(gY), delta: zoom * delta, sigma: zoom * sigma, gamma, size: points ?? 0 };
  }

  /** Those of all steps of a sample; none where it has no windows of that name.
   * @param {string} name @param {number} sample @returns {FilmWindow[]} */
  windows(name, sample) {
    const all = () => Array.from({ length: this.numSteps }, (_, t) => this.window(name, t + 1, sample));
    return this.remember(`${name} ${sample}`, () => all().filter((window) => window !== null));
  }

  /** w_t [C, N, N], the patch before it is placed (logits), or what passed through another window; or null.
   * @param {number} step @param {number} sample @returns {Patch | null} */
  patch(step, sample, name = "write") {
    const found = this.track("patches", name);
    if (!found || step < 1) return null;
    const { shape, data } = found.arrays.values;
    const [, , channels, n] = shape;
    return { n, channels, data: slice(data, (step - 1) * this.samples + sample, channels * n * n) };
  }

  /** What a step added to the canvas [C, H, W], in logits: (1/gamma) F_y^T w F_x (eqs 25-29), or null.
   * @param {number} step @param {number} sample */
  stroke(step, sample) {
    const patch = this.patch(step, sample);
    const window = this.window("write", step, sample);
    if (!patch || !window) return null;
    const { n, data } = patch;
    const { gX, gY, delta, sigma, gamma } = window;
    const fX = filterRows(gX, delta, sigma ** 2, n, this.width);
    const fY = filterRows(gY, delta, sigma ** 2, n, this.height);
    return writeBack(data, this, fX, fY, n, gamma);
  }

  /** The largest |w_t| of a sample over all steps, so that colours mean the same at every step.
   * @param {number} sample @returns {number} */
  patchScale(sample) {
    return this.remember(`patch ${sample}`, () => {
      let most = 1e-6;
      for (let step = 1; step <= this.numSteps; step++) {
        for (const v of this.patch(step, sample)?.data ?? []) most = Math.max(most, Math.abs(v));
      }
      return most;
    });
  }

  // ---- numbers

  /** The bars of the timeline: of its first track of bars, else the ink that a step moved.
   * @param {number} sample @returns {Float32Array} */
  barValues(sample) {
    const told = this.bars && this.track("bars", this.bars.name)?.arrays.values.data;
    return this.remember(`bars ${sample}`, () =>
      Float32Array.from({ length: this.numSteps }, (_, t) =>
        told ? told[t * this.samples + sample] : this.inkChanged(t + 1, sample),
      ),
    );
  }

  /** Sums over pixels of p_t - p_{t-1} where it is above and below 0, averaged over channels: in
   * whole pixels of ink or light.
   * @param {number} step @param {number} sample */
  inkAddedAndRemoved(step, sample) {
    const [one, k] = this.at(step);
    const { moved, codec, channels, height, width } = one;
    if (moved) {
      const key = `moved ${this.segments.indexOf(one)} ${sample}`;
      const sums = this.remember(key, () => moved(codec.values, sample));
      const share = this.pixels / (channels * height * width);
      return { added: share * sums[2 * k], removed: share * sums[2 * k + 1] };
    }
    const now = this.canvas(step, sample);
    const before = this.before(step, sample);
    const { values } = this.codec(step);
    let [added, removed] = [0, 0];
    for (let i = 0; i < now.length; i++) {
      const change = values[now[i]] - values[before[i]];
      if (change > 0) added += change;
      else removed -= change;
    }
    return { added: added / this.channels, removed: removed / this.channels };
  }

  /** Both together: all that a step moves. @param {number} step @param {number} sample */
  inkChanged(step, sample) {
    const { added, removed } = this.inkAddedAndRemoved(step, sample);
    return added + removed;
  }

  /** The mean probability of a canvas: how much of it is ink, from 0 to 1.
   * @param {number} step @param {number} sample */
  inkShare(step, sample) {
    const bytes = this.canvas(step, sample);
    const { values } = this.codec(step);
    let sum = 0;
    for (const q of bytes) sum += values[q];
    return sum / bytes.length;
  }

  /** Probability of a pixel, averaged over channels, at every step 0..T.
   * @param {number} x @param {number} y @param {number} sample */
  pixelCurve(x, y, sample) {
    return Array.from({ length: this.numSteps + 1 }, (_, step) => this.pixel(x, y, step, sample).p);
  }

  /** Of a codec without logits, that of the value.
   * @param {number} x @param {number} y @param {number} step @param {number} sample */
  pixel(x, y, step, sample) {
    const [one, k] = this.at(step);
    const { channels, height, width, codec } = one;
    const column = Math.floor(((x + 0.5) * width) / this.width);
    const row = Math.floor(((y + 0.5) * height) / this.height);
    let p = 0;
    let logit = 0;
    for (let c = 0; c < channels; c++) {
      const q = one.byte(k, sample, (c * height + row) * width + column);
      p += codec.values[q] / channels;
      logit += (codec.logits ?? BYTE_LOGIT)[q] / channels;
    }
    return { p, logit };
  }

  /** @template T @param {string} key @param {() => T} compute @returns {T} */
  remember(key, compute) {
    if (!this.memo.has(key)) this.memo.set(key, compute());
    return this.memo.get(key);
  }
}

/** The arrays of a part by its own names for them. @param {Part} part @param {Tensors} tensors @returns {Tensors} */
const arraysOf = ({ arrays }, tensors) =>
  Object.fromEntries(Object.entries(arrays).map(([own, name]) => [own, tensors[name]]));

/** What ui/player/film.py packed: what is told, all arrays, and what has its prefix of every film.
 * @param {Uint8Array} bytes
 * @returns {{ meta: any, tensors: Tensors, films: Record<string, { tensors: Tensors, description: Description }> }} */
export function unpackFilms(bytes) {
  const { meta, tensors } = parseSafetensors(bytes);
  const films = Object.fromEntries(
    Object.entries(meta.films).map(([prefix, description]) => {
      const own = typeof description === "string" ? description : prefix; // sent once under another
      const named = Object.entries(tensors).filter(([name]) => name.startsWith(own));
      const mine = Object.fromEntries(named.map(([name, tensor]) => [name.slice(own.length), tensor]));
      return [prefix, { tensors: mine, description: meta.films[own] }];
    }),
  );
  return { meta, tensors, films };
}
