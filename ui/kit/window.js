// The mathematics of the window (eqs 19-29) on typed arrays in float64. Stands alone.
// Positions are 0-based pixel centres: the first pixel is 0 and the last is length - 1.

/** Where a window is, in 0-based pixel centres, and its lengths in pixels.
 * @typedef {{ gX: number, gY: number, delta: number, sigma: number, gamma: number }} Window */

// As in draw_core/nets/attention.py: a narrower filter already has all its weight on one pixel, and no
// image is a million pixels wide.
export const MIN_SIGMA2 = 1e-8;
const MAX_DISTANCE = 1e6;

/** Where point i = 0..n-1 of a grid stands on one axis (eqs 19, 20).
 * @param {number} centre @param {number} delta @param {number} n @param {number} i */
export function gridPoint(centre, delta, n, i) {
  const g = Math.min(MAX_DISTANCE, Math.max(-MAX_DISTANCE, centre));
  return g + (i - (n - 1) / 2) * Math.min(MAX_DISTANCE, delta);
}

/** The n filters of one axis, rows [n, length], each summing to 1 (eqs 25, 26).
 * @param {number} centre @param {number} delta @param {number} sigma2 @param {number} n @param {number} length */
export function filterRows(centre, delta, sigma2, n, length) {
  const rows = new Float64Array(n * length);
  const scale = 0.5 / Math.max(MIN_SIGMA2, sigma2);
  for (let i = 0; i < n; i++) {
    const mu = gridPoint(centre, delta, n, i);
    // Relative to the nearest pixel, so that the sum is never 0: the difference of the squares
    // (nearest - mu)^2 - (a - mu)^2, multiplied out so that nothing cancels far outside.
    const nearest = Math.min(length - 1, Math.max(0, Math.round(mu)));
    let sum = 0;
    for (let a = 0, at = i * length; a < length; a++, at++) {
      sum += rows[at] = Math.exp((nearest - a) * (nearest + a - 2 * mu) * scale);
    }
    for (let a = 0, at = i * length; a < length; a++, at++) rows[at] /= sum;
  }
  return rows;
}

/** gamma F_y x F_x^T (eq 27): image [channels, height, width] -> patch [channels, n, n].
 * @param {Numbers} image @param {Shape} shape @param {Numbers} fX @param {Numbers} fY @param {number} n
 * @param {number} gamma */
export function readPatch(image, { channels, height, width }, fX, fY, n, gamma) {
  const patch = new Float64Array(channels * n * n);
  const columns = new Float64Array(height * n);
  for (let c = 0; c < channels; c++) {
    const from = c * height * width;
    for (let y = 0; y < height; y++) {
      // x F_x^T
      const row = from + y * width;
      for (let i = 0; i < n; i++) {
        const filter = i * width;
        let sum = 0;
        for (let x = 0; x < width; x++) sum += image[row + x] * fX[filter + x];
        columns[y * n + i] = sum;
      }
    }
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let y = 0; y < height; y++) sum += fY[j * height + y] * columns[y * n + i];
        patch[(c * n + j) * n + i] = gamma * sum;
      }
    }
  }
  return patch;
}

/** (1 / gamma) F_y^T w F_x (eq 29): patch [channels, n, n] -> image [channels, height, width].
 * @param {Numbers} patch @param {Shape} shape @param {Numbers} fX @param {Numbers} fY @param {number} n
 * @param {number} gamma */
export function writeBack(
  patch,
  { channels, height, width },
  fX,
  fY,
  n,
  gamma,
  image = new Float64Array(channels * height * width),
) {
  const rows = new Float64Array(n * width);
  image.fill(0, 0, channels * height * width);
  for (let c = 0; c < channels; c++) {
    rows.fill(0, 0, n * width);
    for (let j = 0; j < n; j++) {
      // w F_x
      for (let i = 0; i < n; i++) {
        const weight = patch[(c * n + j) * n + i] / gamma;
        for (let x = 0; x < width; x++) rows[j * width + x] += weight * fX[i * width + x];
      }
    }
    for (let y = 0; y < height; y++) {
      const row = (c * height + y) * width;
      for (let j = 0; j < n; j++) {
        const weight = fY[j * height + y];
        if (weight < 1e-15) continue; // most of a narrow filter
        for (let x = 0; x < width; x++) image[row + x] += weight * rows[j * width + x];
      }
    }
  }
  return image;
}

/** The window that five numbers of a decoder stand for (eqs 21-24), as decode_params in
 * draw_core/nets/attention.py has it.
 * @param {Numbers} raw g~_x, g~_y, log sigma2, log delta~, log gamma @param {Size} size of the image
 * @param {number} n points on a side @param {number | null} maxDelta a bound on stride and sigma, or none
 * @returns {Window} */
export function decodeWindow(raw, { width, height }, n, maxDelta = null) {
  const centre = (/** @type {number} */ g, /** @type {number} */ length) => ((length + 1) / 2) * (g + 1) - 1; // eqs 22, 23
  const share = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));
  const [sigma, delta] = maxDelta
    ? [maxDelta * Math.sqrt(share(raw[2])), maxDelta * share(raw[3])]
    : [Math.exp(raw[2] / 2), ((Math.max(height, width) - 1) / (n - 1)) * Math.exp(raw[3])]; // eq 24
  return { gX: centre(raw[0], width), gY: centre(raw[1], height), delta, sigma, gamma: Math.exp(raw[4]) };
}

/** The sums over all filters at each pixel of one axis: rows [n, length] -> [length].
 * @param {Numbers} rows @param {number} n @param {number} length */
function columnSums(rows, n, length) {
  const sums = new Float64Array(length);
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < length; a++) sums[a] += rows[i * length + a];
  }
  return sums;
}

/** The weights of all n x n cells together at every pixel [height, width].
 * @param {Numbers} fX @param {Numbers} fY @param {number} n @param {Size} size */
export function coverage(fX, fY, n, { height, width }, out = new Float64Array(height * width)) {
  const [sumsX, sumsY] = [columnSums(fX, n, width), columnSums(fY, n, height)];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) out[at] = sumsY[y] * sumsX[x];
  }
  return out;
}

/** The root of the mean squared difference of two arrays. @param {Numbers} a @param {Numbers} b */
export function rootMeanSquare(a, b, length = a.length) {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / length);
}
