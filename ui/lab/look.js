// What Python sent, and what a window makes of it: filters, patch, write-back, loss and coverage.

import { roundUp } from "../kit/number.js";
import { coverage, filterRows, readPatch, writeBack } from "../kit/window.js";
import { boundedWindow } from "./presets.js";

/** Step t = 1..T of [T, 5] (g_x, g_y, delta, sigma2, gamma). @param {Tensor} windows @param {number} t */
export function askedWindow({ data }, t) {
  const [gX, gY, delta, sigma2, gamma] = data.subarray(5 * (t - 1), 5 * t);
  return boundedWindow({ gX, gY, delta, sigma: Math.sqrt(sigma2), gamma });
}

// The picture and the arrays of one frame.
export class Look {
  eyeX = new Float64Array(0);
  eyeY = new Float64Array(0);
  penX = new Float64Array(0); // of the window that writes
  penY = new Float64Array(0);
  patch = new Float64Array(0);
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
  }

  /** eye reads; pen writes what was read with the intensity gamma, or the same window does when there
   * is no pen. @param {GridWindow} eye @param {GridWindow | null} pen @param {number} n @param {number} gamma */
  compute(eye, pen, n, gamma) {
    const { image, channels, size, back, lost } = this;
    [this.eyeX, this.eyeY] = this.filters(eye, n);
    this.patch = readPatch(image, this, this.eyeX, this.eyeY, n, eye.gamma);
    [this.penX, this.penY] = pen ? this.filters(pen, n) : [this.eyeX, this.eyeY];
    writeBack(this.patch, this, this.penX, this.penY, n, gamma, back);
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
    const [fX, fY] = this.filters(w, n);
    return readPatch(this.image, this, fX, fY, n, w.gamma);
  }

  /** F_X and F_Y of a window. @param {GridWindow} w @param {number} n */
  filters({ gX, gY, delta, sigma }, n) {
    const { width, height } = this;
    return [filterRows(gX, delta, sigma ** 2, n, width), filterRows(gY, delta, sigma ** 2, n, height)];
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
