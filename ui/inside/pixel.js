// Who painted this pixel? Its logit as the sum that it is: what the canvas began with, and each step's share.

import { clamp, withMinus } from "../kit/number.js";
import { Pixels, rgba } from "../kit/pixels.js";
import { set, svg } from "../kit/svg.js";
import { cellsOf, decidedBy, sharesOf, strokesOf } from "./shares.js";

const WIDTH = 300;
const HEIGHT = 110;
// Viridis (van der Walt and Smith 2015): even in lightness, and told apart by the colour-blind.
const VIRIDIS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
];

/** @param {number} share 0..1 @returns {number[]} */
export function viridis(share) {
  const at = clamp(share, 0, 1) * (VIRIDIS.length - 1);
  const k = Math.min(VIRIDIS.length - 2, Math.floor(at));
  return VIRIDIS[k].map((low, c) => Math.round(low + (at - k) * (VIRIDIS[k + 1][c] - low)));
}

const shown = (/** @type {number} */ value) => `${value > 0 ? "+" : ""}${withMinus(value.toFixed(2))}`;

export class PixelTool {
  at = { x: 0, y: 0 };
  /** @type {Film | null} */ film = null;
  /** @type {ArrayLike<number>[]} */ strokes = [];
  /** @type {ArrayLike<number>} */ blank = [];
  /** @type {number[]} */ shares = [];

  /** host: goTo(step) follows a choice among the bars. @param {any} refs @param {{ goTo(step: number): void }} host */
  constructor(refs, host) {
    this.refs = refs;
    this.cells = new Pixels(refs.cellsCanvas);
    refs.shares.onclick = (/** @type {MouseEvent} */ event) => {
      const { left, width } = refs.shares.getBoundingClientRect();
      host.goTo(clamp(Math.floor(((event.clientX - left) / width) * this.shares.length), 0, this.shares.length - 1));
    };
  }

  /** @param {Film} film @param {ArrayLike<number>} blank c_0 [C, H, W], logits */
  build(film, blank) {
    this.film = film;
    this.blank = blank;
    this.strokes = strokesOf(film, 0);
    this.at = { x: clamp(this.at.x, 0, film.width - 1), y: clamp(this.at.y, 0, film.height - 1) };
  }

  /** @param {number} x @param {number} y 0-based pixels */
  point(x, y) {
    if (!this.film) return;
    this.at = { x: clamp(Math.round(x), 0, this.film.width - 1), y: clamp(Math.round(y), 0, this.film.height - 1) };
  }

  draw(/** @type {number} */ step) {
    const { film, refs, at } = this;
    if (!film) return;
    this.shares = sharesOf(this.blank, this.strokes, at.y * film.width + at.x, film.pixels);
    const sum = this.shares.reduce((a, b) => a + b, 0);
    const probability = 1 / (1 + Math.exp(-sum));
    refs.pixelLead.textContent = `Pixel x ${at.x}, y ${at.y}: logit ${shown(sum)} in the end, ${Math.round(100 * probability)} % ${film.matter}.`;
    this.drawBars(step, sum);
    const what = step
      ? `Step ${step} adds ${shown(this.shares[step])}`
      : `The first canvas begins it at ${shown(this.shares[0])}`;
    refs.shareWords.textContent = `${what}. All bars together are ${shown(sum)}: the canvas is a sum, so each share is exact. Point at another pixel, or choose a bar.`;
    const cells = step ? cellsOf(film, step, 0, at.x, at.y) : null;
    refs.cellsCanvas.hidden = !cells;
    refs.cellsWords.textContent = "";
    if (!cells) return;
    const n = Math.sqrt(cells.length);
    const most = cells.reduce((size, v) => Math.max(size, Math.abs(v)), 1e-6);
    this.cells.signed(cells, 1, n, n, most);
    refs.cellsWords.textContent = `Inside step ${step}: what each of the ${n}×${n} cells of the patch gives this pixel, up to ±${most.toFixed(2)}.`;
  }

  // From one sum to the next, so that the bars add up to the logit.
  drawBars(/** @type {number} */ step, /** @type {number} */ sum) {
    const { shares, refs } = this;
    const sums = [0];
    for (const share of shares) sums.push(sums[sums.length - 1] + share);
    const [low, high] = [Math.min(...sums), Math.max(...sums)];
    const y = (/** @type {number} */ v) => 5 + ((high - v) / (high - low || 1)) * (HEIGHT - 10);
    const width = WIDTH / shares.length;
    refs.shares.replaceChildren();
    shares.forEach((share, t) => {
      const [from, to] = [y(sums[t]), y(sums[t + 1])];
      const kind = t === 0 ? "" : share < 0 ? "loss" : "gain";
      const size = Math.max(1, Math.abs(to - from));
      const bar = svg("rect", { class: `${kind}${t === step ? " now" : ""}` }, refs.shares);
      set(bar, { x: t * width + 0.5, y: Math.min(from, to), width: Math.max(1, width - 1), height: size });
    });
    set(svg("line", {}, refs.shares), { x1: 0, x2: WIDTH, y1: y(0), y2: y(0) });
    set(svg("line", { class: "end" }, refs.shares), { x1: 0, x2: WIDTH, y1: y(sum), y2: y(sum) });
    refs.shares.setAttribute(
      "aria-label",
      `Shares of the logit: ${shares.map((share, t) => `${t ? `step ${t}` : "first canvas"} ${shown(share)}`).join(", ")}.`,
    );
  }

  /** Paints each pixel in the colour of the step that decided it, as bright as its change was.
   * @param {Pixels} target */
  paintDeciders(target) {
    const { film, strokes } = this;
    if (!film) return;
    const steps = decidedBy(strokes, film.pixels);
    target.resize(film.width, film.height);
    steps.forEach((step, i) => {
      const [r, g, b] = viridis((step - 1) / Math.max(1, film.numSteps - 1));
      target.data[i] = step ? rgba(r, g, b) : rgba(0, 0, 0);
    });
    target.show();
  }
}
