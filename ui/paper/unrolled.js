// The network unrolled, with every tensor of three neighbouring steps; the address follows the step
// and the box, and Python hears nothing.

import { Latents, paintNode } from "../diagram/nodes.js";
import { unpackRun } from "../diagram/run.js";
import { STAGES } from "../diagram/stages.js";
import { EXPLAIN } from "../diagram/words.js";
import { component, UNSET } from "../kit/component.js";
import { make, parentOf } from "../kit/element.js";
import { signed } from "../kit/pixels.js";
import { svg } from "../kit/svg.js";
import { followAddress } from "../player/address.js";
import { windowsOver } from "../player/overlay.js";
import { Player } from "../player/player.js";
import { NODE_NAMES, NODES, UnrolledChart, VAE } from "./unrolled_chart.js";

const settings = { loop: true, speed: 0.5 };
const places = new Map(); // id -> { step, node, column }

/** @typedef {RefsWith<Record<"wires", SVGSVGElement>>} Refs */

/** @extends {Player<Refs>} */
class Unrolled extends Player {
  /** @type {Run} */ run = UNSET;
  /** @type {Column} */ column = 1;
  /** @type {{ pictures: Pixels[], latents?: Latents, overlay?: import("../player/overlay.js").WindowOverlay, window?: string }} */ large =
    UNSET;
  /** @type {Run | null} */ kindOf = null;
  kind = "";
  sight = "chart";

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    this.node = "z";
    this.chart = new UnrolledChart(this.refs, (node, column) => this.choose(node, column));
    this.playback.slowness = 2; // so much is to be seen in each step
  }

  load(/** @type {Uint8Array} */ bytes) {
    const now = unpackRun(bytes);
    if (this.run?.meta.id === now.meta.id) {
      this.run.meta.link = now.meta.link;
      return;
    }
    const linked = this.run ? null : now.meta.step; // a link counts only when the page is opened
    this.run = now;
    this.meta = now.meta;
    this.numSteps = now.numSteps;
    const place = places.get(now.meta.id) ?? { step: linked ?? (this.step || Math.ceil(now.numSteps / 3)) };
    this.node = place.node ?? this.node;
    this.column = place.column ?? this.column;
    this.playback.load(now.numSteps, place.step);
    this.transport.build(now.numSteps, now.measure);
    this.transport.drawBars(now.kl);
    this.chart.showAim(now.has("read"));
    for (const [name, box] of this.chart.boxes) {
      if (name.endsWith(" x")) paintNode(now, "x", 0, box.pictures);
    }
    this.draw();
    // Where there is no room for all, the step in the middle is in sight.
    const scroll = parentOf(this.refs.chart);
    scroll.scrollLeft = 0.6 * (scroll.scrollWidth - scroll.clientWidth);
    scroll.onscroll = () => this.chart.keepRoles();
    this.chart.keepRoles();
    this.settle();
  }

  /** @param {string} node @param {Column} column */
  choose(node, column) {
    this.node = node;
    this.column = column;
    this.playback.pause();
    this.redraw();
    this.settle();
  }

  report() {
    const { refs } = this;
    refs.spoken.textContent = this.playing ? "" : `${refs.detailTitle.textContent}. ${refs.numbers.textContent}`;
    followAddress(this.meta.link, { step: this.playing ? null : this.step });
  }

  place() {
    const { step, node, column } = this;
    return { step, node, column };
  }

  // ---- drawing

  draw() {
    const { run, step, chart, refs } = this;
    [-1, 0, 1].forEach((by, column) => {
      const at = step + by;
      this.drawColumn(at, column);
      const name = ["t − 1", "t", "t + 1"][column];
      chart.heads[column].textContent =
        at < 0 || at > run.numSteps ? "" : at === 0 ? "the start" : `${name} = step ${at}`;
    });
    chart.mark(`${this.column} ${this.node}`);
    this.transport.drawPosition(step, run.kl);
    this.drawDetail();
    refs.root.dataset.painted = `${run.meta.id}:${step}:${this.column}-${this.node}`;
  }

  /** Before the first step there is only the canvas, after the last nothing.
   * @param {string} node @param {number} step */
  isThere(node, step) {
    return step <= this.run.numSteps && (step >= 1 || (step === 0 && (node === "canvas" || node === "x")));
  }

  /** The tensors of a step.
   * @param {number} step @param {number} column */
  drawColumn(step, column) {
    const { chart } = this;
    for (const node of NODES) {
      const box = chart.boxes.get(`${column} ${node}`);
      if (!box) continue;
      const isThere = this.isThere(node, step);
      box.button.classList.toggle("blank", !isThere);
      box.button.setAttribute("aria-label", `${NODE_NAMES[node]}, step ${step}${isThere ? "" : ": there is none"}`);
      if (isThere && node !== "x") this.paint(node, step, box.pictures);
    }
  }

  /** @param {string} node @param {number} step @param {Pixels[]} pictures */
  paint(node, step, pictures) {
    const { run } = this;
    const latent = (/** @type {number} */ z) => signed(z / run.reach);
    if (node === "z") pictures[0].square(run.row("z", step), run.latents, latent);
    else paintNode(run, node, step, pictures);
  }

  // ---- the chosen box

  drawDetail() {
    const { run, refs, node, column } = this;
    if (column === "vae") {
      this.fillLarge("vae", 0);
      refs.detailTitle.textContent = `Usual autoencoder: ${NODE_NAMES[node].toLowerCase()}`;
      refs.equation.textContent = "";
      refs.numbers.textContent = "";
      refs.words.textContent = VAE[node][1];
      return;
    }
    const step = this.step + column - 1;
    const isThere = this.isThere(node, step);
    const [name, words] = EXPLAIN[node](run);
    refs.detailTitle.textContent = isThere ? `${name}, step ${step}` : name;
    refs.words.textContent = isThere
      ? `${words[0].toUpperCase()}${words.slice(1)}`
      : step < 1
        ? "Before the first step there is only the start canvas; the memories begin with learned values."
        : "There is no step after the last.";
    const stage = isThere && step >= 1 ? STAGES.find((one) => one.node === node) : null;
    if (stage) {
      const plain = (node === "read" || node === "write") && !run.has(node);
      refs.equation.innerHTML = `${stage.equation(run)} <small>${plain ? stage.plainEqs : stage.eqs}; ${stage.shapes(run)}</small>`;
      refs.numbers.innerHTML = `${stage.plain(run, step)} ${stage.numbers(run, step)}`;
    } else {
      refs.equation.textContent = "";
      refs.numbers.textContent = "";
    }
    this.fillLarge(isThere ? node : "none", step);
  }

  /** The tensor of the chosen box, large; rebuilt only when the kind of picture changes.
   * @param {string} kind @param {number} step */
  fillLarge(kind, step) {
    const { refs, run } = this;
    if (this.kind !== kind || this.kindOf !== run) {
      this.kind = kind;
      this.kindOf = run;
      this.buildLarge(kind);
    }
    const { large } = this;
    if (kind === "vae" || kind === "none") return;
    if (kind === "z") large.latents?.draw(run, step);
    else this.paint(kind, step, large.pictures);
    if (large.window) large.overlay?.show(run.path(large.window, step));
    refs.large.dataset.shown = `${kind}:${step}`;
  }

  buildLarge(/** @type {string} */ kind) {
    const { refs, run } = this;
    const { width, height } = run;
    refs.large.replaceChildren();
    this.large = { pictures: [] };
    if (kind === "vae" || kind === "none") return;
    if (kind === "z") {
      const parent = refs.large.appendChild(make("div", { class: "latents" }));
      this.large.latents = new Latents(parent);
      this.large.latents.build(run);
      return;
    }
    const notes = kind === "read" ? ["of the image", "of the error image"] : [""];
    for (const note of notes) {
      const frame = make("div", { class: `frame ${notes.length > 1 ? "pair" : ""}` });
      const picture = this.chart.canvas(frame);
      if (kind === "enc" || kind === "dec") picture.element.classList.add("state");
      if (kind === "canvas" || kind === "x") frame.style.setProperty("--ratio", `${width} / ${height}`);
      this.large.pictures.push(picture);
      if (note) frame.append(make("p", { text: note }));
      refs.large.append(frame);
      const window = kind === "canvas" ? "write" : kind === "x" ? "read" : null;
      if (window && run.has(window)) {
        this.large.window = window;
        this.large.overlay = windowsOver(run, svg("svg", { class: "overlay" }, frame), [window])[window];
      }
    }
  }
}

export default component(Unrolled);
