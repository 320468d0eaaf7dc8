// Numbers to pixels. Nothing is smoothed; black is 0 and white is 1 or the range that is stated.

import { context2d } from "../kit/element.js";
import { grey, Pixels } from "../kit/pixels.js";

// The pixels of the lab's pictures.
export class LabPixels extends Pixels {
  /** The square roots of values, one for each pixel, from 0 to `most`.
   * @param {Numbers} values @param {number} height @param {number} width @param {number} most */
  roots(values, height, width, most) {
    const { data } = this.resize(width, height);
    for (let i = 0; i < height * width; i++) data[i] = grey(most > 0 ? Math.sqrt(values[i] / most) : 0);
    this.show();
  }

  /** rows [n, length] as a matrix with the pixels across, or down (`upright`).
   * @param {Numbers} rows @param {number} n @param {number} length @param {number} most @param {boolean} upright */
  matrix(rows, n, length, most, upright) {
    const { data } = upright ? this.resize(n, length) : this.resize(length, n);
    for (let i = 0; i < n; i++) {
      for (let a = 0; a < length; a++) {
        data[upright ? a * n + i : i * length + a] = grey(rows[i * length + a] / most);
      }
    }
    this.show();
  }

  /** A light over a picture: blue, the stronger the weight the denser.
   * @param {(x: number, y: number) => number} weight @param {number} height @param {number} width
   * @param {number} most */
  light(weight, height, width, most) {
    const { data } = this.resize(width, height);
    for (let y = 0, at = 0; y < height; y++) {
      for (let x = 0; x < width; x++, at++) {
        const share = most > 0 ? weight(x, y) / most : 0;
        const alpha = share < 0.004 ? 0 : Math.round(40 + 190 * Math.sqrt(share));
        data[at] = ((alpha << 24) | (0xf6 << 16) | (0x82 << 8) | 0x3b) >>> 0;
      }
    }
    this.show();
  }
}

// The filters of one axis as curves over the pixels they weigh, on a strip beside the picture.
export class FilterCurves {
  ratio = 1;
  depth = 0;
  margin = 0;
  zoom = 1;

  /** @param {HTMLCanvasElement} element @param {boolean} upright */
  constructor(element, upright) {
    this.element = element;
    this.upright = upright;
    this.context = context2d(element);
  }

  /** length and depth in screen pixels; margin and zoom place pixel a at (a + 0.5 + margin) zoom.
   * @param {number} length @param {number} depth @param {number} margin @param {number} zoom */
  fit(length, depth, margin, zoom) {
    const ratio = devicePixelRatio || 1;
    this.depth = depth;
    this.margin = margin;
    this.zoom = zoom;
    this.ratio = ratio;
    const [width, height] = this.upright ? [depth, length] : [length, depth];
    Object.assign(this.element, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
    Object.assign(this.element.style, { width: `${width}px`, height: `${height}px` });
  }

  /** @param {Numbers} rows @param {number} n @param {number} length @param {number} most @param {number} lit
   * @param {string} ink */
  draw(rows, n, length, most, lit, ink) {
    const { context, element, ratio, upright } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, element.width, element.height);
    // Along the picture, and away from it.
    if (upright) context.setTransform(0, ratio, -ratio, 0, this.depth * ratio, 0);
    else context.setTransform(ratio, 0, 0, -ratio, 0, this.depth * ratio);
    context.lineJoin = "round";
    context.strokeStyle = context.fillStyle = ink;
    context.lineWidth = 1;
    context.globalAlpha = n > 12 ? 0.5 : 0.7;
    context.beginPath();
    for (let i = 0; i < n; i++) this.trace(rows, i, length, most);
    context.stroke();
    context.globalAlpha = 1;
    if (lit < 0) return;
    context.strokeStyle = context.fillStyle = "#3b82f6";
    context.lineWidth = 2.5;
    context.beginPath();
    this.trace(rows, lit, length, most);
    context.stroke();
  }

  /** @param {Numbers} rows @param {number} i @param {number} length @param {number} most */
  trace(rows, i, length, most) {
    const { context, zoom, margin, depth } = this;
    const scale = (depth - 4) / most;
    let begun = false; // only where there is weight, and one pixel around it
    for (let a = 0, at = i * length; a < length; a++, at++) {
      const near = rows[at] + (a ? rows[at - 1] : 0) + (a < length - 1 ? rows[at + 1] : 0);
      if (near < 1e-3 * most) continue;
      const along = (a + 0.5 + margin) * zoom;
      const value = 1 + rows[at] * scale;
      if (begun) context.lineTo(along, value);
      else context.moveTo(along, value);
      begun = true;
    }
  }
}
