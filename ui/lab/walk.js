// The walk of a model's windows over the picture: play and pause, where they are, and how far they go.

import { makeButton, setText } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { askedWindow } from "./look.js";
import { between } from "./presets.js";

const WALK_MS = 9000; // a whole run, within these bounds for a step
const STEP_MS = [260, 800];
const GLIDE = 0.55; // the share of a step in which the windows move

export class LabWalk {
  frame = 0;

  constructor(/** @type {import("./ask.js").AskModel} */ asking) {
    this.asking = asking;
    this.phase = 1; // of the way from the step before to this one
  }

  get steps() {
    return this.asking.asked?.read.shape[0] ?? 0;
  }

  button() {
    const toggle = () => (this.on ? this.rest() : this.start());
    this.toggle = makeButton(toggle, { class: "main play", "data-act": "walk" });
    this.drawButton();
    return this.toggle;
  }

  drawButton() {
    if (this.toggle) setText(this.toggle, this.on ? "❚❚ Pause" : "▶ Play");
  }

  // From the first step if it stands at the last.
  start() {
    const { asking } = this;
    const { lab } = asking;
    asking.playing = false;
    lab.stop();
    this.on = true;
    if (asking.step >= this.steps) asking.step = 1;
    const [least, most] = STEP_MS;
    const length = Math.min(most, Math.max(least, WALK_MS / this.steps));
    let began = performance.now();
    const next = (/** @type {number} */ now) => {
      const t = Math.max(0, now - began) / length;
      if (t >= 1) {
        if (asking.step >= this.steps) return this.rest();
        asking.step += 1;
        began = now;
      }
      const glide = t >= 1 ? 0 : Math.min(1, t / GLIDE);
      this.phase = reducedMotion() || asking.step === 1 ? 1 : glide * glide * (3 - 2 * glide);
      lab.redraw();
      this.frame = requestAnimationFrame(next);
      return undefined;
    };
    this.phase = 1;
    this.frame = requestAnimationFrame(next);
    this.drawButton();
  }

  stop() {
    if (!this.on) return;
    cancelAnimationFrame(this.frame);
    this.on = false;
    this.phase = 1;
    this.drawButton();
    this.asking.lab.redraw();
  }

  // Stops where there is something to say of it.
  rest() {
    this.stop();
    this.asking.lab.say(this.now());
  }

  /** A window of [T, 5] where the walk is at this moment. @param {Tensor} params */
  window(params) {
    const { step } = this.asking;
    const here = askedWindow(params, step);
    return this.phase < 1 && step > 1 ? between(askedWindow(params, step - 1), here, this.phase) : here;
  }

  // ---- in words, from the numbers of the run

  now() {
    const { asked, step } = this.asking;
    if (!asked) return "";
    const { read, write } = asked;
    const parts = [`it reads ${this.place(askedWindow(read, step), asked.read_size)}`];
    if (write) parts.push(`and writes ${this.place(askedWindow(write, step), asked.write_size)}`);
    return `In step ${step} ${parts.join(" ")}.`;
  }

  /** @param {GridWindow} w @param {number} n */
  place(w, n) {
    const { width, height } = this.asking.lab.look;
    const side = n * w.delta;
    const size = `${side.toFixed(0)} × ${side.toFixed(0)} pixels around x ${w.gX.toFixed(0)}, y ${w.gY.toFixed(0)}`;
    return side > Math.max(width, height) ? `${size} (more than the whole picture)` : size;
  }

  wholeRun(/** @type {import("./ask.js").Asked} */ asked) {
    const { look } = this.asking.lab;
    const steps = Array.from({ length: this.steps }, (_, t) => askedWindow(asked.read, t + 1));
    const sides = steps.map(({ delta }) => asked.read_size * delta).sort((a, b) => a - b);
    const half = sides.length / 2;
    const median = (sides[Math.ceil(half) - 1] + sides[Math.floor(half)]) / 2;
    // A centre beyond the border works on the border.
    const x = (/** @type {GridWindow} */ { gX }) => clamp(gX, 0, look.width - 1);
    const y = (/** @type {GridWindow} */ { gY }) => clamp(gY, 0, look.height - 1);
    const path = steps.slice(1).reduce((sum, w, t) => sum + Math.hypot(x(w) - x(steps[t]), y(w) - y(steps[t])), 0);
    return (
      `Over its ${this.steps} steps, the window that reads is ${Math.round((100 * median) / Math.max(look.width, look.height))} % `
      + `of the picture wide (median), and its centre travels ${path.toFixed(0)} pixels.`
    );
  }
}
