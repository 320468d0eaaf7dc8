// The points that Python sent (ui/curves/curves.py), and what is computed from them once per update.

import { parseSafetensors } from "../kit/safetensors.js";

/** The rows of an array [rows, n]. @param {Tensor} tensor @returns {Float32Array[]} */
const rowsOf = ({ shape: [count, n], data }) =>
  Array.from({ length: count }, (_, k) => data.subarray(k * n, (k + 1) * n));

export class TrainingData {
  constructor(/** @type {Uint8Array} */ bytes) {
    const { meta, tensors } = parseSafetensors(bytes);
    this.meta = meta;
    /** @type {{ label: string, value: number }[]} */ this.references = meta.references;
    /** @type {Sent[]} */ const series = meta.series;
    const named = runNames(series);
    this.runs = [...new Set(named)];
    const kinds = new Set(series.map((s) => s.kind));
    /** @type {Line[]} */ this.series = series.map(({ name, kind, words }, index) => {
      const run = named[index];
      const [seconds, step, values] = rowsOf(tensors[`series${index}`]);
      const title = this.runs.length < 2 ? name : kinds.size < 2 ? run : `${run}: ${name}`;
      const smooth = kind === "test" || values.length < 8 ? values : smoothed(values);
      const x = { seconds, step };
      const shown = { look: "", marker: "", color: "" }; // as the chart says
      return { title, kind, words, run: this.runs.indexOf(run), x, raw: values, smooth, ...shown };
    });
    /** @type {KlMap | null} */ this.kl = null;
    if (tensors.kl) {
      const [seconds, step, ...steps] = rowsOf(tensors.kl);
      if (seconds.length) this.kl = { x: { seconds, step }, steps };
    }
    this.points = this.series.reduce((sum, s) => sum + s.raw.length, 0);
    this.isEmpty = !this.kl && !this.series.some((s) => s.raw.some(Number.isFinite));
    this.parts = [...this.series, ...(this.kl ? [this.kl] : [])];
  }

  /** Everything measured lies in [0, end] of an axis, "seconds" or "step". @param {Axis} axis */
  end(axis) {
    return Math.max(0, ...this.parts.map((part) => part.x[axis].at(-1) ?? 0)) || 1;
  }

  /** A place on one axis, said on the other; between two points by proportion.
   * @param {number} value @param {Axis} from @param {Axis} to */
  convert(value, from, to) {
    const length = (/** @type {Line | KlMap} */ part) => part.x[from].length;
    const longest = this.parts.reduce((a, b) => (length(b) > length(a) ? b : a));
    const [xs, ys] = [longest.x[from], longest.x[to]];
    const at = firstAtLeast(xs, value);
    const [x0, y0] = at > 0 ? [xs[at - 1], ys[at - 1]] : [0, 0];
    const [x1, y1] = at < xs.length ? [xs[at], ys[at]] : [this.end(from), this.end(to)];
    return x1 > x0 ? y0 + ((value - x0) / (x1 - x0)) * (y1 - y0) : y1;
  }
}

/** The run of each series. Two runs may have one name: whose curve comes a second time is another.
 * @param {Sent[]} series */
export function runNames(series) {
  const seen = new Map();
  return series.map(({ run, name }) => {
    const key = JSON.stringify([run, name]);
    seen.set(key, (seen.get(key) ?? 0) + 1);
    return seen.get(key) > 1 ? `${run} (${seen.get(key)})` : run;
  });
}

/** The mean of the neighbours under a Gaussian. Near the start its window shrinks evenly on both
 * sides, so that the first steep fall is not blurred. @param {Float32Array} values */
export function smoothed(values) {
  const n = values.length;
  const sigma = Math.min(6, Math.max(1, n / 100));
  const reach = Math.ceil(2.5 * sigma);
  const weights = Float32Array.from({ length: reach + 1 }, (_, d) => Math.exp(-0.5 * (d / sigma) ** 2));
  return Float32Array.from(values, (value, i) => {
    if (!Number.isFinite(value)) return NaN;
    const from = Math.max(0, i - reach);
    const to = Math.min(n - 1, i + Math.min(reach, i));
    let sum = 0;
    let total = 0;
    for (let k = from; k <= to; k++) {
      if (Number.isNaN(values[k])) continue;
      const weight = weights[Math.abs(k - i)];
      sum += weight * values[k];
      total += weight;
    }
    return sum / total;
  });
}

/** The index of the first of ascending numbers that is at least `value`.
 * @param {Numbers} ascending @param {number} value */
export function firstAtLeast(ascending, value) {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the nearest of ascending numbers, or -1 if there is none.
 * @param {Numbers} ascending @param {number} value */
export function nearest(ascending, value) {
  const at = firstAtLeast(ascending, value);
  if (at === ascending.length) return at - 1;
  return at > 0 && value - ascending[at - 1] < ascending[at] - value ? at - 1 : at;
}
