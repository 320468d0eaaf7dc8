// The information clock: one sector per step, as long as its KL in nats; a hand at the present step.

import { UNSET } from "../kit/component.js";
import { fixed, sum } from "../kit/number.js";
import { OnePointer } from "../kit/pointer.js";
import { svg } from "../kit/svg.js";

const CLOCK = { inner: 40, outer: 96 }; // radii in units of its own drawing
const CLOCK_EDGE = 101; // a little beyond the rim
const CLOCK_MIDDLE = 12; // nearer to the middle a finger's direction says nothing
const DWELL_MS = 120; // while it plays, a pointer on its way elsewhere does not stop it

/** A point of the dial; angles go clockwise from the top. @param {number} angle @param {number} radius */
const onDial = (angle, radius) => `${radius * Math.sin(angle)} ${-radius * Math.cos(angle)}`;

/** @typedef {{ kl: Float32Array, numSteps: number }} Counted */

export class Clock {
  /** @type {import("../player/playback.js").Playback} */ playback = UNSET;
  /** @type {Float32Array} */ kl = UNSET;
  start = { step: 0, playing: false };
  step = 0;
  steps = 0;
  sum = 0;
  dwelling = 0;
  most = 0;
  /** @type {SVGElement[]} */ paths = [];
  hand = svg("path", { class: "hand" });
  nats = svg("text", { class: "nats", y: 3 });

  /** went(step) is called for the sector that is pointed at. Whoever builds it sets `playback`.
   * @param {SVGSVGElement} element @param {HTMLElement} total @param {(step: number) => void} went */
  constructor(element, total, went) {
    this.element = element;
    this.total = total;
    this.went = went;
    this.pressed = new OnePointer(element, {
      down: (event) => {
        this.start = { step: this.step, playing: this.playback.playing };
        this.point(event, true);
      },
      move: (event) => this.point(event, true),
      up: () => {},
      cancel: () => {
        this.went(this.start.step);
        if (this.start.playing) this.playback.play();
      },
    });
    element.addEventListener("pointermove", (event) => {
      if (!this.pressed.held && event.pointerType !== "touch") this.point(event);
    });
    element.onpointerleave = () => clearTimeout(this.dwelling);
  }

  /** least: how many nats the rim stands for at least, so that several clocks share one scale.
   * @param {Counted} now @param {Counted | null} before */
  build(now, before = null, least = 1e-6) {
    this.kl = now.kl;
    this.steps = now.numSteps;
    this.most = Math.max(least, ...now.kl, ...(before?.kl ?? []));
    this.sum = sum(this.kl);
    const { element } = this;
    element.replaceChildren();
    svg("circle", { class: "dial", r: CLOCK.outer }, element);
    const sectors = svg("g", { class: "sectors" }, element);
    this.paths = Array.from(this.kl, (nats, t) => {
      const length = nats / this.most;
      const path = svg("path", { class: "sector", d: this.sector(t, length) }, sectors);
      path.dataset.length = String(length);
      return path;
    });
    const ghosts = svg("g", { class: "ghosts" }, element);
    before?.kl.forEach((nats, t) => {
      svg("path", { class: "ghost", d: this.sector(t, nats / this.most) }, ghosts);
    });
    svg("circle", { class: "hub", r: CLOCK.inner }, element);
    element.append(this.hand, this.nats);
    svg("text", { class: "unit", y: 20, text: "nats" }, element);
  }

  /** The outline of a sector of step t + 1 that reaches a part of the way from hub to rim.
   * @param {number} t @param {number} part */
  sector(t, part) {
    const [from, to] = this.angles(t);
    const r = CLOCK.inner + (CLOCK.outer - CLOCK.inner) * Math.max(0, part);
    const large = to - from > Math.PI ? 1 : 0;
    return (
      `M${onDial(from, CLOCK.inner)}L${onDial(from, r)}A${r} ${r} 0 ${large} 1 ${onDial(to, r)}`
      + `L${onDial(to, CLOCK.inner)}A${CLOCK.inner} ${CLOCK.inner} 0 ${large} 0 ${onDial(from, CLOCK.inner)}Z`
    );
  }

  /** Clockwise from the top, with a small gap between sectors. @param {number} t */
  angles(t) {
    const turn = (2 * Math.PI) / this.steps;
    const gap = Math.min(0.03, turn * 0.12) / 2;
    return [t * turn + gap, (t + 1) * turn - gap];
  }

  /** Where an event is from the middle, in screen pixels, and how far in units of the drawing.
   * @param {MouseEvent} event */
  place(event) {
    const box = this.element.getBoundingClientRect();
    const x = event.clientX - (box.left + box.width / 2);
    const y = event.clientY - (box.top + box.height / 2);
    return { x, y, r: (200 * Math.hypot(x, y)) / Math.min(box.width, box.height) };
  }

  /** Whether an event is over the ring of the sectors, which lead to their steps; the hub leads nowhere.
   * @param {MouseEvent} event */
  isOnSectors(event) {
    const { r } = this.place(event);
    return r >= CLOCK.inner && r <= CLOCK_EDGE;
  }

  /** @param {PointerEvent} event */
  point(event, pressed = false) {
    clearTimeout(this.dwelling);
    const { x, y, r } = this.place(event);
    if (!this.kl || r > CLOCK_EDGE || r < (pressed ? CLOCK_MIDDLE : CLOCK.inner)) return;
    const turn = (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1;
    const step = Math.min(this.steps, Math.floor(turn * this.steps) + 1);
    if (pressed || !this.playback.playing) this.went(step);
    else this.dwelling = setTimeout(() => this.went(step), DWELL_MS);
  }

  /** arrived: whether this step's message is part of what is shown already (not before "sample z").
   * @param {number} step @param {boolean} arrived */
  draw(step, arrived) {
    this.step = step;
    const shown = arrived ? step : step - 1;
    this.paths.forEach((path, t) => {
      path.classList.toggle("past", t < shown);
      path.classList.toggle("now", t === step - 1);
    });
    const turn = (2 * Math.PI) / this.steps;
    const angle = step ? (step - 0.5) * turn : 0;
    const { inner } = CLOCK;
    this.hand.setAttribute(
      "d",
      `M${onDial(angle - 0.16, inner - 9)}L${onDial(angle, inner + 3)}L${onDial(angle + 0.16, inner - 9)}Z`,
    );
    const now = step ? this.kl[step - 1] : 0;
    const nats = fixed(now);
    this.nats.textContent = step ? fixed(now, now < 100 ? 2 : now < 1000 ? 1 : 0) : "–";
    const words = step
      ? `step ${step}: ${nats} nats of ${fixed(this.sum, 1)}`
      : `${fixed(this.sum, 1)} nats in ${this.steps} steps`;
    this.total.textContent = words;
    this.element.setAttribute("aria-label", `Information clock, ${words}`);
  }
}
