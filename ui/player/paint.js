// Pixels: from canvas bytes and patches to colours, through look-up tables. Nothing is smoothed and
// nothing is rescaled to fit: black is 0 and white is 1, or the range that the legend states.

import { grey, rgba, signed } from "../kit/pixels.js";

/** @import { Codec } from "./film.js"
 * @typedef {{ what: string, unit: string }} Look */

/** @type {Look} */ export const PROBABILITY = { what: "canvas", unit: "probability" };
export const LOGIT_RANGE = 8; // the logit views show -8 .. 8

/** @type {WeakMap<Codec, Record<string, Uint32Array>>} */
const coloursOf = new WeakMap();

/** The colour of each byte; where bytes stand for no logit, of their value.
 * @param {Codec} codec @param {string} unit */
function colours(codec, unit) {
  let found = coloursOf.get(codec);
  if (!found) {
    const probability = Uint32Array.from(codec.values, grey);
    const logit = codec.logits && Uint32Array.from(codec.logits, (c) => grey(0.5 + c / (2 * LOGIT_RANGE)));
    found = { probability, logit: logit ?? probability };
    coloursOf.set(codec, found);
  }
  return found[unit];
}

/** One sample at one step as a picture of its own.
 * @param {Pixels} target @param {Film} film @param {number} step @param {number} sample */
export function paintCanvas(target, film, step, sample, view = PROBABILITY) {
  target.resize(film.width, film.height);
  paintSample(target.data, film.width, 0, 0, film, step, sample, view);
  target.show();
}

/** Writes one sample at one step into a block of a uint32 image that is `stride` pixels wide.
 * view: { what: "canvas" | "change", unit: "probability" | "logit" }.
 * @param {Uint32Array} out @param {number} stride @param {number} left @param {number} top
 * @param {Film} film @param {number} step @param {number} sample @param {Look} view */
export function paintSample(out, stride, left, top, film, step, sample, view) {
  const { width, height, pixels, channels } = film;
  const colour =
    view.what === "change"
      ? changePainter(film, step, sample, view.unit)
      : canvasPainter(film.canvas(step, sample), channels, pixels, colours(film.codec(step), view.unit));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = (top + y) * stride + left; x < width; x++) out[at++] = colour(i++);
  }
}

/** @param {Numbers} bytes @param {number} channels @param {number} pixels @param {Uint32Array} table
 * @returns {(i: number) => number} */
function canvasPainter(bytes, channels, pixels, table) {
  if (channels === 1) return (i) => table[bytes[i]];
  if (channels !== 3) {
    return (i) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += table[bytes[i + c * pixels]] & 0xff;
      return grey(sum / (255 * channels));
    };
  }
  return (i) =>
    ((table[bytes[i]] & 0xff)
      | (table[bytes[i + pixels]] & 0xff00)
      | (table[bytes[i + 2 * pixels]] & 0xff0000)
      | 0xff000000)
    >>> 0;
}

/** @param {Film} film @param {number} step @param {number} sample @param {string} unit
 * @returns {(i: number) => number} */
function changePainter(film, step, sample, unit) {
  const { channels, pixels } = film;
  // The bytes of a canvas are too coarse for small changes of large logits, so where there is a
  // window the stroke itself is computed.
  const stroke = unit === "logit" ? film.stroke(step, sample) : null;
  if (stroke) {
    return (i) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += stroke[i + c * pixels];
      return signed(sum / (channels * LOGIT_RANGE));
    };
  }
  const now = film.canvas(step, sample);
  const before = film.before(step, sample);
  const { values, logits } = film.codec(step);
  const [table, range] = unit === "logit" && logits ? [logits, LOGIT_RANGE] : [values, 1];
  return (i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      sum += table[now[i + c * pixels]] - table[before[i + c * pixels]];
    }
    return signed(sum / (channels * range));
  };
}

export const GAP_COLOUR = rgba(58, 58, 64);

/** How the samples of a montage are laid out, with one pixel between them: the number of columns
 * that lets each sample be largest in a room of that many screen pixels.
 * @param {Film} film @param {{ width: number, height: number }} room @param {number} fewest */
export function montageLayout(film, room, fewest = 1) {
  const { samples, width, height } = film;
  /** @type {any} */ let best = null;
  for (let columns = Math.min(fewest, samples); columns <= samples; columns++) {
    const rows = Math.ceil(samples / columns);
    const layout = { columns, rows, width: columns * (width + 1) - 1, height: rows * (height + 1) - 1 };
    const zoom = Math.min(room.width / layout.width, room.height / layout.height);
    const whole = Math.floor(zoom) || zoom;
    const even = Math.abs(columns - rows) / 100; // between equals, the squarer one
    if (!best || whole - even > best.score) best = { ...layout, zoom, score: whole - even };
  }
  return best;
}

/** @param {Pixels} target @param {any} layout @param {Film} film @param {number} step @param {Look} view */
export function paintMontage(target, layout, film, step, view) {
  const { columns, width, height } = layout;
  target.resize(width, height);
  target.data.fill(GAP_COLOUR); // samples may have gone since the last time
  const last = film.samples % columns; // in a row that is not full; nothing stands beside it
  for (let y = last ? height - film.height - 1 : height; y < height; y++) {
    target.data.fill(0, y * width + last * (film.width + 1) - 1, (y + 1) * width);
  }
  for (let sample = 0; sample < film.samples; sample++) {
    const left = (sample % columns) * (film.width + 1);
    const top = Math.floor(sample / columns) * (film.height + 1);
    paintSample(target.data, width, left, top, film, step, sample, view);
  }
  target.show();
}
