// Buttons, step counter and timeline with its bars; the markup is transport.html.

import { make } from "../kit/element.js";
import { clamp } from "../kit/number.js";
import { OnePointer, placeIn } from "../kit/pointer.js";

const MOST_BARS = 128; // of more steps a bar shows the mean of several
const LABELS = 16;

export class Transport {
  power = 1;
  numSteps = 0;
  numBars = 0; // but for step 0
  before = { step: 0, playing: false };

  /** player: { step, numSteps, playback, goTo(step), move(by), settle() }. @param {any} refs @param {any} player */
  constructor(refs, player) {
    this.refs = refs;
    this.player = player;
    /** @type {Record<string, () => void>} */ const acts = {
      first: () => player.goTo(0),
      back: () => player.move(-1),
      play: () => player.playback.toggle(),
      forward: () => player.move(1),
      last: () => player.goTo(player.numSteps),
    };
    for (const button of refs.root.querySelectorAll("[data-act]")) {
      button.onclick = acts[button.dataset.act];
    }
    this.hand = this.bindTimeline();
  }

  bindTimeline() {
    const { player } = this;
    const { timeline, bars } = this.refs;
    const stepAt = (/** @type {PointerEvent} */ event) => this.stepAt(placeIn(event, bars).x);
    return new OnePointer(timeline, {
      down: (event) => {
        const { step, playing } = player.playback;
        this.before = { step, playing };
        player.goTo(stepAt(event));
      },
      move: (event) => {
        const step = clamp(stepAt(event), 0, player.numSteps);
        if (step !== player.step) player.goTo(step);
      },
      up: () => player.settle(),
      // A finger that scrolls the page, for example.
      cancel: () => {
        player.move(this.before.step - player.playback.step);
        if (this.before.playing) player.playback.play();
      },
    });
  }

  get scrubbing() {
    return Boolean(this.hand.held);
  }

  /** @param {number} numSteps */
  count(numSteps) {
    this.numSteps = numSteps;
    this.numBars = Math.min(numSteps, MOST_BARS);
  }

  /** The step at a share of the timeline's width. @param {number} x */
  stepAt(x) {
    const place = x * (this.numBars + 1);
    return place < 1 ? Math.floor(place) : 1 + Math.floor(((place - 1) * this.numSteps) / this.numBars);
  }

  /** The bar that holds a step; 0 for step 0. @param {number} step */
  barOf(step) {
    return Math.ceil((step * this.numBars) / this.numSteps);
  }

  /** The mean of what each bar holds of the values of steps 1..T; null where there is none.
   * @param {ArrayLike<number | null>} values @returns {(number | null)[]} */
  binned(values) {
    return Array.from({ length: this.numBars }, (_, k) => {
      let [sum, count] = [0, 0];
      const end = Math.floor(((k + 1) * this.numSteps) / this.numBars);
      for (let t = Math.floor((k * this.numSteps) / this.numBars); t < end; t++) {
        const value = values[t];
        if (value === null) continue;
        sum += value;
        count += 1;
      }
      return count ? sum / count : null;
    });
  }

  /** @param {number} numSteps @param {import("./film.js").Measure} measure what the bars mean */
  build(numSteps, { words, meaning, power }) {
    const { refs } = this;
    this.count(numSteps);
    refs.steps.textContent = numSteps;
    refs.timeline.setAttribute("aria-valuemax", numSteps);
    const bars = Array.from({ length: this.numBars + 1 }, () => make("div", { class: "bar" }));
    const ticks = bars.map(() => make("div", { class: "tick" }));
    const every = Math.max(1, Math.ceil(numSteps / LABELS));
    for (let t = 0; t <= numSteps; t += every) ticks[this.barOf(t)].textContent = `${t}`;
    ticks[this.numBars].textContent = String(numSteps);
    refs.bars.replaceChildren(...bars);
    refs.ticks.replaceChildren(...ticks);
    this.power = power;
    refs.barsScale.textContent = power === 0.5 ? "bar heights: square roots" : "";
    refs.barsCaption.textContent = words;
    refs.barsCaption.parentElement.title = meaning;
  }

  /** The height of a bar as a share of the highest one. @param {number} value @param {number} most */
  barHeight(value, most) {
    return (Math.max(0, value) / most) ** this.power;
  }

  /** values: of steps 1..T. @param {any} values */
  drawBars(values) {
    const means = this.binned(values).map(Number);
    const most = Math.max(1e-6, ...means);
    [...this.refs.bars.children].forEach((bar, k) => {
      bar.style.setProperty("--height", k ? this.barHeight(means[k - 1], most) : 0);
    });
  }

  drawPlaying(/** @type {boolean} */ playing) {
    this.refs.root.classList.toggle("playing", playing);
    this.refs.play.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  /** The value of a step in words, after the caption of the bars.
   * @param {number} step @param {any} values @returns {string} */
  barWords(step, values) {
    return step ? values[step - 1].toFixed(1) : "–";
  }

  /** @param {number} step @param {any} values */
  drawPosition(step, values, words = `step ${step} of ${this.player.numSteps}`) {
    const { refs } = this;
    refs.step.textContent = step;
    refs.timeline.setAttribute("aria-valuenow", step);
    refs.timeline.setAttribute("aria-valuetext", words);
    for (const list of [refs.bars, refs.ticks]) {
      list.querySelector(".now")?.classList.remove("now");
      list.children[this.barOf(step)].classList.add("now");
    }
    refs.barValue.textContent = this.barWords(step, values);
  }
}
