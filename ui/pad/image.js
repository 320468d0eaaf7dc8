// The picture on the pad, in the pixels that the network gets: bytes [C, H, W], 0 is black. What is
// drawn is drawn into these pixels, so that nothing has to be converted afterwards.

const MAX_UNDO = 200;

/** @typedef {{ name: string, edited: boolean }} State the picture that it began with, and whether it was changed since
 * @typedef {{ bytes: Uint8Array, state: State }} Moment */

export class PadImage {
  /** @type {Moment[]} */ past = [];
  /** @type {Moment[]} */ future = [];
  /** @type {Uint8Array | null} */ before = null; // while something is drawn

  /** @param {Shape & { binary: boolean }} shape @param {Uint8Array} bytes @param {State} state */
  constructor({ channels, height, width, binary }, bytes, state) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.binary = binary;
    this.state = state;
    this.pixels = height * width;
    this.bytes = bytes.slice();
  }

  /** How much of a pixel lies under a round tip of that radius which moved from (x0, y0) to (x1, y1),
   * by the distance of its centre. All in 0-based pixels. paint: bytes of the ink, or null to erase.
   * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} radius
   * @param {number[] | null} paint */
  stroke(x0, y0, x1, y1, radius, paint) {
    const reach = radius + 1;
    const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
    const right = Math.min(this.width - 1, Math.floor(Math.max(x0, x1) + reach));
    const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
    const bottom = Math.min(this.height - 1, Math.floor(Math.max(y0, y1) + reach));
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length2 = dx * dx + dy * dy;
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const along = length2 ? Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length2)) : 0;
        const distance = Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
        let share = Math.min(1, Math.max(0, radius + 0.5 - distance));
        if (this.binary) share = share >= 0.5 ? 1 : 0;
        if (share > 0) this.cover(y * this.width + x, share, paint);
      }
    }
  }

  /** @param {number} pixel @param {number} share @param {number[] | null} paint */
  cover(pixel, share, paint) {
    const { before, bytes } = this;
    if (!before) return;
    for (let c = 0; c < this.channels; c++) {
      const at = c * this.pixels + pixel;
      const ink = paint ? paint[c] : 0;
      const mixed = Math.round(before[at] + (ink - before[at]) * share);
      // Overlapping parts of one stroke do not add up: the strongest of them counts.
      const further = Math.abs(mixed - before[at]) > Math.abs(bytes[at] - before[at]);
      if (further) bytes[at] = mixed;
    }
  }

  begin() {
    this.before = this.bytes.slice();
  }

  // Whether anything changed since `begin`; if so it can be undone.
  end(state = { ...this.state, edited: true }) {
    const bytes = this.before;
    this.before = null;
    if (!bytes || bytes.every((v, i) => v === this.bytes[i])) return false;
    this.past.push({ bytes, state: this.state });
    if (this.past.length > MAX_UNDO) this.past.shift();
    this.future = [];
    this.state = state;
    return true;
  }

  // Takes back what was drawn since `begin`.
  discard() {
    if (this.before) this.bytes.set(this.before);
    this.before = null;
  }

  /** @param {Uint8Array} bytes @param {State} [state] */
  replace(bytes, state) {
    this.begin();
    this.bytes.set(bytes);
    return this.end(state);
  }

  undo() {
    return this.swap(this.past, this.future);
  }

  redo() {
    return this.swap(this.future, this.past);
  }

  /** @param {Moment[]} from @param {Moment[]} to */
  swap(from, to) {
    const moment = from.pop();
    if (!moment) return false;
    to.push({ bytes: this.bytes.slice(), state: this.state });
    const { bytes, state } = moment;
    this.bytes.set(bytes);
    this.state = state;
    return true;
  }

  get isEmpty() {
    return this.bytes.every((v) => v === 0);
  }
}
