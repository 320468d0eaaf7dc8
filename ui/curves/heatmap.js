// The information clock of training: KL per step of the network (down) over training (right).

import { context2d } from "../kit/element.js";
import { clamp, roundUp } from "../kit/number.js";
import { firstAtLeast } from "./data.js";
import { multiples } from "./scale.js";

// Viridis: perceptually uniform, and told apart by every kind of colour vision.
const VIRIDIS = "440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6dcd59 b4de2c fde725"
  .split(" ")
  .map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));

// 256 colours as the numbers that an image's Uint32Array holds.
const SHADES = Uint32Array.from({ length: 256 }, (_, k) => {
  const place = (k / 255) * (VIRIDIS.length - 1);
  const low = Math.min(Math.floor(place), VIRIDIS.length - 2);
  const [r, g, b] = VIRIDIS[low].map((v, c) => Math.round(v + (place - low) * (VIRIDIS[low + 1][c] - v)));
  return (255 << 24) | (b << 16) | (g << 8) | r;
});

export const RAMP = `linear-gradient(to top, ${VIRIDIS.map((rgb) => `rgb(${rgb})`).join(", ")})`;

const MOST_SORTED = 3000;

/** Rows are whole pixels tall, about 150 together. @param {number} numSteps */
export function mapHeight(numSteps) {
  return numSteps * clamp(Math.round(150 / numSteps), 1, 30);
}

/** The nats of the brightest colour: a round number that 99 % of the map stay below. @param {Float32Array[]} steps */
function brightest(steps) {
  const every = Math.ceil((steps.length * steps[0].length) / MOST_SORTED); // sorting all takes 5 ms
  /** @type {number[]} */ const some = [];
  steps.forEach((row, t) => {
    for (let i = t % every; i < row.length; i += every) some.push(row[i]);
  });
  const finite = Float32Array.from(some).filter(Number.isFinite).sort();
  const most = finite[Math.ceil(0.99 * finite.length) - 1] ?? 0;
  return most > 0 ? roundUp(most, [1, 1.5, 2, 3, 4, 5, 6, 8, 10]) : 1;
}

/** A measurement holds for the time that is nearer to it than to its neighbours; the first one from
 * the beginning, unless that is far away. @param {Numbers} xs */
export function cellEdges(xs) {
  const n = xs.length;
  const edges = new Float64Array(n + 1);
  for (let i = 1; i < n; i++) edges[i] = (xs[i - 1] + xs[i]) / 2;
  const apart = n > 1 ? xs[1] - xs[0] : xs[0];
  edges[0] = xs[0] <= 1.5 * apart ? 0 : xs[0] - apart / 2;
  edges[n] = xs[n - 1];
  return edges;
}

export class Heatmap {
  /** @type {Float32Array[]} */ steps = [];
  /** @type {Record<Axis, Float64Array>} */ edges = { seconds: new Float64Array(2), step: new Float64Array(2) };
  image = document.createElement("canvas");
  target = context2d(this.image, { willReadFrequently: true });
  data = this.target.createImageData(1, 1);
  pixels = new Uint32Array(1);
  top = 1;

  load(/** @type {KlMap} */ kl) {
    this.steps = kl.steps;
    this.top = brightest(kl.steps);
    this.edges = { seconds: cellEdges(kl.x.seconds), step: cellEdges(kl.x.step) };
  }

  /** One column of the image is one column of screen pixels; the mean where several cells share it.
   * @param {Context} context @param {Frame} frame @param {Axis} axis */
  paint(context, frame, axis) {
    const { steps } = this;
    const columns = Math.max(1, Math.round(frame.width * (devicePixelRatio || 1)));
    const rows = steps.length;
    if (this.image.width !== columns || this.image.height !== rows) {
      Object.assign(this.image, { width: columns, height: rows });
      this.data = this.target.createImageData(columns, rows);
      this.pixels = new Uint32Array(this.data.data.buffer);
    }
    this.pixels.fill(0);
    const cells = this.cells(frame, axis, columns);
    const scale = 255 / this.top;
    for (let t = 0; t < rows; t++) {
      const row = steps[t];
      const line = t * columns;
      for (let column = cells.first; column < cells.end; column++) {
        const from = cells.from[column];
        const to = cells.to[column];
        let value = row[from];
        if (to > from) {
          for (let i = from + 1; i <= to; i++) value += row[i];
          value /= to - from + 1;
        }
        const shade = Math.min(255, value * scale + 0.5);
        if (!Number.isNaN(shade)) this.pixels[line + column] = SHADES[Math.max(0, shade) | 0]; // not NaN
      }
    }
    this.target.putImageData(this.data, 0, 0);
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, frame.left, frame.top, frame.width, frame.height);
  }

  /** Which cells each column of the image shows: those from the one at its middle to the one before
   * that at the next column's middle. @param {Frame} frame @param {Axis} axis @param {number} columns */
  cells(frame, axis, columns) {
    const edges = this.edges[axis];
    const last = edges.length - 2;
    const width = (frame.x1 - frame.x0) / columns;
    const from = new Int32Array(columns);
    const to = new Int32Array(columns);
    const column = (/** @type {number} */ x) => clamp(Math.round((x - frame.x0) / width), 0, columns);
    for (let k = 0; k < columns; k++) {
      const middle = frame.x0 + (k + 0.5) * width;
      from[k] = clamp(firstAtLeast(edges, middle) - 1, 0, last);
      to[k] = clamp(firstAtLeast(edges, middle + width) - 2, from[k], last);
    }
    return { from, to, first: column(edges[0]), end: column(edges[last + 1]) };
  }

  /** What is at a place: { step (1..T), index, value }, or null.
   * @param {Frame} frame @param {Axis} axis @param {number} x @param {number} y */
  at(frame, axis, x, y) {
    const edges = this.edges[axis];
    const place = frame.fromX(x);
    if (place < edges[0] || place > edges[edges.length - 1]) return null;
    const rows = this.steps.length;
    const index = clamp(firstAtLeast(edges, place) - 1, 0, edges.length - 2);
    const row = clamp(Math.floor(((y - frame.top) / frame.height) * rows), 0, rows - 1);
    return { step: row + 1, index, value: this.steps[row][index] };
  }
}

/** Which steps are named beside the map: the first, and every so many with room for a text.
 * @param {number} numSteps @param {number} height */
export function stepTicks(numSteps, height) {
  const wide = [1, 4, 5, 8, 10, 16, 20, 50, 100].filter((every) => (every * height) / numSteps >= 15);
  const every = wide.find((e) => numSteps % e === 0 && e <= 2 * wide[0]) ?? wide[0] ?? numSteps;
  return [...new Set([1, ...multiples(every, every, numSteps)])];
}
