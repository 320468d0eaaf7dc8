// Pixels: from canvas bytes and patches to colours, through look-up tables. Nothing is smoothed and
// nothing is rescaled to fit: black is 0 and white is 1, or the range that the legend states.

import { grey, rgba, signed } from "../kit/pixels.js";
import { BYTE_LOGIT, BYTE_PROBABILITY } from "./rollout.js";

/** @import { Pixels } from "../kit/pixels.js"
 * @import { Numbers } from "../kit/window.js"
 * @import { Patch, Rollout } from "./rollout.js"
 * @typedef {{ what: string, unit: string }} Look */

export const LOGIT_RANGE = 8; // the logit views show -8 .. 8

const PROBABILITY_COLOURS = Uint32Array.from(BYTE_PROBABILITY, grey);
const LOGIT_COLOURS = Uint32Array.from(BYTE_LOGIT, (c) => grey(0.5 + c / (2 * LOGIT_RANGE)));

/** Writes one sample at one step into a block of a uint32 image that is `stride` pixels wide.
 * view: { what: "canvas" | "change", unit: "probability" | "logit" }.
 * @param {Uint32Array} out @param {number} stride @param {number} left @param {number} top
 * @param {Rollout} rollout @param {number} step @param {number} sample @param {Look} view */
export function paintSample(out, stride, left, top, rollout, step, sample, view) {
  const { width, height, pixels, channels } = rollout;
  const colour =
    view.what === "change"
      ? changePainter(rollout, step, sample, view.unit)
      : canvasPainter(rollout.canvas(step, sample), channels, pixels, view.unit);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0, at = (top + y) * stride + left; x < width; x++) out[at++] = colour(i++);
  }
}

/** @param {Numbers} bytes @param {number} channels @param {number} pixels @param {string} unit
 * @returns {(i: number) => number} */
function canvasPainter(bytes, channels, pixels, unit) {
  const table = unit === "logit" ? LOGIT_COLOURS : PROBABILITY_COLOURS;
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

/** @param {Rollout} rollout @param {number} step @param {number} sample @param {string} unit
 * @returns {(i: number) => number} */
function changePainter(rollout, step, sample, unit) {
  const { channels, pixels } = rollout;
  // The bytes of a canvas are too coarse for small changes of large logits, so where there is a
  // window the stroke itself is computed.
  const stroke = unit === "logit" ? rollout.stroke(step, sample) : null;
  if (stroke) {
    return (i) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += stroke[i + c * pixels];
      return signed(sum / (channels * LOGIT_RANGE));
    };
  }
  const now = rollout.canvas(step, sample);
  const before = rollout.canvas(Math.max(0, step - 1), sample);
  const [table, range] = unit === "logit" ? [BYTE_LOGIT, LOGIT_RANGE] : [BYTE_PROBABILITY, 1];
  return (i) => {
    let sum = 0;
    for (let c = 0; c < channels; c++) {
      sum += table[now[i + c * pixels]] - table[before[i + c * pixels]];
    }
    return signed(sum / (channels * range));
  };
}

/** @param {Pixels} target @param {Patch | null} patch @param {number} scale */
export function paintPatch(target, patch, scale) {
  if (!patch) {
    target.data?.fill(0xff000000);
  } else {
    target.resize(patch.n, patch.n);
    const cells = patch.n * patch.n;
    for (let i = 0; i < cells; i++) {
      let sum = 0;
      for (let c = 0; c < patch.channels; c++) sum += patch.data[c * cells + i];
      target.data[i] = signed(sum / (patch.channels * scale));
    }
  }
  if (target.image) target.show();
}

export const GAP_COLOUR = rgba(58, 58, 64);

/** How the samples of a montage are laid out, with one pixel between them: the number of columns
 * that lets each sample be largest in a room of that many screen pixels.
 * @param {Rollout} rollout @param {{ width: number, height: number }} room @param {number} fewest */
export function montageLayout(rollout, room, fewest = 1) {
  const { samples, width, height } = rollout;
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

/** @param {Pixels} target @param {any} layout @param {Rollout} rollout @param {number} step @param {Look} view */
export function paintMontage(target, layout, rollout, step, view) {
  const { columns, width, height } = layout;
  target.resize(width, height);
  target.data.fill(GAP_COLOUR); // samples may have gone since the last time
  const last = rollout.samples % columns; // in a row that is not full; nothing stands beside it
  for (let y = last ? height - rollout.height - 1 : height; y < height; y++) {
    target.data.fill(0, y * width + last * (rollout.width + 1) - 1, (y + 1) * width);
  }
  for (let sample = 0; sample < rollout.samples; sample++) {
    const left = (sample % columns) * (rollout.width + 1);
    const top = Math.floor(sample / columns) * (rollout.height + 1);
    paintSample(target.data, width, left, top, rollout, step, sample, view);
  }
  target.show();
}
