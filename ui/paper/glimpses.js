// A classifier that looks at pictures in glimpses, played. The address follows; Python hears nothing.

import { component, UNSET } from "../kit/component.js";
import { childrenOf, make, parentOf } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { fitPicture, Pixels, paintBytes, setSize } from "../kit/pixels.js";
import { Cells } from "../player/cells.js";
import { Film, unpackFilms } from "../player/film.js";
import { windowsOver } from "../player/overlay.js";
import { GAP_COLOUR } from "../player/paint.js";
import { Player } from "../player/player.js";

/** @type {import("../player/film.js").Measure} */
const BELIEF = {
  words: "Belief in the right answer after this glimpse, in %: ",
  meaning: "The probability that the network gives to the digit that is really there.",
  power: 1,
};
const settings = { loop: false, speed: 0.5 };
const places = new Map(); // id -> { step, sample }

/** @typedef {RefsWith<Record<"canvas" | "gridCanvas" | "patch", HTMLCanvasElement> & Record<"overlay", SVGSVGElement>>} Refs */

/** @extends {Player<Refs>} */
class Glimpses extends Player {
  /** @type {Film} */ film = UNSET;
  /** @type {FilmWindow[]} */ windows = [];
  beliefs = new Float32Array(0);
  /** @type {import("../player/overlay.js").WindowOverlay} */ overlay = UNSET;
  sizing = 0;
  sight = "picture";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    const { refs } = this;
    this.canvas = new Pixels(refs.canvas);
    this.patch = new Pixels(refs.patch);
    this.grid = new Pixels(refs.gridCanvas);
    this.cells = new Cells(refs.cells, (sample) => this.choose(sample));
  }

  resized() {
    cancelAnimationFrame(this.sizing);
    this.sizing = requestAnimationFrame(() => this.fit());
  }

  close() {
    super.close();
    cancelAnimationFrame(this.sizing);
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, films } = unpackFilms(bytes);
    if (this.meta?.id === meta.id) {
      this.meta = meta;
      return;
    }
    const film = new Film({ meta, ...films[""] });
    const { numSteps } = film;
    Object.assign(this, { meta, film, numSteps });
    const place = places.get(meta.id) ?? { step: meta.step, sample: meta.sample ?? 0 };
    this.build();
    this.fit();
    this.playback.load(numSteps, place.step ?? (reducedMotion() ? numSteps : 0));
    this.transport.build(numSteps, BELIEF);
    this.choose(clamp(place.sample, 0, film.samples - 1), false);
    if (place.step == null && !reducedMotion()) this.playback.play();
  }

  /** @param {number} step @param {number} sample @returns {Float32Array} */
  belief(step, sample) {
    return /** @type {any} */ (this.film.vector("belief", step, sample));
  }

  /** @param {number} step @param {number} sample */
  answer(step, sample) {
    const belief = this.belief(step, sample);
    return belief.indexOf(Math.max(...belief));
  }

  build() {
    const { refs, meta, film } = this;
    this.overlay = windowsOver(film, refs.overlay, ["read"]).read;
    refs.beliefs.replaceChildren(
      ...meta.classes.map((/** @type {string} */ name) => make("li", { "data-name": name }, make("i"))),
    );
    const answers = Array.from({ length: film.samples }, (_, s) => this.answer(this.numSteps, s));
    const isRight = answers.map((answer, s) => answer === meta.labels[s]);
    const rightly = isRight.filter(Boolean).length;
    refs.gridTitle.textContent =
      `${film.samples} test pictures. The network names ${rightly} of them rightly at the end`
      + (rightly < film.samples ? "; ✗ marks the others, with what it says" : "");
    const verdicts = answers.map((answer, s) => (isRight[s] ? "named rightly" : `taken for a ${meta.classes[answer]}`));
    this.cells.build(verdicts.map((verdict, s) => `Picture ${s + 1}, a ${meta.classes[meta.labels[s]]}, ${verdict}`));
    this.cells.options.forEach((cell, s) => {
      if (isRight[s]) delete cell.dataset.wrong;
      else cell.dataset.wrong = `✗ ${meta.classes[answers[s]]}`;
    });
  }

  // ---- moving

  /** @param {number} sample */
  choose(sample, again = true) {
    const { film } = this;
    this.sample = sample;
    this.cells.mark(sample);
    this.canvas.bytes(film.canvas(0, sample), film);
    const right = this.meta.labels[sample];
    this.beliefs = Float32Array.from({ length: this.numSteps }, (_, t) => 100 * this.belief(t + 1, sample)[right]);
    this.windows = film.windows("read", sample);
    this.transport.drawBars(this.beliefs);
    // Whoever chooses another picture sees its glimpses from the first on, as they were playing.
    if (again && this.step === this.numSteps && !reducedMotion()) {
      this.playback.goTo(0);
      this.playback.play();
    }
    this.draw();
    this.settle();
  }

  // ---- drawing

  draw() {
    const { refs, step, sample, meta } = this;
    this.overlay.show(this.windows.slice(0, step));
    refs.root.classList.toggle("empty", step === 0);
    const patch = this.film.patch(step, sample, "read");
    if (patch) this.drawPatch(patch);
    else refs.patchWords.textContent = refs.patchRange.textContent = "";
    this.drawBeliefs();
    this.transport.drawPosition(step, this.beliefs, `glimpse ${step} of ${this.numSteps}`);
    refs.viewTitle.textContent = `Picture ${sample + 1}: a ${meta.classes[meta.labels[sample]]} among scraps`;
    refs.facts.textContent = this.facts();
    refs.root.dataset.painted = `${meta.id}:${step}:${sample}`;
  }

  // Black is 0 and white 1, or the largest value that is named.
  drawPatch(/** @type {import("../player/film.js").Patch} */ { n, channels, data }) {
    const white = Math.max(1, ...data);
    this.patch.values(data, channels, n, n, white);
    this.refs.patchWords.textContent = `: ${n}×${n} values`;
    this.refs.patchRange.textContent =
      white > 1
        ? `Black is 0, white stands for ${white.toFixed(1)}: the window’s intensity γ = ${this.windows[this.step - 1].gamma.toFixed(1)} multiplies what it reads.`
        : "Black is 0, white is 1.";
  }

  drawBeliefs() {
    const { step, sample, refs, meta } = this;
    const belief = step ? this.belief(step, sample) : null;
    const top = step ? this.answer(step, sample) : -1;
    const right = meta.labels[sample];
    childrenOf(refs.beliefs).forEach((item, k) => {
      const share = belief ? belief[k] : 0;
      item.dataset.share = belief ? `${(100 * share).toFixed(0)} %` : "–";
      childrenOf(item)[0].style.setProperty("--share", String(share));
      item.classList.toggle("top", k === top);
      item.classList.toggle("right", k === right);
    });
  }

  facts() {
    const { step, sample, meta, numSteps } = this;
    if (!step) return "It has not looked yet. ▸ marks the digit that is there.";
    const w = this.windows[step - 1];
    const answer = meta.classes[this.answer(step, sample)];
    const isRight = this.answer(step, sample) === meta.labels[sample];
    const says =
      step === numSteps ? `It says ${answer}, which is ${isRight ? "right" : "wrong"}.` : `It would say ${answer} now.`;
    return `The window is ${(w.size * w.delta).toFixed(0)} pixels wide around x ${w.gX.toFixed(0)}, y ${w.gY.toFixed(0)}. ${says}`;
  }

  describe() {
    return `Picture ${this.sample + 1}, a ${this.meta.classes[this.meta.labels[this.sample]]}, glimpse ${this.step} of ${this.numSteps}. ${this.facts()}`;
  }

  fit() {
    if (!this.meta) return;
    const { refs, film } = this;
    const { width, height, samples } = film;
    fitPicture(refs.picture, film, 402);
    const across = parentOf(refs.montage).clientWidth;
    const columns = clamp(Math.round(across / 92), 4, 8);
    const layout = { width: columns * (width + 2) - 2, height: Math.ceil(samples / columns) * (height + 2) - 2 };
    this.grid.resize(layout.width, layout.height);
    this.grid.data.fill(GAP_COLOUR);
    for (let s = 0; s < samples; s++) {
      const [left, top] = [(s % columns) * (width + 2), Math.floor(s / columns) * (height + 2)];
      paintBytes(this.grid.data, layout.width, left, top, film.canvas(0, s), film);
    }
    this.grid.show();
    setSize(refs.montage, layout, Math.min(1, across / layout.width));
    this.cells.lay(columns);
  }

  /** @param {KeyboardEvent} event @param {Element} target */
  ownKey(event, target) {
    return event.shiftKey || this.cells.key(event, target, this.sample);
  }
}

export default component(Glimpses);
