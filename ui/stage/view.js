// The Stage plays a film. All scrubbing, playing and pointing happens here; Python hears of the
// step and sample after a pause.

import { UNSET } from "../kit/component.js";
import { findAll } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { fitPicture, Pixels } from "../kit/pixels.js";
import { Film, unpackFilms } from "../player/film.js";
import { windowsOver } from "../player/overlay.js";
import { LOGIT_RANGE, PROBABILITY, paintCanvas } from "../player/paint.js";
import { Player } from "../player/player.js";
import { Samples } from "../player/samples.js";
import { bindSettings, hideSwitchedOff, SWITCHES } from "../player/settings.js";
import { Chain, inkWords } from "./chain.js";
import { Numbers } from "./numbers.js";
import { Probe } from "./probe.js";

const ONE_COLUMN = 700; // as in stage.css
const STRIP = 8; // samples in a row, where they are small

// Outlives a visit to another page, so that switches stay as the visitor left them.
const settings = { ...SWITCHES };
const places = new Map(); // film id -> { step, sample }

/** @typedef {RefsWith<Record<"more" | "showBrightness", HTMLButtonElement>
 *   & Record<"canvas" | "change" | "memory" | "montageCanvas" | "noise" | "patch", HTMLCanvasElement>
 *   & Record<"overlay" | "probeCurve", SVGSVGElement>>} Refs */

/** @extends {Player<Refs>} */
export class Stage extends Player {
  sample = 0;
  /** @type {Film} */ film = UNSET;
  /** @type {ReturnType<typeof windowsOver>} */ windows = {};
  sight = "picture";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    this.canvas = new Pixels(this.refs.canvas);
    this.patch = new Pixels(this.refs.patch);
    this.change = new Pixels(this.refs.change);
    this.chain = new Chain(this.refs);
    const choose = (/** @type {number} */ sample) => this.choose(sample);
    this.montage = new Samples(this.refs, choose, () => {
      if (this.refs.spoken.textContent) this.say(); // without it
    });
    this.probe = new Probe(this.refs);
    this.look = { ...PROBABILITY }; // at first, on every page and of every model
    this.numbers = new Numbers(this.refs.numbersHead, this.refs.numbersBody);
    const { root, more, showBrightness, picture } = this.refs;
    bindSettings(root, this.look, () => this.changed());
    showBrightness.onclick = () => {
      this.show({ unit: PROBABILITY.unit });
      picture.focus({ preventScroll: true }); // the button is gone
    };
    more.onclick = () => more.setAttribute("aria-expanded", String(root.classList.toggle("unfolded")));
  }

  close() {
    super.close();
    this.montage.close();
    this.probe.close();
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, films } = unpackFilms(bytes);
    const film = new Film({ meta, ...films[""] });
    const isOther = this.film && this.film.meta.link?.model !== meta.link?.model;
    if (isOther) this.show(PROBABILITY);
    if (this.film && this.film.meta.id === meta.id) {
      this.film.meta.link = meta.link;
      if (isOther) this.settle(); // the same pictures by another model: the address names it
      return;
    }
    if (meta.keep && this.replace(film)) return;
    this.film = film;
    this.meta = meta;
    this.numSteps = film.numSteps;
    const place = places.get(meta.id) ?? { step: meta.step, sample: meta.sample ?? this.sample };
    this.sample = clamp(place.sample ?? 0, 0, film.samples - 1);
    this.playback.load(film.numSteps, place.step ?? (reducedMotion() ? film.numSteps : 0));
    this.build();
    this.fit();
    this.draw();
    if (place.step == null && !reducedMotion()) this.playback.play();
    this.settle();
  }

  /** The same samples from a network that has learned meanwhile: only the pictures change, so that
   * whoever plays, drags or points is not disturbed. False where they are of another kind. @param {Film} film */
  replace(film) {
    const kind = (/** @type {Film} */ { tensors }) => Object.entries(tensors).map(([name, { shape }]) => name + shape);
    if (!this.film || kind(this.film).join() !== kind(film).join()) return false;
    this.film = film;
    this.meta = film.meta;
    this.montage.build(film.samples, film.meta.id);
    this.drawBars();
    this.draw();
    return true;
  }

  /** Another film of as many steps, from where the visitor is. @param {Film} film */
  present(film) {
    if (this.replace(film)) return;
    this.film = film;
    this.meta = film.meta;
    this.sample = clamp(this.sample, 0, film.samples - 1);
    this.build();
    this.fit();
    this.draw();
  }

  build() {
    const { film, refs } = this;
    const { width, height, numSteps, samples } = film;
    refs.change.style.aspectRatio = `${width} / ${height}`;
    this.windows = windowsOver(film, refs.overlay);
    for (const kind of ["read", "write"]) refs.root.classList.toggle(`no-${kind}`, !film.has(kind));
    refs.root.classList.toggle("no-windows", !film.windowNames.length);
    refs.root.classList.toggle("still", film.still);
    refs.root.classList.toggle("has-original", Boolean(film.original));
    refs.root.classList.toggle("compact", Boolean(film.meta.compact));
    const paints = film.paints(numSteps);
    const how = paints ? `paints ${paints}, which then stays` : "writes on the whole canvas at once";
    refs.note.textContent = film.has("write") ? "" : `This model has no window to write through: each step ${how}.`;
    this.numbers.build(film);
    this.transport.build(numSteps, film.measure);
    this.chain.build(film);
    this.montage.build(samples, film.meta.id);
    this.drawBars();
    this.applySettings();
  }

  // ---- moving

  choose(/** @type {number} */ sample) {
    this.sample = clamp(sample, 0, this.film.samples - 1);
    this.drawBars();
    this.redraw();
    this.settle();
  }

  report() {
    super.report();
    this.tellPlace();
  }

  // Python hears where the visitor rests. While it plays no step is told, and so it does not matter of
  // which pictures.
  tellPlace() {
    const { step, sample, meta } = this;
    this.setStateValue("view", this.playing ? { step: null, sample } : { step, sample, id: meta.id });
  }

  describe() {
    const { film, step, sample } = this;
    const write = film.window("write", step, sample);
    const place = write ? ` The write window is centred at x ${write.gX.toFixed(1)}, y ${write.gY.toFixed(1)}.` : "";
    if (this.look.what === "change") {
      return `What step ${step} of ${film.numSteps} changed in sample ${sample + 1}: ${inkWords(film, step, sample)}${place}`;
    }
    const name = step === film.numSteps && this.montage.looks[sample];
    const looks = name ? ` It ${name}.` : "";
    return `Sample ${sample + 1}, step ${step} of ${film.numSteps}: ${film.fullness(step, sample)}.${place}${looks}`;
  }

  // ---- drawing

  draw() {
    const { film, step, sample, refs } = this;
    paintCanvas(this.canvas, film, step, sample, this.look);
    paintCanvas(this.change, film, step, sample, { what: "change", unit: this.look.unit });
    const patch = film.patch(step, sample);
    if (patch) this.patch.signed(patch.data, patch.channels, patch.n, patch.n, film.patchScale(sample));
    else this.patch.black();
    if (film.original) this.montage.pixels.bytes(film.original.data, film);
    else this.montage.draw(film, step, this.look);
    for (const [kind, overlay] of Object.entries(this.windows)) overlay.show(film.windows(kind, sample).slice(0, step));
    this.chain.draw(film, step, sample);
    this.drawNumbers();
    this.drawPosition();
    this.probe.draw(film, step, sample, this.look);
    refs.root.dataset.painted = `${film.meta.id}:${step}:${sample}`;
  }

  drawNumbers() {
    const { film, step, sample, refs } = this;
    this.numbers.draw(film, step, sample);
    const n = film.points("write");
    refs.patchCaption.textContent = film.track("patches", "write")
      ? `The ${n}×${n} numbers that the window carries lie between ±${film.patchScale(sample).toFixed(1)} over all steps.`
      : "";
  }

  // Whether the write window's border lies outside the picture on all sides.
  isCovered() {
    const w = this.film.window("write", this.step, this.sample);
    if (!w) return false;
    const reach = (w.size * w.delta) / 2;
    const beyond = (/** @type {number} */ g, /** @type {number} */ length) =>
      g - reach < -0.5 && g + reach > length - 0.5;
    return beyond(w.gX, this.film.width) && beyond(w.gY, this.film.height);
  }

  drawPosition() {
    const { step, sample, refs } = this;
    refs.sampleTitle.textContent = `: sample ${sample + 1} of ${this.film.samples}${this.isCovered() ? "; the window covers it" : ""}`;
    this.transport.drawPosition(step, this.film.barValues(sample));
    this.montage.cells.mark(sample);
  }

  drawBars() {
    this.transport.drawBars(this.film.barValues(this.sample));
  }

  fit() {
    const { refs, film } = this;
    fitPicture(refs.picture, film);
    const strip = film.meta.compact && refs.root.clientWidth < ONE_COLUMN && film.samples > 1;
    this.montage.fit(film, strip ? STRIP : 1);
  }

  /** Keys of the montage and of the probe; true where one was meant for them.
   * @param {KeyboardEvent} event @param {Element} target */
  ownKey(event, target) {
    if (event.shiftKey) {
      if (target === this.refs.picture) this.probe.key(event);
      return true;
    }
    return this.montage.cells.key(event, target, this.sample);
  }

  // ---- controls

  changed() {
    this.applySettings();
    this.redraw();
  }

  /** Shows the pictures in another way; the chips say so too. @param {Partial<Look>} look */
  show(look) {
    Object.assign(this.look, look);
    for (const chip of findAll(this.refs.root, HTMLInputElement, "[name=what], [name=unit]")) {
      chip.checked = Object.values(this.look).includes(chip.value);
    }
    this.changed();
  }

  applySettings() {
    const { root, scaleLow, scaleHigh, scale } = this.refs;
    hideSwitchedOff(root, settings);
    const change = this.look.what === "change";
    const logit = this.look.unit === "logit";
    const most = logit ? LOGIT_RANGE : 1;
    scale.classList.toggle("signed", change);
    scaleLow.textContent = change || most !== 1 ? `−${most}` : "0";
    scaleHigh.textContent = `${change ? "+" : ""}${most}`;
    this.drawTitles(change);
    this.refs.unitNote.hidden = !logit;
    this.refs.unitWords.textContent = change
      ? "The picture shows the change of logits, not of brightness."
      : "The picture shows logits, not brightness.";
  }

  drawTitles(/** @type {boolean} */ change) {
    if (!this.film) return;
    const { refs } = this;
    const { original, samples } = this.film;
    const title = this.film.still ? "Where it looks" : "The canvas so far";
    refs.canvasTitle.textContent = change ? "What this step changed" : title;
    refs.picture.setAttribute(
      "aria-label",
      `${change ? "What this step changed" : "The canvas"}, `
        + "enlarged. Hold Shift and press an arrow key to point at a pixel.",
    );
    refs.canvas.setAttribute("aria-label", this.describe());
    const all = `all ${samples} samples`;
    refs.samplesTitle.textContent = original
      ? "The image that it rebuilds"
      : samples === 1
        ? `The only sample${change ? ": what this step changed" : ""}`
        : `${change ? `What this step changed in ${all}` : `A${all.slice(1)} at this step`}: choose one`;
  }
}
