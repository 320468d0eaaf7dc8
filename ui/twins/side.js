// One of the two models: its canvas with the windows, and all its samples.

import { UNSET } from "../kit/component.js";
import { findAll } from "../kit/element.js";
import { fitPicture, Pixels } from "../kit/pixels.js";
import { windowsOver } from "../player/overlay.js";
import { paintCanvas } from "../player/paint.js";
import { Samples } from "../player/samples.js";

/** @template T @param {(k: Letter) => T} of @returns {Both<T>} */
export const both = (of) => ({ a: of("a"), b: of("b") });
/** @type {Letter[]} */ export const LETTERS = ["a", "b"];

const CHANGE_LEVELS = 1 << 14;
const changes = new Uint32Array(CHANGE_LEVELS + 1); // how many pixels change by so much

/** The fewest pixels on which half of a step's change in probability falls (mean over channels); 0
 * where nothing changes. A pen that moves changes few pixels at a time.
 * @param {Film} film @param {number} step @param {number} sample */
function halfOfChange(film, step, sample) {
  if (step < 1) return 0;
  const { channels, pixels } = film;
  const now = film.canvas(step, sample);
  const before = film.before(step, sample);
  const { values } = film.codec(step);
  changes.fill(0);
  let total = 0;
  for (let i = 0; i < pixels; i++) {
    let sum = 0;
    for (let c = i; c < channels * pixels; c += pixels) {
      sum += Math.abs(values[now[c]] - values[before[c]]);
    }
    const level = Math.round((CHANGE_LEVELS * sum) / channels);
    changes[level] += 1;
    total += level;
  }
  let count = 0;
  let reached = 0;
  for (let level = CHANGE_LEVELS; level > 0; level--) {
    const missing = total / 2 - reached;
    if (changes[level] * level >= missing) return count + Math.ceil(missing / level);
    count += changes[level];
    reached += changes[level] * level;
  }
  return count;
}

export class Twin {
  /** @type {Film} */ film = UNSET;
  step = 0;

  /** section: its part of the page. choose(sample) follows a choice among its samples.
   * @param {HTMLElement} section @param {string} letter @param {(sample: number) => void} choose */
  constructor(section, letter, choose) {
    /** @type {Record<string, any>} */ this.parts = {};
    /** @type {ReturnType<typeof windowsOver>} */ this.windows = {};
    for (const part of findAll(section, Element, "[data-part]")) {
      this.parts[String(part.getAttribute("data-part"))] = part;
    }
    this.section = section;
    this.letter = letter;
    this.canvas = new Pixels(this.parts.canvas);
    this.samples = new Samples(this.parts, choose);
    this.parts.badge.textContent = letter;
    this.samples.title = `Samples of ${letter}`;
  }

  get numSteps() {
    return this.film.numSteps;
  }

  /** id: of what is played. @param {Film} film @param {string} id */
  build(film, id) {
    this.film = film;
    const { parts, letter } = this;
    const { meta, samples } = film;
    parts.name.textContent = meta.name;
    parts.name.title = meta.name;
    parts.kind.textContent = this.without();
    parts.samples.textContent = samples > 1 ? `All ${samples} samples: choose one` : "The only sample";
    parts.note.textContent = meta.note;
    parts.note.hidden = !meta.note;
    this.section.setAttribute("aria-label", `${letter}: ${meta.name}`);
    this.windows = windowsOver(film, parts.overlay);
    this.samples.build(samples, id);
    this.step = 0;
  }

  // Which windows it has not, in words.
  without() {
    const { film } = this;
    if (film.still) return film.has("read") ? "" : "sees it as a whole";
    if (!film.kl || !film.has("read")) {
      if (film.has("write")) return film.kl ? "no read window" : "";
      return film.kl ? "no windows" : "no window";
    }
    return film.has("write") ? "" : "no write window";
  }

  fit() {
    const { film, parts } = this;
    fitPicture(parts.picture, film);
    this.samples.fit(film);
  }

  /** step: its own, 0..T. rests: whether the other one still paints.
   * @param {number} step @param {number} sample @param {Look} view @param {boolean} rests */
  draw(step, sample, view, rests) {
    const { film, parts } = this;
    this.step = step;
    paintCanvas(this.canvas, film, step, sample, view);
    if (!film.kl) this.samples.draw(film, step, view);
    this.samples.cells.mark(sample);
    for (const [kind, overlay] of Object.entries(this.windows)) {
      overlay.show(film.windows(kind, sample).slice(0, step));
    }
    const half = halfOfChange(film, step, sample);
    parts.status.textContent = rests ? `rests after its last step, ${step}` : `step ${step} of ${film.numSteps}`;
    parts.spread.hidden = film.still;
    parts.spread.textContent = !step
      ? "nothing painted yet"
      : half
        ? `half of its change falls on ${half} of ${film.pixels.toLocaleString("en")} pixels`
        : "changes nothing";
    this.section.classList.toggle("rests", rests);
  }

  describe(/** @type {number} */ sample) {
    const { film, step, letter, parts } = this;
    const window = film.window("write", step, sample);
    const place = window ? `, writes at x ${window.gX.toFixed(1)}, y ${window.gY.toFixed(1)}` : "";
    return `${letter} ${parts.status.textContent}: ${film.fullness(step, sample)}${place}.`;
  }
}
