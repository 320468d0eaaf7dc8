// The transport of two: its timeline has two bars for each step, filled for A and hollow for B.

import { fixed } from "../kit/number.js";
import { Transport } from "../player/transport.js";
import { both, LETTERS } from "./side.js";

export class TwinTransport extends Transport {
  /** values: { a, b }, of 1..last of the timeline; null where that model makes no step.
   * @param {Both<(number | null)[]>} values */
  drawBars(values) {
    const means = both((k) => this.binned(values[k]));
    const most = Math.max(1e-6, ...[...means.a, ...means.b].map(Number));
    [...this.refs.bars.children].forEach((bar, t) => {
      for (const k of LETTERS) {
        const value = t ? means[k][t - 1] : null;
        bar.style.setProperty(`--${k}`, value === null ? 0 : this.barHeight(value, most));
        bar.classList.toggle(`no-${k}`, value === null);
      }
    });
  }

  /** @param {number} t @param {Both<(number | null)[]>} values */
  barWords(t, values) {
    const { a, b } = both((k) => (t ? values[k][t - 1] : null));
    return `A ${a === null ? "–" : fixed(a, 1)}, B ${b === null ? "–" : fixed(b, 1)}`;
  }
}
