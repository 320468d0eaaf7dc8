// The window in the hand: mouse, pen, one or two fingers, wheel and keys on the picture. A hand that
// rests on a tablet comes before the pen, so a pen takes over from fingers; fingers and a mouse do
// nothing while something else is down.

import { UNSET } from "../kit/component.js";
import { plainKey } from "../kit/keys.js";
import { capturePointer } from "../kit/pointer.js";
import { handlesOf } from "./overlay.js";

const WHEEL_RATIO = 1.0015; // per unit of deltaY
const KEY_RATIO = 1.05;
const TAP_PX = 4;

/** What is under a place; hand: the other window, which is to be taken up.
 * @typedef {{ grip: "spread", side: number } | { grip: "corner", corner: { a: number, b: number } }
 *   | { grip: "centre", hand?: HandName } | { grip: "none" }} Grip
 * @typedef {{ at: Point, w: GridWindow, seen: GridWindow }} Taken where, and the window, as meant and as drawn
 * @typedef {Point & { w: GridWindow, distance: number }} Pinched */

export class Hand {
  /** @type {(Grip & Taken) | null} */ start = null;
  /** @type {Pinched | null} */ pinched = null;
  /** @type {GridWindow} */ before = UNSET;
  fingers = false;
  travel = 0;

  constructor(/** @type {WindowHost} */ lab) {
    this.lab = lab;
    this.pointers = new Map(); // id -> place of what is down: a mouse, a pen, or up to two fingers
    const { picture } = lab.refs;
    picture.onpointerdown = (event) => this.down(event);
    picture.onpointermove = (event) => this.moved(event);
    picture.onpointerup = (event) => this.up(event);
    picture.onpointercancel = (event) => this.pointers.has(event.pointerId) && this.takeBack();
    picture.onpointerleave = (event) => {
      // What a finger pointed at stays for reading.
      if (!this.pointers.size && event.pointerType !== "touch") lab.linked.clear();
    };
    picture.onwheel = (event) => this.wheel(event);
    picture.onkeydown = (event) => this.key(event);
  }

  /** Where an event is, in the picture's pixels. @param {MouseEvent} event */
  place(event) {
    const { zoom, margin, refs } = this.lab;
    const box = refs.picture.getBoundingClientRect();
    return { x: (event.clientX - box.left) / zoom - 0.5 - margin, y: (event.clientY - box.top) / zoom - 0.5 - margin };
  }

  /** What is under a place: a handle of the active window, a window's inside, or nothing.
   * @param {Point} place @param {number} reach @returns {Grip} */
  under({ x, y }, reach) {
    const { lab } = this;
    const { unit, room } = lab.overlay;
    const seen = lab.windows();
    const active = seen[lab.active] ?? lab.hand;
    const near = (/** @type {Point} */ p) => Math.hypot(p.x - x, p.y - y) <= reach * unit;
    const handles = handlesOf(active, lab.n, unit, room);
    if (near(handles.spread)) return { grip: "spread", side: handles.spread.side };
    const corner = handles.corners.find(near);
    if (corner) return { grip: "corner", corner };
    const inside = (/** @type {GridWindow | null} */ w) =>
      w && Math.max(Math.abs(x - w.gX), Math.abs(y - w.gY)) <= (lab.n * w.delta) / 2;
    if (inside(active)) return { grip: "centre" };
    const other = lab.active === "eye" ? "pen" : "eye";
    if (inside(seen[other])) return { grip: "centre", hand: other };
    return { grip: "none" };
  }

  down(/** @type {PointerEvent} */ event) {
    if (event.button > 0) return;
    const { lab } = this;
    const isFinger = event.pointerType === "touch";
    if (this.pointers.size && (!isFinger || event.isPrimary)) {
      if (!this.fingers) return;
      this.takeBack();
    }
    if (this.pointers.size && (!this.fingers || this.pointers.size === 2)) return;
    this.fingers = isFinger;
    capturePointer(lab.refs.picture, event.pointerId);
    lab.stop();
    const at = this.place(event);
    this.pointers.set(event.pointerId, at);
    lab.hold(true);
    if (this.pointers.size === 2) return this.pinch();
    this.before = { ...lab.hand };
    const under = this.under(at, isFinger ? 20 : 11);
    if (under.grip === "centre" && under.hand) {
      lab.choose(under.hand);
      this.before = { ...lab.hand };
    }
    // Grips stand on the window that is drawn, so that a mistake of the bug lab can be felt.
    this.start = { ...under, at, w: { ...lab.hand }, seen: { ...(lab.windows()[lab.active] ?? lab.hand) } };
    this.travel = 0;
    lab.linked.clear();
  }

  moved(/** @type {PointerEvent} */ event) {
    const { lab } = this;
    const at = this.place(event);
    if (!this.pointers.has(event.pointerId)) {
      this.hover(at, event);
      return;
    }
    const before = this.pointers.get(event.pointerId);
    this.travel += Math.hypot(at.x - before.x, at.y - before.y) / lab.overlay.unit;
    this.pointers.set(event.pointerId, at);
    if (this.pinched) this.stretch(this.pinched);
    else if (this.start) this.drag(at, this.start);
  }

  /** @param {Point} at @param {Grip & Taken} start */
  drag(at, start) {
    const { lab } = this;
    const { w, seen } = start;
    const dx = at.x - start.at.x;
    const dy = at.y - start.at.y;
    if (start.grip === "corner") {
      // The mean of both axes, so that a corner can be dragged any way outwards.
      const out = (dx * start.corner.a + dy * start.corner.b) / 2;
      lab.move({ delta: w.delta + (2 * out) / lab.n });
    } else if (start.grip === "spread") {
      lab.move({ sigma: Math.max(0.02, w.sigma + start.side * dx) });
    } else if (seen) {
      // Not further than the sliders go: what is lost from sight is hard to bring back.
      const { width, height } = lab.look;
      const within = (/** @type {number} */ value, /** @type {number} */ length) =>
        Math.min(1.5 * length, Math.max(-0.5 * length, value));
      lab.move({ gX: within(w.gX + dx, width), gY: within(w.gY + dy, height) });
    }
  }

  up(/** @type {PointerEvent} */ event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const { lab } = this;
    const tapped = this.start && !this.pinched && this.travel <= TAP_PX;
    if (this.pointers.size === 0) {
      this.pinched = null;
      this.start = null;
      lab.hold(false);
      if (tapped && event.pointerType === "touch") this.point(this.place(event));
      else if (!tapped) lab.settle();
    } else if (this.pinched) {
      this.pinched = null; // the finger that stays does not move the window by a jump
      this.start = null;
    }
  }

  // What was begun was not meant: the window goes back to where it was taken up.
  takeBack() {
    const { lab } = this;
    this.pointers.clear();
    this.pinched = null;
    this.start = null;
    lab.move(this.before);
    lab.hold(false);
    lab.settle();
  }

  // Two fingers: their distance is the stride, their middle the centre.
  pinch() {
    const [a, b] = this.pointers.values();
    this.pinched = {
      w: { ...this.lab.hand },
      distance: Math.max(0.1, Math.hypot(a.x - b.x, a.y - b.y)),
      x: (a.x + b.x) / 2,
      y: (a.y + b.y) / 2,
    };
  }

  stretch(/** @type {Pinched} */ { w, distance, x, y }) {
    const [a, b] = this.pointers.values();
    this.lab.move({
      delta: (w.delta * Math.hypot(a.x - b.x, a.y - b.y)) / distance,
      gX: w.gX + (a.x + b.x) / 2 - x,
      gY: w.gY + (a.y + b.y) / 2 - y,
    });
  }

  /** @param {Point} at @param {PointerEvent} event */
  hover(at, event) {
    const under = this.under(at, 11);
    let cursor = { spread: "ew-resize", corner: "nwse-resize", centre: "grab", none: "crosshair" }[under.grip];
    if (under.grip === "corner" && under.corner.a !== under.corner.b) cursor = "nesw-resize";
    const { style } = this.lab.refs.picture;
    if (style.cursor !== cursor) style.cursor = cursor;
    if (event.pointerType !== "touch") this.point(at);
  }

  point(/** @type {Point} */ at) {
    const { width, height } = this.lab.look;
    const [x, y] = [Math.round(at.x), Math.round(at.y)];
    if (x < 0 || y < 0 || x >= width || y >= height) this.lab.linked.clear();
    else this.lab.linked.pixel(x, y);
  }

  wheel(/** @type {WheelEvent} */ event) {
    if (event.ctrlKey || !event.deltaY) return;
    if (this.under(this.place(event), 11).grip === "none") return; // beside the window it scrolls
    event.preventDefault();
    const { lab } = this;
    const pixels = event.deltaMode ? 30 * event.deltaY : event.deltaY;
    lab.stop();
    lab.move({ sigma: lab.hand.sigma * WHEEL_RATIO ** -pixels });
    lab.settle();
  }

  key(/** @type {KeyboardEvent} */ event) {
    const { lab } = this;
    const { hand } = lab;
    const by = event.shiftKey ? 0.1 : 1;
    /** @type {Partial<GridWindow> | undefined} */ const change = {
      ArrowLeft: { gX: hand.gX - by },
      ArrowRight: { gX: hand.gX + by },
      ArrowUp: { gY: hand.gY - by },
      ArrowDown: { gY: hand.gY + by },
      "+": { delta: hand.delta * KEY_RATIO },
      "=": { delta: hand.delta * KEY_RATIO },
      "-": { delta: hand.delta / KEY_RATIO },
      _: { delta: hand.delta / KEY_RATIO },
      "]": { sigma: hand.sigma * KEY_RATIO },
      "[": { sigma: hand.sigma / KEY_RATIO },
    }[plainKey(event)];
    if (!change) return;
    event.preventDefault();
    lab.stop();
    lab.move(change);
    lab.settle();
  }
}
