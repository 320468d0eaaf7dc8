// What Python sent, and what a window makes of it: filters, patch, write-back, loss and coverage.

import { roundUp } from "../kit/number.js";
import { coverage, filterRows, readPatch, writeBack } from "../kit/window.js";
import { boundedWindow } from "./presets.js";

/** Step t = 1..T of [T, 5] (g_x, g_y, delta, sigma2, gamma). @param {Tensor} windows @param {number} t */
export function askedWindow({ data }, t) {
  const [gX, gY, delta, sigma2, gamma] = data.subarray(5 * (t - 1), 5 * t);
  return boundedWindow({ gX, gY, delta, sigma: Math.sqrt(sigma2), gamma });
}

// The picture and the arrays of one frame, which are reused from frame to frame.
export class Look {
  eyeX = new Float64Array(0);
  eyeY = new Float64Array(0);
  penX = new Float64Array(0);
  penY = new Float64Array(0);
  patch = new Float64Array(0);
  columns = new Float64Array(0);
  rows = new Float64Array(0);
  error = 0;

  /** @param {Tensor} picture */
  constructor({ shape: [channels, height, width], data }) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.size = height * width;
    this.image = Float64Array.from(data, (byte) => byte / 255);
    this.back = new Float64Array(channels * this.size);
    this.lost = new Float64Array(this.size); // x - write-back, mean of the channels
    this.coverage = new Float64Array(this.size);
    this.n = 0;
  }

  resize(/** @type {number} */ n) {
    const { channels, height, width } = this;
    this.n = n;
    this.patch = new Float64Array(channels * n * n);
    this.eyeX = new Float64Array(n * width);
    this.eyeY = new Float64Array(n * height);
    this.penX = new Float64Array(n * width);
    this.penY = new Float64Array(n * height);
    this.columns = new Float64Array(n * height);
    this.rows = new Float64Array(n * width);
  }

  /** eye reads; pen writes what was read with the intensity gamma, or the same window does when there
   * is no pen. @param {GridWindow} eye @param {GridWindow | null} pen @param {number} n @param {number} gamma */
  compute(eye, pen, n, gamma) {
    if (n !== this.n) this.resize(n);
    const { image, channels, height, width, size, patch, back, lost } = this;
    filterRows(eye.gX, eye.delta, eye.sigma ** 2, n, width, this.eyeX);
    filterRows(eye.gY, eye.delta, eye.sigma ** 2, n, height, this.eyeY);
    readPatch(image, this, this.eyeX, this.eyeY, n, eye.gamma, patch, this.columns);
    let [x, y] = [this.eyeX, this.eyeY];
    if (pen) {
      x = filterRows(pen.gX, pen.delta, pen.sigma ** 2, n, width, this.penX);
      y = filterRows(pen.gY, pen.delta, pen.sigma ** 2, n, height, this.penY);
    }
    writeBack(patch, this, x, y, n, gamma, back, this.rows);
    let squares = 0;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let c = 0, at = i; c < channels; c++, at += size) {
        const d = image[at] - back[at];
        sum += d;
        squares += d * d;
      }
      lost[i] = sum / channels;
    }
    this.error = Math.sqrt(squares / (size * channels));
    coverage(this.eyeX, this.eyeY, n, this, this.coverage);
  }

  /** What another window of this picture reads, [C, n, n]. @param {GridWindow} w @param {number} n */
  read(w, n) {
    const fX = filterRows(w.gX, w.delta, w.sigma ** 2, n, this.width);
    const fY = filterRows(w.gY, w.delta, w.sigma ** 2, n, this.height);
    return readPatch(this.image, this, fX, fY, n, w.gamma);
  }

  /** The weight that cell (i, j) gives to a pixel, without gamma.
   * @param {number} i @param {number} j @param {number} x @param {number} y */
  weight(i, j, x, y) {
    return this.eyeX[i * this.width + x] * this.eyeY[j * this.height + y];
  }
}

/** What is shown as white: 1, or of values that are brighter or very dark the least round number, as 0.1,
 * 0.15, 0.2, 0.3, 0.5, 0.7 or 1, that is not below them. @param {number} most */
export function whiteOf(most) {
  const usual = (most >= 0.2 && most <= 1 + 1e-6) || !(most > 1e-6);
  return usual ? 1 : roundUp(most, [1, 1.5, 2, 3, 5, 7, 10]);
}

/** @param {Numbers} values */
export function largest(values, length = values.length) {
  let most = 0;
  for (let i = 0; i < length; i++) if (values[i] > most) most = values[i];
  return most;
}
