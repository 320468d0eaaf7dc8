// The switches above the plots.

import { findAll, make, parentOf } from "../kit/element.js";
import { made, swatch } from "./elements.js";
import { spoken } from "./labels.js";
import { MARKERS } from "./paint.js";

// Outlives a visit to another page, so that switches stay as the visitor left them.
/** @type {{ axis: Axis, scale: string, smooth: boolean, hidden: Set<string> }} */
export const settings = { axis: "seconds", scale: "focus", smooth: true, hidden: new Set() };
const RUN_COLORS = 8; // in curves.css

export class Controls {
  signature = "";

  /** chart: told by changed() of any switch, and asked to zoom. @param {Chart} chart */
  constructor(chart) {
    this.chart = chart;
    const { root, smooth } = chart.refs;
    for (const input of findAll(root, HTMLInputElement, "input[type=radio]")) {
      input.onchange = () => {
        Object.assign(settings, { [input.name]: input.value });
        chart.setAxis(settings.axis);
        chart.changed();
      };
    }
    smooth.onchange = () => {
      settings.smooth = smooth.checked;
      chart.changed();
    };
    /** @type {Record<string, () => void>} */ const acts = {
      closer: () => chart.zoomBy(0.5, undefined, true),
      farther: () => chart.zoomBy(2, undefined, true),
      reset: () => {
        chart.refs.plots.focus({ preventScroll: true }); // the button goes
        chart.reset();
      },
    };
    for (const button of findAll(root, HTMLElement, "[data-act]")) button.onclick = acts[String(button.dataset.act)];
  }

  /** One switch per curve, which is its legend too; and what the dashed lines are, for narrow charts.
   * @param {import("./data.js").TrainingData} data */
  build(data) {
    const { shown, keys } = this.chart.refs;
    const { references } = data;
    const signature = JSON.stringify([data.meta.series, references]);
    if (signature === this.signature) return;
    this.signature = signature;
    shown.replaceChildren(shown.children[0], ...data.series.map((line) => this.chip(line)));
    keys.replaceChildren(
      ...references.map(({ label, value }) => {
        const key = made("span", "key");
        key.append(made("i", "dashes"), `${label} ${value.toFixed(2)}`);
        return key;
      }),
    );
    // Points of a test are few and not smoothed.
    parentOf(this.chart.refs.smooth).hidden = data.series.every((line) => line.kind === "test");
  }

  chip(/** @type {Line} */ line) {
    const chip = made("label", "chip curve");
    const input = make("input", { type: "checkbox" });
    input.checked = !settings.hidden.has(line.title);
    input.onchange = () => {
      settings.hidden[input.checked ? "delete" : "add"](line.title);
      this.chart.changed();
    };
    chip.title = line.words ? `${line.title}: ${line.words}` : line.title;
    input.setAttribute("aria-label", spoken(chip.title));
    chip.append(input, swatch(line), made("span", "", line.title));
    return chip;
  }

  /** @param {{ axis: Axis, zoomed: boolean }} state */
  show({ axis, zoomed }) {
    const { root, smooth, farther, reset } = this.chart.refs;
    for (const input of findAll(root, HTMLInputElement, "input[type=radio]")) {
      input.checked = input.value === (input.name === "axis" ? axis : settings.scale);
    }
    smooth.checked = settings.smooth;
    farther.disabled = !zoomed;
    reset.classList.toggle("away", !zoomed);
  }
}

/** The class of a curve's colour (curves.css) and its marker. @param {Line} line @param {boolean} several */
export function look(line, several) {
  return {
    look: several ? `run-${line.run % RUN_COLORS}` : `kind-${line.kind}`,
    marker: MARKERS[several ? line.run % MARKERS.length : 0],
  };
}
