// All samples in one picture, and over it a list in which the visitor chooses one.

import { childrenOf, make, markChosen } from "../kit/element.js";
import { arrowInGrid } from "../kit/keys.js";
import { Pixels, setSize, wholeZoom } from "../kit/pixels.js";
import { montageLayout, paintMontage } from "./paint.js";

/** What a sample is called: "Sample 12 of 64, looks like a 6". looks: from ui/kit/names.py, or nothing.
 * @param {number} sample @param {number} count @param {string} [looks] */
export const sampleName = (sample, count, looks) => `Sample ${sample + 1} of ${count}${looks ? `, ${looks}` : ""}`;

export class Samples {
  count = 0;
  columns = 1;
  title = "";

  /** refs: { montage, montageCanvas, cells }. choose(sample) follows a click or an arrow key.
   * @param {any} refs @param {(sample: number) => void} choose */
  constructor({ montage, montageCanvas, cells }, choose) {
    this.montage = montage;
    this.cells = cells;
    this.choose = choose;
    this.pixels = new Pixels(montageCanvas);
  }

  /** looks: what each sample looks like in the end, or none.
   * @param {number} count @param {string[]} looks */
  build(count, looks) {
    this.count = count;
    this.cells.replaceChildren(
      ...Array.from({ length: count }, (_, k) =>
        make("button", { type: "button", role: "option", onclick: () => this.choose(k) }),
      ),
    );
    this.name(looks);
  }

  name(/** @type {string[]} */ looks) {
    this.cells.setAttribute(
      "aria-label",
      [
        this.title || "Samples",
        looks.length ? ", each with what a classifier reads on its finished picture" : "",
        "; arrow keys choose one",
      ].join(""),
    );
    [...this.cells.children].forEach((cell, k) => {
      cell.title = sampleName(k, this.count, looks[k]);
      cell.setAttribute("aria-label", cell.title);
    });
  }

  /** fewest: so many columns at least.
   * @param {Film} film @param {number} fewest */
  fit(film, fewest = 1) {
    const ratio = devicePixelRatio || 1;
    const width = this.montage.parentElement.clientWidth * ratio;
    this.layout = montageLayout(film, { width, height: width }, fewest);
    setSize(this.montage, this.layout, wholeZoom(this.layout.zoom / ratio));
    this.cells.style.gridTemplateColumns = `repeat(${this.layout.columns}, 1fr)`;
    this.cells.style.gridTemplateRows = `repeat(${this.layout.rows}, 1fr)`;
  }

  /** @param {Film} film @param {number} step @param {Look} view */
  draw(film, step, view) {
    paintMontage(this.pixels, this.layout, film, step, view);
  }

  /** Shows which one is chosen.
   * @param {number} sample */
  mark(sample) {
    const chosen = this.cells.querySelector("[aria-selected=true]");
    if (chosen === this.cells.children[sample]) return;
    markChosen(childrenOf(this.cells), sample);
  }

  /** An arrow key pressed in the list chooses the neighbour; true where it was one.
   * @param {KeyboardEvent} event @param {any} target @param {number} sample */
  key(event, target, sample) {
    const by = arrowInGrid(event, this.layout.columns);
    if (!this.cells.contains(target) || !by) return false;
    event.preventDefault();
    if (sample + by >= 0 && sample + by < this.count) {
      this.choose(sample + by);
      this.cells.children[sample + by].focus();
    }
    return true;
  }
}
