// The diagram: its nodes, each a live picture of its tensor, and the arrows between them.

import { UNSET } from "../kit/component.js";
import { findAll } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { Pixels, setSize, wholeZoom } from "../kit/pixels.js";
import { placeIn } from "../kit/pointer.js";
import { windowsOver } from "../player/overlay.js";
import { Arrows } from "./arrows.js";
import { Latents, paintNode } from "./nodes.js";
import { STAGE_OF, STAGES, size } from "./stages.js";
import { EXPLAIN } from "./words.js";

const STACKED = 600; // as in loop.css
/** @type {Record<string, string>} */
const ROW_OF = { error: "top", read: "first", enc: "first", z: "z", dec: "last", write: "last", canvas: "canvas" };

export class Diagram {
  /** @type {Run} */ run = UNSET;
  /** @type {Record<string, import("../player/overlay.js").WindowOverlay[]>} */ overlays = UNSET;
  reached = { read: 0, write: 0, canvas: 0 };
  step = 0;
  stage = 0;
  /** @type {number | null} */ lastStage = null;

  constructor(/** @type {LoopRefs} */ refs) {
    this.refs = refs;
    const nodes = findAll(refs.diagram, HTMLElement, "[data-node]");
    this.nodes = Object.fromEntries(nodes.map((node) => [String(node.dataset.node), node]));
    const { readX, readError, enc, dec, patch, canvas } = refs;
    const canvases = { read: [readX, readError], enc: [enc], dec: [dec], write: [patch], canvas: [canvas] };
    const pixels = (/** @type {HTMLCanvasElement} */ element) => new Pixels(element);
    this.pictures = Object.fromEntries(Object.entries(canvases).map(([node, own]) => [node, own.map(pixels)]));
    this.x = new Pixels(refs.x);
    this.error = new Pixels(refs.error);
    this.latents = new Latents(refs.latents);
    this.arrows = new Arrows(refs.arrows, refs.diagram, this.nodes);
    // Where each kind of window is shown.
    this.layers = { read: [refs.xOverlay, refs.errorOverlay], write: [refs.canvasOverlay] };
    this.bindCells();
  }

  build(/** @type {Run} */ run) {
    this.run = run;
    this.overlays = {};
    for (const [kind, layers] of Object.entries(this.layers)) {
      this.overlays[kind] = layers.flatMap((layer) => Object.values(windowsOver(run, layer, [kind])));
      this.refs.root.classList.toggle(`no-${kind}`, !run.has(kind));
    }
    this.arrows.build(run);
    this.follow(run);
  }

  /** Another run of the same network on a picture that is being drawn. @param {Run} run */
  follow(run) {
    this.run = run;
    paintNode(run, "x", 0, [this.x]);
    this.latents.build(run);
    this.buildCaptions();
  }

  // Pointing at a cell of a patch marks the place in the picture that its filter reads or writes.
  bindCells() {
    const { readX, readError, patch } = this.refs;
    for (const canvas of [readX, readError, patch]) {
      const kind = canvas === patch ? "write" : "read";
      canvas.onpointermove = canvas.onpointerdown = (/** @type {PointerEvent} */ event) => {
        const { x, y } = placeIn(event, canvas);
        const n = canvas.width;
        const cell = (/** @type {number} */ part) => clamp(Math.floor(n * part), 0, n - 1);
        this.mark(kind, cell(x), cell(y));
      };
      canvas.onpointerleave = () => this.mark(kind, -1, 0);
    }
  }

  /** @param {string} kind @param {number} column @param {number} row */
  mark(kind, column, row) {
    for (const { circles, size } of this.overlays[kind]) {
      const cell = column < 0 ? null : circles[row * size + column];
      for (const circle of circles) circle.classList.toggle("marked", circle === cell);
    }
  }

  buildCaptions() {
    const { run, refs } = this;
    const { meta } = run;
    const read = run.has("read") ? run.mostRead : 1;
    refs.readPatches.textContent = run.has("read") ? ": two patches" : "";
    refs.readCaption.textContent = run.has("read")
      ? `of ${size(run.points("read"), run.points("read"))} numbers, up to ${read.toFixed(1)}`
      : "reads the whole image";
    refs.encCaption.textContent = `${run.units("h_enc")} units, log scale`;
    refs.decCaption.textContent = `${run.units("h_dec")} units, log scale`;
    refs.zCaption.innerHTML = `${run.latents}: dot <span class="long">= mean </span>μ, bar <span class="long">= </span>±σ, tick <span class="long">= </span>z`;
    const w = run.has("write") ? `${size(run.points("write"), run.points("write"))} numbers` : "whole canvas";
    refs.writeCaption.textContent = `${w}, up to ±${run.most("write_patches").toFixed(1)}`;
    refs.matter.textContent = ` ${run.matter}`;
    refs.losses.textContent = `${meta.nll.toFixed(1)} nats missing at the end`;
    for (const [name, node] of Object.entries(this.nodes)) {
      const [title, words] = EXPLAIN[name](run);
      node.setAttribute("aria-label", `${title}: ${words}`);
    }
  }

  /** The step that a node shows: in slow motion those after the present stage still show the last.
   * @param {string} node */
  stepOf(node) {
    return this.stage && STAGE_OF[node] > this.stage ? this.step - 1 : this.step;
  }

  /** stage: 1..7, or 0 for the whole step. @param {number} step @param {number} stage */
  draw(step, stage) {
    this.step = step;
    this.stage = stage;
    const [read, write, canvas] = ["read", "write", "canvas"].map((node) => this.stepOf(node));
    this.reached = { read, write, canvas };
    this.drawPictures();
    for (const overlay of this.overlays.read) overlay.show(this.run.path("read", read));
    for (const overlay of this.overlays.write) overlay.show(this.run.path("write", write));
    this.drawStage();
  }

  drawPictures() {
    const { run } = this;
    // Before the first step the error image is the one that it will read.
    this.error.signed(run.error(Math.max(1, this.step)), 1, run.height, run.width);
    this.latents.draw(run, this.stepOf("z"));
    for (const [node, pictures] of Object.entries(this.pictures)) paintNode(run, node, this.stepOf(node), pictures);
  }

  drawStage() {
    const { stage } = this;
    this.arrows.light(stage);
    const isNew = stage > 0 && this.lastStage !== null && stage !== this.lastStage;
    this.lastStage = stage;
    for (const [name, node] of Object.entries(this.nodes)) {
      node.classList.toggle("waits", Boolean(stage) && STAGE_OF[name] > stage);
      node.classList.toggle("acts", Boolean(stage) && STAGE_OF[name] === stage);
      const isThere = STAGE_OF[name] <= STAGE_OF.error || name === "canvas" || this.stepOf(name) > 0;
      node.classList.toggle("empty", !isThere);
    }
    const isNarrow = this.refs.root.clientWidth < STACKED;
    this.placeWords(isNarrow && stage ? ROW_OF[STAGES[stage - 1].node] : "");
    if (!isNew || !isNarrow) return;
    // In one column the node at work may be out of sight.
    const behavior = reducedMotion() ? "auto" : "smooth";
    this.nodes[STAGES[stage - 1].node].scrollIntoView({ block: "nearest", behavior });
  }

  /** In one column the words go along, so that they are read beside what they speak of. @param {string} row */
  placeWords(row) {
    const { diagram, card, dock } = this.refs;
    if ((diagram.dataset.row ?? "") === row) return;
    diagram.dataset.row = row;
    // Only where it must move: a button in it would lose the focus.
    if (!row) dock.prepend(card);
    else if (card.parentElement !== diagram) diagram.append(card);
    this.arrows.layout();
  }

  fit() {
    if (!this.run) return;
    const { refs } = this;
    for (const box of findAll(refs.root, HTMLElement, "[data-box]")) {
      const [canvas] = findAll(box, HTMLCanvasElement, "canvas");
      const room = parseFloat(getComputedStyle(box).maxWidth);
      setSize(box, canvas, wholeZoom(room / Math.max(canvas.width, canvas.height)));
    }
    this.arrows.layout();
  }
}
