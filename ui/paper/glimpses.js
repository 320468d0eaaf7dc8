// A classifier that looks at pictures in glimpses, played. The address follows; Python hears nothing.

import { component, UNSET } from "../kit/component.js";
import { childrenOf, make, makeButton, markChosen, parentOf } from "../kit/element.js";
import { arrowInGrid } from "../kit/keys.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { grey, Pixels, rgba, setSize, wholeZoom } from "../kit/pixels.js";
import { parseSafetensors } from "../kit/safetensors.js";
import { followAddress } from "../player/address.js";
import { WindowOverlay } from "../player/overlay.js";
import { GAP_COLOUR } from "../player/paint.js";
import { Player } from "../player/player.js";
import { BARS } from "../player/transport.js";

BARS.belief = [
  "Belief in the right answer after this glimpse, in %: ",
  "The probability that the network gives to the digit that is really there.",
  1,
];
const settings = { loop: false, speed: 0.5 };
const places = new Map(); // id -> { step, sample }

/** @typedef {Record<"play", HTMLButtonElement> & Record<"canvas" | "gridCanvas" | "patch", HTMLCanvasElement> &
 * Record<"barValue" | "bars" | "barsCaption" | "barsScale" | "beliefs" | "cells" | "facts" | "gridTitle" |
 * "montage" | "patchBox" | "patchRange" | "patchWords" | "picture" | "root" | "spoken" | "step" | "steps" |
 * "ticks" | "timeline" | "viewTitle", HTMLElement> & Record<"overlay", SVGSVGElement>} Refs the elements of the
 * markup */

/** @extends {Player<Refs>} */
class Glimpses extends Player {
  count = 0;
  channels = 0;
  height = 0;
  width = 0;
  classes = 0;
  n = 0;
  /** @type {Tensors} */ tensors = {};
  /** @type {GridWindow[]} */ windows = [];
  beliefs = new Float32Array(0);
  /** @type {WindowOverlay} */ overlay = UNSET;
  pixels = 0;
  columns = 1;
  sizing = 0;
  sight = "picture";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    const { refs } = this;
    this.canvas = new Pixels(refs.canvas);
    this.patch = new Pixels(refs.patch);
    this.grid = new Pixels(refs.gridCanvas);
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
    const { meta, tensors } = parseSafetensors(bytes);
    if (this.meta?.id === meta.id) {
      this.meta = meta;
      return;
    }
    this.meta = meta;
    this.tensors = tensors;
    const [count, channels, height, width] = tensors.images.shape;
    const [numSteps, , classes] = tensors.probabilities.shape;
    const n = tensors.patches.shape.at(-1) ?? 0;
    Object.assign(this, { count, channels, height, width, numSteps, classes, n, pixels: height * width });
    const place = places.get(meta.id) ?? { step: meta.step, sample: meta.sample ?? 0 };
    this.build();
    this.fit();
    this.playback.load(numSteps, place.step ?? (reducedMotion() ? numSteps : 0));
    this.transport.build(numSteps, "belief");
    this.choose(clamp(place.sample, 0, count - 1), false);
    if (place.step == null && !reducedMotion()) this.playback.play();
  }

  window(/** @type {number} */ step) {
    const at = ((step - 1) * this.count + this.sample) * 5;
    const [gX, gY, delta, sigma2, gamma] = this.tensors.params.data.subarray(at, at + 5);
    return { gX, gY, delta, sigma: Math.sqrt(sigma2), gamma };
  }

  /** @param {number} step @param {number} sample */
  belief(step, sample) {
    const at = ((step - 1) * this.count + sample) * this.classes;
    return this.tensors.probabilities.data.subarray(at, at + this.classes);
  }

  label(/** @type {number} */ sample) {
    return this.tensors.labels.data[sample];
  }

  /** @param {number} step @param {number} sample */
  answer(step, sample) {
    const belief = this.belief(step, sample);
    return belief.indexOf(Math.max(...belief));
  }

  build() {
    const { refs, meta, width, height } = this;
    this.canvas.resize(width, height);
    refs.overlay.setAttribute("viewBox", `-0.5 -0.5 ${width} ${height}`);
    refs.overlay.replaceChildren();
    this.overlay = new WindowOverlay(refs.overlay, "read", this.n);
    refs.beliefs.replaceChildren(
      ...meta.classes.map((/** @type {string} */ name) => make("li", { "data-name": name }, make("i"))),
    );
    const answers = Array.from({ length: this.count }, (_, s) => this.answer(this.numSteps, s));
    const wrong = answers.filter((answer, s) => answer !== this.label(s)).length;
    refs.gridTitle.textContent =
      `${this.count} test pictures. The network names ${this.count - wrong} of them rightly at the end`
      + (wrong ? "; ✗ marks the others, with what it says" : "");
    refs.cells.replaceChildren(
      ...answers.map((answer, s) => {
        const isRight = answer === this.label(s);
        const verdict = isRight ? "named rightly" : `taken for a ${meta.classes[answer]}`;
        const label = `Picture ${s + 1}, a ${meta.classes[this.label(s)]}, ${verdict}`;
        const onclick = () => this.choose(s);
        const cell = makeButton(onclick, { role: "option", "aria-label": label });
        if (!isRight) cell.dataset.wrong = `✗ ${meta.classes[answer]}`;
        return cell;
      }),
    );
  }

  // ---- moving

  /** @param {number} sample */
  choose(sample, again = true) {
    this.sample = sample;
    markChosen(childrenOf(this.refs.cells), sample);
    const from = sample * this.channels * this.pixels;
    this.paint(this.canvas.data, this.width, 0, 0, from);
    this.canvas.show();
    const right = this.label(sample);
    this.beliefs = Float32Array.from({ length: this.numSteps }, (_, t) => 100 * this.belief(t + 1, sample)[right]);
    this.windows = Array.from({ length: this.numSteps }, (_, t) => this.window(t + 1));
    this.transport.drawBars(this.beliefs);
    // Whoever chooses another picture sees its glimpses from the first on, as they were playing.
    if (again && this.step === this.numSteps && !reducedMotion()) {
      this.playback.goTo(0);
      this.playback.play();
    }
    this.draw();
    this.settle();
  }

  /** @param {Uint32Array} out @param {number} stride @param {number} left @param {number} top @param {number} from */
  paint(out, stride, left, top, from) {
    const { width, height, channels, pixels } = this;
    const { data } = this.tensors.images;
    for (let y = 0, i = from; y < height; y++) {
      for (let x = 0, at = (top + y) * stride + left; x < width; x++, i++) {
        out[at++] = rgba(data[i], data[channels === 3 ? i + pixels : i], data[channels === 3 ? i + 2 * pixels : i]);
      }
    }
  }

  report() {
    this.refs.spoken.textContent = this.playing ? "" : this.describe();
    this.refs.canvas.setAttribute("aria-label", this.describe());
    followAddress(this.meta.link, { step: this.playing ? null : this.step, sample: this.sample + 1 });
  }

  // ---- drawing

  draw() {
    const { refs, step, sample, meta } = this;
    this.overlay.show(this.windows.slice(0, step));
    refs.root.classList.toggle("empty", step === 0);
    if (step) this.drawPatch();
    else refs.patchWords.textContent = refs.patchRange.textContent = "";
    this.drawBeliefs();
    this.transport.drawPosition(step, this.beliefs, `glimpse ${step} of ${this.numSteps}`);
    refs.viewTitle.textContent = `Picture ${sample + 1}: a ${meta.classes[this.label(sample)]} among scraps`;
    refs.facts.textContent = this.facts();
    refs.root.dataset.painted = `${meta.id}:${step}:${sample}`;
  }

  // Black is 0 and white 1, or the largest value that is named.
  drawPatch() {
    const { n, channels, count, sample, step } = this;
    const cells = n * n;
    const from = ((step - 1) * count + sample) * channels * cells;
    const values = this.tensors.patches.data.subarray(from, from + channels * cells);
    const white = Math.max(1, ...values);
    this.patch.resize(n, n);
    for (let i = 0; i < cells; i++) {
      let sum = 0;
      for (let c = i; c < channels * cells; c += cells) sum += values[c];
      this.patch.data[i] = grey(sum / (channels * white));
    }
    this.patch.show();
    this.refs.patchWords.textContent = `: ${n}×${n} values`;
    this.refs.patchRange.textContent =
      white > 1
        ? `Black is 0, white stands for ${white.toFixed(1)}: the window’s intensity γ = ${this.windows[step - 1].gamma.toFixed(1)} multiplies what it reads.`
        : "Black is 0, white is 1.";
  }

  drawBeliefs() {
    const { step, sample, refs } = this;
    const belief = step ? this.belief(step, sample) : null;
    const top = step ? this.answer(step, sample) : -1;
    const right = this.label(sample);
    childrenOf(refs.beliefs).forEach((item, k) => {
      const share = belief ? belief[k] : 0;
      item.dataset.share = belief ? `${(100 * share).toFixed(0)} %` : "–";
      childrenOf(item)[0].style.setProperty("--share", share);
      item.classList.toggle("top", k === top);
      item.classList.toggle("right", k === right);
    });
  }

  facts() {
    const { step, sample, meta, numSteps } = this;
    if (!step) return "It has not looked yet. ▸ marks the digit that is there.";
    const w = this.windows[step - 1];
    const answer = meta.classes[this.answer(step, sample)];
    const isRight = this.answer(step, sample) === this.label(sample);
    const says =
      step === numSteps ? `It says ${answer}, which is ${isRight ? "right" : "wrong"}.` : `It would say ${answer} now.`;
    return `The window is ${(this.n * w.delta).toFixed(0)} pixels wide around x ${w.gX.toFixed(0)}, y ${w.gY.toFixed(0)}. ${says}`;
  }

  describe() {
    return `Picture ${this.sample + 1}, a ${this.meta.classes[this.label(this.sample)]}, glimpse ${this.step} of ${this.numSteps}. ${this.facts()}`;
  }

  fit() {
    if (!this.meta) return;
    const { refs, width, height, count } = this;
    const room = Math.min(parentOf(refs.picture).clientWidth, 402);
    setSize(refs.picture, this, wholeZoom(room / Math.max(width, height)));
    const across = parentOf(refs.montage).clientWidth;
    this.columns = clamp(Math.round(across / 92), 4, 8);
    const rows = Math.ceil(count / this.columns);
    const layout = { width: this.columns * (width + 2) - 2, height: rows * (height + 2) - 2 };
    this.grid.resize(layout.width, layout.height);
    this.grid.data.fill(GAP_COLOUR);
    for (let s = 0; s < count; s++) {
      this.paint(
        this.grid.data,
        layout.width,
        (s % this.columns) * (width + 2),
        Math.floor(s / this.columns) * (height + 2),
        s * this.channels * this.pixels,
      );
    }
    this.grid.show();
    setSize(refs.montage, layout, Math.min(1, across / layout.width));
    refs.cells.style.gridTemplateColumns = `repeat(${this.columns}, 1fr)`;
    refs.cells.style.gridTemplateRows = `repeat(${rows}, 1fr)`;
  }

  // ---- keys

  /** @param {KeyboardEvent} event @param {Element} target */
  ownKey(event, target) {
    if (event.shiftKey) return true;
    const by = arrowInGrid(event, this.columns);
    if (!this.refs.cells.contains(target) || !by) return false;
    event.preventDefault();
    const to = this.sample + by;
    if (to >= 0 && to < this.count) {
      this.choose(to);
      childrenOf(this.refs.cells)[to].focus();
    }
    return true;
  }
}

export default component(Glimpses);
