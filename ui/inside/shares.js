// Who painted a pixel. The canvas is a sum, c_T = c_0 + the strokes of all steps (eqs 8, 18), so each step's
// share of a logit is exact. Stands alone but for the mathematics of the window.

import { filterRows } from "../kit/window.js";

/** What each step adds to the canvas [C, H, W] of a sample, in logits.
 * @param {Film} film @param {number} sample @returns {ArrayLike<number>[]} of steps 1..T */
export function strokesOf(film, sample) {
  return Array.from({ length: film.numSteps }, (_, t) => {
    if (film.has("write")) return Float64Array.from(film.stroke(t + 1, sample) ?? []);
    return film.patch(t + 1, sample)?.data ?? [];
  });
}

/** The logit of a pixel as c_0 and the share of each step, means over channels.
 * @param {ArrayLike<number>} blank c_0 [C, H, W], logits @param {ArrayLike<number>[]} strokes
 * @param {number} pixel y * W + x @param {number} pixels H * W @returns {number[]} [T + 1] */
export function sharesOf(blank, strokes, pixel, pixels) {
  const channels = blank.length / pixels;
  return [blank, ...strokes].map((one) => {
    let sum = 0;
    for (let i = pixel; i < one.length; i += pixels) sum += one[i];
    return sum / channels;
  });
}

/** The step that changes the logit of each pixel most, 1..T; 0 where none changes it by so much.
 * @param {ArrayLike<number>[]} strokes @param {number} pixels H * W @param {number} least logits */
export function decidedBy(strokes, pixels, least = 0.5) {
  const steps = new Uint16Array(pixels);
  const most = new Float64Array(pixels).fill(least);
  strokes.forEach((stroke, t) => {
    for (let i = 0; i < stroke.length; i++) {
      const size = Math.abs(stroke[i]);
      if (size <= most[i % pixels]) continue;
      most[i % pixels] = size;
      steps[i % pixels] = t + 1;
    }
  });
  return steps;
}

/** What each cell of a patch adds to the logit of a pixel in a step (eq 29): [N, N], means over channels; or
 * null without a window. @param {Film} film @param {number} step @param {number} sample
 * @param {number} x @param {number} y @returns {Float64Array | null} */
export function cellsOf(film, step, sample, x, y) {
  const [patch, window] = [film.patch(step, sample), film.window("write", step, sample)];
  if (!patch || !window) return null;
  const { n, channels, data } = patch;
  const { gX, gY, delta, sigma, gamma } = window;
  const fX = filterRows(gX, delta, sigma ** 2, n, film.width);
  const fY = filterRows(gY, delta, sigma ** 2, n, film.height);
  return Float64Array.from({ length: n * n }, (_, k) => {
    let weight = 0;
    for (let c = 0; c < channels; c++) weight += data[c * n * n + k] / channels;
    return (fY[Math.floor(k / n) * film.height + y] * weight * fX[(k % n) * film.width + x]) / gamma;
  });
}
