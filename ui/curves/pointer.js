// Mouse, touch and keys on the plots.

import { plainKey } from "../kit/keys.js";
import { clamp } from "../kit/number.js";
import { set } from "../kit/svg.js";

const LEAST_DRAG = 8; // pixels; less is a click
const LEVEL_DRAG = 24; // a drag that rises or falls less than this zooms along the axis only

/** @typedef {Point & { inMap: boolean }} Place of a plot
 * @typedef {{ view: Span, values: Span | null, frame: Frame, pan: boolean }} Drag and what was in view where it began */

export class Pointer {
  /** @type {(Place & Drag) | null} */ drag = null;
  /** @type {number[] | null} */ pinch = null;

  constructor(/** @type {Chart} */ chart) {
    this.chart = chart;
    this.fingers = new Map(); // touch id -> x
    const { plots } = chart.refs;
    plots.onpointerdown = (event) => this.down(event);
    plots.onpointermove = (event) => this.moved(event);
    plots.onpointerup = (event) => this.up(event);
    plots.onpointercancel = (event) => this.cancel(event);
    plots.onpointerleave = (event) => {
      if (event.pointerType === "mouse" && !this.drag) chart.hover.clear();
    };
    plots.ondblclick = () => chart.reset();
    plots.onwheel = (event) => this.wheel(event);
    plots.onkeydown = (event) => this.key(event);
    plots.onblur = () => chart.hover.clear();
  }

  /** Where an event is: pixels of the plot it is in. @param {MouseEvent} event */
  locate({ clientX, clientY }) {
    const { losses, map } = this.chart.refs;
    const inMap = Boolean(this.chart.frames.map) && clientY > losses.getBoundingClientRect().bottom;
    const box = (inMap ? map : losses).getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top, inMap };
  }

  down(/** @type {PointerEvent} */ event) {
    const { chart } = this;
    if (!chart.frames || event.button > 0) return;
    const { plots } = chart.refs;
    const isFinger = event.pointerType === "touch";
    if (isFinger && this.drag) return; // a hand that rests beside the pen
    const place = this.locate(event);
    plots.setPointerCapture(event.pointerId);
    if (isFinger) {
      this.fingers.set(event.pointerId, place.x);
      if (this.fingers.size === 1) chart.hover.point(place.x, place.y, place.inMap);
      else this.pinch = [...this.fingers.values()].map((x) => chart.frames.losses.fromX(x));
      return;
    }
    this.fingers.clear();
    this.pinch = null;
    const before = { view: chart.viewX(), values: chart.zoom.y, frame: chart.frames.losses };
    this.drag = { ...place, ...before, pan: event.shiftKey };
  }

  moved(/** @type {PointerEvent} */ event) {
    const { chart, drag } = this;
    if (!chart.frames) return;
    const place = this.locate(event);
    if (event.pointerType === "touch") this.touch(event, place);
    else if (!drag) chart.hover.point(place.x, place.y, place.inMap);
    else if (drag.pan) this.pan(place, drag);
    else this.select(place, drag);
  }

  /** @param {PointerEvent} event @param {Place} place */
  touch(event, place) {
    const { chart } = this;
    if (!this.fingers.has(event.pointerId)) return;
    this.fingers.set(event.pointerId, place.x);
    if (!this.pinch) return chart.hover.point(place.x, place.y, place.inMap);
    if (this.fingers.size === 1) return;
    // What was under the two fingers stays under them.
    const [p, q] = this.fingers.values();
    const [a, b] = this.pinch;
    if (Math.abs(p - q) < 10) return;
    const perPixel = Math.abs((b - a) / (q - p));
    const { left, width } = chart.frames.losses;
    const start = (a + b) / 2 - ((p + q) / 2 - left) * perPixel;
    chart.hover.place = null;
    chart.setZoom({ ...chart.zoom, x: [start, start + width * perPixel] });
  }

  /** @param {Place} place @param {Place & Drag} drag */
  pan(place, drag) {
    const { chart } = this;
    const { frame } = drag;
    const shift = frame.fromX(drag.x) - frame.fromX(place.x);
    const [x0, x1] = drag.view;
    const up = drag.y - place.y;
    /** @type {Span | null} */ const values =
      drag.values && !drag.inMap ? [frame.fromY(frame.bottom + up), frame.fromY(frame.top + up)] : drag.values;
    chart.hover.place = null;
    chart.setZoom({ x: [x0 + shift, x1 + shift], y: values });
  }

  /** The rectangle being drawn in the losses plot; `level` leaves the range of nats as it is.
   * @param {Place} place @param {Place & Drag} drag */
  rectangle(place, drag) {
    const { left, right, top, bottom } = drag.frame;
    const [xa, xb] = [drag.x, place.x].map((x) => clamp(x, left, right)).sort((a, b) => a - b);
    const y = place.inMap && !drag.inMap ? bottom : place.y;
    const [ya, yb] = [drag.y, y].map((v) => clamp(v, top, bottom)).sort((a, b) => a - b);
    const level = drag.inMap || yb - ya < LEVEL_DRAG;
    const rows = level ? { top, height: bottom - top } : { top: ya, height: yb - ya };
    return { left: xa, width: xb - xa, ...rows, level };
  }

  /** @param {Place} place @param {Place & Drag} drag */
  select(place, drag) {
    const box = this.rectangle(place, drag);
    if (box.width < LEAST_DRAG) return;
    this.chart.hover.clear();
    this.drawSelection(box);
  }

  drawSelection(/** @type {ReturnType<Pointer["rectangle"]> | null} */ box) {
    const { selection } = this.chart.refs;
    selection.style.display = box ? "inline" : "none";
    if (!box) return;
    const top = box.top + this.chart.hover.offset(false);
    set(selection, { x: box.left, y: top, width: box.width, height: box.height });
  }

  up(/** @type {PointerEvent} */ event) {
    const { chart, drag } = this;
    this.fingers.delete(event.pointerId);
    if (!this.fingers.size) this.pinch = null;
    if (!drag || event.pointerType === "touch") return;
    const box = this.rectangle(this.locate(event), drag);
    this.cancel(event);
    if (drag.pan || box.width < LEAST_DRAG) return;
    const { frame } = drag;
    /** @type {Span | null} */ const y = box.level
      ? chart.zoom.y
      : [frame.fromY(box.top + box.height), frame.fromY(box.top)];
    chart.setZoom({ x: [frame.fromX(box.left), frame.fromX(box.left + box.width)], y }, true);
  }

  cancel(/** @type {PointerEvent} */ event) {
    this.fingers.delete(event.pointerId);
    if (!this.fingers.size) this.pinch = null;
    if (event.pointerType === "touch") return; // what is dragged is in a pen's or a mouse's hand
    this.drop();
  }

  drop() {
    this.drag = null;
    this.drawSelection(null);
  }

  wheel(/** @type {WheelEvent} */ event) {
    const { chart } = this;
    if (!chart.frames) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      const by = Math.exp(clamp(event.deltaY, -100, 100) * 0.004);
      chart.zoomBy(by, chart.frames.losses.fromX(this.locate(event).x));
    } else if (chart.zoom.x && Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      chart.panBy(event.deltaX / chart.frames.losses.width);
    }
  }

  key(/** @type {KeyboardEvent} */ event) {
    const { chart } = this;
    if (event.target !== chart.refs.plots || !chart.frames) return;
    const key = plainKey(event);
    const { hover } = chart;
    const along = { ArrowLeft: -1, ArrowRight: 1 }[key];
    const down = chart.data.kl && { ArrowUp: -1, ArrowDown: 1 }[key];
    const act =
      {
        "+": () => chart.zoomBy(0.5, hover.place?.x, true),
        "=": () => chart.zoomBy(0.5, hover.place?.x, true),
        "-": () => chart.zoomBy(2, hover.place?.x, true),
        0: () => chart.reset(),
        Home: () => hover.move(-Infinity, 0),
        End: () => hover.move(Infinity, 0),
        Escape: () => (this.drag ? this.drop() : hover.clear()),
      }[key]
      ?? (along && event.shiftKey && (() => chart.panBy(0.1 * along, true)))
      ?? ((along || down) && !event.shiftKey && (() => hover.move(along ?? 0, down ?? 0)));
    if (!act) return;
    event.preventDefault();
    act();
  }
}
