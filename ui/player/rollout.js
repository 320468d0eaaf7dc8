// The rollout in the browser: answers questions about the arrays that Python
// sent. Positions are 0-based pixel centres, as everywhere in this project.

import { filterRows, writeBack } from "../kit/window.js";

/** @import { Tensors } from "../kit/safetensors.js"
 * @import { Window } from "../kit/window.js"
 * @typedef {{ n: number, channels: number, data: Float32Array }} Patch */

// A canvas byte q holds round(255 sigmoid(c / 2)): see draw_core/film/rollout.py.
export const BYTE_LOGIT = Float32Array.from({ length: 256 }, (_, q) => {
  const s = Math.min(254.75, Math.max(0.25, q)) / 255;
  return 2 * Math.log(s / (1 - s));
});
export const BYTE_PROBABILITY = BYTE_LOGIT.map((c) => 1 / (1 + Math.exp(-c)));

export class Rollout {
  /** @param {{ meta: any, tensors: Tensors }} sent */
  constructor({ meta, tensors }) {
    this.meta = meta;
    this.tensors = tensors;
    const [states, samples, channels, height, width] = tensors.canvases.shape;
    this.numSteps = states - 1;
    this.samples = samples;
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.pixels = height * width;
    this.memo = new Map();
  }

  /** @param {string} kind */
  has(kind) {
    return Boolean(this.tensors[`${kind}_params`]);
  }

  // What a step adds or takes away, in a word: ink on black, or the light of a colour picture.
  get matter() {
    return this.channels === 3 ? "light" : "ink";
  }

  /** How full a canvas is, in words.
   * @param {number} step @param {number} sample */
  fullness(step, sample) {
    const share = Math.round(100 * this.inkShare(step, sample));
    return this.matter === "ink"
      ? `${share} % of the canvas is ink`
      : `the canvas has ${share} % of the light of a white one`;
  }

  /** Canvas bytes [C, H, W] of one sample; step 0 is c_0.
   * @param {number} step @param {number} sample */
  canvas(step, sample) {
    const size = this.channels * this.pixels;
    const from = (step * this.samples + sample) * size;
    return this.tensors.canvases.data.subarray(from, from + size);
  }

  /** The "read" or "write" window that acted in a step (1..T), or null.
   * @param {string} kind @param {number} step @param {number} sample @returns {(Window & { size: number }) | null} */
  window(kind, step, sample) {
    const params = this.tensors[`${kind}_params`];
    if (!params || step < 1) return null;
    const at = ((step - 1) * this.samples + sample) * 5;
    const [gX, gY, delta, sigma2, gamma] = params.data.subarray(at, at + 5);
    return { gX, gY, delta, sigma: Math.sqrt(sigma2), gamma, size: this.meta[`${kind}_size`] };
  }

  /** w_t [C, N, N], the patch before it is placed (logits), or null.
   * @param {number} step @param {number} sample @returns {Patch | null} */
  patch(step, sample) {
    const patches = this.tensors.write_patches;
    if (!patches || step < 1) return null;
    const [, , channels, n] = patches.shape;
    const size = channels * n * n;
    const from = ((step - 1) * this.samples + sample) * size;
    return { n, channels, data: patches.data.subarray(from, from + size) };
  }

  /** What a step added to the canvas [C, H, W], in logits: (1/gamma) F_y^T w F_x (eqs 25-29), or null.
   * @param {number} step @param {number} sample */
  stroke(step, sample) {
    const patch = this.patch(step, sample);
    const window = this.window("write", step, sample);
    if (!patch || !window) return null;
    const { width, height } = this;
    const { n, channels, data } = patch;
    const { gX, gY, delta, sigma, gamma } = window;
    const fX = filterRows(gX, delta, sigma ** 2, n, width);
    const fY = filterRows(gY, delta, sigma ** 2, n, height);
    return writeBack(data, channels, height, width, fX, fY, n, gamma);
  }

  /** The bars of the timeline: nats of KL if the rollout has them, else the ink that a step moved.
   * @param {number} sample @returns {Float32Array} */
  barValues(sample) {
    const { kl } = this.tensors;
    return this.remember(`bars ${sample}`, () =>
      Float32Array.from({ length: this.numSteps }, (_, t) =>
        kl ? kl.data[t * this.samples + sample] : this.inkChanged(t + 1, sample),
      ),
    );
  }

  /** Sums over pixels of p_t - p_{t-1} where it is above and below 0, averaged over channels: in
   * whole pixels of ink or light.
   * @param {number} step @param {number} sample */
  inkAddedAndRemoved(step, sample) {
    const now = this.canvas(step, sample);
    const before = this.canvas(step - 1, sample);
    let [added, removed] = [0, 0];
    for (let i = 0; i < now.length; i++) {
      const change = BYTE_PROBABILITY[now[i]] - BYTE_PROBABILITY[before[i]];
      if (change > 0) added += change;
      else removed -= change;
    }
    return { added: added / this.channels, removed: removed / this.channels };
  }

  /** Both together: all that a step moves.
   * @param {number} step @param {number} sample */
  inkChanged(step, sample) {
    const { added, removed } = this.inkAddedAndRemoved(step, sample);
    return added + removed;
  }

  /** The mean probability of a canvas: how much of it is ink, from 0 to 1.
   * @param {number} step @param {number} sample */
  inkShare(step, sample) {
    const bytes = this.canvas(step, sample);
    let sum = 0;
    for (const q of bytes) sum += BYTE_PROBABILITY[q];
    return sum / bytes.length;
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

  /** Probability of a pixel, averaged over channels, at every step 0..T.
   * @param {number} x @param {number} y @param {number} sample */
  pixelCurve(x, y, sample) {
    return Array.from({ length: this.numSteps + 1 }, (_, step) => this.pixel(x, y, step, sample).p);
  }

  /** @param {number} x @param {number} y @param {number} step @param {number} sample */
  pixel(x, y, step, sample) {
    const bytes = this.canvas(step, sample);
    let p = 0;
    let logit = 0;
    for (let c = 0; c < this.channels; c++) {
      const q = bytes[c * this.pixels + y * this.width + x];
      p += BYTE_PROBABILITY[q] / this.channels;
      logit += BYTE_LOGIT[q] / this.channels;
    }
    return { p, logit };
  }

  /** @template T @param {string} key @param {() => T} compute @returns {T} */
  remember(key, compute) {
    if (!this.memo.has(key)) this.memo.set(key, compute());
    return this.memo.get(key);
  }
}
