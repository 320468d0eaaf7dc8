// Draws the curves on a canvas.

import { context2d } from "../kit/element.js";
import { clamp } from "../kit/number.js";
import { firstAtLeast } from "./data.js";

/** @type {Record<CurveKind, number[]>} */
export const DASHES = { loss: [], nll: [9, 4], latent_loss: [2, 3.5], test: [] };
/** Circle, square, triangle and diamond, about their middle and of radius 1 or a little more. */
export const MARKERS = [
  "M1 0a1 1 0 1 0 -2 0a1 1 0 1 0 2 0",
  "M-1 -1h2v2h-2z",
  "M0 -1.3l1.2 2.2h-2.4z",
  "M0 -1.4l1.4 1.4l-1.4 1.4l-1.4 -1.4z",
];

/** A canvas with as many pixels as the screen; returns its context in CSS pixels, cleared.
 * @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
export function prepare(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    Object.assign(canvas, { width: w, height: h });
    canvas.style.height = `${height}px`;
  }
  const context = context2d(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Strokes a path, or else what was traced last.
 * @param {Context} context @param {string} color @param {number} width @param {number[]} dash
 * @param {Path2D} [path] */
function stroke(context, color, width, dash = [], path) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.setLineDash(dash);
  if (path) context.stroke(path);
  else context.stroke();
}

/** @param {Context} context @param {Frame} frame @param {Tick[]} xTicks @param {Tick[]} yTicks @param {string} color */
function paintGrid(context, frame, xTicks, yTicks, color) {
  context.beginPath();
  const sharp = (/** @type {number} */ v) => Math.round(v) + 0.5;
  for (const { value } of xTicks) {
    context.moveTo(sharp(frame.toX(value)), frame.top);
    context.lineTo(sharp(frame.toX(value)), frame.bottom);
  }
  for (const { value } of yTicks) {
    context.moveTo(frame.left, sharp(frame.toY(value)));
    context.lineTo(frame.right, sharp(frame.toY(value)));
  }
  stroke(context, color, 1);
}

/** The indices in view and one to each side, so that lines leave the picture.
 * @param {Float32Array} xs @param {Frame} frame */
function indicesInView(xs, frame) {
  const from = firstAtLeast(xs, frame.x0) - 1;
  return [Math.max(0, from), Math.min(xs.length - 1, firstAtLeast(xs, frame.x1))];
}

/** @param {Context} context @param {Frame} frame @param {Float32Array} xs @param {Float32Array} values */
function tracePath(context, frame, xs, values) {
  const [from, to] = indicesInView(xs, frame);
  context.beginPath();
  let pen = false;
  for (let i = from; i <= to; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      pen = false;
      continue;
    }
    // Far outside, canvases lose precision.
    const y = clamp(frame.toY(value), frame.top - 2000, frame.bottom + 2000);
    if (pen) context.lineTo(frame.toX(xs[i]), y);
    else context.moveTo(frame.toX(xs[i]), y);
    pen = true;
  }
}

/** @param {Context} context @param {Frame} frame @param {Float32Array} xs
 * @param {Float32Array} values @param {Line} line @param {string} background */
function paintMarkers(context, frame, xs, values, line, background) {
  const [from, to] = indicesInView(xs, frame);
  const extent = Math.max(1, frame.toX(xs[to]) - frame.toX(xs[from]));
  const every = Math.ceil((10 * (to - from)) / extent) || 1; // where they crowd, only some
  const radius = every > 1 ? 3 : 3.6;
  const [all, one] = [new Path2D(), new Path2D(line.marker)];
  for (let i = from; i <= to; i++) {
    if (i % every || !Number.isFinite(values[i])) continue;
    all.addPath(one, new DOMMatrix([radius, 0, 0, radius, frame.toX(xs[i]), frame.toY(values[i])]));
  }
  context.fillStyle = background;
  context.fill(all);
  stroke(context, line.color, 2, [], all);
}

/** @param {Context} context @param {Frame} frame @param {Line} line @param {Chart} chart */
function paintLine(context, frame, line, { axis, data, settings, colors }) {
  const xs = line.x[axis];
  const values = settings.smooth ? line.smooth : line.raw;
  const several = data.runs.length > 1;
  context.lineJoin = "round";
  if (values !== line.raw && !several) {
    context.globalAlpha = 0.28;
    tracePath(context, frame, xs, line.raw);
    stroke(context, line.color, 1);
    context.globalAlpha = 1;
  }
  tracePath(context, frame, xs, values);
  stroke(context, line.color, line.kind === "test" || several ? 1.75 : 2.25, DASHES[line.kind]);
  // A single point has no line: it is shown as a point of any kind.
  if (line.kind === "test" || xs.length === 1) {
    paintMarkers(context, frame, xs, values, line, colors.background);
  }
}

/** @param {Chart} chart @param {Context} context @param {Frame} frame */
export function paintLosses(chart, context, frame) {
  const { data, visible, colors, ticks } = chart;
  paintGrid(context, frame, ticks.x, ticks.y, colors.grid);
  context.save();
  context.beginPath();
  const before = frame.x0 === 0 ? 5 : 0; // the whole of a marker at the beginning
  context.rect(frame.left - before, frame.top - 3, frame.width + before + 5, frame.height + 6);
  context.clip();
  for (const { value } of data.meta.references) {
    context.beginPath();
    context.moveTo(frame.left, frame.toY(value));
    context.lineTo(frame.right, frame.toY(value));
    stroke(context, colors.faint, 1.25, [5, 5]);
  }
  // The most important, first in order, on top.
  for (const line of [...visible].reverse()) {
    paintLine(context, frame, line, chart);
  }
  context.restore();
  for (const { x, y, place, color } of chart.labels) {
    context.beginPath();
    context.moveTo(Math.max(frame.toX(x), frame.left) + 5, y);
    context.lineTo(frame.right + 5, y);
    context.lineTo(frame.right + 14, place);
    context.globalAlpha = 0.7;
    stroke(context, color, 1, [1.5, 2.5]);
    context.globalAlpha = 1;
  }
}
