// Buttons, step counter and timeline with its bars; the markup is transport.html.

import { make } from "../kit/element.js";
import { clamp } from "../kit/number.js";
import { OnePointer, placeIn } from "../kit/pointer.js";

// What the bars mean: the caption, the tip, and the power of a value that is its bar's height. A
// square root keeps one tall bar, often the first, from silencing all others.
/** @type {Record<string, [string, string, number]>} */
export const BARS = {
  kl: ["Information sent (KL), in nats: ", "What the encoder tells the decoder in this step. A nat is 1.44 bits.", 0.5],
  sure: ["How sure it is of its answer: ", "The probability that it gives to the likeliest answer after this look.", 1],
  ink: [
    "Pixels of ink that this step moves: ",
    "The change in probability, summed over all pixels. 1 is one pixel from black to white.",
    0.5,
  ],
  light: [
    "Pixels of light that this step moves: ",
    "The change of the values, 0 to 1, summed over all pixels and averaged over red, green and blue. 1 is one pixel from black to white.",
    0.5,
  ],
};

export class Transport {
  power = 1;
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
    const stepAt = (/** @type {PointerEvent} */ event) => Math.floor(placeIn(event, bars).x * (player.numSteps + 1));
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

  /** kind: what the bars mean, a key of BARS. @param {number} numSteps @param {string} kind */
  build(numSteps, kind) {
    const { refs } = this;
    refs.steps.textContent = numSteps;
    refs.timeline.setAttribute("aria-valuemax", numSteps);
    const labelled = Math.max(1, Math.ceil(numSteps / 16));
    refs.bars.replaceChildren(...Array.from({ length: numSteps + 1 }, () => make("div", { class: "bar" })));
    refs.ticks.replaceChildren(
      ...Array.from({ length: numSteps + 1 }, (_, t) =>
        make("div", { class: "tick", text: t % labelled === 0 || t === numSteps ? String(t) : "" }),
      ),
    );
    const [words, meaning, power] = BARS[kind];
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
    const most = Math.max(1e-6, ...values);
    [...this.refs.bars.children].forEach((bar, t) => {
      bar.style.setProperty("--height", t ? this.barHeight(values[t - 1], most) : 0);
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
      list.children[step].classList.add("now");
    }
    refs.barValue.textContent = this.barWords(step, values);
  }
}
