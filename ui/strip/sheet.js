// A film: one group of samples, a row for each, a column for each of a few steps. The column that
// holds the present step shows exactly this step; what is still to come is faint.

import { context2d, make } from "../kit/element.js";
import { clamp } from "../kit/number.js";
import { Pixels } from "../kit/pixels.js";
import { borderWidth } from "../player/overlay.js";
import { PROBABILITY, paintSample } from "../player/paint.js";

export const GAP = 4; // screen pixels between frames
const FAINT = 0.35;
/** @type {Record<string, string>} */ const COLOURS = { read: "#3b82f6", write: "#f97316" };
const MARK_ROOM = 2; // room around all frames for the mark of the chosen one
// Why no part of a window's frame lies in the picture.
export const PAST = "past";
export const BESIDE = "beside";

export class Sheet {
  /** @type {number[]} */ ends = []; // the step that each column holds
  cell = { width: 0, height: 0 };
  ratio = 1;
  columns = 1;
  zoom = 1;

  /** chosen(sample, step) is called when a frame is clicked.
   * @param {Element} parent @param {Film} film @param {string} title @param {number} maxSteps
   * @param {(sample: number, step: number) => void} chosen */
  constructor(parent, film, title, maxSteps, chosen) {
    this.film = film;
    this.maxSteps = maxSteps;
    this.chosen = chosen;
    this.shown = -1;
    /** @type {Set<string>} */ this.missing = new Set();
    this.heads = make("div", { class: "heads", "aria-hidden": "true" });
    this.canvas = make("canvas", { class: "frames", role: "img", "aria-label": title, tabindex: 0 });
    const name = make("p", { class: "title", text: title });
    parent.append(make("div", { class: "film" }, name, this.heads, this.canvas));
    this.context = context2d(this.canvas);
    this.canvas.onpointerdown = (/** @type {PointerEvent} */ event) => this.click(event);
    this.past = new Pixels(document.createElement("canvas"));
    this.now = new Pixels(document.createElement("canvas"));
  }

  /** Frames of every row at these steps, beside each other. @param {Pixels} pixels @param {number[]} steps */
  paint(pixels, steps) {
    const { width, height, samples } = this.film;
    const stride = width * steps.length;
    pixels.resize(stride, height * samples);
    for (let row = 0; row < samples; row++) {
      steps.forEach((step, k) => {
        paintSample(pixels.data, stride, k * width, row * height, this.film, step, row, PROBABILITY);
      });
    }
    pixels.show();
  }

  /** The step of this film at a step of the longest one. @param {number} step */
  own(step) {
    return Math.round((step * this.film.numSteps) / this.maxSteps);
  }

  /** @param {number} room @param {number} rowRoom */
  fit(room, rowRoom) {
    const { film } = this;
    const ratio = devicePixelRatio || 1;
    const longest = Math.max(film.width, film.height);
    // Frames as large as the rows allow, as long as there are eight columns, or what there is.
    const enough = (/** @type {number} */ zoom) =>
      (room + GAP) / (film.width * zoom + GAP) >= Math.min(film.numSteps, 8);
    let zoom = Math.max(1 / ratio, Math.floor((rowRoom / longest) * ratio) / ratio);
    while (zoom > 1.6 && !enough(zoom)) zoom = Math.max(zoom - 1 / ratio, 1);
    const least = 44 / longest; // small frames are still frames
    if (zoom < least) zoom = Math.min(least, rowRoom / longest);
    const cell = { width: film.width * zoom, height: film.height * zoom };
    const columns = Math.max(1, Math.min(film.numSteps, Math.floor((room + GAP) / (cell.width + GAP))));
    const ends = Array.from({ length: columns }, (_, k) => Math.round(((k + 1) * film.numSteps) / columns));
    // Painted here once, so that a step costs only copies and one column.
    if (ends.length !== this.ends.length) this.paint(this.past, ends);
    this.ends = ends;
    const size = { width: columns * (cell.width + GAP) - GAP, height: film.samples * (cell.height + GAP) - GAP };
    Object.assign(this, { zoom, cell, columns, ratio });
    const [across, down] = [size.width + 2 * MARK_ROOM, size.height + 2 * MARK_ROOM];
    Object.assign(this.canvas, { width: Math.round(across * ratio), height: Math.round(down * ratio) });
    Object.assign(this.canvas.style, { width: `${across}px`, height: `${down}px`, margin: `-${MARK_ROOM}px` });
    this.heads.replaceChildren(
      ...this.ends.map((_, k) => {
        const head = make("span");
        head.style.width = `${cell.width}px`;
        if (k) head.style.marginLeft = `${GAP}px`;
        return head;
      }),
    );
    this.shown = -1;
  }

  /** The column that holds a step; -1 before step 1. @param {number} step */
  column(step) {
    return step < 1 ? -1 : this.ends.findIndex((end) => end >= step);
  }

  /** @param {number} step @param {number} row @param {string} ink */
  draw(step, row, ink) {
    const { context, cell, ratio, film } = this;
    const at = this.own(step);
    const now = this.column(at);
    const names = film.windowNames;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.setTransform(ratio, 0, 0, ratio, MARK_ROOM * ratio, MARK_ROOM * ratio);
    context.imageSmoothingEnabled = false;
    context.fillStyle = "#000";
    this.missing.clear();
    if (now >= 0) this.paint(this.now, [at]);
    for (let k = 0; k < this.columns; k++) {
      const [shown, from, left] = k === now ? [at, this.now, 0] : [this.ends[k], this.past, k * film.width];
      for (let r = 0; r < film.samples; r++) {
        const [x, y] = [k * (cell.width + GAP), r * (cell.height + GAP)];
        context.globalAlpha = 1;
        context.fillRect(x, y, cell.width, cell.height);
        context.globalAlpha = shown > at ? FAINT : 1;
        const top = r * film.height;
        context.drawImage(from.element, left, top, film.width, film.height, x, y, cell.width, cell.height);
        for (const name of names) this.drawWindow(name, film.windows(name, r)[shown - 1], x, y);
      }
    }
    context.globalAlpha = 1;
    if (now >= 0 && row >= 0) {
      const [x, y] = [now * (cell.width + GAP), row * (cell.height + GAP)];
      // White within and the text's colour without, so that it is seen on black and on the page.
      for (const out of [-1, 1]) {
        context.strokeStyle = out < 0 ? "#fff" : ink;
        context.lineWidth = 2;
        context.strokeRect(x - out, y - out, cell.width + 2 * out, cell.height + 2 * out);
      }
    }
    this.drawHeads(at, now);
  }

  /** As in the large picture: all cells of the grid, as thick as the filters are precise.
   * @param {string} name @param {FilmWindow | null} w @param {number} x @param {number} y */
  drawWindow(name, w, x, y) {
    if (!w) return;
    const { context, cell, zoom } = this;
    const side = w.size * w.delta * zoom;
    const why = this.unseen(w);
    if (why) {
      this.missing.add(why);
      return;
    }
    context.save();
    context.beginPath();
    context.rect(x, y, cell.width, cell.height);
    context.clip();
    context.strokeStyle = COLOURS[name] ?? "#fff";
    context.lineWidth = Math.max(1, 0.6 * borderWidth(w.sigma));
    if (!w.corners) {
      context.strokeRect(x + (w.gX + 0.5) * zoom - side / 2, y + (w.gY + 0.5) * zoom - side / 2, side, side);
    } else {
      context.beginPath();
      for (let k = 0; k < 8; k += 2)
        context.lineTo(x + (w.corners[k] + 0.5) * zoom, y + (w.corners[k + 1] + 0.5) * zoom);
      context.closePath();
      context.stroke();
    }
    context.restore();
  }

  /** Why no side of a window's frame lies in the picture; "" where one does. @param {FilmWindow} window */
  unseen({ gX, gY, delta, size }) {
    const { width, height } = this.film;
    const half = (size * delta) / 2;
    const beside = (/** @type {number} */ g, /** @type {number} */ length) =>
      g + half < -0.5 || g - half > length - 0.5;
    const past = (/** @type {number} */ g, /** @type {number} */ length) => g - half < -0.5 && g + half > length - 0.5;
    if (beside(gX, width) || beside(gY, height)) return BESIDE;
    return past(gX, width) && past(gY, height) ? PAST : "";
  }

  /** @param {number} at @param {number} now */
  drawHeads(at, now) {
    if (this.shown === at) return;
    this.shown = at;
    [...this.heads.children].forEach((head, k) => {
      head.textContent = `${k === now ? at : this.ends[k]}`;
      head.classList.toggle("now", k === now);
    });
  }

  click(/** @type {PointerEvent} */ event) {
    const box = this.canvas.getBoundingClientRect();
    const part = (/** @type {number} */ value, /** @type {number} */ length, /** @type {number} */ count) =>
      clamp(Math.floor(((value - MARK_ROOM) / (length - 2 * MARK_ROOM)) * count), 0, count - 1);
    const k = part(event.clientX - box.left, box.width, this.columns);
    const row = part(event.clientY - box.top, box.height, this.film.samples);
    const own = k === this.column(this.shown) ? this.shown : this.ends[k];
    this.chosen(row, Math.round((own * this.maxSteps) / this.film.numSteps));
  }
}
