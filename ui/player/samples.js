// All samples in one picture, and over it a list in which the visitor chooses one.

import { parentOf } from "../kit/element.js";
import { Pixels, setSize, wholeZoom } from "../kit/pixels.js";
import { Cells } from "./cells.js";
import { montageLayout, paintMontage } from "./paint.js";

/** What a sample is called: "Sample 12 of 64, looks like a 6". looks: from ui/kit/names.py, or nothing.
 * @param {number} sample @param {number} count @param {string} [looks] */
export const sampleName = (sample, count, looks) => `Sample ${sample + 1} of ${count}${looks ? `, ${looks}` : ""}`;

export class Samples {
  title = "Samples";

  /** refs: { montage, montageCanvas, cells }. choose(sample) follows a click or an arrow key.
   * @param {any} refs @param {(sample: number) => void} choose */
  constructor({ montage, montageCanvas, cells }, choose) {
    this.montage = montage;
    this.cells = new Cells(cells, choose);
    this.pixels = new Pixels(montageCanvas);
  }

  /** looks: what each sample looks like in the end, or none. @param {number} count @param {string[]} looks */
  build(count, looks) {
    const { cells, title } = this;
    const read = looks.length ? ", each with what a classifier reads on its finished picture" : "";
    cells.list.setAttribute("aria-label", `${title}${read}; arrow keys choose one`);
    const names = Array.from({ length: count }, (_, k) => sampleName(k, count, looks[k]));
    cells.build(names);
    cells.options.forEach((cell, k) => {
      cell.title = names[k];
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
