// The contents of the paper as a row of numbers. The address changes at once; Python hears which
// figure is wanted and sends it.

import { component, refsIn } from "../kit/component.js";
import { make, markChosen } from "../kit/element.js";
import { plainKey } from "../kit/keys.js";

const TYPING =
  "input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable], [role=combobox], [role=listbox]";

/** @typedef {Record<"back" | "forward", HTMLButtonElement> & Record<"peek" | "pills" | "root", HTMLElement>} Refs
 * the elements of the markup */

class Nav {
  /** @type {(name: string, value: any) => void} */ setStateValue;

  constructor(parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    const { refs } = this;
    refs.back.onclick = () => this.turn(-1);
    refs.forward.onclick = () => this.turn(1);
    refs.pills.onkeydown = (event) => this.rove(event);
    refs.pills.onscroll = () => this.goesOn();
    refs.root.onpointerleave = () => this.peek(null);
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
  }

  load([json]) {
    const { entries, chosen, owned } = JSON.parse(json);
    this.owned = owned;
    if (!this.entries) {
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

  build(entries) {
    this.entries = entries;
    let kind = null;
    this.buttons = entries.map((entry) => {
      if (entry.kind !== kind) {
        kind = entry.kind;
        const text = kind === "figure" ? "Figures" : "Tables";
        this.refs.pills.append(make("span", { text, "aria-hidden": "true" }));
      }
      const label = `${entry.name}: ${entry.title}`;
      const onclick = () => this.choose(entry.key);
      const named = { type: "button", role: "tab", "aria-label": label, "data-figure": entry.key };
      const button = make("button", { ...named, text: entry.number, onclick });
      button.onpointerenter = button.onfocus = () => this.peek(entry);
      button.onblur = () => this.peek(null);
      this.refs.pills.append(button);
      return button;
    });
  }

  show(key) {
    this.at = this.entries.findIndex((entry) => entry.key === key);
    markChosen(this.buttons, this.at);
    this.refs.back.disabled = this.at === 0;
    this.refs.forward.disabled = this.at === this.entries.length - 1;
    this.refs.root.dataset.chosen = key;
    const { pills } = this.refs;
    const { offsetLeft, offsetWidth } = this.buttons[this.at];
    pills.scrollLeft = offsetLeft + offsetWidth / 2 - pills.clientWidth / 2;
    this.goesOn();
  }

  goesOn() {
    const { pills } = this.refs;
    const left = pills.scrollWidth - pills.clientWidth - pills.scrollLeft;
    pills.classList.toggle("goes-on", left > 1);
  }

  peek(entry) {
    this.refs.peek.textContent = entry ? `${entry.name}: ${entry.title}` : "Keys: N next, P previous";
  }

  turn(by) {
    const entry = this.entries[this.at + by];
    if (entry) this.choose(entry.key);
  }

  choose(key) {
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

  // Arrow keys go along the numbers; Enter or Space opens one.
  rove(event) {
    const from = this.buttons.indexOf(event.target);
    const to = {
      ArrowLeft: from - 1,
      ArrowUp: from - 1,
      ArrowRight: from + 1,
      ArrowDown: from + 1,
      Home: 0,
      End: this.buttons.length - 1,
    }[plainKey(event)];
    if (from < 0 || to === undefined) return;
    event.preventDefault();
    this.buttons[Math.min(this.buttons.length - 1, Math.max(0, to))].focus();
  }

  key(event) {
    if (event.defaultPrevented) return;
    if (event.composedPath()[0].closest?.(TYPING)) return;
    const by = { n: 1, p: -1 }[plainKey(event)];
    if (!by) return;
    event.preventDefault();
    this.turn(by);
  }
}

export default component(Nav);
