// Which part of the data is in view, and how it maps to pixels.

import { clamp, roundUp } from "../kit/number.js";
import { firstAtLeast } from "./data.js";
import { roundStep } from "./scale.js";

const FALL = 0.08; // the first share of a training whose steep fall may leave the top
const LEAST_NATS = 0.5; // the logarithmic axis goes no lower

export class Frame {
  /** @param {Box} box in pixels @param {Extent} range @param {boolean} logarithmic */
  constructor({ left, top, width, height }, { x0, x1, y0, y1 }, logarithmic) {
    this.left = left;
    this.top = top;
    this.width = width;
    this.height = height;
    this.x0 = x0;
    this.x1 = x1;
    this.right = left + width;
    this.bottom = top + height;
    this.y0 = y0;
    this.y1 = y1;
    const up = (/** @type {number} */ v) => (logarithmic ? Math.log(Math.max(v, 1e-3)) : v);
    const low = up(y0);
    const scale = height / (up(y1) - low);
    this.toY = (/** @type {number} */ value) => this.bottom - (up(value) - low) * scale;
    this.fromY = (/** @type {number} */ pixel) => {
      const value = low + (this.bottom - pixel) / scale;
      return logarithmic ? Math.exp(value) : value;
    };
  }

  toX(/** @type {number} */ value) {
    return this.left + ((value - this.x0) / (this.x1 - this.x0)) * this.width;
  }

  fromX(/** @type {number} */ pixel) {
    return this.x0 + ((pixel - this.left) / this.width) * (this.x1 - this.x0);
  }
}

/** The range of nats that shows the curves between x0 and x1: all of them, all of them on a
 * logarithmic axis, or ("focus") what comes after the first fall, without rare outliers.
 * @param {Line[]} series @param {number[]} references @param {Axis} axis @param {number} end @param {Span} span
 * @param {string} scale @param {number} steps */
export function valueRange(series, references, axis, end, [x0, x1], scale, steps) {
  let [least, most] = [Infinity, -Infinity];
  for (const value of valuesBetween(series, axis, x0, x1)) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (scale === "focus" && least <= most) {
    const later = valuesBetween(series, axis, Math.max(x0, FALL * end), x1).sort();
    const usual = later[later.length < 40 ? later.length - 1 : Math.ceil(0.98 * later.length) - 1];
    const low = least < 0.4 * usual ? 0 : least;
    if (most - low > 1.6 * (usual - low)) most = usual; // else it is hardly worth a cut
  }
  if (x0 === 0 && x1 === end) {
    least = Math.min(least, ...references);
    most = Math.max(most, ...references);
  }
  if (least > most) return scale === "log" ? [1, 100] : [0, 100];
  if (scale === "log") {
    const low = Math.max(LEAST_NATS, least);
    return [1 / roundUp(1 / low), Math.max(roundUp(most), 4 * low)];
  }
  const span = Math.max(most - least, 0.02 * Math.abs(most), 1e-3);
  const low = least >= 0 && least < 0.4 * most ? 0 : least - 0.04 * span;
  const high = most + 0.04 * span;
  const step = roundStep(high - low, steps);
  return [step * Math.floor(low / step + 1e-6), step * Math.ceil(high / step - 1e-6)];
}

/** What all curves are between two places, without gaps.
 * @param {Line[]} series @param {Axis} axis @param {number} x0 @param {number} x1 */
function valuesBetween(series, axis, x0, x1) {
  const all = new Float32Array(series.reduce((sum, { smooth }) => sum + smooth.length, 0));
  let count = 0;
  for (const { x, smooth } of series) {
    const xs = x[axis];
    for (let i = firstAtLeast(xs, x0); i < xs.length && xs[i] <= x1; i++) {
      if (!Number.isNaN(smooth[i])) all[count++] = smooth[i];
    }
  }
  return all.subarray(0, count);
}

/** A zoom on one axis, kept inside [0, end]; null when it shows everything.
 * @param {Span} range @param {number} end @returns {Span | null} */
export function within([a, b], end) {
  const span = Math.max(b - a, end / 5000);
  if (span >= end * 0.999) return null;
  const start = clamp((a + b - span) / 2, 0, end - span);
  return [start, start + span];
}
