// Change a step: the window in the hand, and a step that is turned, silent or repeated.

import { findAll } from "../kit/element.js";
import { clamp } from "../kit/number.js";

/** @typedef {import("../live/hand.js").Edit} Edit
 * @typedef {"gX" | "gY" | "delta" | "sigma" | "gamma"} Parameter */

const LOGARITHMIC = ["delta", "sigma", "gamma"];
const DECADES = 2; // around 1
const rounded = (/** @type {number} */ value) => Number(value.toPrecision(4));

export class Change {
  /** @type {Edit[]} */ edits = [];
  /** @type {Record<string, HTMLInputElement>} */ inputs = {};
  /** @type {Film | null} */ film = null;
  step = 0;

  /** host: its changed() follows each change. @param {any} refs @param {{ changed(): void }} host */
  constructor(refs, host) {
    this.refs = refs;
    this.host = host;
    for (const input of findAll(refs.root, HTMLInputElement, "[data-change]")) {
      const name = /** @type {Parameter} */ (input.dataset.change);
      this.inputs[name] = input;
      input.oninput = () => this.set({ [name]: rounded(this.valueOf(name)) });
    }
    for (const input of findAll(refs.how, HTMLInputElement, "input")) {
      input.onchange = () => this.set({ how: /** @type {Edit["how"]} */ (input.value || undefined) });
    }
    refs.turn.onclick = () => this.set({ turn: ((this.edit?.turn ?? 0) + 1) % 4 });
    refs.undoStep.onclick = () => this.keep(this.edits.filter(({ step }) => step !== this.step));
    refs.undoAll.onclick = () => this.keep([]);
  }

  /** @param {Film} film untouched */
  build(film) {
    this.film = film;
    this.refs.changeSliders.hidden = !film.has("write");
    const ends = (/** @type {number} */ length) => ({
      min: -Math.round(length / 4),
      max: Math.round(1.25 * length),
      step: 0.1,
    });
    Object.assign(this.inputs.gX, ends(film.width));
    Object.assign(this.inputs.gY, ends(film.height));
    for (const name of LOGARITHMIC) Object.assign(this.inputs[name], { min: -DECADES, max: DECADES, step: 0.01 });
  }

  get edit() {
    return this.edits.find(({ step }) => step === this.step);
  }

  valueOf(/** @type {string} */ name) {
    const value = Number(this.inputs[name].value);
    return LOGARITHMIC.includes(name) ? 10 ** value : value;
  }

  /** The window of this step as it is now, in the hand or not. */
  get window() {
    const own = this.film?.window("write", this.step, 0);
    return own && { ...own, ...this.edit };
  }

  /** Changes the step that is shown. @param {Partial<Edit>} change */
  set(change) {
    if (!this.step) return;
    const edit = { ...this.edit, ...change, step: this.step };
    if (!edit.turn) delete edit.turn;
    if (!edit.how) delete edit.how;
    const rest = this.edits.filter(({ step }) => step !== this.step);
    this.keep(Object.keys(edit).length > 1 ? [...rest, edit] : rest);
  }

  /** @param {Edit[]} edits */
  keep(edits) {
    this.edits = edits.sort((a, b) => a.step - b.step);
    this.draw(this.step);
    this.host.changed();
  }

  /** The window's centre goes there, in 0-based pixels. @param {number} x @param {number} y */
  moveTo(x, y) {
    if (!this.window || !this.film) return;
    const inside = (/** @type {number} */ v, /** @type {number} */ length) =>
      rounded(clamp(v, -length / 4, 1.25 * length));
    this.set({ gX: inside(x, this.film.width), gY: inside(y, this.film.height) });
  }

  draw(/** @type {number} */ step) {
    this.step = step;
    const { refs, edit, window } = this;
    const elements = [...findAll(refs.how, HTMLInputElement, "input"), ...Object.values(this.inputs), refs.turn];
    for (const one of elements) one.disabled = !step;
    const held = edit?.how === "hold";
    for (const input of findAll(refs.how, HTMLInputElement, "input")) input.checked = input.value === (edit?.how ?? "");
    for (const [name, input] of Object.entries(this.inputs)) {
      const value = window?.[/** @type {Parameter} */ (name)];
      const [out] = findAll(refs.root, Element, `[data-out=${name}]`);
      out.textContent = value === undefined ? "" : value.toFixed(2);
      input.disabled = !window || held;
      if (value !== undefined) input.value = String(LOGARITHMIC.includes(name) ? Math.log10(value) : value);
    }
    refs.undoStep.disabled = !edit;
    refs.undoAll.disabled = !this.edits.length;
    refs.changeLead.textContent = step
      ? `Step ${step}: drag the window over the picture, or change what it writes.`
      : "Go to a step first: nothing is painted yet.";
    const steps = this.edits.map((one) => one.step);
    refs.changed.textContent = steps.length ? `Changed: step${steps.length > 1 ? "s" : ""} ${steps.join(", ")}.` : "";
  }
}
