// What stands beside the picture: in figure 3 three patches and the 3 x 3 grid to choose from, in
// figure 4 the patch, the picture written back from it, and two of its filters.

import { make, setText } from "../kit/element.js";
import { Pixels } from "../kit/pixels.js";
import { shown } from "../lab/controls.js";
import { largest, whiteOf } from "../lab/look.js";
import { middle, PRESETS, presetWindow } from "../lab/presets.js";

const CHOICES = [
  ["Small stride, wide spread", "A close look, out of focus."],
  ["Large stride, narrow spread", "The whole picture in single, sharp samples."],
  ["Both large", "The whole picture, blurred."],
];
const GRID = { name: "A small grid", words: "As drawn in the paper: centre, stride, spread.", n: 3 };

/** The windows of figure 3 on a picture: those of the lab's presets, and the small grid.
 * @param {number} width @param {number} height */
export function figureWindows(width, height) {
  const presets = PRESETS.filter(({ figure }) => figure);
  const windows = presets.map((preset, k) => ({
    w: presetWindow(preset, width, height),
    n: preset.n,
    name: CHOICES[k][0],
    words: CHOICES[k][1],
  }));
  const side = Math.max(width, height);
  windows.push({ ...GRID, w: { ...middle(width, height), delta: 0.24 * side, sigma: 0.06 * side } });
  return windows;
}

// A button for each window, with the patch that it reads.
export class PatchCards {
  /** @param {HTMLElement} parent @param {Named[]} windows @param {(k: number) => void} chosen */
  constructor(parent, windows, chosen) {
    this.cards = windows.map((one, k) => {
      const button = make("button", { type: "button", class: "card" });
      const canvas = make("canvas", { class: "pixels", role: "img", "aria-label": `The patch: ${one.name}` });
      const numbers = make("small");
      button.append(make("b", { text: one.name }), canvas, numbers);
      button.onclick = () => chosen(k);
      parent.append(button);
      return { button, pixels: new Pixels(canvas), numbers };
    });
  }

  /** @param {number} k @param {LabLook} look @param {Named} one @param {Numbers} patch */
  draw(k, look, { w, n, words }, patch) {
    const { pixels, numbers } = this.cards[k];
    pixels.values(patch, look.channels, n, n, whiteOf(largest(patch)));
    setText(numbers, `${n} × ${n}, δ = ${shown(w.delta)}, σ = ${shown(w.sigma)}. ${words}`);
  }

  mark(/** @type {number} */ chosen) {
    this.cards.forEach(({ button }, k) => button.setAttribute("aria-pressed", String(k === chosen)));
  }
}

/** A picture with its caption. @param {string} name @param {string} ratio @param {Element} parent */
function panel(name, ratio, parent) {
  const words = make("span");
  const caption = make("figcaption", {}, make("b", { text: name }), words);
  const canvas = make("canvas", { class: "pixels", role: "img", "aria-label": name });
  parent.append(make("figure", { style: `--ratio: ${ratio}` }, caption, canvas));
  return { pixels: new Pixels(canvas), words };
}

// The patch, what the transposed filters make of it, and the first and last filter.
export class ZoomPanels {
  /** @param {HTMLElement} parent @param {Size} size */
  constructor(parent, { width, height }) {
    parent.style.setProperty("--ratio", `${width} / ${height}`);
    const whole = `${width} / ${height}`;
    this.patch = panel("The patch it reads", "1", parent);
    this.back = panel("Written back", whole, parent);
    const filters = make("div", { class: "filters" });
    parent.append(filters);
    this.first = panel("The first filter", whole, filters);
    this.last = panel("The last filter", whole, filters);
    this.one = new Float64Array(width * height);
  }

  /** @param {LabLook} look @param {number} n */
  draw(look, n) {
    const { channels, height, width } = look;
    const white = whiteOf(largest(look.patch, channels * n * n));
    this.patch.pixels.values(look.patch, channels, n, n, white);
    setText(this.patch.words, `${n} × ${n} numbers; white is ${shown(white)}`);
    this.back.pixels.values(look.back, channels, height, width);
    setText(this.back.words, `by the transposed filters; root mean square lost: ${shown(look.error)}`);
    this.drawFilter(this.first, look, 0, "feeds the patch’s first cell, upper left");
    this.drawFilter(this.last, look, n - 1, "feeds the last cell, lower right");
  }

  /** The weights that one cell gives to all pixels: a product of two rows.
   * @param {ReturnType<typeof panel>} target @param {LabLook} look @param {number} k @param {string} words */
  drawFilter(target, look, k, words) {
    const { one } = this;
    const { width, height, eyeX, eyeY } = look;
    let most = 0;
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        one[at] = eyeX[k * width + x] * eyeY[k * height + y];
        if (one[at] > most) most = one[at];
      }
    }
    target.pixels.values(one, 1, height, width, most);
    setText(target.words, `${words}; white is ${shown(most)}`);
  }
}
