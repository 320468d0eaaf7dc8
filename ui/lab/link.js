// Linked pointing: a cell of the patch lights its two filters and the pixels it reads; a pixel
// lights the cells it feeds.

import { arrow, plainKey } from "../kit/keys.js";
import { clamp } from "../kit/number.js";
import { placeIn } from "../kit/pointer.js";
import { gridPoint } from "../kit/window.js";
import { shown } from "./controls.js";
import { LabPixels } from "./paint.js";
import { focusedIn } from "./parts.js";

/** @typedef {{ i: number, j: number }} Cell
 * @typedef {Cell | Point} Lit a cell of the patch, or a pixel of the picture */

export class Linked {
  /** @type {Cell & { weight: number } | null} */ top = null; // which the lit pixel feeds most
  fed = 0; // cells that it feeds
  said = "";

  constructor(/** @type {Lab} */ lab) {
    this.lab = lab;
    /** @type {Lit | null} */ this.lit = null;
    const { refs } = lab;
    this.light = new LabPixels(refs.imageLight);
    this.patchLight = new LabPixels(refs.patchLight);
    const cells = () => ({ width: lab.n, height: lab.n });
    this.bind(refs.patchBoard, cells, (i, j) => this.put({ i, j }));
    for (const board of [refs.backBoard, refs.lostBoard, refs.coverageBoard]) {
      this.bind(board, () => lab.look, this.pixel);
    }
  }

  /** @param {HTMLElement} board @param {() => Size} size @param {(a: number, b: number) => void} choose */
  bind(board, size, choose) {
    const { lab } = this;
    const point = (/** @type {PointerEvent} */ event) => {
      const { x, y } = placeIn(event, board);
      const { width, height } = size();
      const at = (/** @type {number} */ share, /** @type {number} */ count) =>
        clamp(Math.floor(share * count), 0, count - 1);
      choose(at(x, width), at(y, height));
    };
    board.onpointermove = board.onpointerdown = point;
    board.onpointerleave = (event) => {
      if (event.pointerType !== "touch" && focusedIn(board) !== board) this.clear();
    };
    board.onblur = () => this.clear();
    const middle = () => {
      const { width, height } = size();
      return [Math.floor((width - 1) / 2), Math.floor((height - 1) / 2)];
    };
    board.onfocus = () => {
      const [a, b] = middle();
      if (!this.lit && board.matches(":focus-visible")) choose(a, b);
    };
    board.onkeydown = (event) => {
      if (plainKey(event) === "Escape") this.clear();
      const by = arrow(event);
      if (!by) return;
      event.preventDefault();
      const { width, height } = size();
      const [a, b] = this.placeOn(board) ?? middle();
      choose(clamp(a + by.x, 0, width - 1), clamp(b + by.y, 0, height - 1));
      lab.say(this.words().replace(/<[^>]*>/g, ""));
    };
  }

  placeOn(/** @type {HTMLElement} */ board) {
    const { cellLit, pixelLit } = this;
    if (board === this.lab.refs.patchBoard) return cellLit && [cellLit.i, cellLit.j];
    return pixelLit && [pixelLit.x, pixelLit.y];
  }

  pixel = (/** @type {number} */ x, /** @type {number} */ y) => this.put({ x, y });

  put(/** @type {Lit} */ lit) {
    if (JSON.stringify(this.lit) === JSON.stringify(lit)) return;
    this.lit = lit;
    this.lab.redraw();
  }

  clear() {
    if (!this.lit) return;
    this.lit = null;
    this.lab.redraw();
  }

  // The filter that is lit on each axis, or -1.
  get filters() {
    return this.cellLit ? [this.cellLit.i, this.cellLit.j] : [-1, -1];
  }

  get cellLit() {
    return this.lit && "i" in this.lit ? this.lit : null;
  }

  get pixelLit() {
    return this.lit && "x" in this.lit ? this.lit : null;
  }

  draw() {
    const { lab } = this;
    const { refs, look, n } = lab;
    let { cellLit: cell, pixelLit: pixel } = this;
    if (cell && (cell.i >= n || cell.j >= n)) this.lit = cell = null;
    if (pixel && (pixel.x >= look.width || pixel.y >= look.height)) this.lit = pixel = null;
    refs.imageLight.hidden = !cell;
    refs.patchLight.hidden = !pixel;
    refs.cellMark.hidden = !cell;
    refs.pixelMark.hidden = !pixel;
    const eye = lab.seen.eye;
    lab.overlay.light(
      cell && { x: gridPoint(eye.gX, eye.delta, n, cell.i), y: gridPoint(eye.gY, eye.delta, n, cell.j), r: eye.sigma },
      pixel,
    );
    this.mark(refs.rowX, cell && [0, cell.i / n, 1, 1 / n]);
    this.mark(refs.rowY, cell && [cell.j / n, 0, 1 / n, 1]);
    this.mark(refs.lineX, pixel && [pixel.x / look.width, 0, 1 / look.width, 1]);
    this.mark(refs.lineY, pixel && [0, pixel.y / look.height, 1, 1 / look.height]);
    this.mark(refs.cellMark, cell && [cell.i / n, cell.j / n, 1 / n, 1 / n]);
    this.mark(refs.pixelMark, pixel && [pixel.x / look.width, pixel.y / look.height, 1 / look.width, 1 / look.height]);
    if (cell) {
      const { i, j } = cell;
      const { weight } = this.heaviest(i, j);
      this.light.light((x, y) => look.weight(i, j, x, y), look.height, look.width, weight);
    }
    if (pixel) this.lightCells(pixel);
    const words = this.words();
    if (words !== this.said) refs.readout.innerHTML = this.said = words; // our own words and numbers
  }

  /** @param {HTMLElement} element @param {number[] | null} box */
  mark(element, box) {
    element.hidden = !box;
    if (!box) return;
    const [left, top, width, height] = box.map((share) => `${100 * share}%`);
    Object.assign(element.style, { left, top, width, height });
  }

  /** @param {Point} place */
  lightCells({ x, y }) {
    const { look, n } = this.lab;
    let most = 0;
    this.fed = 0;
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) {
        const w = look.weight(i, j, x, y);
        if (w >= 0.001) this.fed++;
        if (w > most) [most, this.top] = [w, { i, j, weight: w }];
      }
    }
    if (!most) this.top = null;
    this.patchLight.light((i, j) => look.weight(i, j, x, y), n, n, most);
  }

  /** The pixel with the most weight in a cell. @param {number} i @param {number} j */
  heaviest(i, j) {
    const { look } = this.lab;
    const top = (/** @type {Numbers} */ rows, /** @type {number} */ at, /** @type {number} */ length) => {
      let best = 0;
      for (let a = 1; a < length; a++) if (rows[at * length + a] > rows[at * length + best]) best = a;
      return best;
    };
    const x = top(look.eyeX, i, look.width);
    const y = top(look.eyeY, j, look.height);
    return {
      x,
      y,
      fX: look.eyeX[i * look.width + x],
      fY: look.eyeY[j * look.height + y],
      weight: look.weight(i, j, x, y),
    };
  }

  words() {
    const { lab, lit } = this;
    const { look, n } = lab;
    if (!lit) return "Point at a cell or a pixel. Everything that feeds it lights up.";
    if ("i" in lit) {
      const { i, j } = lit;
      const { x, y, fX, fY, weight } = this.heaviest(i, j);
      const values = Array.from({ length: look.channels }, (_, c) => shown(look.patch[(c * n + j) * n + i]));
      return (
        `Cell <var>i</var> = ${i + 1}, <var>j</var> = ${j + 1} reads ${values.join(", ")}. Its heaviest pixel is `
        + `x ${x}, y ${y}: <var>F<sub>Y</sub></var> ${shown(fY)} × <var>F<sub>X</sub></var> ${shown(fX)} = ${shown(weight)}.`
      );
    }
    const { x, y } = lit;
    const at = y * look.width + x;
    const values = Array.from({ length: look.channels }, (_, c) => shown(look.image[c * look.size + at]));
    const begin = `Pixel x ${x}, y ${y} is ${values.join(", ")}. `;
    if (!this.top || !this.fed) return `${begin}No cell gives it a weight of 0.001 or more.`;
    const { i, j, weight } = this.top;
    return (
      `${begin}It feeds ${this.fed} ${this.fed === 1 ? "cell" : "cells"}, most of all <var>i</var> = ${i + 1}, `
      + `<var>j</var> = ${j + 1} with ${shown(weight)}; ${shown(look.coverage[at])} in all.`
    );
  }
}
