// One pointer at a time on an element: a mouse, a pen or a finger. A hand that rests on a tablet comes
// before the pen, so a pen takes over from a finger, and fingers do nothing while a pen or a mouse is
// down. A second finger means that neither was to draw: what the first one began is taken back, and
// nothing begins before all are lifted.

export class OnePointer {
  /** on: { down(event), move(event), up(event), cancel(event) }; after `down` comes one of `up` and
   * `cancel`, and `cancel` takes everything back since `down`.
   * @param {any} element @param {Record<"down" | "move" | "up" | "cancel", (event: PointerEvent) => void>} on */
  constructor(element, on) {
    this.element = element;
    this.on = on;
    this.held = null;
    this.fingers = new Set();
    element.onpointerdown = (/** @type {PointerEvent} */ event) => this.down(event);
    element.onpointermove = (/** @type {PointerEvent} */ event) => event.pointerId === this.held?.id && on.move(event);
    element.onpointerup = (/** @type {PointerEvent} */ event) => this.release(event, "up");
    element.onpointercancel = (/** @type {PointerEvent} */ event) => this.release(event, "cancel");
    element.onlostpointercapture = (/** @type {PointerEvent} */ event) => this.release(event, "up");
  }

  down(/** @type {PointerEvent} */ event) {
    const { fingers, held } = this;
    const isFinger = event.pointerType === "touch";
    if (isFinger) {
      if (event.isPrimary) fingers.clear(); // it is the only one; what was missed has been lifted
      fingers.add(event.pointerId);
    }
    if (event.button > 0) return;
    if (held?.isFinger) this.drop(event);
    else if (held) return;
    if (isFinger && fingers.size > 1) return;
    this.held = { id: event.pointerId, isFinger };
    capturePointer(this.element, event.pointerId);
    this.on.down(event);
  }

  /** @param {PointerEvent} event @param {"up" | "cancel"} how */
  release(event, how) {
    this.fingers.delete(event.pointerId);
    if (event.pointerId !== this.held?.id) return;
    this.held = null;
    this.on[how](event);
  }

  /** Takes back what the pointer that is down has begun. @param {PointerEvent} event */
  drop(event) {
    this.held = null;
    this.on.cancel(event);
  }
}

/** Where an event is in an element: shares of its width and height. @param {MouseEvent} event @param {Element} element */
export function placeIn(event, element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
}

/** A pointer that is lifted already cannot be captured, and need not be. @param {Element} element @param {number} id */
export function capturePointer(element, id) {
  try {
    element.setPointerCapture(id);
  } catch (error) {
    const { name } = /** @type {DOMException} */ (error);
    if (name !== "NotFoundError" && name !== "InvalidPointerId") throw error;
  }
}
