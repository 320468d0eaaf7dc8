// The sliders, the switches of the pen and the tabs.

import { findAll } from "../kit/element.js";
import { plainKey } from "../kit/keys.js";
import { withMinus } from "../kit/number.js";

// Lengths and intensity are on a scale of equal ratios: 200 notches for a factor of ten.
const LOG_LOW = 0.01;
const LOG_NOTCHES = 200;
const LOG_MOST = 4 * LOG_NOTCHES;
const toNotch = (/** @type {number} */ value) => Math.round(LOG_NOTCHES * Math.log10(value / LOG_LOW));
const fromNotch = (/** @type {number} */ notch) => Number((LOG_LOW * 10 ** (notch / LOG_NOTCHES)).toPrecision(3));

const LOGARITHMIC = ["delta", "sigma", "gamma"];

/** @param {string} name @param {string} v */
function spokenValue(name, v) {
  if (name === "n") return `${v} by ${v} points`;
  return name === "gamma" ? `times ${v}` : `${v} pixels`;
}

/** A number as it is shown: two places, or as many digits as a small one needs. @param {number} value */
export function shown(value, places = 2) {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 9999.5) return withMinus(value.toExponential(1));
  if (size >= 100) return withMinus(value.toFixed(1));
  if (size >= 0.1 || size < 1e-9) return withMinus(value.toFixed(places));
  if (size < 5e-4) return withMinus(value.toExponential(0));
  return withMinus(value.toPrecision(2));
}

export class Sliders {
  constructor(/** @type {WindowHost} */ lab) {
    this.lab = lab;
    /** @type {Record<string, HTMLInputElement>} */ this.inputs = {};
    /** @type {Record<string, Element>} */ this.outputs = {};
    const { sliders } = lab.refs;
    for (const input of findAll(sliders, HTMLInputElement, "[data-param]")) {
      const name = String(input.dataset.param);
      this.inputs[name] = input;
      [this.outputs[name]] = findAll(sliders, Element, `[data-out=${name}]`);
      if (LOGARITHMIC.includes(name)) Object.assign(input, { min: 0, max: LOG_MOST, step: 1 });
      input.oninput = () => this.moved(name, Number(input.value));
      // While the thumb is held nothing is reported.
      input.onpointerdown = () => lab.hold(true);
      input.onpointerup = input.onpointercancel = () => lab.hold(false);
    }
  }

  /** @param {number} width @param {number} height */
  fit(width, height) {
    // In steps of a tenth; an end in steps too, so that every thumb stands on a step.
    const ends = (/** @type {number} */ length) => ({
      min: -Math.round(length / 2),
      max: Math.round(1.5 * length),
      step: 0.1,
    });
    Object.assign(this.inputs.gX, ends(width));
    Object.assign(this.inputs.gY, ends(height));
  }

  /** @param {string} name @param {number} value */
  moved(name, value) {
    const { lab } = this;
    lab.stop();
    if (name === "n") lab.setN(value);
    else if (name === "gX" || name === "gY") lab.move({ [name]: value });
    else lab.move({ [name]: fromNotch(value) });
    lab.settle();
  }

  /** @param {GridWindow} w @param {number} n */
  show(w, n) {
    for (const [name, value] of Object.entries({ ...w, n })) {
      if (!this.inputs[name]) continue;
      const text = name === "n" ? `${n}` : shown(value);
      if (this.outputs[name].textContent === text) continue;
      this.outputs[name].textContent = text;
      const at = LOGARITHMIC.includes(name) ? Math.min(LOG_MOST, Math.max(0, toNotch(value))) : value;
      const input = this.inputs[name];
      if (Number(input.value) !== at) input.value = String(at);
      input.setAttribute("aria-valuetext", spokenValue(name, text));
    }
  }
}

// Tabs with one tab stop; arrow keys go from one to the next.
export class Tabs {
  /** refs: { tabs, root }. @param {Record<string, HTMLElement>} refs @param {(name: string) => void} chosen */
  constructor(refs, chosen) {
    this.buttons = findAll(refs.tabs, HTMLElement, "[data-tab]");
    this.panels = findAll(refs.root, HTMLElement, "[data-panel]");
    this.chosen = chosen;
    this.buttons.forEach((button, k) => {
      button.onclick = () => this.choose(String(button.dataset.tab));
      button.onkeydown = (event) => {
        const last = this.buttons.length - 1;
        const to = { ArrowLeft: k ? k - 1 : last, ArrowRight: k < last ? k + 1 : 0, Home: 0, End: last }[
          plainKey(event)
        ];
        if (to === undefined) return;
        event.preventDefault();
        const next = this.buttons[to];
        next.focus();
        this.choose(String(next.dataset.tab));
      };
    });
  }

  choose(/** @type {string} */ name) {
    for (const button of this.buttons) {
      const now = button.dataset.tab === name;
      button.setAttribute("aria-selected", String(now));
      button.tabIndex = now ? 0 : -1;
    }
    for (const panel of this.panels) panel.hidden = panel.dataset.panel !== name;
    this.chosen(name);
  }
}
