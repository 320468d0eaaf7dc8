// Windows worth looking at. Lengths are shares of the picture's longer side, so that each shows the
// same thing on pictures of every size.

// The limits of a window, as in lab.py; lengths in pixels.
const LIMITS = {
  n: [2, 24],
  gX: [-1000, 1000],
  gY: [-1000, 1000],
  delta: [1e-3, 1e3],
  sigma: [1e-4, 1e4],
  gamma: [1e-3, 1e3],
};

/** @param {number} width @param {number} height */
export const middle = (width, height) => ({ gX: (width - 1) / 2, gY: (height - 1) / 2, gamma: 1 });
/** @param {number} side @param {number} n */
export const evenly = (side, n) => (side - 1) / (n - 1); // the stride from the first pixel to the last

/** A window of it has lengths as shares of the picture's longer side.
 * @typedef {{ name: string, notice: string, n: number, figure?: boolean,
 *   window(side: number, width: number): Partial<GridWindow> & { delta: number, sigma: number } }} Preset */

/** @type {Preset[]} */
export const PRESETS = [
  {
    name: "Small stride, wide spread",
    figure: true,
    n: 12,
    window: (side) => ({ delta: 0.032 * side, sigma: 0.055 * side }),
    notice: "A close look at the middle, out of focus: neighbouring cells see almost the same.",
  },
  {
    name: "Large stride, narrow spread",
    figure: true,
    n: 12,
    window: (side) => ({ delta: evenly(side, 12), sigma: 0.018 * side }),
    notice: "The whole picture in 144 sharp samples; what lies between the points is hardly seen.",
  },
  {
    name: "Both large",
    figure: true,
    n: 12,
    window: (side) => ({ delta: evenly(side, 12), sigma: 0.08 * side }),
    notice: "The whole picture again, now blurred: each cell is an average over many pixels.",
  },
  {
    name: "Gaps",
    n: 7,
    window: (side) => ({ delta: 0.14 * side, sigma: 0.012 * side }),
    notice:
      "The spread is far below the stride: the coverage map falls apart into dots, and so does what is written back.",
  },
  {
    name: "Blur",
    n: 12,
    window: (side) => ({ delta: evenly(side, 12), sigma: 0.3 * side }),
    notice:
      "The spread is far above the stride: all cells have nearly the same value, and nothing of the shape comes back.",
  },
  {
    name: "Zoom",
    n: 16,
    window: (side) => ({ delta: Math.min(0.6, 0.012 * side), sigma: Math.min(0.55, 0.011 * side) }),
    notice: "The stride is below a pixel: the patch is a magnifying glass, and one pixel feeds many cells.",
  },
  {
    name: "Whole picture",
    n: 24,
    window: (side) => ({ delta: evenly(side, 24), sigma: 0.4 * evenly(side, 24) }),
    notice: "A fine grid with a spread just below half a stride: nearly everything is read, and most of it comes back.",
  },
  {
    name: "Outside",
    n: 12,
    window: (side, width) => ({ gX: width + 0.2 * side, delta: 0.025 * side, sigma: 0.02 * side }),
    notice: "Beyond the edge each filter still sums to 1, so all its weight falls on the last pixels of the row.",
  },
  {
    name: "Start again",
    n: 12,
    window: (side) => ({ delta: Math.max(1, side / 25), sigma: Math.max(1, side / 25) / 2 }),
    notice: "Where the lab began: the paper’s 12 × 12 points over half of the picture.",
  },
];

/** @param {Preset} preset @param {number} width @param {number} height */
export function presetWindow(preset, width, height) {
  return { ...middle(width, height), ...preset.window(Math.max(width, height), width) };
}

/** Where the lab begins: with the paper's 12 x 12 points over half of the picture's width.
 * @param {number} width @param {number} height */
export function firstWindow(width, height) {
  const preset = PRESETS[PRESETS.length - 1];
  return { ...presetWindow(preset, width, height), n: preset.n };
}

/** The same view of a picture of another size. @param {GridWindow} w @param {Size} from @param {Size} to */
export function scaledWindow(w, from, to) {
  const scale = Math.max(to.width, to.height) / Math.max(from.width, from.height);
  return {
    gX: ((w.gX + 0.5) * to.width) / from.width - 0.5,
    gY: ((w.gY + 0.5) * to.height) / from.height - 0.5,
    delta: w.delta * scale,
    sigma: w.sigma * scale,
    gamma: w.gamma,
  };
}

/** @param {keyof typeof LIMITS} name @param {number} value */
export const bounded = (name, value) => Math.min(LIMITS[name][1], Math.max(LIMITS[name][0], value));

export function boundedWindow(/** @type {GridWindow} */ { gX, gY, delta, sigma, gamma }) {
  return {
    gX: bounded("gX", gX),
    gY: bounded("gY", gY),
    delta: bounded("delta", delta),
    sigma: bounded("sigma", sigma),
    gamma: bounded("gamma", gamma),
  };
}

/** Between two windows; lengths and intensity by equal ratios.
 * @param {GridWindow} a @param {GridWindow} b @param {number} t @returns {GridWindow} */
export function between(a, b, t) {
  const at = (/** @type {"gX" | "gY"} */ name) => a[name] + (b[name] - a[name]) * t;
  const ratio = (/** @type {"delta" | "sigma" | "gamma"} */ name) => a[name] * (b[name] / a[name]) ** t;
  return { gX: at("gX"), gY: at("gY"), delta: ratio("delta"), sigma: ratio("sigma"), gamma: ratio("gamma") };
}
