// All samples in one picture, and over it a list in which the visitor chooses one.

import { parentOf } from "../kit/element.js";
import { Pixels, setSize, wholeZoom } from "../kit/pixels.js";
import { askedFor, hear, NAMES, tell } from "../kit/told.js";
import { Cells } from "./cells.js";
import { montageLayout, paintMontage } from "./paint.js";

/** What a sample is called: "Sample 12 of 64, looks like a 6". looks: from ui/kit/names.py, or nothing.
 * @param {number} sample @param {number} count @param {string} [looks] */
export const sampleName = (sample, count, looks) => `Sample ${sample + 1} of ${count}${looks ? `, ${looks}` : ""}`;

export class Samples {
  title = "Samples";
  count = 0;
  id = "";
  /** What each sample looks like in the end, as soon as that is told. @type {string[]} */ looks = [];

  /** refs: { montage, montageCanvas, cells }. choose(sample) follows a click or an arrow key; named()
   * is called when it is told what they look like.
   * @param {any} refs @param {(sample: number) => void} choose @param {() => void} named */
  constructor({ montage, montageCanvas, cells }, choose, named = () => {}) {
    this.montage = montage;
    this.cells = new Cells(cells, choose);
    this.pixels = new Pixels(montageCanvas);
    this.close = hear(NAMES, ({ id, looks }) => {
      if (id !== this.id) return;
      this.looks = looks;
      this.name();
      named();
    });
  }

  /** id: of what is played. @param {number} count @param {string} id */
  build(count, id) {
    this.count = count;
    this.id = id;
    this.looks = [];
    this.cells.build(Array.from({ length: count }, () => ""));
    this.name();
    tell(askedFor(NAMES));
  }

  name() {
    const { cells, count, looks, title } = this;
    const read = looks.length ? ", each with what a classifier reads on its finished picture" : "";
    cells.list.setAttribute("aria-label", `${title}${read}; arrow keys choose one`);
    cells.options.forEach((cell, k) => {
      cell.title = sampleName(k, count, looks[k]);
      cell.setAttribute("aria-label", cell.title);
    });
  }

  /** fewest: so many columns at least. @param {Film} film @param {number} fewest */
  fit(film, fewest = 1) {
    const ratio = devicePixelRatio || 1;
    const width = parentOf(this.montage).clientWidth * ratio;
    this.layout = montageLayout(film, { width, height: width }, fewest);
    setSize(this.montage, this.layout, wholeZoom(this.layout.zoom / ratio));
    this.cells.lay(this.layout.columns);
  }

  /** @param {Film} film @param {number} step @param {Look} view */
  draw(film, step, view) {
    paintMontage(this.pixels, this.layout, film, step, view);
  }
}
