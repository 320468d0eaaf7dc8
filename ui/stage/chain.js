// What one step does, as a chain of four pictures with a sentence each:
// random numbers -> memory -> window -> ink.

import { parentOf } from "../kit/element.js";
import { Pixels, signed } from "../kit/pixels.js";

const NOISE_RANGE = 3; // of 1,000 standard normal numbers, three lie beyond

export class Chain {
  constructor(/** @type {StageRefs} */ refs) {
    this.refs = refs;
    this.noise = new Pixels(refs.noise);
    this.memory = new Pixels(refs.memory);
  }

  build(/** @type {Film} */ film) {
    const { refs } = this;
    const [z, memory, { kl }] = [film.vectors("z"), film.vectors("memory"), film];
    parentOf(refs.noise).hidden = !z;
    parentOf(refs.memory).hidden = !memory;
    parentOf(refs.patch).hidden = !film.has("write");
    refs.noiseTitle.textContent = kl ? "Message" : "Random numbers";
    refs.inkTitle.textContent = film.matter === "ink" ? "Ink" : "Light";
  }

  /** @param {Film} film @param {number} step @param {number} sample */
  draw(film, step, sample) {
    const { refs } = this;
    const [z, memory, { kl }] = [film.vectors("z"), film.vectors("memory"), film];
    if (z) {
      this.noise.square(film.vector("z", step, sample), z.shape[2], (v) => signed(v / NOISE_RANGE));
      const count = z.shape[2];
      refs.noiseWords.textContent = !step
        ? `None yet: ${count} come with each step.`
        : kl
          ? `${count} numbers from the network's reading half, which say what is still missing.`
          : `${count} new one${count === 1 ? ": it alone makes" : "s: they alone make"} one sample differ from another.`;
    }
    if (memory) {
      this.memory.square(film.vector("memory", step, sample), memory.shape[2], (v) => signed((v - 128) / 127));
      refs.memoryWords.textContent = step
        ? `${memory.shape[2]} units mix them with what the steps before have left there.`
        : `${memory.shape[2]} units, waiting for the first numbers.`;
    }
    refs.windowWords.textContent = windowWords(film, step, sample);
    refs.inkWords.textContent = inkWords(film, step, sample);
  }
}

/** @param {Film} film @param {number} step @param {number} sample */
function windowWords(film, step, sample) {
  const now = film.window("write", step, sample);
  if (!now) return "The memory decides where it goes, and how large and sharp it is.";
  const page = Math.max(film.width, film.height);
  const share = (now.size * now.delta) / page;
  const wide = share > 1 ? "wider than the page" : `${Math.round(100 * share)}\u00a0% of the page wide`;
  const before = film.window("write", step - 1, sample);
  const moved = before ? Math.hypot(now.gX - before.gX, now.gY - before.gY) : null;
  return `The memory places it: ${wide}${moved == null ? "" : `, ${moved.toFixed(1)} pixels from where it was`}.`;
}

/** @param {Film} film @param {number} step @param {number} sample */
export function inkWords(film, step, sample) {
  const { matter } = film;
  if (!step) return `None yet: the page is as it was at the start.`;
  const { added, removed } = film.inkAddedAndRemoved(step, sample);
  const paints = film.paints(step);
  const through = film.has("write") ? "through the window" : paints ? `in ${paints}` : "on the whole page";
  const acts = [
    ["adds", added.toFixed(1)],
    ["removes", removed.toFixed(1)],
  ].filter(([, much]) => much !== "0.0");
  if (!acts.length) return `This step changes less than 0.1 pixels of ${matter}.`;
  const [first, second] = acts.map(([verb, much]) => `${verb} ${much}`);
  return `This step ${first} pixels of ${matter} ${through}${second ? ` and ${second}` : ""}.`;
}
