// Latents in the hand: the numbers of one step, its temperature, and a mixture with another sample.

import { findAll, make } from "../kit/element.js";
import { clamp, withMinus } from "../kit/number.js";
import { wishesNothing } from "./noise.js";

/** @typedef {import("./noise.js").Wish} Wish */

const REACH = 4; // of a slider: nearly all of a standard normal number

export class LatentTool {
  /** @type {Wish} */ wish = { other: 1, mix: "none", far: 0, temperature: {}, own: {} };
  /** @type {HTMLInputElement[]} */ sliders = [];
  step = 0;
  numSteps = 0;

  /** host: changed() follows each change. @param {any} refs @param {{ changed(): void }} host */
  constructor(refs, host) {
    this.refs = refs;
    this.host = host;
    refs.warmth.oninput = () => {
      const value = Number(refs.warmth.value);
      const { [this.step]: _, ...temperature } = this.wish.temperature;
      this.change({ temperature: value === 1 ? temperature : { ...temperature, [this.step]: value } });
    };
    for (const input of findAll(refs.mix, HTMLInputElement, "input")) {
      input.onchange = () => {
        const mix = /** @type {Wish["mix"]} */ (input.value);
        this.change({ mix, far: mix === "path" ? 0.5 : Math.floor(this.numSteps / 2) });
      };
    }
    refs.otherSeed.oninput = () =>
      this.change({ other: clamp(Math.round(Number(refs.otherSeed.value)), 0, 2 ** 31 - 1) });
    refs.far.oninput = () => this.change({ far: Number(refs.far.value) });
    refs.resetStep.onclick = () => {
      const { [this.step]: _, ...temperature } = this.wish.temperature;
      const own = Object.fromEntries(
        Object.entries(this.wish.own).filter(([place]) => !place.startsWith(`${this.step}:`)),
      );
      this.change({ temperature, own });
    };
    refs.resetAll.onclick = () => this.change({ mix: "none", temperature: {}, own: {} });
  }

  get isIdle() {
    return wishesNothing(this.wish);
  }

  /** @param {Partial<Wish>} change */
  change(change) {
    this.wish = { ...this.wish, ...change };
    this.host.changed();
  }

  /** @param {number} numSteps @param {number} size Z */
  build(numSteps, size) {
    this.numSteps = numSteps;
    this.sliders = Array.from({ length: size }, (_, k) => {
      const slider = make("input", {
        type: "range",
        min: -REACH,
        max: REACH,
        step: 0.05,
        "aria-label": `Latent ${k + 1}`,
      });
      slider.oninput = () => this.change({ own: { ...this.wish.own, [`${this.step}:${k}`]: Number(slider.value) } });
      return slider;
    });
    this.refs.zs.replaceChildren(...this.sliders.map((slider) => make("label", {}, make("span", {}), slider)));
  }

  /** @param {number} step @param {ArrayLike<number> | null} z the numbers of this step as they are now
   * @param {boolean} sees whether an encoder says where they lie */
  draw(step, z, sees) {
    const { refs, wish, sliders, numSteps } = this;
    this.step = step;
    refs.latentsLead.textContent = step
      ? `Step ${step} draws ${sliders.length} random numbers: ${sees ? "z = μ + σ times these, around what the encoder tells" : "its latents z"}. Move them.`
      : "Go to a step first: the first canvas needs no random numbers.";
    sliders.forEach((slider, k) => {
      slider.disabled = !step;
      const value = z ? z[k] : 0;
      if (Math.abs(Number(slider.value) - value) > 0.026) slider.value = String(value);
      const [label] = findAll(/** @type {any} */ (slider.parentElement), HTMLElement, "span");
      label.textContent = step ? withMinus(value.toFixed(2)) : "";
      label.className = `${step}:${k}` in wish.own ? "own" : "";
    });
    refs.warmth.disabled = !step;
    refs.warmth.value = String(wish.temperature[step] ?? 1);
    refs.warmthOut.textContent = step ? Number(refs.warmth.value).toFixed(2) : "";
    for (const input of findAll(refs.mix, HTMLInputElement, "input")) input.checked = input.value === wish.mix;
    refs.mixing.hidden = wish.mix === "none";
    if (Number(refs.otherSeed.value) !== wish.other || refs.otherSeed.value === "")
      refs.otherSeed.value = String(wish.other);
    const isPath = wish.mix === "path";
    Object.assign(refs.far, { max: isPath ? 1 : numSteps, step: isPath ? 0.01 : 1 });
    refs.far.value = String(wish.far);
    refs.farOut.textContent = isPath ? wish.far.toFixed(2) : String(wish.far);
    refs.farWords.textContent = isPath
      ? "How far on the way (a great circle, step by step)"
      : "Steps of this sample, before the other one goes on";
    refs.resetStep.disabled = refs.resetAll.disabled = this.isIdle;
  }
}
