// The attention lab: a window in the hand, and everything it does, in the browser. The address follows
// when the hand lets go, and Python hears only what a model is asked.

import { component, refsIn, UNSET } from "../kit/component.js";
import { findAll, makeButton, parentOf, setText } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { Pixels } from "../kit/pixels.js";
import { parseSafetensors } from "../kit/safetensors.js";
import { AskModel } from "./ask.js";
import { Sliders, Tabs } from "./controls.js";
import { drawLab } from "./draw.js";
import { Formula } from "./formula.js";
import { fitLab } from "./layout.js";
import { Linked } from "./link.js";
import { Look } from "./look.js";
import { labMemory } from "./memory.js";
import { LabOverlay } from "./overlay.js";
import { FilterCurves, LabPixels } from "./paint.js";
import { Hand } from "./pointer.js";
import { between, bounded, boundedWindow, firstWindow, PRESETS, presetWindow, scaledWindow } from "./presets.js";
import { describeLab, writeLabAddress } from "./report.js";
import { BugLab } from "./riddle.js";

const LAB_REPORT_MS = 150;
const MOVE_MS = 420;

/** @typedef {"back" | "coverage" | "curvesX" | "curvesY" | "image" | "imageLight" | "lost" | "matrixX" | "matrixY"
 *   | "patch" | "patchLight"} Canvases
 * @typedef {RefsWith<Record<Canvases, HTMLCanvasElement> & Record<"full" | "penOn", HTMLInputElement>
 *   & Record<"overlay", SVGSVGElement>>} Refs */

export class Lab {
  frame = 0;
  moving = 0;
  reporting = 0;
  /** @type {Call["setStateValue"]} */ setStateValue = UNSET;
  /** @type {Look} */ look = UNSET;
  /** @type {any} */ meta = null;
  /** @type {Size} */ size = UNSET;
  /** @type {GridWindow} */ eye = UNSET;
  /** @type {GridWindow} */ pen = UNSET;
  /** @type {Hands} */ seen = UNSET; // as they are used; see windows()
  /** @type {Bug | null} */ bug = null;
  /** @type {HandName} */ active = "eye"; // the window that sliders and keys move
  penOn = false;
  n = 12;
  penGamma = 1;
  patchWhite = 1;
  zoom = 0;
  margin = 0;
  /** @type {Look | null} */ fitted = null; // which picture has its size
  given = "";
  tab = "";
  drawn = 0;

  constructor(/** @type {ParentNode} */ parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    const { refs } = this;
    Object.assign(refs.root, { lab: this }); // for those who look into it
    this.imagePixels = new Pixels(refs.image);
    this.patchPixels = new Pixels(refs.patch);
    this.backPixels = new Pixels(refs.back);
    this.lostPixels = new Pixels(refs.lost);
    this.coveragePixels = new LabPixels(refs.coverage);
    this.matrixXPixels = new LabPixels(refs.matrixX);
    this.matrixYPixels = new LabPixels(refs.matrixY);
    this.curvesX = new FilterCurves(refs.curvesX, false);
    this.curvesY = new FilterCurves(refs.curvesY, true);
    this.overlay = new LabOverlay(refs.overlay);
    this.full = false; // whether the write-back makes up for the stride
    this.linked = new Linked(this);
    this.sliders = new Sliders(this);
    this.handOf = new Hand(this);
    this.formula = new Formula(this);
    this.asking = new AskModel(this);
    this.bugs = new BugLab(this);
    this.tabs = new Tabs(refs, (tab) => this.openTab(tab));
    this.bindPen();
    this.resizer = new ResizeObserver(() => {
      this.asking.placePlayer();
      if (fitLab(this)) this.redraw();
    });
    this.resizer.observe(refs.root);
    // A sheet of paper has another width and light colours, and no observer hears of it in time.
    this.onPrint = () => {
      fitLab(this);
      drawLab(this);
    };
    addEventListener("beforeprint", this.onPrint);
  }

  close() {
    this.remember();
    this.stop();
    this.asking.walk.stop();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.reporting);
    this.resizer.disconnect();
    removeEventListener("beforeprint", this.onPrint);
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, tensors } = parseSafetensors(bytes);
    const first = !this.look;
    const other = this.meta?.id !== meta.id;
    this.meta = meta;
    if (other) {
      this.look = new Look(tensors.image);
      this.build();
    }
    const given = JSON.stringify([meta.window, meta.pen, meta.full]);
    const { width, height } = this.look;
    const started = meta.window && given !== this.given;
    if (started) this.start(meta.window, meta.pen);
    else if (first && labMemory.left) this.resume(labMemory.left);
    else if (first) this.start(firstWindow(width, height));
    else if (other) this.rescale();
    this.given = given;
    this.size = { width, height };
    this.asking.load(meta, tensors);
    if (first) this.tabs.choose(labMemory.tab);
    else if (other && this.tab === "bugs") this.bugs.otherPicture();
    if (started || !first || labMemory.left) writeLabAddress(this);
    fitLab(this);
    drawLab(this);
    this.refs.picture.setAttribute("aria-label", describeLab(this));
  }

  build() {
    const { look, refs } = this;
    const { width, height } = look;
    this.imagePixels.values(look.image, look.channels, height, width);
    for (const board of [refs.backBoard, refs.lostBoard, refs.coverageBoard]) {
      board.style.aspectRatio = `${width} / ${height}`;
    }
    refs.sizeTitle.textContent = `: ${width} × ${height} pixels from 0 to 1${look.channels === 3 ? ", in colour" : ""}`;
    this.sliders.fit(width, height);
    if (!refs.morePresets.hasChildNodes()) this.buildPresets();
  }

  /** @param {GridWindow & { n: number }} window */
  start(window, pen = null) {
    this.eye = boundedWindow(window);
    this.pen = boundedWindow(pen ?? window);
    this.n = bounded("n", window.n);
    this.full = this.meta.full;
    this.penOn = Boolean(pen);
    this.active = pen ? "pen" : "eye";
    this.showHands();
  }

  // As it was left, on a picture that may have another size now.
  resume(/** @type {import("./memory.js").Left} */ left) {
    const { penOn, full, n } = labMemory;
    Object.assign(this, left, { penOn, full, n });
    this.rescale();
    this.showHands();
  }

  rescale() {
    const { size, look } = this;
    if (size.width === look.width && size.height === look.height) return;
    this.eye = boundedWindow(scaledWindow(this.eye, size, look));
    this.pen = boundedWindow(scaledWindow(this.pen, size, look));
  }

  remember() {
    if (!this.eye) return;
    if (this.tab === "bugs") this.bugs.leave();
    const { eye, pen, penOn, full, n, tab, size } = this;
    Object.assign(labMemory, { left: { eye, pen, size }, penOn, full, n, tab: tab === "bugs" ? "look" : tab });
  }

  // ---- the windows

  get hand() {
    return this.active === "pen" ? this.pen : this.eye;
  }

  // Those that are used: what is meant, or what the mistake of the bug lab makes of it.
  windows() {
    const { eye, pen, penOn, bug } = this;
    if (!bug) return { eye, pen: penOn ? pen : null };
    const { width, height } = this.look;
    const used = bug.wrong({ eye, pen, width, height });
    return { eye: used.eye, pen: penOn ? used.pen : null };
  }

  move(/** @type {Partial<GridWindow>} */ change) {
    const hand = boundedWindow({ ...this.hand, ...change });
    if (this.active === "pen") this.pen = hand;
    else this.eye = hand;
    this.dirty = true;
    this.redraw();
  }

  setN(/** @type {number} */ n) {
    this.n = bounded("n", Math.round(n));
    this.dirty = true;
    this.redraw();
  }

  setPen(/** @type {boolean} */ on) {
    if (on && !this.penOn && !this.bug) {
      // Beside the reading window, where both can be seen.
      const away = Math.max(2, 0.7 * this.n * this.eye.delta);
      const right = this.eye.gX < this.look.width / 2;
      const gX = this.eye.gX + (right ? away : -away);
      this.pen = boundedWindow({ ...this.eye, gX, gamma: this.penGamma }); // as strong as before
    }
    this.stop();
    this.dirty = true;
    this.penOn = on;
    this.active = on ? "pen" : "eye";
    this.showHands();
    this.redraw();
  }

  setBug(/** @type {Bug | null} */ bug) {
    this.bug = bug;
    this.refs.flag.hidden = !bug;
    this.redraw();
  }

  choose(/** @type {HandName} */ which) {
    this.stop();
    this.active = this.penOn ? which : "eye";
    this.showHands();
    this.redraw();
  }

  showHands() {
    const { refs } = this;
    refs.penOn.checked = this.penOn;
    refs.hands.hidden = !this.penOn;
    for (const input of findAll(refs.hands, HTMLInputElement, "[data-hand]"))
      input.checked = input.value === this.active;
    refs.full.checked = this.full;
    parentOf(refs.full).hidden = this.penOn;
  }

  bindPen() {
    const { refs } = this;
    refs.penOn.onchange = () => {
      this.setPen(refs.penOn.checked);
      this.settle();
    };
    refs.full.onchange = () => {
      this.full = refs.full.checked;
      this.redraw();
      writeLabAddress(this);
    };
    for (const input of findAll(refs.hands, HTMLInputElement, "[data-hand]")) {
      input.onchange = () => this.choose(input.value === "pen" ? "pen" : "eye");
    }
  }

  /** To another window, smoothly where the visitor allows motion. @param {GridWindow} target */
  animate(target, n = this.n) {
    this.stop();
    this.setN(n);
    const to = boundedWindow(target);
    if (reducedMotion()) {
      this.move(to);
      this.settle();
      return;
    }
    const from = { ...this.hand };
    const began = performance.now();
    const next = (/** @type {number} */ now) => {
      const t = Math.min(1, Math.max(0, (now - began) / MOVE_MS));
      this.moving = t < 1 ? requestAnimationFrame(next) : 0;
      this.move(t < 1 ? between(from, to, t * t * (3 - 2 * t)) : to);
      if (t === 1) this.settle();
    };
    this.moving = requestAnimationFrame(next);
  }

  stop() {
    cancelAnimationFrame(this.moving);
    this.moving = 0;
  }

  // ---- lessons

  buildPresets() {
    const { refs } = this;
    for (const preset of PRESETS) {
      const onclick = () => {
        refs.presetNotice.textContent = preset.notice;
        this.atPreset = true;
        this.choose("eye");
        this.animate(presetWindow(preset, this.look.width, this.look.height), preset.n);
      };
      const button = makeButton(onclick, { text: preset.name, "data-preset": preset.name });
      (preset.figure ? refs.figurePresets : refs.morePresets).append(button);
    }
  }

  openTab(/** @type {string} */ tab) {
    if (this.tab === tab) return;
    this.stop();
    if (this.tab === "bugs") this.bugs.leave();
    if (this.tab === "ask") this.asking.leave();
    this.tab = tab;
    if (tab === "bugs") this.bugs.enter();
    if (tab === "ask") this.asking.enter();
    this.redraw();
  }

  // ---- reporting

  hold(/** @type {boolean} */ on) {
    this.holding = on;
    if (!on && this.dirty) this.settle();
  }

  settle() {
    clearTimeout(this.reporting);
    if (this.holding) return; // until the hand lets go
    this.reporting = setTimeout(() => this.report(), LAB_REPORT_MS);
  }

  report() {
    if (this.holding || this.moving || !this.dirty) return;
    this.dirty = false;
    if (!this.atPreset) this.refs.presetNotice.textContent = ""; // the window has left it
    this.atPreset = false;
    this.say(describeLab(this));
    this.refs.picture.setAttribute("aria-label", describeLab(this));
    if (this.tab !== "bugs") writeLabAddress(this); // whose windows are the lesson's
  }

  say(/** @type {string} */ text) {
    setText(this.refs.spoken, text);
  }

  // ---- drawing

  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => drawLab(this));
  }
}

export default component(Lab);
