// Twins: two models on one timeline. All scrubbing and playing happens here; Python hears nothing
// of it, and the address bar follows.

import { component, UNSET } from "../kit/component.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { followAddress } from "../player/address.js";
import { Film, unpackFilms } from "../player/film.js";
import { Player } from "../player/player.js";
import { bindSettings, hideSwitchedOff, SWITCHES } from "../player/settings.js";
import { Meters } from "./meters.js";
import { both, LETTERS, Twin } from "./side.js";
import { TwinTransport } from "./transport.js";

// Outlives a visit to another page, so that switches stay as the visitor left them.
const settings = { ...SWITCHES, what: "canvas", unit: "probability", pace: "steps" };
const places = new Map(); // id of a pair -> { step, sample }

/** @typedef {RefsWith<Record<"clockA" | "clockB" | "sums", SVGSVGElement>>} Refs */

/** @extends {Player<Refs>} */
class Pair extends Player {
  sample = 0;
  /** @type {Both<number[]>} */ reach = UNSET;
  /** @type {Both<(number | null)[]>} */ bars = UNSET;
  sight = "board";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places, TwinTransport);
    const { refs } = this;
    const choose = (/** @type {number} */ sample) => this.choose(sample);
    this.twins = { a: new Twin(refs.a, "A", choose), b: new Twin(refs.b, "B", choose) };
    this.meters = new Meters(refs, (k, step) => this.pointed(k, step));
    this.meters.playback = this.playback;
  }

  // ---- where it is: the playback counts 0..T of the longer one

  // The step of each at every point of the timeline.
  findReach() {
    const last = this.numSteps;
    const share = settings.pace === "share";
    this.reach = both((k) => {
      const { numSteps } = this.twins[k];
      const at = (/** @type {number} */ t) => (share ? Math.round((t * numSteps) / last) : Math.min(t, numSteps));
      return Array.from({ length: last + 1 }, (_, t) => at(t));
    });
  }

  close() {
    super.close();
    for (const k of LETTERS) this.twins[k].samples.close();
    this.meters.close();
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, films: sent } = unpackFilms(bytes);
    if (this.meta?.id === meta.id) {
      this.meta.link = meta.link; // the same pictures under another address
      return;
    }
    const isFirst = !this.meta;
    const { playing, step } = isFirst ? { playing: false, step: 0 } : this;
    this.meta = meta;
    if (isFirst && meta.pace) {
      settings.pace = meta.pace;
      bindSettings(this.refs.root, settings, (name) => this.changed(name));
    }
    const { a, b } = this.twins;
    for (const k of LETTERS) this.twins[k].build(new Film({ meta: meta[k], ...sent[`${k}.`] }), meta.id + k);
    this.numSteps = Math.max(a.numSteps, b.numSteps);
    const kept = places.get(meta.id) ?? { step: meta.step, sample: meta.sample };
    this.sample = clamp(isFirst ? (kept.sample ?? 0) : this.sample, 0, a.film.samples - 1);
    const start = kept.step ?? (reducedMotion() ? this.numSteps : 0);
    this.playback.load(this.numSteps, isFirst ? start : playing ? 0 : step);
    this.build();
    this.fit();
    this.draw();
    const plays = isFirst ? kept.step == null && !reducedMotion() : playing;
    if (plays) this.playback.play();
    this.settle();
  }

  build() {
    const { refs, twins } = this;
    const { a, b } = twins;
    this.rebuilds = Boolean(a.film.kl);
    refs.root.classList.toggle("rebuilds", this.rebuilds);
    for (const kind of ["read", "write"]) {
      const none = !a.film.has(kind) && !b.film.has(kind);
      refs.root.classList.toggle(`no-${kind}`, none);
    }
    refs.root.classList.toggle("no-windows", !a.film.windowNames.length && !b.film.windowNames.length);
    refs.paces.hidden = a.numSteps === b.numSteps;
    this.transport.build(this.numSteps, a.film.measure);
    refs.root.classList.toggle("still", a.film.still && b.film.still);
    this.applySettings();
    this.lay();
  }

  // Lays both on the timeline, at the same step or at the same share of their way.
  lay() {
    this.findReach();
    const { reach, numSteps } = this;
    if (this.rebuilds) {
      const share = settings.pace === "share";
      const hours = both((k) => (share ? this.twins[k].numSteps : numSteps));
      this.meters.build(
        both((k) => this.twins[k].film),
        hours,
      );
      this.meters.fit(reach);
    }
    this.drawBars();
  }

  fit() {
    for (const twin of Object.values(this.twins)) twin.fit();
    if (this.rebuilds) this.meters.fit(this.reach);
  }

  // ---- moving

  /** A step of the clock of one of them. @param {"a" | "b"} k @param {number} step */
  pointed(k, step) {
    const t = settings.pace === "share" ? this.reach[k].indexOf(step) : step;
    if (t !== this.step) this.goTo(t);
  }

  choose(/** @type {number} */ sample) {
    this.sample = sample;
    this.drawBars();
    this.redraw();
    this.settle();
  }

  report() {
    const { step, sample, meta, refs, twins } = this;
    const words = both((k) => twins[k].describe(sample));
    const which = this.rebuilds ? "" : `Sample ${sample + 1}. `;
    refs.spoken.textContent = this.playing ? "" : `${which}${words.a} ${words.b}`;
    for (const k of LETTERS) twins[k].parts.canvas.setAttribute("aria-label", words[k]);
    followAddress(meta.link, {
      sample: this.rebuilds ? null : sample + 1,
      step: this.playing ? null : step,
      pace: settings.pace === "share" && !refs.paces.hidden ? "share" : null,
    });
  }

  // ---- drawing

  draw() {
    const { step: t, sample, twins, reach, refs, numSteps } = this;
    const steps = both((k) => reach[k][t]);
    for (const k of LETTERS) {
      const rests = settings.pace === "steps" && t > twins[k].numSteps;
      twins[k].draw(steps[k], sample, settings, rests);
    }
    if (this.rebuilds) this.meters.draw(t, steps);
    const own = steps.a === steps.b ? "" : `, A at ${steps.a}, B at ${steps.b}`;
    this.transport.drawPosition(t, this.bars, `step ${t} of ${numSteps}${own}`);
    refs.root.dataset.steps = `${steps.a} ${steps.b}`;
    refs.root.dataset.painted = `${this.meta.id}:${t}:${sample}`;
  }

  // What the steps that each makes at 1..last of the timeline send or move.
  drawBars() {
    this.bars = both((k) => {
      const values = this.twins[k].film.barValues(this.sample);
      const reach = this.reach[k];
      return reach.slice(1).map((step, t) => (step > reach[t] ? values[step - 1] : null));
    });
    this.transport.drawBars(this.bars);
  }

  /** @param {KeyboardEvent} event @param {Element} target */
  ownKey(event, target) {
    if (event.shiftKey) return false;
    return Object.values(this.twins).some(({ samples }) => samples.cells.key(event, target, this.sample));
  }

  // ---- controls

  changed(/** @type {string} */ name) {
    if (name === "pace") {
      this.lay();
      this.settle();
    }
    this.applySettings();
    this.redraw();
  }

  applySettings() {
    const { root, scaleLow, scaleHigh, scale } = this.refs;
    hideSwitchedOff(root, settings);
    const change = settings.what === "change";
    const matter = this.twins.a.film?.matter ?? "ink";
    scale.classList.toggle("signed", change);
    scaleLow.textContent = change ? `takes ${matter} away, −1` : "0";
    scaleHigh.textContent = change ? `+1, adds ${matter}` : "1";
  }
}

export default component(Pair);
