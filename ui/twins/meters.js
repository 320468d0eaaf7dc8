// Information in nats, of both on one scale: two clocks, the sums over the steps, and the numbers.

import { Clock } from "../diagram/clock.js";
import { UNSET } from "../kit/component.js";
import { findAll } from "../kit/element.js";
import { fixed } from "../kit/number.js";
import { set, svg } from "../kit/svg.js";
import { both, LETTERS } from "./side.js";

const SUM_MARGIN = { left: 2, right: 6, top: 6, bottom: 4 };

export class Meters {
  /** @type {Both<number[]>} */ sums = { a: [], b: [] };
  /** @type {Both<Float32Array>} */ kl = UNSET;
  /** @type {Both<SVGElement> | null} */ marks = null;
  /** @type {SVGElement | null} */ hand = null;
  bounds = { top: 0, bottom: 0 };
  x = (/** @type {number} */ _t) => 0;
  y = (/** @type {number} */ _nats) => 0;
  most = 0;

  /** went(letter, step): the visitor pointed at a step of one of the clocks.
   * @param {import("./twins.js").Refs} refs @param {(letter: Letter, step: number) => void} went */
  constructor(refs, went) {
    this.refs = refs;
    this.clocks = {
      a: new Clock(refs.clockA, refs.totalA, (step) => went("a", step)),
      b: new Clock(refs.clockB, refs.totalB, (step) => went("b", step)),
    };
    this.cells = Object.fromEntries(
      findAll(refs.root, HTMLElement, "[data-nats]").map((cell) => [cell.dataset.nats, cell]),
    );
  }

  close() {
    for (const clock of Object.values(this.clocks)) clearTimeout(clock.dwelling);
  }

  set playback(/** @type {import("../player/playback.js").Playback} */ playback) {
    for (const clock of Object.values(this.clocks)) clock.playback = playback;
  }

  /** films: { a, b } with their KL. hours: { a, b }, so many steps go round each clock.
   * @param {Both<Film>} films @param {Both<number>} hours */
  build(films, hours) {
    this.kl = both((k) => films[k].kl);
    const most = Math.max(1e-6, ...this.kl.a, ...this.kl.b);
    for (const k of LETTERS) {
      this.clocks[k].build({ kl: this.kl[k], numSteps: hours[k] }, null, most);
      let sum = 0;
      this.sums[k] = [0, ...this.kl[k]].map((nats) => (sum += nats));
      const { nll } = films[k].meta;
      const latent = this.sums[k][this.kl[k].length];
      this.cells[`${k}.latent`].textContent = fixed(latent, 1);
      this.cells[`${k}.nll`].textContent = fixed(nll, 1);
      this.cells[`${k}.bound`].textContent = fixed(latent + nll, 1);
    }
    this.most = Math.max(1e-6, ...this.sums.a, ...this.sums.b);
    this.refs.sumsCaption.textContent = `, up to ${fixed(this.most, 1)}`;
  }

  /** reach: { a, b }, the step of each at every point 0..last of the timeline. @param {Both<number[]>} reach */
  fit(reach) {
    const { sums: chart } = this.refs;
    const { clientWidth: width, clientHeight: height } = chart;
    if (!width) return;
    const { left, right, top, bottom } = SUM_MARGIN;
    const last = reach.a.length - 1;
    this.x = (t) => left + ((width - left - right) * t) / last;
    this.y = (nats) => height - bottom - ((height - top - bottom) * nats) / this.most;
    chart.setAttribute("viewBox", `0 0 ${width} ${height}`);
    chart.replaceChildren();
    svg("path", { class: "axis", d: `M${left} ${top}V${height - bottom}H${width - right}` }, chart);
    this.hand = svg("path", { class: "hand" }, chart);
    const points = (/** @type {Letter} */ k) =>
      reach[k].map((step, t) => `${this.x(t)},${this.y(this.sums[k][step])}`).join(" ");
    svg("polyline", { class: "b", points: points("b") }, chart);
    svg("polyline", { class: "b inner", points: points("b") }, chart);
    svg("polyline", { class: "a", points: points("a") }, chart);
    this.marks = { b: svg("circle", { class: "b", r: 4 }, chart), a: svg("circle", { class: "a", r: 4 }, chart) };
    this.bounds = { top, bottom: height - bottom };
  }

  /** t: of the timeline; steps: { a, b }, the step of each there. @param {number} t @param {Both<number>} steps */
  draw(t, steps) {
    for (const k of LETTERS) {
      const step = steps[k];
      this.clocks[k].draw(step, true);
      this.cells[`${k}.now`].textContent = step ? fixed(this.kl[k][step - 1]) : "–";
      this.cells[`${k}.sum`].textContent = fixed(this.sums[k][step], 1);
      if (this.marks) set(this.marks[k], { cx: this.x(t), cy: this.y(this.sums[k][step]) });
    }
    if (this.hand) this.hand.setAttribute("d", `M${this.x(t)} ${this.bounds.top}V${this.bounds.bottom}`);
  }
}
