// What is told about the place that the visitor points at: a line across both plots, a dot on every
// curve, and the numbers.

import { clamp } from "../kit/number.js";
import { set, svg } from "../kit/svg.js";
import { firstAtLeast, nearest } from "./data.js";
import { made, swatch } from "./elements.js";
import { spoken } from "./labels.js";
import { duration, nats, updates } from "./scale.js";

/** x on the axis, step 1..T in the map or null, y the pixel of the pointer.
 * @typedef {{ x: number, step: number | null, y: number }} Pointed */

export class Hover {
  /** @type {Pointed | null} */ place = null;

  constructor(/** @type {Chart} */ chart) {
    this.chart = chart;
  }

  /** Points at pixels of the losses plot (`map` false) or of the map.
   * @param {number} x @param {number} y @param {boolean} map */
  point(x, y, map) {
    const { axis, heatmap, frames } = this.chart;
    const frame = (map && frames.map) || frames.losses;
    const place = clamp(frame.fromX(x), frame.x0, frame.x1);
    if (frame === frames.map) {
      const found = heatmap.at(frame, axis, frame.toX(place), y);
      this.place = found && { x: place, step: found.step, y: y + this.offset(true) };
    } else {
      const xs = this.mainLine()?.x[axis];
      const at = xs ? nearest(xs, place) : -1;
      this.place = !xs || at < 0 ? null : { x: xs[at], step: null, y: y + this.offset(false) };
    }
    this.draw();
  }

  clear() {
    this.place = null;
    this.draw();
  }

  /** With the keyboard: to a neighbouring point, or up and down between curves and steps.
   * @param {number} along @param {number} down */
  move(along, down) {
    const { axis, frames, data } = this.chart;
    const xs = this.mainLine()?.x[axis];
    if (!xs) return;
    const { x0, x1 } = frames.losses;
    let at = nearest(xs, this.place?.x ?? x1);
    const [first, last] = [firstAtLeast(xs, x0), firstAtLeast(xs, x1 * (1 + 1e-6)) - 1];
    // A key held down crosses a long curve in a hundred moves.
    const stride = Math.max(1, Math.round((last - first) / 100));
    if (this.place || !Number.isFinite(along)) at += along * stride;
    at = clamp(at, first, last);
    const numSteps = data.kl ? data.kl.steps.length : 0;
    const step = clamp((this.place?.step ?? 0) + down, 0, numSteps) || null;
    const place = { x: xs[at], step, y: 24 };
    this.place = place;
    this.draw();
    this.chart.refs.spoken.textContent = spoken(this.describe(place));
  }

  mainLine() {
    const { visible } = this.chart;
    return visible.length ? visible.reduce((a, b) => (b.raw.length > a.raw.length ? b : a)) : null;
  }

  offset(/** @type {boolean} */ map) {
    const { refs } = this.chart;
    return (map ? refs.map : refs.losses).getBoundingClientRect().top - refs.plots.getBoundingClientRect().top;
  }

  /** "2.1 min, update 1,240" @param {number} x */
  when(x) {
    const { axis, data } = this.chart;
    const seconds = axis === "seconds" ? x : data.convert(x, "step", "seconds");
    const step = axis === "step" ? x : data.convert(x, "seconds", "step");
    // Several runs are not at the same update at the same time.
    if (data.runs.length > 1) return axis === "step" ? updates(x) : duration(x);
    return `${duration(seconds)}, ${updates(step)}`;
  }

  // The value of every visible curve near the place: [{ line, x, value }].
  values(/** @type {Pointed} */ place) {
    const { axis, visible, settings, frames } = this.chart;
    const near = 0.05 * (frames.losses.x1 - frames.losses.x0);
    return visible.map((line) => {
      const xs = line.x[axis];
      const at = nearest(xs, place.x);
      const far =
        at < 0
        || (Math.abs(xs[at] - place.x) > near && line.kind !== "test")
        || xs[0] > place.x + near
        || xs[xs.length - 1] < place.x - near;
      return { line, x: xs[at], value: far ? NaN : (settings.smooth ? line.smooth : line.raw)[at] };
    });
  }

  describe(/** @type {Pointed} */ place) {
    const { axis, heatmap } = this.chart;
    if (place.step) {
      const after = axis === "seconds" ? duration(place.x) : updates(place.x);
      const { steps, edges } = heatmap;
      const row = steps[place.step - 1];
      const at = clamp(firstAtLeast(edges[axis], place.x) - 1, 0, row.length - 1);
      return `step ${place.step} of ${steps.length}, after ${after}: ${nats(row[at])} nats`;
    }
    const parts = this.values(place).map(({ line, value }) => `${line.title} ${nats(value)}`);
    return `${this.when(place.x)}: ${parts.join(", ")}`;
  }

  draw() {
    const { place, chart } = this;
    const { refs, frames } = chart;
    const frame = frames?.losses;
    const shown = place && frame && place.x >= frame.x0 && place.x <= frame.x1;
    refs.tip.hidden = !shown;
    refs.pointer.classList.toggle("away", !shown);
    if (!shown) return;
    const x = frame.toX(place.x);
    const top = this.offset(false);
    /** @param {Element} hair @param {number} y1 @param {number} y2 */
    const line = (hair, y1, y2) => set(hair, { x1: x, x2: x, y1, y2 });
    line(refs.hair, top + frame.top, top + frame.bottom);
    const below = frames.map ? this.offset(true) : 0;
    line(refs.mapHair, below, below + (frames.map?.height ?? 0));
    const values = this.values(place);
    refs.dots.replaceChildren(
      ...(place.step
        ? []
        : values.flatMap(({ line, x: at, value }) => {
            const y = frame.toY(value);
            if (!(y >= frame.top && y <= frame.bottom) || at < frame.x0 || at > frame.x1) return [];
            const dot = svg("circle", { cx: frame.toX(at), cy: y + top, r: 4.5 });
            dot.style.fill = line.color;
            return [dot];
          })),
    );
    if (place.step && frames.map) this.drawRow(frames.map, place.x, place.step);
    this.drawTip(place, x, values);
  }

  /** A ring around the cell in the map. @param {Frame} frame @param {number} x @param {number} step */
  drawRow(frame, x, step) {
    const row = frame.height / this.chart.heatmap.steps.length;
    const cy = this.offset(true) + frame.top + (step - 0.5) * row;
    const cx = frame.toX(x);
    this.chart.refs.dots.replaceChildren(svg("circle", { cx, cy, r: 5, class: "cell" }));
  }

  /** @param {Pointed} place @param {number} hair @param {ReturnType<Hover["values"]>} values */
  drawTip(place, hair, values) {
    const { refs, axis, frames } = this.chart;
    const { tip, plots } = refs;
    if (place.step) {
      tip.replaceChildren(made("p", "", this.describe(place)));
    } else {
      const rows = values.map(({ line, x, value }) => {
        const row = made("p", "row");
        // A test made at another time than the one pointed at says so.
        const when = axis === "step" ? updates : duration;
        const apart =
          Number.isFinite(value)
          && when(x) !== when(place.x)
          && Math.abs(x - place.x) > 0.01 * (frames.losses.x1 - frames.losses.x0);
        const at = apart ? ` at ${when(x)}` : "";
        row.append(swatch(line), made("span", "", line.title + at), made("b", "", nats(value)));
        return row;
      });
      tip.replaceChildren(made("p", "when", this.when(place.x)), ...rows);
    }
    const right = hair + 16 + tip.offsetWidth <= plots.clientWidth;
    const left = right ? hair + 16 : hair - 16 - tip.offsetWidth;
    const most = plots.clientHeight - tip.offsetHeight;
    tip.style.left = `${Math.max(0, left)}px`;
    tip.style.top = `${clamp(place.y - tip.offsetHeight / 2, 0, Math.max(0, most))}px`;
  }
}
