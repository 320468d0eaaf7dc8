// Curves: a training run while it runs. Each update brings all points; the zoom stays.

import { component, refsIn, UNSET } from "../kit/component.js";
import { context2d } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { Controls, look, settings } from "./controls.js";
import { TrainingData } from "./data.js";
import { Heatmap, mapHeight, RAMP } from "./heatmap.js";
import { Hover } from "./hover.js";
import { describe, describeMap, endLabels, labelRoom, NARROW, Texts, writeLosses, writeMap } from "./labels.js";
import { paintLosses, prepare } from "./paint.js";
import { Pointer } from "./pointer.js";
import { logTicks, numberTicks, timeTicks, updateTicks } from "./scale.js";
import { Frame, valueRange, within } from "./view.js";

const PHONE = 440;
const ROW = 44; // pixels between level lines, about
const FOLLOW_MS = 250;
const SPEAK_MS = 60_000;

const views = new Map(); // subject -> { axis, zoom }: outlives the element

/** @typedef {RefsWith<Record<"farther" | "reset", HTMLButtonElement>
 *   & Record<"lossesCanvas" | "mapCanvas", HTMLCanvasElement> & Record<"smooth", HTMLInputElement>
 *   & Record<"dots" | "hair" | "mapHair" | "selection", SVGElement> & Record<"pointer", SVGSVGElement>>} Refs */

export class Chart {
  /** @type {TrainingData} */ data = UNSET;
  /** @type {Axis} */ axis = "seconds";
  /** @type {Zoom} */ zoom = { x: null, y: null };
  /** @type {Extent} */ target = UNSET;
  /** @type {Extent | null} */ shown = null;
  /** @type {{ losses: Frame, map: Frame | null }} */ frames = UNSET;
  /** @type {{ x: Tick[], y: Tick[], unit: string }} */ ticks = UNSET;
  /** @type {ReturnType<typeof endLabels>} */ labels = [];
  /** @type {Line[]} */ visible = [];
  colors = { faint: "", grid: "", background: "" };
  box = { left: 0, top: 0, width: 0, height: 0 };
  mapBox = this.box;
  ruler = context2d(document.createElement("canvas"));
  width = 0;
  frame = 0;

  constructor(/** @type {ParentNode} */ parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    this.settings = settings;
    this.texts = new Texts(this.refs.lossesTexts);
    this.mapTexts = new Texts(this.refs.mapTexts);
    this.heatmap = new Heatmap();
    this.hover = new Hover(this);
    this.controls = new Controls(this);
    this.pointer = new Pointer(this);
    this.refs.ramp.style.background = RAMP;
    this.resizer = new ResizeObserver(() => {
      if (this.width !== this.refs.losses.clientWidth) this.changed(false);
    });
    this.resizer.observe(this.refs.losses);
  }

  close() {
    cancelAnimationFrame(this.frame);
    this.resizer.disconnect();
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const data = new TrainingData(bytes);
    const known = this.data;
    const { meta } = data;
    if (known?.meta.id !== meta.id) {
      this.data = data;
      if (known?.meta.subject !== meta.subject) this.visit(meta.subject);
      this.setAxis(settings.axis);
      for (const line of data.series) Object.assign(line, look(line, data.runs.length > 1));
      if (data.kl) this.heatmap.load(data.kl);
      this.controls.build(data);
    }
    this.changed(Boolean(known) && known.meta.id !== meta.id && !known.isEmpty);
    this.speak();
  }

  /** Another run has another zoom, or the one that it was left with. @param {string} subject */
  visit(subject) {
    Object.assign(this, views.get(subject) ?? { axis: settings.axis, zoom: { x: null, y: null } });
    this.shown = null;
    this.hover.place = null;
  }

  setAxis(/** @type {Axis} */ axis) {
    if (axis === this.axis) return;
    const convert = (/** @type {number} */ place) => this.data.convert(place, this.axis, axis);
    const { x } = this.zoom;
    const zoom = x && !this.data.isEmpty ? within([convert(x[0]), convert(x[1])], this.data.end(axis)) : null;
    this.hover.place = null;
    this.axis = axis;
    this.shown = null;
    this.zoom = { ...this.zoom, x: zoom };
    this.keep();
  }

  // ---- view

  /** @returns {Span} */
  viewX() {
    return this.zoom.x ?? [0, this.data.end(this.axis)];
  }

  keep() {
    views.set(this.data.meta.subject, { axis: this.axis, zoom: this.zoom });
  }

  /** @param {Zoom} place */
  setZoom({ x, y }, smoothly = false) {
    this.zoom = { x: x && within(x, this.data.end(this.axis)), y };
    this.keep();
    this.changed(smoothly);
  }

  reset() {
    this.setZoom({ x: null, y: null }, true);
  }

  /** Shows `factor` times as much, with what is at `centre` staying in its place.
   * @param {number} factor @param {number | undefined} centre */
  zoomBy(factor, centre, smoothly = false) {
    if (!this.frames) return;
    const [x0, x1] = this.viewX();
    const fixed = clamp(centre ?? (x0 + x1) / 2, x0, x1);
    /** @type {Span} */ const x = [fixed - (fixed - x0) * factor, fixed + (x1 - fixed) * factor];
    const all = factor > 1 && !within(x, this.data.end(this.axis));
    this.setZoom(all ? { x: null, y: null } : { ...this.zoom, x }, smoothly);
  }

  /** @param {number} share */
  panBy(share, smoothly = false) {
    if (!this.zoom.x) return;
    const [x0, x1] = this.zoom.x;
    const by = clamp(share * (x1 - x0), -x0, Math.max(0, this.data.end(this.axis) - x1));
    this.setZoom({ ...this.zoom, x: [x0 + by, x1 + by] }, smoothly);
  }

  // Data, switches, size or theme have changed: all is computed anew, and the view moves there.
  changed(smoothly = true) {
    if (!this.data) return;
    const { data, refs } = this;
    cancelAnimationFrame(this.frame);
    this.controls.show({ axis: this.axis, zoomed: Boolean(this.zoom.x || this.zoom.y) });
    this.visible = data.series.filter((line) => !settings.hidden.has(line.title));
    this.readColors();
    this.layOut();
    refs.empty.hidden = !data.isEmpty && this.visible.length > 0;
    refs.empty.textContent = data.isEmpty ? data.meta.empty : "All curves are hidden.";
    refs.root.classList.toggle("is-empty", data.isEmpty);
    if (data.isEmpty) this.frames = UNSET;
    const [x0, x1] = this.viewX();
    const references = data.references.map((r) => r.value);
    const rows = this.box.height / ROW;
    const [y0, y1] =
      this.zoom.y
      ?? valueRange(this.visible, references, this.axis, data.end(this.axis), [x0, x1], settings.scale, rows);
    this.target = { x0, x1, y0, y1 };
    if (smoothly && this.shown && !reducedMotion()) {
      const [from, start] = [this.shown, performance.now()];
      this.frame = requestAnimationFrame(() => this.follow(from, start));
    } else this.draw(this.target);
  }

  /** @param {Extent} from @param {number} start */
  follow(from, start) {
    const share = clamp((performance.now() - start) / FOLLOW_MS, 0, 1);
    const eased = 1 - (1 - share) ** 3;
    const at = (/** @type {keyof Extent} */ k) => from[k] + (this.target[k] - from[k]) * eased;
    this.draw(share < 1 ? { x0: at("x0"), x1: at("x1"), y0: at("y0"), y1: at("y1") } : this.target);
    if (share < 1) this.frame = requestAnimationFrame(() => this.follow(from, start));
  }

  // ---- drawing

  readColors() {
    const { root, grid, shown } = this.refs;
    const style = getComputedStyle(root);
    this.font = style.fontFamily;
    const { color, borderTopColor, backgroundColor } = getComputedStyle(grid);
    this.colors = { faint: color, grid: borderTopColor, background: backgroundColor };
    const swatches = shown.querySelectorAll(".swatch");
    this.data.series.forEach((line, k) => {
      line.color = getComputedStyle(swatches[k]).color;
    });
  }

  measure(/** @type {string} */ text) {
    this.ruler.font = `12.5px ${this.font}`;
    return this.ruler.measureText(text).width;
  }

  layOut() {
    const { refs, data } = this;
    const width = refs.losses.clientWidth;
    this.width = width;
    const narrow = width < NARROW;
    const left = narrow ? 36 : 46;
    const plotWidth = Math.max(40, width - left - labelRoom(this, width));
    const height = data.meta.height - (width < PHONE ? 60 : 0);
    this.box = { left, top: 24, width: plotWidth, height: height - 48 };
    this.mapBox = { left, top: 0, width: plotWidth, height: data.kl ? mapHeight(data.kl.steps.length) : 0 };
    refs.losses.style.height = `${height}px`;
    refs.mapPart.hidden = !data.kl;
    if (data.kl) refs.map.style.height = `${this.mapBox.height + 24}px`;
  }

  draw(/** @type {Extent} */ range) {
    const { refs, axis, data } = this;
    if (!this.width) return; // in a tab that is not shown
    const logarithmic = settings.scale === "log";
    Object.assign(refs.root.dataset, {
      points: data.points,
      range: [range.x0, range.x1, range.y0, range.y1].join(" "),
      ...(range === this.target && { drawn: data.meta.id }),
    });
    if (data.isEmpty) return;
    this.shown = range;
    const frame = new Frame(this.box, range, logarithmic);
    this.frames = { losses: frame, map: data.kl ? new Frame(this.mapBox, range, false) : null };
    const count = frame.width / 85;
    const { ticks, unit } =
      axis === "seconds"
        ? timeTicks(range.x0, range.x1, count)
        : { ticks: updateTicks(range.x0, range.x1, count), unit: "" };
    const values = (logarithmic ? logTicks : numberTicks)(range.y0, range.y1, frame.height / ROW);
    this.ticks = { x: ticks, y: values, unit };
    this.labels = endLabels(this, frame);
    paintLosses(this, prepare(refs.lossesCanvas, this.width, this.box.height + 48), frame);
    writeLosses(this, this.texts, frame);
    const { map } = this.frames;
    if (map) {
      this.heatmap.paint(prepare(refs.mapCanvas, this.width, this.mapBox.height + 24), map, axis);
      writeMap(this, this.mapTexts, map);
    }
    this.hover.draw();
  }

  // ---- words

  speak() {
    const { refs, data } = this;
    const text = describe(data, this.axis);
    refs.lossesCanvas.setAttribute("aria-label", text);
    if (data.kl) refs.mapCanvas.setAttribute("aria-label", describeMap(data.kl));
    const now = performance.now();
    if (now - (this.spoken ?? -Infinity) < SPEAK_MS) return;
    this.spoken = now;
    refs.spoken.textContent = text;
  }
}

export default component(Chart);
