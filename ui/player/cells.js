// Options over a picture, in columns: a click or an arrow key chooses one of them.

import { childrenOf, makeButton, markChosen } from "../kit/element.js";
import { arrowInGrid } from "../kit/keys.js";

export class Cells {
  /** @param {HTMLElement} list @param {(k: number) => void} choose */
  constructor(list, choose, columns = 1) {
    this.list = list;
    this.choose = choose;
    this.columns = columns;
  }

  get options() {
    return childrenOf(this.list);
  }

  /** An option for each name; those that are there stay, with new names. @param {string[]} names */
  build(names) {
    while (this.options.length > names.length) this.list.lastChild?.remove();
    for (let k = this.options.length; k < names.length; k++) {
      this.list.append(makeButton(() => this.choose(k), { role: "option" }));
    }
    this.options.forEach((option, k) => option.setAttribute("aria-label", names[k]));
  }

  lay(/** @type {number} */ columns) {
    this.columns = columns;
    const { style } = this.list;
    style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    style.gridTemplateRows = `repeat(${Math.ceil(this.options.length / columns)}, 1fr)`;
  }

  /** Shows which one is chosen. @param {number} chosen */
  mark(chosen) {
    if (this.options[chosen]?.getAttribute("aria-selected") !== "true") markChosen(this.options, chosen);
  }

  goTo(/** @type {number} */ k) {
    this.choose(k);
    this.options[k].focus();
  }

  /** An arrow key pressed in the list chooses the neighbour; true where it was one.
   * @param {KeyboardEvent} event @param {Node} target @param {number} chosen */
  key(event, target, chosen) {
    const by = arrowInGrid(event, this.columns);
    if (!this.list.contains(target) || !by) return false;
    event.preventDefault();
    if (this.options[chosen + by]) this.goTo(chosen + by);
    return true;
  }
}
