// The pictures in the nodes: each is one tensor at one step.

import { make } from "../kit/element.js";
import { clamp, sum } from "../kit/number.js";
import { hued, rgba, signed } from "../kit/pixels.js";
import { set, svg } from "../kit/svg.js";

/** The image itself: 0 is black, 1 is white or a full colour; other channel counts show their mean.
 * @param {Pixels} target @param {Numbers} data @param {number} channels @param {number} height
 * @param {number} width */
export function paintImage(target, data, channels, height, width, most = 1) {
  target.resize(width, height);
  const pixels = width * height;
  const byte = (/** @type {number} */ v) => Math.round(255 * clamp(v / most, 0, 1));
  for (let i = 0; i < pixels; i++) {
    if (channels === 3) {
      target.data[i] = rgba(byte(data[i]), byte(data[i + pixels]), byte(data[i + 2 * pixels]));
      continue;
    }
    let sum = 0;
    for (let c = i; c < channels * pixels; c += pixels) sum += data[c];
    const v = byte(sum / channels);
    target.data[i] = rgba(v, v, v);
  }
  target.show();
}

/** Signed values as colours, mean over channels; `most` has the full colour.
 * @param {Pixels} target @param {Numbers} data @param {number} channels @param {number} height
 * @param {number} width @param {number} most */
export function paintSigned(target, data, channels, height, width, most) {
  target.resize(width, height);
  const pixels = width * height;
  for (let i = 0; i < pixels; i++) {
    let sum = 0;
    for (let c = i; c < channels * pixels; c += pixels) sum += data[c];
    target.data[i] = signed(sum / (channels * most));
  }
  target.show();
}

// A hidden unit, -1 to 1, in the colours of signed values. Half of the units are below 0.01, so the
// scale is logarithmic: such a unit is half as bright as one at its limit, on a projector too.
const UNIT_FLOOR = 1e-4;
function unitColour(/** @type {number} */ v) {
  const part = Math.log1p(Math.min(1, Math.abs(v)) / UNIT_FLOOR) / Math.log1p(1 / UNIT_FLOOR);
  return hued(v, part);
}

/** A vector as a nearly square heat map, row by row; what is left of the last row is transparent, and
 * all of it where there is no vector yet. @param {Pixels} target @param {Numbers | null} data @param {number} length */
export function paintState(target, data, length, colour = unitColour) {
  const columns = Math.ceil(Math.sqrt(length));
  const rows = Math.ceil(length / columns);
  target.resize(columns, rows);
  target.data.fill(0);
  for (let k = 0; data && k < length; k++) target.data[k] = colour(data[k]);
  target.show();
}

/** @param {Pixels} target @param {number} height @param {number} width */
export function paintNothing(target, height, width) {
  target.resize(width, height);
  target.data.fill(0xff000000);
  target.show();
}

// The latents of a step: a bar from mu - sigma to mu + sigma, a dot at mu and a tick at z, one column
// each in their own order. Those that carry most of the KL are drawn strong.
const STRONG_SHARE = 0.8; // of the step's nats

export class Latents {
  isStrong = new Uint8Array(0);
  /** @type {number[]} */ order = [];

  constructor(/** @type {Element} */ parent) {
    this.chart = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, parent);
    this.prior = svg("rect", { class: "prior" }, this.chart);
    this.zero = svg("path", { class: "zero" }, this.chart);
    /** @type {Record<string, SVGElement>} */ this.paths = {};
    for (const name of ["weak", "strong"]) {
      const group = svg("g", { class: name }, this.chart);
      for (const part of ["sigma", "mu", "z"]) {
        this.paths[`${name} ${part}`] = svg("path", { class: part }, group);
      }
    }
    this.low = make("small", { class: "axis low" });
    this.high = make("small", { class: "axis high" });
    parent.append(this.low, this.high);
  }

  build(/** @type {Run} */ run) {
    const reach = Math.ceil(run.reach);
    this.chart.setAttribute("viewBox", `0 ${-reach} ${run.latents} ${2 * reach}`);
    this.chart.classList.toggle("crowded", run.latents > 60);
    set(this.prior, { x: 0, y: -1, width: run.latents, height: 2 });
    this.zero.setAttribute("d", `M0 0H${run.latents}`);
    this.low.textContent = `−${reach}`;
    this.high.textContent = `+${reach}`;
    this.order = Array.from({ length: run.latents }, (_, k) => k);
    this.isStrong = new Uint8Array(run.latents);
  }

  /** @param {Run} run @param {number} step */
  draw(run, step) {
    const texts = Object.fromEntries(Object.keys(this.paths).map((name) => [name, ""]));
    if (step) {
      const nats = run.latentNats(step);
      this.mark(nats);
      const mu = run.row("mu", step);
      const logSigma = run.row("log_sigma", step);
      const z = run.row("z", step);
      for (let k = 0; k < run.latents; k++) {
        const name = this.isStrong[k] ? "strong" : "weak";
        const sigma = Math.exp(logSigma[k]);
        texts[`${name} sigma`] += `M${k + 0.5} ${-mu[k] - sigma}v${2 * sigma}`;
        texts[`${name} mu`] += `M${k + 0.5} ${-mu[k]}h0`;
        texts[`${name} z`] += `M${k + 0.15} ${-z[k]}h0.7`;
      }
    }
    for (const [name, d] of Object.entries(texts)) this.paths[name].setAttribute("d", d);
  }

  mark(/** @type {Float32Array} */ nats) {
    this.order.sort((i, j) => nats[j] - nats[i]);
    this.isStrong.fill(0);
    const all = sum(nats);
    let so = 0;
    for (const k of this.order) {
      if (so >= STRONG_SHARE * all) break;
      this.isStrong[k] = 1;
      so += nats[k];
    }
  }
}
