// Pixels and their colours. Nothing is smoothed: each pixel of a picture is shown as it is.

import { context2d, parentOf } from "./element.js";
import { clamp } from "./number.js";

/** @typedef {{ channels: number, height: number, width: number }} Shape */

/** @param {number} r @param {number} g @param {number} b */
export const rgba = (r, g, b) => ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
const BLACK = rgba(0, 0, 0);
export const GREYS = Uint32Array.from({ length: 256 }, (_, v) => rgba(v, v, v));
/** From black, 0, to white, 1. @param {number} v */
export const grey = (v) => GREYS[Math.round(255 * clamp(v, 0, 1))];

// Signed values from -1 to 1: violet takes away, black is no change, green adds. The square root
// lifts small changes to where a projector shows them.
const SIGNED_STEPS = 512;
const SIGNED_COLOURS = Uint32Array.from({ length: 2 * SIGNED_STEPS + 1 }, (_, i) => {
  const v = (i - SIGNED_STEPS) / SIGNED_STEPS;
  return hued(v, Math.sqrt(Math.abs(v)));
});
/** @param {number} v */
export const signed = (v) => SIGNED_COLOURS[SIGNED_STEPS + Math.round(SIGNED_STEPS * clamp(v, -1, 1))];

/** The colour of a value's sign, as bright as `part`, from 0 to 1. @param {number} v @param {number} part */
export function hued(v, part) {
  const [r, g, b] = v < 0 ? [190, 120, 255] : [110, 235, 130];
  return rgba(Math.round(r * part), Math.round(g * part), Math.round(b * part));
}

/** Pixels are a whole number of screen pixels wide, so that all are equal, where there is room. @param {number} zoom */
export function wholeZoom(zoom) {
  const ratio = devicePixelRatio || 1;
  return zoom * ratio >= 2 ? Math.floor(zoom * ratio) / ratio : zoom;
}

/** @param {HTMLElement} element @param {{ width: number, height: number }} size @param {number} zoom */
export function setSize(element, { width, height }, zoom) {
  element.style.width = `${zoom * width}px`;
  element.style.height = `${zoom * height}px`;
}

/** As large as its parent lets a picture be, and no larger than `most` screen pixels.
 * @param {HTMLElement} element @param {Size} size */
export function fitPicture(element, size, most = Infinity) {
  const room = Math.min(parentOf(element).clientWidth, most);
  setSize(element, size, wholeZoom(room / Math.max(size.width, size.height)));
}

/** A whole number of screen pixels for each pixel, where that leaves at least such a share of the zoom.
 * @param {number} zoom @param {number} share */
export function nearlyWhole(zoom, share) {
  const ratio = devicePixelRatio || 1;
  const whole = Math.floor(zoom * ratio) / ratio;
  return whole >= share * zoom ? whole : zoom;
}

/** Puts a picture inside its margin.
 * @param {HTMLElement} element @param {Size} size @param {number} margin @param {number} zoom */
export function placeImage(element, size, margin, zoom) {
  setSize(element, size, zoom);
  element.style.left = element.style.top = `${zoom * margin}px`;
}

// A canvas element with its uint32 pixels; resized only when the picture's size changes.
export class Pixels {
  /** @type {ImageData | null} */ image = null;
  /** @type {Uint32Array} */ data = new Uint32Array(0);

  constructor(/** @type {HTMLCanvasElement} */ element) {
    this.element = element;
    this.context = context2d(element);
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    if (this.image?.width === width && this.image?.height === height) return this;
    this.element.width = width;
    this.element.height = height;
    const image = this.context.createImageData(width, height);
    this.image = image;
    this.data = new Uint32Array(image.data.buffer);
    return this;
  }

  black() {
    this.data.fill(BLACK);
    this.show();
  }

  show() {
    if (this.image) this.context.putImageData(this.image, 0, 0);
  }

  /** Values [C, H, W] from 0, black, to `white`: in colour, in grey, or other channels as their mean.
   * @param {Numbers} values @param {number} channels @param {number} height @param {number} width */
  values(values, channels, height, width, white = 1) {
    const { data } = this.resize(width, height);
    const size = height * width;
    const byte = (/** @type {number} */ v) => Math.round(255 * clamp(v / white, 0, 1));
    for (let i = 0; i < size; i++) {
      data[i] =
        channels === 3
          ? rgba(byte(values[i]), byte(values[i + size]), byte(values[i + 2 * size]))
          : GREYS[byte(meanAt(values, i, channels, size))];
    }
    this.show();
  }

  /** Signed values [C, H, W] as colours, the mean over channels; `most` has the full colour.
   * @param {Numbers} values @param {number} channels @param {number} height @param {number} width */
  signed(values, channels, height, width, most = 1) {
    const { data } = this.resize(width, height);
    const size = height * width;
    for (let i = 0; i < size; i++) data[i] = signed(meanAt(values, i, channels, size) / most);
    this.show();
  }

  /** As many numbers as cells of a nearly square heat map, row by row; what is left of the last row is
   * transparent, and all of it where there are no numbers yet.
   * @param {Numbers | null} values @param {number} count @param {(value: number) => number} colour */
  square(values, count, colour) {
    const columns = Math.ceil(Math.sqrt(count));
    this.resize(columns, Math.ceil(count / columns));
    this.data.fill(0);
    for (let k = 0; values && k < count; k++) this.data[k] = colour(values[k]);
    this.show();
  }

  /** A picture of bytes [C, H, W], in colour or as its first channel in grey.
   * @param {Numbers} bytes @param {Shape} shape */
  bytes(bytes, shape) {
    this.resize(shape.width, shape.height);
    paintBytes(this.data, shape.width, 0, 0, bytes, shape);
    this.show();
  }
}

/** The mean over channels of a pixel of values [C, size].
 * @param {Numbers} values @param {number} i @param {number} channels @param {number} size */
function meanAt(values, i, channels, size) {
  if (channels === 1) return values[i];
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += values[i + c * size];
  return sum / channels;
}

/** Bytes into a block of a uint32 image that is `stride` pixels wide.
 * @param {Uint32Array} out @param {number} stride @param {number} left @param {number} top
 * @param {Numbers} bytes @param {Shape} shape */
export function paintBytes(out, stride, left, top, bytes, { channels, height, width }) {
  const pixels = height * width;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = (top + y) * stride + left; x < width; x++, i++) {
      out[at++] = channels === 3 ? rgba(bytes[i], bytes[i + pixels], bytes[i + 2 * pixels]) : GREYS[bytes[i]];
    }
  }
}
