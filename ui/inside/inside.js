// Inside: a film as the network paints it, and beside it the same with a hand in it, on one timeline. The
// network runs here: Python hears nothing of the hand, and the address follows.

import { component, UNSET } from "../kit/component.js";
import { arrow } from "../kit/keys.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { fitPicture, Pixels, signed } from "../kit/pixels.js";
import { OnePointer, placeIn } from "../kit/pointer.js";
import { set, svg } from "../kit/svg.js";
import { noiseOf } from "../live/generator.js";
import { readHand, writeHand } from "../live/hand.js";
import { LiveNetwork } from "../live/live.js";
import { followAddress } from "../player/address.js";
import { Film, unpackFilms } from "../player/film.js";
import { windowsOver } from "../player/overlay.js";
import { paintCanvas } from "../player/paint.js";
import { Player } from "../player/player.js";
import { bindSettings, hideSwitchedOff, SWITCHES } from "../player/settings.js";
import { Change } from "./change.js";
import { LatentTool } from "./latent_tool.js";
import { readWish, writeWish } from "./link.js";
import { wished } from "./noise.js";
import { PixelTool } from "./pixel.js";
import { apart, wordsOfNew, wordsOfSeen } from "./words.js";

// Outlives a visit to another page, so that switches stay as the visitor left them.
const settings = { ...SWITCHES, tool: "change", difference: false, deciders: false };
const places = new Map(); // film id -> { step }

/** @typedef {RefsWith<Record<"canvas" | "canvasA" | "cellsCanvas", HTMLCanvasElement>
 *   & Record<"overlay" | "overlayA" | "mark" | "shares", SVGSVGElement>
 *   & Record<"turn" | "undoStep" | "undoAll" | "resetStep" | "resetAll", HTMLButtonElement>
 *   & Record<"warmth" | "far" | "otherSeed", HTMLInputElement>>} Refs */

/** @extends {Player<Refs>} */
class Inside extends Player {
  /** @type {Film} */ a = UNSET; // untouched
  /** @type {Film | null} */ b = null; // in the hand, where that changes anything
  /** @type {Float32Array | null} */ images = null; // that it rebuilds
  /** @type {LiveNetwork | null} */ network = null;
  url = "";
  words = "";
  /** @type {Float32Array | null} */ noise = null; // [T, Z]
  /** @type {Float32Array | null} */ numbers = null; // the same in the hand
  /** @type {Float32Array | null} */ logitsA = null; // of all canvases
  /** @type {Float32Array | null} */ logitsB = null;
  sight = "board";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    const { refs } = this;
    this.canvasA = new Pixels(refs.canvasA);
    this.canvas = new Pixels(refs.canvas);
    this.change = new Change(refs, { changed: () => this.ask() });
    this.pixel = new PixelTool(refs, { goTo: (step) => this.goTo(step) });
    this.latents = new LatentTool(refs, { changed: () => this.ask() });
    this.target = svg("rect", { class: "target", width: 1, height: 1 }, refs.mark);
    const follow = (/** @type {PointerEvent} */ event) => this.pointAt(event);
    this.hand = new OnePointer(refs.picture, { down: follow, move: follow, up: () => this.settle(), cancel: () => {} });
  }

  get film() {
    return this.b ?? this.a;
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, films, tensors } = unpackFilms(bytes);
    if (this.meta?.id === meta.id) {
      this.meta.link = meta.link;
      return;
    }
    const isFirst = !this.meta;
    const sameKind = this.meta?.about.model === meta.about.model;
    this.meta = meta;
    this.a = new Film({ meta, ...films[""] });
    this.b = null;
    this.images = tensors.x?.data ?? null;
    this.numSteps = this.a.numSteps;
    if (isFirst) this.open(meta.hand);
    else if (!sameKind) this.forget();
    const kept = places.get(meta.id)?.step ?? meta.step;
    const begin = kept ?? (reducedMotion() ? this.numSteps : 0);
    this.playback.load(this.numSteps, isFirst ? begin : Math.min(this.step, this.numSteps));
    this.build();
    this.fit();
    this.draw();
    this.connect();
    if (isFirst && kept == null && !reducedMotion()) this.playback.play();
    this.settle();
  }

  /** What the address says of the hand. @param {Record<string, string>} hand */
  open({ tool, hand = "", z = "", pixel = "" }) {
    if (tool) settings.tool = tool;
    bindSettings(this.refs.root, settings, (name) => this.changed(name));
    const edits = readHand(hand, this.numSteps);
    const wish = readWish(z, this.numSteps, this.meta.live?.config.z_size ?? 0);
    if (edits) this.change.edits = edits;
    if (wish) this.latents.wish = { ...this.latents.wish, ...wish };
    const [x, y] = pixel ? pixel.split("_").map(Number) : [this.a.width / 2, this.a.height / 2];
    this.pixel.at = { x: Math.round(x), y: Math.round(y) };
    this.isUnread = !edits || !wish;
  }

  forget() {
    this.change.edits = [];
    this.latents.wish = { ...this.latents.wish, mix: "none", temperature: {}, own: {} };
  }

  connect() {
    const { live } = this.meta;
    const { liveNote, root } = this.refs;
    if (!live) {
      this.came(false);
      return;
    }
    this.noise = noiseOf(live.config, 1, live.seed);
    this.numbers = this.noise;
    if (this.url === live.url && this.network) {
      this.askBoth();
      return;
    }
    this.url = live.url;
    liveNote.textContent = "";
    root.dataset.live = "";
    const network = new LiveNetwork(
      this.refs.worker.textContent ?? "",
      { url: live.url, whole: live.whole, config: live.config },
      (made, asked) => network === this.network && this.made(made, /** @type {any} */ (asked)),
      (ready) => network === this.network && this.came(ready),
    );
    this.network = network;
  }

  came(/** @type {boolean} */ ready) {
    const { root, liveNote } = this.refs;
    root.dataset.live = ready ? "browser" : "server";
    liveNote.textContent = ready
      ? this.isUnread
        ? "The address asks for a change that this film cannot follow, so it is left out."
        : ""
      : "This browser cannot run the network, and without it no hand can change a film: the film plays untouched.";
    if (ready) this.askBoth();
  }

  // The untouched film first: the browser's own, whose logits are exact.
  askBoth() {
    this.network?.ask(/** @type {any} */ ({ noise: this.noise, images: this.images, isUntouched: true }));
  }

  get isIdle() {
    return !this.change.edits.length && this.latents.isIdle;
  }

  ask() {
    this.settle();
    if (this.isIdle || !this.noise) {
      this.b = null;
      this.numbers = this.noise;
      this.built();
      return;
    }
    const { config } = this.meta.live;
    const other = noiseOf(config, 1, this.latents.wish.other);
    const noise = wished(this.noise, other, this.latents.wish, config.z_size);
    this.numbers = noise;
    this.network?.ask(
      /** @type {any} */ ({ noise, images: this.images, edits: this.change.edits, isUntouched: false }),
    );
  }

  /** @param {import("../live/trace.js").Trace} made @param {{ isUntouched: boolean }} asked */
  made({ tensors, logits }, { isUntouched }) {
    const film = new Film({ meta: this.meta, tensors, description: this.a.description });
    this.blank = logits.subarray(0, film.channels * film.pixels);
    if (isUntouched) {
      this.a = film;
      this.logitsA = logits;
      this.build();
      if (!this.isIdle) this.ask();
    } else {
      this.b = film;
      this.logitsB = logits;
    }
    this.built();
  }

  // The film in the hand is another one.
  built() {
    const { film, refs } = this;
    this.windows = windowsOver(film, refs.overlay);
    if (this.blank) this.pixel.build(film, this.blank);
    refs.titleB.textContent = this.b ? "With your hand in it" : "The same, until you change it";
    this.words = this.b ? this.compare(this.b) : "";
    this.redraw();
    refs.root.dataset.made = String(Number(refs.root.dataset.made ?? 0) + 1);
  }

  /** @param {Film} b */
  compare(b) {
    const { a, images, logitsA, logitsB, numSteps } = this;
    const { edits } = this.change;
    if (!images || !logitsA || !logitsB) return wordsOfNew(a, b, edits);
    return wordsOfSeen(logitsA, logitsB, images, edits.at(-1)?.step ?? numSteps, numSteps);
  }

  build() {
    const { a, refs, meta } = this;
    this.windowsA = windowsOver(a, refs.overlayA);
    this.windows = windowsOver(this.film, refs.overlay);
    refs.mark.setAttribute("viewBox", `-0.5 -0.5 ${a.width} ${a.height}`);
    for (const kind of ["read", "write"]) refs.root.classList.toggle(`no-${kind}`, !a.has(kind));
    refs.root.classList.toggle("no-windows", !a.windowNames.length);
    this.change.build(a);
    if (meta.live && this.latents.sliders.length !== meta.live.config.z_size) {
      this.latents.build(this.numSteps, meta.live.config.z_size);
    }
    this.latents.numSteps = this.numSteps;
    this.transport.build(this.numSteps, a.measure);
    this.transport.drawBars(a.barValues(0));
    this.applySettings();
  }

  fit() {
    for (const picture of [this.refs.pictureA, this.refs.picture]) fitPicture(picture, this.a, 0.55 * innerHeight);
  }

  // ---- the hand

  pointAt(/** @type {PointerEvent} */ event) {
    const { x, y } = placeIn(event, this.refs.picture);
    const at = { x: x * this.a.width - 0.5, y: y * this.a.height - 0.5 };
    if (settings.tool === "change") this.change.moveTo(at.x, at.y);
    if (settings.tool === "pixel") this.pixel.point(at.x, at.y);
    this.redraw();
  }

  /** @param {KeyboardEvent} event @param {Element} target */
  ownKey(event, target) {
    if (target.matches?.("input[type=range], input[type=number]")) return true; // its own keys
    const move = arrow(event);
    if (!event.shiftKey || target !== this.refs.picture || !move) return event.shiftKey;
    event.preventDefault();
    const { window } = this.change;
    if (settings.tool === "change" && window) this.change.moveTo(window.gX + move.x, window.gY + move.y);
    if (settings.tool === "pixel") this.pixel.point(this.pixel.at.x + move.x, this.pixel.at.y + move.y);
    this.redraw();
    this.settle();
    return true;
  }

  // ---- drawing

  draw() {
    const { a, b, film, step, refs } = this;
    const { tool } = settings;
    paintCanvas(this.canvasA, a, step, 0);
    if (tool === "pixel" && settings.deciders && this.pixel.film) this.pixel.paintDeciders(this.canvas);
    else if (settings.difference && b) this.paintDifference(step);
    else paintCanvas(this.canvas, film, step, 0);
    const show = (/** @type {Film} */ one, /** @type {any} */ overlays) => {
      for (const [kind, overlay] of Object.entries(overlays)) overlay.show(one.windows(kind, 0).slice(0, step));
    };
    show(a, this.windowsA);
    show(film, this.windows);
    this.change.draw(step);
    const z = this.latents.sliders.length;
    this.latents.draw(
      step,
      step && this.numbers ? this.numbers.subarray((step - 1) * z, step * z) : null,
      Boolean(this.images),
    );
    if (tool === "pixel") this.pixel.draw(step);
    set(this.target, { x: this.pixel.at.x - 0.5, y: this.pixel.at.y - 0.5 });
    this.target.toggleAttribute("hidden", tool !== "pixel");
    const now =
      b && step
        ? `After step ${step} the two pictures differ by ${apart(a, b, step).toFixed(1)} pixels of ${a.matter}. `
        : "";
    refs.apart.textContent = b ? now + this.words : "";
    this.transport.drawPosition(step, a.barValues(0));
    refs.root.dataset.painted = `${this.meta.id}:${step}:0`;
  }

  paintDifference(/** @type {number} */ step) {
    const { a, b, canvas } = this;
    if (!b) return;
    const [before, now, { values }] = [a.canvas(step, 0), b.canvas(step, 0), a.codec(step)];
    canvas.resize(a.width, a.height);
    for (let i = 0; i < a.pixels; i++) {
      let sum = 0;
      for (let k = i; k < now.length; k += a.pixels) sum += values[now[k]] - values[before[k]];
      canvas.data[i] = signed(sum / a.channels);
    }
    canvas.show();
  }

  describe() {
    const { film, step, numSteps } = this;
    return `In your hand, step ${step} of ${numSteps}: ${film.fullness(step, 0)}. ${this.words ?? ""}`;
  }

  report() {
    this.say();
    const { change, latents, pixel, step, meta } = this;
    followAddress(meta.link, {
      step: this.playing ? null : step,
      tool: settings.tool === "change" ? null : settings.tool,
      hand: writeHand(change.edits) || null,
      z: writeWish(latents.wish) || null,
      pixel: settings.tool === "pixel" ? `${pixel.at.x}_${pixel.at.y}` : null,
    });
  }

  // ---- controls

  changed(/** @type {string} */ _name) {
    this.applySettings();
    this.redraw();
    this.settle();
  }

  applySettings() {
    const { root, deciderLegend } = this.refs;
    hideSwitchedOff(root, settings);
    root.dataset.tool = settings.tool;
    deciderLegend.hidden = !settings.deciders;
  }

  place() {
    return { step: clamp(this.step, 0, this.numSteps) };
  }
}

export default component(Inside);
