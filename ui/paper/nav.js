// The contents of the paper as a row of numbers. The address changes at once; Python hears which
// figure is wanted and sends it.

import { component, refsIn, UNSET } from "../kit/component.js";
import { make, makeButton, markChosen, markGoesOn } from "../kit/element.js";
import { arrowInGrid, plainKey } from "../kit/keys.js";

const TYPING =
  "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], [role=combobox], [role=listbox]";

/** @typedef {RefsWith<Record<"back" | "forward", HTMLButtonElement>>} Refs */

/** @typedef {Record<"key" | "kind" | "name" | "number" | "title", string>} Entry */

class Nav {
  /** @type {Call["setStateValue"]} */ setStateValue = UNSET;
  /** @type {Entry[]} */ entries = [];
  /** @type {HTMLButtonElement[]} */ buttons = [];
  /** @type {string[]} */ owned = []; // parameters of the address
  /** @type {string | null} */ wanted = null;
  at = 0;

  constructor(/** @type {ParentNode} */ parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    const { refs } = this;
    refs.back.onclick = () => this.turn(-1);
    refs.forward.onclick = () => this.turn(1);
    refs.pills.onkeydown = (event) => this.rove(event);
    refs.pills.onscroll = () => markGoesOn(refs.pills);
    refs.root.onpointerleave = () => this.peek(null);
    this.onKey = (/** @type {KeyboardEvent} */ event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  /** @param {string[]} sent */
  load([json]) {
    const { entries, chosen, owned } = JSON.parse(json);
    this.owned = owned;
    if (!this.entries.length) {
      this.build(entries);
      this.peek(null);
    }
    // An answer to an earlier wish comes too late for whoever has turned on meanwhile.
    if (this.wanted && this.wanted !== chosen) return;
    this.wanted = null;
    this.show(chosen);
  }

  close() {
    document.removeEventListener("keydown", this.onKey);
  }

  build(/** @type {Entry[]} */ entries) {
    this.entries = entries;
    let kind = "";
    this.buttons = entries.map((entry) => {
      if (entry.kind !== kind) {
        kind = entry.kind;
        const text = kind === "figure" ? "Figures" : "Tables";
        this.refs.pills.append(make("span", { text, "aria-hidden": "true" }));
      }
      const label = `${entry.name}: ${entry.title}`;
      const onclick = () => this.choose(entry.key);
      const named = { role: "tab", "aria-label": label, "data-figure": entry.key, text: entry.number };
      const button = makeButton(onclick, named);
      button.onpointerenter = button.onfocus = () => this.peek(entry);
      button.onblur = () => this.peek(null);
      this.refs.pills.append(button);
      return button;
    });
  }

  show(/** @type {string} */ key) {
    this.at = this.entries.findIndex((entry) => entry.key === key);
    markChosen(this.buttons, this.at);
    this.refs.back.disabled = this.at === 0;
    this.refs.forward.disabled = this.at === this.entries.length - 1;
    this.refs.root.dataset.chosen = key;
    const { pills } = this.refs;
    const { offsetLeft, offsetWidth } = this.buttons[this.at];
    pills.scrollLeft = offsetLeft + offsetWidth / 2 - pills.clientWidth / 2;
    markGoesOn(pills);
  }

  peek(/** @type {Entry | null} */ entry) {
    this.refs.peek.textContent = entry ? `${entry.name}: ${entry.title}` : "Keys: N next, P previous";
  }

  turn(/** @type {number} */ by) {
    const entry = this.entries[this.at + by];
    if (entry) this.choose(entry.key);
  }

  choose(/** @type {string} */ key) {
    if (this.entries[this.at].key === key) return;
    this.wanted = key;
    this.show(key);
    // What our own parameters say belonged to the figure before; those of others stay.
    const url = new URL(location.href);
    for (const name of this.owned) url.searchParams.delete(name);
    url.searchParams.set("figure", key);
    history.replaceState(history.state, "", url);
    this.setStateValue("figure", key);
  }

  /** Arrow keys go along the numbers; Enter or Space opens one. @param {KeyboardEvent} event */
  rove(event) {
    const from = this.buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const last = this.buttons.length - 1;
    const to = { Home: -last, End: last }[plainKey(event)] ?? arrowInGrid(event, 1);
    if (from < 0 || !to) return;
    event.preventDefault();
    this.buttons[Math.min(last, Math.max(0, from + to))].focus();
  }

  key(/** @type {KeyboardEvent} */ event) {
    if (event.defaultPrevented) return;
    const [target] = event.composedPath();
    if (target instanceof Element && target.closest(TYPING)) return;
    const by = { n: 1, p: -1 }[plainKey(event)];
    if (!by) return;
    event.preventDefault();
    this.turn(by);
  }
}

export default component(Nav);
