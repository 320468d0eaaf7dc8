// The pictures in the nodes: each is one tensor at one step.

import { make } from "../kit/element.js";
import { sum } from "../kit/number.js";
import { hued } from "../kit/pixels.js";
import { set, svg } from "../kit/svg.js";
import { paintCanvas } from "../player/paint.js";

// A hidden unit, -1 to 1, in the colours of signed values. Half of the units are below 0.01, so the
// scale is logarithmic: such a unit is half as bright as one at its limit, on a projector too.
const UNIT_FLOOR = 1e-4;
function unitColour(/** @type {number} */ v) {
  const part = Math.log1p(Math.min(1, Math.abs(v)) / UNIT_FLOOR) / Math.log1p(1 / UNIT_FLOOR);
  return hued(v, part);
}

/** The pictures of a node at a step; before step 1 nothing is remembered, read or written.
 * @param {Run} run @param {string} node @param {number} step @param {Pixels[]} pictures */
export function paintNode(run, node, step, [picture, second]) {
  const { channels, width, height, x } = run;
  if (node === "x") picture.values(x, channels, height, width);
  else if (node === "canvas") paintCanvas(picture, run, step, 0);
  else if (node === "enc" || node === "dec") {
    picture.square(step ? run.row(`h_${node}`, step) : null, run.units(`h_${node}`), unitColour);
  } else if (!step) {
    for (const one of second ? [picture, second] : [picture]) one.resize(...run.sideOf(node)).black();
  } else if (node === "write") {
    const [columns, rows] = run.sideOf("write");
    picture.signed(run.row("write_patches", step), channels, rows, columns, run.most("write_patches"));
  } else if (run.has("read")) {
    const n = run.points("read");
    picture.values(run.row("read_patches", step), channels, n, n, run.mostRead);
    second.signed(run.row("error_patches", step), channels, n, n, run.mostRead);
  } else {
    picture.values(x, channels, height, width);
    second.signed(run.error(step), 1, height, width);
  }
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
