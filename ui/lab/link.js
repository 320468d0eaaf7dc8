// Linked pointing: a cell of the patch lights its two filters and the pixels it reads; a pixel
// lights the cells it feeds.

import { plainKey } from "../kit/keys.js";
import { gridPoint } from "../kit/window.js";
import { shown } from "./controls.js";
import { LabPixels } from "./paint.js";

export class Linked {
  constructor(lab) {
    this.lab = lab;
    this.lit = null; // { i, j } or { x, y }
    const { refs } = lab;
    this.light = new LabPixels(refs.imageLight);
    this.patchLight = new LabPixels(refs.patchLight);
    this.bind(
      refs.patchBoard,
      () => [lab.n, lab.n],
      (i, j) => this.cell(i, j),
    );
    for (const board of [refs.backBoard, refs.lostBoard, refs.coverageBoard]) {
      this.bind(
        board,
        () => [lab.look.width, lab.look.height],
        (x, y) => this.pixel(x, y),
      );
    }
  }

  bind(board, size, choose) {
    const { lab } = this;
    const point = (event) => {
      const box = board.getBoundingClientRect();
      const [across, down] = size();
      const at = (v, from, length, count) =>
        Math.min(count - 1, Math.max(0, Math.floor(((v - from) / length) * count)));
      choose(at(event.clientX, box.left, box.width, across), at(event.clientY, box.top, box.height, down));
    };
    board.onpointermove = board.onpointerdown = point;
    board.onpointerleave = (event) => {
      if (event.pointerType !== "touch" && board.getRootNode().activeElement !== board) this.clear();
    };
    board.onblur = () => this.clear();
    const middle = () => size().map((count) => Math.floor((count - 1) / 2));
    board.onfocus = () => {
      if (!this.lit && board.matches(":focus-visible")) choose(...middle());
    };
    board.onkeydown = (event) => {
      const key = plainKey(event);
      if (key === "Escape") this.clear();
      const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
      if (!by) return;
      event.preventDefault();
      const [across, down] = size();
      const [a, b] = this.placeOn(board) ?? middle();
      const inside = (v, count) => Math.min(count - 1, Math.max(0, v));
      choose(inside(a + by[0], across), inside(b + by[1], down));
      lab.say(this.words().replace(/<[^>]*>/g, ""));
    };
  }

  placeOn(board) {
    if (!this.lit) return null;
    const cells = board === this.lab.refs.patchBoard;
    const { i, j, x, y } = this.lit;
    if (cells !== (i !== undefined)) return null;
    return cells ? [i, j] : [x, y];
  }

  cell(i, j) {
    this.put({ i, j });
  }

  pixel(x, y) {
    this.put({ x, y });
  }

  put(lit) {
    const now = this.lit;
    if (now && now.i === lit.i && now.j === lit.j && now.x === lit.x && now.y === lit.y) return;
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
    return this.lit?.i === undefined ? [-1, -1] : [this.lit.i, this.lit.j];
  }

  draw() {
    const { lab, lit } = this;
    const { refs, look, n } = lab;
    if (lit?.i >= n || lit?.j >= n) this.lit = null;
    if (lit?.x >= look.width || lit?.y >= look.height) this.lit = null;
    const cell = this.lit?.i !== undefined ? this.lit : null;
    const pixel = this.lit?.x !== undefined ? this.lit : null;
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
    if (cell) this.lightPixels(cell);
    if (pixel) this.lightCells(pixel);
    const words = this.words();
    if (words !== this.said) refs.readout.innerHTML = this.said = words; // our own words and numbers
  }

  mark(element, box) {
    element.hidden = !box;
    if (!box) return;
    ["left", "top", "width", "height"].forEach((name, k) => {
      element.style[name] = `${100 * box[k]}%`;
    });
  }

  lightPixels({ i, j }) {
    const { look } = this.lab;
    const best = this.heaviest(i, j);
    this.light.light((x, y) => look.weight(i, j, x, y), look.height, look.width, best.weight);
  }

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

  // The pixel with the most weight in a cell.
  heaviest(i, j) {
    const { look } = this.lab;
    const top = (rows, at, length) => {
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
    if (lit.i !== undefined) {
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
