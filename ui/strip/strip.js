// Films of films and one sample enlarged, all at one step. Everything happens here; the address
// follows after a pause, and Python hears nothing.

import { component, UNSET } from "../kit/component.js";
import { make, parentOf } from "../kit/element.js";
import { arrow } from "../kit/keys.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { fitPicture, Pixels } from "../kit/pixels.js";
import { Film, unpackFilms } from "../player/film.js";
import { windowsOver } from "../player/overlay.js";
import { paintCanvas } from "../player/paint.js";
import { Player } from "../player/player.js";
import { BESIDE, GAP, PAST, Sheet } from "./sheet.js";

const settings = { loop: true, speed: 1 }; // outlives a visit to another figure
const places = new Map(); // id -> { step, sample }

/** @typedef {RefsWith<Record<"canvas", HTMLCanvasElement> & Record<"overlay", SVGSVGElement>>} Refs */

/** @typedef {{ title: string, note: string, film: Film, first: number, sheet: Sheet }} Group first: of its samples */

/** @extends {Player<Refs>} */
class Strip extends Player {
  sample = 0;
  /** @type {Group[]} */ groups = [];
  /** @type {Group} */ group = UNSET;
  /** @type {ReturnType<typeof windowsOver>} */ windows = {};
  /** @type {HTMLElement | null} */ unframed = null;
  bars = new Float32Array(0);
  samples = 0;
  row = 0;
  sight = "films";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    this.canvas = new Pixels(this.refs.canvas);
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, films } = unpackFilms(bytes);
    if (this.meta?.id === meta.id) {
      this.meta = meta; // the same films under another address
      return;
    }
    const isFirst = !this.meta;
    this.meta = meta;
    this.groups = meta.groups.map((/** @type {Group} */ group, /** @type {number} */ g) => ({
      ...group,
      film: new Film(films[`${g}.`]),
    }));
    this.numSteps = Math.max(...this.groups.map(({ film }) => film.numSteps));
    const linked = isFirst ? meta : {};
    const place = places.get(meta.id) ?? { step: linked.step, sample: linked.sample ?? this.sample };
    const start = isFirst || place.step != null ? place.step : this.playing ? null : this.step;
    this.build();
    this.fit();
    this.sample = clamp(place.sample, 0, this.samples - 1);
    this.playback.load(this.numSteps, start ?? (reducedMotion() ? this.numSteps : 0));
    this.transport.build(this.numSteps, this.groups[0].film.measure);
    this.choose(this.sample);
    this.draw();
    if (start == null && !reducedMotion()) this.playback.play();
    this.settle();
  }

  build() {
    const { refs } = this;
    refs.films.replaceChildren();
    this.samples = 0;
    for (const group of this.groups) {
      group.first = this.samples;
      this.samples += group.film.samples;
      group.sheet = new Sheet(refs.films, group.film, group.title, this.numSteps, (row, step) => {
        this.choose(group.first + row);
        this.goTo(step);
      });
    }
    const key = refs.films.appendChild(make("p", { class: "key" }));
    this.unframed = null;
    if (this.groups.some(({ film }) => film.has("write"))) {
      key.innerHTML =
        "<i></i><i></i>The write window; a thicker frame is a sharper one (1/σ). The number above a column is its step. ";
      this.unframed = key.appendChild(make("span"));
    }
  }

  // Why a frame is missing, while one is; the words keep their room, or they would push what follows.
  drawKey() {
    if (!this.unframed) return;
    const has = (/** @type {string} */ why) => this.groups.some(({ sheet }) => sheet.missing.has(why));
    const reasons = [
      has(PAST) && "the window reaches past the picture on all sides",
      has(BESIDE) && "the window stands beside the picture",
    ].filter(Boolean);
    this.unframed.style.visibility = reasons.length ? "" : "hidden";
    const text = `No frame: ${reasons.join(", or ")}.`;
    if (reasons.length && this.unframed.textContent !== text) this.unframed.textContent = text;
  }

  // ---- moving

  choose(/** @type {number} */ sample) {
    this.sample = clamp(sample, 0, this.samples - 1);
    this.group = this.groups.findLast(({ first }) => first <= this.sample) ?? this.groups[0];
    const { film, first } = this.group;
    const { refs } = this;
    this.row = this.sample - first;
    this.windows = windowsOver(film, refs.overlay);
    // Bars on the clock of the longest sheet.
    const own = film.barValues(this.row);
    this.bars = Float32Array.from(
      { length: this.numSteps },
      (_, t) => own[clamp(Math.ceil(((t + 1) * film.numSteps) / this.numSteps) - 1, 0, own.length - 1)],
    );
    this.transport.drawBars(this.bars);
    this.fit();
    this.redraw();
  }

  report() {
    super.report();
    for (const { sheet, title, film } of this.groups) {
      sheet.canvas.setAttribute(
        "aria-label",
        `${title}: ${film.samples} samples at steps ${sheet.ends.join(", ")}. `
          + "Up and down arrow keys choose a row, left and right arrow keys a step.",
      );
    }
  }

  // ---- drawing

  draw() {
    const { refs, step, row } = this;
    const { film, sheet } = this.group;
    const ink = getComputedStyle(refs.root).color;
    for (const group of this.groups) group.sheet.draw(step, group === this.group ? row : -1, ink);
    this.drawKey();
    const own = sheet.own(step);
    paintCanvas(this.canvas, film, own, row);
    for (const [name, overlay] of Object.entries(this.windows)) overlay.show(film.windows(name, row).slice(0, own));
    this.transport.drawPosition(step, this.bars);
    refs.viewTitle.textContent =
      this.groups.length > 1 ? `${this.group.title}: row ${row + 1}` : `Row ${row + 1}, enlarged`;
    refs.facts.textContent = [this.facts(own), this.group.note].filter(Boolean).join(" ");
    refs.root.dataset.painted = `${this.meta.id}:${step}:${this.sample}`;
  }

  facts(/** @type {number} */ own) {
    const { film } = this.group;
    const w = film.window("write", own, this.row);
    const at = film.numSteps === this.numSteps ? "" : `This is its own step ${own} of ${film.numSteps}. `;
    if (!own) return "Nothing is written yet.";
    if (!w)
      return `${at}No window: this step ${film.paints(own) ? `paints ${film.paints(own)}` : "writes on every pixel"}.`;
    return (
      `${at}The window is ${(w.size * w.delta).toFixed(1)} pixels wide around x ${w.gX.toFixed(1)}, `
      + `y ${w.gY.toFixed(1)}${w.corners ? "" : `; each of its ${w.size}×${w.size} points blurs over σ = ${w.sigma.toFixed(2)} pixels`}.`
    );
  }

  describe() {
    const { step, numSteps, group, row } = this;
    return `${group.title}, row ${row + 1}, step ${step} of ${numSteps}. ${this.facts(group.sheet.own(step))}`;
  }

  fit() {
    const { refs } = this;
    const rows = this.samples;
    const wide = refs.root.clientWidth >= 700;
    const side = parentOf(refs.picture).clientWidth;
    // All rows and their titles stand beside the large picture.
    const tall = wide ? Math.max(side, 330) + 70 - this.groups.length * 50 : 76 * rows;
    for (const { sheet } of this.groups) sheet.fit(refs.films.clientWidth, Math.max(44, tall / rows - GAP));
    if (!this.group) return;
    fitPicture(refs.picture, this.group.film, wide ? Infinity : 300);
  }

  // ---- keys

  /** @param {KeyboardEvent} event @param {Element} target */
  ownKey(event, target) {
    if (event.shiftKey) return true;
    const by = arrow(event)?.y;
    if (!by || !target.classList?.contains("frames")) return false;
    event.preventDefault();
    this.choose(this.sample + by);
    this.settle();
    return true;
  }
}

export default component(Strip);
