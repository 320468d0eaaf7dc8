// Texts beside and inside a plot: ticks, and the names of lines at their ends. They are elements
// over the canvas, which has no tabular figures.

import { childrenOf } from "../kit/element.js";
import { clamp } from "../kit/number.js";
import { firstAtLeast } from "./data.js";
import { made, withSymbols } from "./elements.js";
import { stepTicks } from "./heatmap.js";
import { duration, nats, spread, updates } from "./scale.js";

export const NARROW = 560; // as in curves.css
const LABEL_GAP = 17;

export class Texts {
  constructor(/** @type {HTMLElement} */ parent) {
    this.parent = parent;
    /** @type {string[]} */ this.states = []; // what each of them shows
    this.used = 0;
  }

  begin() {
    this.used = 0;
  }

  /** A text whose (x, y) is where its class says: see .texts in curves.css.
   * @param {string} className @param {number} x @param {number} y @param {string} text */
  put(className, x, y, text, { strong = "", color = "", width = 0 } = {}) {
    const k = this.used++;
    const element = childrenOf(this.parent)[k] ?? this.parent.appendChild(made("span"));
    const state = `${className}|${strong}|${text}|${color}|${width}`;
    if (this.states[k] !== state) {
      this.states[k] = state;
      element.className = className;
      element.style.color = color;
      element.style.maxWidth = width ? `${width}px` : "";
      element.replaceChildren(...(strong ? [made("b", "", strong), " "] : []), ...withSymbols(text));
    }
    element.style.left = `${x.toFixed(1)}px`;
    element.style.top = `${y.toFixed(1)}px`;
  }

  end() {
    while (this.parent.children.length > this.used) this.parent.lastChild?.remove();
  }
}

/** What stands at the right end of each line, curve or reference: its value there and its title;
 * where the line ends (x, y), and `place`, how high the label is. @param {Chart} chart @param {Frame} frame */
export function endLabels(chart, frame) {
  const { axis, data, visible, settings } = chart;
  const labels = [];
  for (const line of visible) {
    const values = settings.smooth ? line.smooth : line.raw;
    const xs = line.x[axis];
    let at = firstAtLeast(xs, frame.x1 * (1 + 1e-6)) - 1;
    while (at >= 0 && !Number.isFinite(values[at])) at--;
    if (at < 0 || xs[at] < frame.x0) continue;
    let [x, value] = [xs[at], values[at]];
    if (Number.isFinite(values[at + 1])) {
      // the line goes on, out of view
      value += ((frame.x1 - x) / (xs[at + 1] - x)) * (values[at + 1] - value);
      x = frame.x1;
    }
    labels.push({ x, value, text: nats(value), title: line.title, color: line.color });
  }
  for (const { label, value } of data.meta.references) {
    const color = chart.colors.faint;
    labels.push({ x: frame.x1, value, text: value.toFixed(2), title: label, color });
  }
  const inside = labels.filter(({ value }) => value >= frame.y0 && value <= frame.y1);
  // Where not all find room, those that come first in order of importance do.
  inside.length = Math.min(inside.length, Math.floor(frame.height / LABEL_GAP) + 1);
  const ends = inside.map(({ value }) => frame.toY(value));
  const places = spread(ends, LABEL_GAP, frame.top, frame.bottom);
  return inside.map((label, k) => ({ ...label, y: ends[k], place: places[k] }));
}

/** How much room the labels of all lines need on the right: in a narrow chart only their numbers.
 * @param {Chart} chart @param {number} width */
export function labelRoom(chart, width) {
  const titles = [...chart.visible.map((line) => line.title), ...chart.data.references.map((r) => r.label)];
  if (width < NARROW) return 58;
  const longest = Math.max(0, ...titles.map((title) => chart.measure(title)));
  const most = chart.data.runs.length > 1 ? 0.42 : 0.3; // names of runs are a visitor's own, and long
  return Math.ceil(Math.min(74 + longest, most * width) / 8) * 8;
}

/** @param {Chart} chart @param {Texts} texts @param {Frame} frame */
export function writeLosses(chart, texts, frame) {
  const { ticks, labels, width } = chart;
  texts.begin();
  const highest = aboveView(chart, frame);
  const note = highest ? `starts at ${nats(highest)}, above the view` : "";
  texts.put("above", 0, 0, note, { strong: chart.data.meta.unit });
  for (const { value, text } of ticks.y) texts.put("left", frame.left - 7, frame.toY(value), text);
  writeAxis(chart, texts, frame);
  const narrow = width < NARROW;
  const room = narrow ? 0 : width - frame.right - 20;
  for (const { place, text, title, color } of labels) {
    const name = narrow ? "" : title;
    texts.put("label", frame.right + 18, place, name, { strong: text, color, width: room });
  }
  texts.end();
}

/** The largest value of the first points, where these leave the view at the top.
 * @param {Chart} chart @param {Frame} frame */
function aboveView({ visible, axis, settings, zoom }, frame) {
  let most = 0;
  if (zoom.x || zoom.y) return 0; // the visitor left them out
  for (const { x, raw, smooth } of visible) {
    const at = firstAtLeast(x[axis], frame.x0);
    if (x[axis][at] <= frame.x1) most = Math.max(most, (settings.smooth ? smooth : raw)[at] || 0);
  }
  return most > frame.y1 ? most : 0;
}

/** @param {Chart} chart @param {Texts} texts @param {Frame} frame */
function writeAxis(chart, texts, frame) {
  const { ticks, width, axis } = chart;
  for (const { value, text } of ticks.x) {
    const most = frame.right + 10 - chart.measure(text) / 2; // clear of the unit
    texts.put("below", Math.min(frame.toX(value), most), frame.bottom + 5, text);
  }
  const unit = axis === "step" ? "updates" : width < NARROW ? ticks.unit : `${ticks.unit} of training`;
  texts.put("unit", frame.right + 18, frame.bottom + 5, unit);
}

/** @param {Chart} chart @param {Texts} texts @param {Frame} frame */
export function writeMap(chart, texts, frame) {
  const { steps } = chart.heatmap;
  const row = frame.height / steps.length;
  texts.begin();
  for (const t of stepTicks(steps.length, frame.height)) {
    texts.put("left", frame.left - 7, frame.top + (t - 0.5) * row, `${t}`);
  }
  writeAxis(chart, texts, frame);
  const { ramp } = chart.refs;
  Object.assign(ramp.style, { left: `${frame.right + 8}px`, height: `${frame.height}px` });
  const { top } = chart.heatmap;
  const marks = frame.height > 60 ? [1, 0.5, 0] : [1, 0];
  for (const share of marks) {
    const y = clamp(frame.bottom - share * frame.height, frame.top + 7, frame.bottom - 7);
    const unit = share === 1 && chart.width >= NARROW ? " nats or more" : "";
    texts.put("label", frame.right + 25, y, `${shorten(share * top)}${unit}`);
  }
  texts.end();
}

const shorten = (/** @type {number} */ value) => value.toLocaleString("en", { maximumSignificantDigits: 3 });

/** The latest numbers in words. @param {Chart["data"]} data @param {Axis} axis */
export function describe(data, axis) {
  if (data.isEmpty) return data.meta.empty;
  const last = (/** @type {Line} */ line) => line.smooth[line.smooth.findLastIndex(Number.isFinite)];
  const parts = data.series.map((line) => `${line.title} ${nats(last(line))}`);
  const end = data.end(axis);
  const when = axis === "seconds" ? duration(end) : updates(end);
  return spoken(`Nats per image after ${when}: ${parts.join(", ")}.`);
}

export const spoken = (/** @type {string} */ text) => text.replace(/\bL_([xz])\b/g, "L $1");

/** @param {KlMap} map */
export function describeMap({ steps }) {
  const latest = steps.map((row) => row[row.length - 1]);
  const most = latest.reduce((best, v, t) => (v > latest[best] ? t : best), 0);
  const total = latest.reduce((a, b) => a + b);
  return (
    `KL of ${steps.length} steps over training. Now ${nats(total)} nats together; `
    + `most at step ${most + 1}: ${nats(latest[most])} nats.`
  );
}
