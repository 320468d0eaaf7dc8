// Figures 3 and 4: a window in the hand over a picture, with the lab's own hand, overlay and maths.
// Python hears only of the wish to go on in the lab.

import { component, refsIn, UNSET } from "../kit/component.js";
import { parentOf, setText } from "../kit/element.js";
import { clamp } from "../kit/number.js";
import { nearlyWhole, Pixels, placeImage, setSize } from "../kit/pixels.js";
import { parseSafetensors } from "../kit/safetensors.js";
import { set, svg } from "../kit/svg.js";
import { Sliders, shown } from "../lab/controls.js";
import { Look } from "../lab/look.js";
import { LabOverlay } from "../lab/overlay.js";
import { Hand } from "../lab/pointer.js";
import { bounded, boundedWindow, firstWindow } from "../lab/presets.js";
import { describeWindow, windowParameters } from "../lab/report.js";
import { embedding, followAddress } from "../player/address.js";
import { figureWindows, PatchCards, ZoomPanels } from "./window_cards.js";

const kept = new Map(); // id of picture and figure -> windows, so that they outlive a visit elsewhere
const EDGE_SHARE = 0.04; // of the longer side, around the picture

/** @typedef {RefsWith<Record<"toLab", HTMLAnchorElement> & Record<"image", HTMLCanvasElement>
 *   & Record<"overlay", SVGSVGElement>>} Refs */

class PaperWindow {
  /** @type {Call["setStateValue"]} */ setStateValue = UNSET;
  /** @type {any} */ meta = null;
  /** @type {Look} */ look = UNSET;
  /** @type {LabOverlay} */ overlay = UNSET;
  /** @type {Named[]} */ windows_ = [];
  /** @type {PatchCards} */ cards = UNSET; // in figure 3
  /** @type {ZoomPanels} */ panels = UNSET; // in figure 4
  /** @type {SVGElement[]} */ others = []; // the frames of the windows that are not in the hand
  /** @type {SVGElement[]} */ texts = []; // in the 3 x 3 grid
  /** @type {HandName} */ active = "eye";
  /** @type {Look | null} */ fitted = null; // which picture has its size
  names = svg("g");
  stride = svg("path", { class: "dim" });
  zoom = 0;
  margin = 0;
  frame = 0;

  constructor(/** @type {ParentNode} */ parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    const { refs } = this;
    this.imagePixels = new Pixels(refs.image);
    this.chosen = 0;
    this.linked = { clear() {}, pixel() {} }; // of the lab alone
    this.sliders = new Sliders(this);
    this.handOf = new Hand(this);
    refs.toLab.onclick = (event) => this.goToLab(event);
    this.resizer = new ResizeObserver(() => this.fit() && this.redraw());
    this.resizer.observe(refs.root);
  }

  close() {
    cancelAnimationFrame(this.frame);
    clearTimeout(this.resting);
    this.resizer.disconnect();
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, tensors } = parseSafetensors(bytes);
    if (this.meta?.id === meta.id) {
      this.meta = meta;
      return;
    }
    this.meta = meta;
    this.look = new Look(tensors.image);
    const { look, refs } = this;
    const { width, height, channels } = look;
    this.imagePixels.values(look.image, channels, height, width);
    this.isZoom = meta.mode === "zoom";
    refs.root.classList.toggle("zoom", this.isZoom);
    refs.overlay.replaceChildren();
    this.overlay = new LabOverlay(refs.overlay);
    this.overlay.dot.toggleAttribute("hidden", true);
    this.overlay.marker.toggleAttribute("hidden", true);
    this.build(kept.get(meta.id));
    this.fit();
    this.draw();
    refs.picture.setAttribute("aria-label", describeWindow(this.hand, this.n));
  }

  build(/** @type {Named[] | undefined} */ before) {
    const { refs, look, meta } = this;
    const { width, height } = look;
    refs.panels.replaceChildren();
    if (this.isZoom) {
      const { n, ...w } = meta.window ?? firstWindow(width, height);
      this.windows_ = before ?? [{ w: boundedWindow(w), n: bounded("n", n), name: "", words: "" }];
      this.panels = new ZoomPanels(refs.panels, look);
      refs.sightTitle.textContent = "The picture and the window";
      return;
    }
    this.windows_ = before ?? figureWindows(width, height);
    this.chosen = clamp(meta.chosen ?? this.chosen, 0, this.windows_.length - 1);
    this.cards = new PatchCards(refs.panels, this.windows_, (k) => this.choosePatch(k));
    this.cards.mark(this.chosen);
    this.windows_.forEach((one, k) => this.cards.draw(k, look, one, look.read(one.w, one.n)));
    this.buildExtras();
  }

  // The frames of the windows that are not in the hand, and the names in the 3 x 3 grid.
  buildExtras() {
    const extras = svg("g", {}, this.refs.overlay);
    this.others = this.windows_.map(() => svg("rect", { class: "other" }, extras));
    this.names.replaceChildren(this.stride);
    extras.append(this.names);
    this.texts = ["gX, gY", "δ", "σ"].map((text) => svg("text", { class: "mark", text }, this.names));
  }

  // ---- what the lab's hand and sliders ask for

  get n() {
    return this.windows_[this.chosen].n;
  }

  get hand() {
    return this.windows_[this.chosen].w;
  }

  windows() {
    return { eye: this.hand, pen: null };
  }

  move(/** @type {Partial<GridWindow>} */ change) {
    this.windows_[this.chosen].w = boundedWindow({ ...this.hand, ...change });
    this.redraw();
  }

  setN(/** @type {number} */ n) {
    this.windows_[this.chosen].n = bounded("n", Math.round(n));
    this.redraw();
  }

  choose() {}

  stop() {}

  hold(/** @type {boolean} */ on) {
    this.holding = on;
    if (!on) this.settle();
  }

  settle() {
    clearTimeout(this.resting);
    if (this.holding) return;
    this.resting = setTimeout(() => {
      kept.set(this.meta.id, this.windows_);
      const words = describeWindow(this.hand, this.n);
      this.refs.spoken.textContent = words;
      this.refs.picture.setAttribute("aria-label", words);
      this.sayAddress();
    }, 150);
  }

  choosePatch(/** @type {number} */ k) {
    this.chosen = k;
    this.cards.mark(k);
    this.redraw();
    this.settle();
  }

  // ---- the address, and the lab

  sayAddress() {
    followAddress(
      this.meta.link,
      this.isZoom ? windowParameters(this.hand, this.n) : { window: String(this.chosen + 1) },
    );
  }

  goToLab(/** @type {MouseEvent} */ event) {
    // With a modifier the browser opens the address as any other link.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { gX, gY, delta, sigma, gamma } = this.hand;
    this.setStateValue("lab", { id: `${performance.now()}`, n: this.n, window: [gX, gY, delta, sigma, gamma] });
  }

  // ---- drawing

  fit() {
    const { look, refs } = this;
    if (!look) return false;
    const { width, height } = look;
    const margin = Math.max(1, Math.round(EDGE_SHARE * Math.max(width, height)));
    const room = Math.min(parentOf(refs.picture).clientWidth, 430);
    const zoom = nearlyWhole(room / (Math.max(width, height) + 2 * margin), 0.85);
    if (!(zoom > 0) || (zoom === this.zoom && this.fitted === look)) return false;
    Object.assign(this, { zoom, margin, fitted: look });
    setSize(refs.picture, { width: width + 2 * margin, height: height + 2 * margin }, zoom);
    placeImage(refs.image, look, margin, zoom);
    this.overlay.fit(width, height, margin, zoom);
    return true;
  }

  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { look, hand, n, refs } = this;
    if (!look || !this.zoom) return;
    // What is written back is made up for the stride, so that it keeps the picture's brightness.
    look.compute(hand, null, n, hand.gamma / hand.delta ** 2);
    this.overlay.show({ eye: hand, pen: null, active: "eye", n });
    this.sliders.show(hand, n);
    if (this.isZoom) this.panels.draw(look, n);
    else this.drawChoice();
    const query = new URLSearchParams([
      ...embedding(),
      ["image", this.meta.image ?? ""],
      ...Object.entries(windowParameters(hand, n)),
    ]);
    refs.toLab.href = `Attention?${query}`;
    refs.root.dataset.painted = `${this.meta.id}:${this.chosen}:${n}:${shown(hand.gX)}`;
  }

  drawChoice() {
    const { look, chosen, windows_, refs } = this;
    const one = windows_[chosen];
    this.cards.draw(chosen, look, one, look.patch);
    setText(refs.sightTitle, `In your hand: ${one.name.toLowerCase()}`);
    windows_.forEach(({ w, n }, k) => {
      const side = n * w.delta;
      set(this.others[k], { x: w.gX - side / 2, y: w.gY - side / 2, width: side, height: side });
      this.others[k].toggleAttribute("hidden", k === chosen || k === windows_.length - 1);
    });
    const isGrid = one.n === 3; // as the paper has drawn it, whichever window was made so
    this.names.toggleAttribute("hidden", !isGrid);
    if (isGrid) this.drawNames(one.w);
  }

  /** What the numbers of the 3 x 3 grid are: its centre, the distance of its points, their radius.
   * @param {GridWindow} window */
  drawNames({ gX, gY, delta, sigma }) {
    const { unit } = this.overlay;
    const [centre, stride, spread] = this.texts;
    const below = gY + delta + sigma + 14 * unit;
    for (const text of this.texts) text.style.fontSize = `${13 * unit}px`;
    set(centre, { x: gX + 8 * unit, y: gY - 8 * unit });
    set(stride, { x: gX - delta / 2 - 4 * unit, y: below + 4 * unit });
    this.stride.setAttribute(
      "d",
      `M${gX - delta} ${below - 6 * unit}V${below + 6 * unit}M${gX} ${below - 6 * unit}V${below + 6 * unit}`
        + `M${gX - delta} ${below}H${gX - delta / 2 - 9 * unit}M${gX - delta / 2 + 9 * unit} ${below}H${gX}`,
    );
    set(spread, { x: gX + delta + sigma * 0.3, y: gY - delta - 4 * unit });
  }
}

export default component(PaperWindow);
