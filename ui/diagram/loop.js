// The loop: plays one reconstruction on the diagram of the network, step by step or, in slow motion,
// stage by stage. The address follows after a pause, and Python hears only of the wish for the lab.

import { component, UNSET } from "../kit/component.js";
import { childrenOf, make, makeButton } from "../kit/element.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { askedFor, DRAWN, FOLLOWS, hear, PAINTED, tell } from "../kit/told.js";
import { noiseOf } from "../live/generator.js";
import { LiveNetwork } from "../live/live.js";
import { followAddress } from "../player/address.js";
import { Player } from "../player/player.js";
import { hideSwitchedOff, SWITCHES } from "../player/settings.js";
import { Before, earlierOf, sameArray } from "./before.js";
import { Clock } from "./clock.js";
import { Diagram } from "./diagram.js";
import { Run, unpackRun } from "./run.js";
import { STAGE_OF, STAGES, stageCard } from "./stages.js";
import { drawSums } from "./sums.js";
import { explanation, summary } from "./words.js";

const STEP_SLOWNESS = 2; // a whole loop is more to look at than one canvas
const STAGE_SLOWNESS = 10; // and a stage has an equation to read

// Outlives a visit to another page, so that switches stay as the visitor left them.
const settings = { ...SWITCHES, slow: false, before: true, hold: false };
const places = new Map(); // id of a run -> { step }

/** @typedef {"beforeCanvas" | "beforeX" | "canvas" | "dec" | "enc" | "error" | "patch" | "readError" | "readX" | "x"} Canvases
 * @typedef {"arrows" | "beforeCanvasOverlay" | "beforeXOverlay" | "canvasOverlay" | "errorOverlay" | "xOverlay"} Layers
 * @typedef {RefsWith<Record<Canvases, HTMLCanvasElement> & Record<"clock" | Layers, SVGSVGElement>
 *   & Record<"slow", HTMLInputElement>>} Refs */

/** @extends {Player<Refs>} */
class Loop extends Player {
  /** @type {Run} */ now = UNSET;
  /** @type {string | null} */ explained = null; // the node that the visitor points at
  said = "";
  pointedAt = "";
  /** @type {import("./before.js").Earlier | null} */ earlier = null; // to compare with
  asked = 0; // pictures of the pad that the network was asked about
  followed = 0; // films of what was drawn, since the last that the server sent
  stroke = -1; // of the last of them
  /** @type {{ images: Float32Array, stroke: number, drawn: boolean } | null} */ drawing = null; // the last on the pad
  /** @type {LiveNetwork | null} */ network = null; // the same one in this browser
  url = ""; // of its weights

  constructor(/** @type {ParentNode} */ parent) {
    super(parent, settings, places);
    const { refs } = this;
    this.diagram = new Diagram(refs);
    this.nodes = this.diagram.nodes;
    this.before = new Before(refs);
    this.clock = new Clock(refs.clock, refs.total, (step) => step !== this.step && this.goTo(step));
    this.clock.playback = this.playback;
    for (const button of refs.lab.querySelectorAll("button")) {
      button.onclick = () => {
        if (!this.step) return;
        this.setStateValue("lab", { kind: button.dataset.lab, step: this.step, id: Date.now() });
      };
    }
    this.bindNodes();
    const deaf = [
      hear(askedFor(PAINTED), () => this.now && this.tellPainted()),
      hear(askedFor(FOLLOWS), () => tell(FOLLOWS, { ready: Boolean(this.network?.ready) })),
      hear(DRAWN, ({ image, stroke, drawn }) => this.now && this.show(image, stroke, drawn)),
    ];
    this.hearNoMore = () => {
      for (const end of deaf) end();
    };
  }

  // ---- where it is: the playback counts steps, or in slow motion stages

  get step() {
    return settings.slow ? Math.ceil(this.playback.step / STAGES.length) : this.playback.step;
  }

  // 1..7 in slow motion; 0 at the start, and when each step is shown as a whole.
  get stage() {
    const { step } = this.playback;
    return settings.slow && step ? ((step - 1) % STAGES.length) + 1 : 0;
  }

  /** Sets the clock to count what it shall count, and puts it at a step and stage.
   * @param {number} step @param {number} stage */
  put(step, stage) {
    const { slow } = settings;
    const { playback } = this;
    playback.slowness = slow ? STAGE_SLOWNESS : STEP_SLOWNESS;
    const at = slow && step ? (step - 1) * STAGES.length + (stage || STAGES.length) : step;
    const parts = slow ? STAGES.length : 1;
    playback.load(this.numSteps * parts, at, parts);
  }

  close() {
    super.close();
    clearTimeout(this.clock.dwelling);
    this.hearNoMore();
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const now = unpackRun(bytes);
    const { meta } = now;
    if (this.meta?.id === meta.id) {
      this.now.meta.link = meta.link; // the same tensors under another address
      return;
    }
    this.earlier = earlierOf(this.earlier, this.now ?? null, now, settings.hold);
    this.followed = 0;
    this.drawing = null;
    const isFirst = !this.now;
    const { playing, step, stage } = isFirst ? { playing: false, step: 0, stage: 0 } : this;
    this.now = now;
    this.meta = meta;
    this.numSteps = now.numSteps;
    const kept = places.get(meta.id)?.step ?? meta.step;
    if (isFirst) this.put(clamp(kept ?? (reducedMotion() ? now.numSteps : 0), 0, now.numSteps), 0);
    else this.put(playing ? 0 : Math.min(step, now.numSteps), playing ? 0 : stage);
    this.build();
    this.draw();
    this.fit();
    this.connect();
    if (isFirst ? kept == null && !reducedMotion() : playing) this.playback.play();
    this.settle();
  }

  // The network itself, if it is another one than before, and the noise of this run.
  connect() {
    const { live, about } = this.meta;
    if (!live) return;
    const { url, config } = live;
    live.noise = noiseOf(config, 1, about.seed ?? 0);
    if (about.seed === null) live.noise.fill(0); // z = mu
    if (this.url === url) return;
    this.url = url;
    tell(FOLLOWS, { ready: false });
    const network = new LiveNetwork(
      this.refs.worker.textContent ?? "",
      { url, config },
      (made, asked) => network === this.network && this.follow(made, asked),
      (ready) => network === this.network && this.came(ready),
    );
    this.network = network;
  }

  came(/** @type {boolean} */ ready) {
    this.refs.root.dataset.live = ready ? "browser" : "server";
    tell(FOLLOWS, { ready });
    if (ready) tell(askedFor(DRAWN)); // what was drawn meanwhile
    this.refs.liveNote.textContent = ready
      ? ""
      : "This browser cannot run the network itself: the server does, each time that you lift the pen.";
  }

  /** Asks the network what it makes of the pad. @param {import("../pad/image.js").PadImage} image
   * @param {number} stroke @param {boolean} drawn */
  show(image, stroke, drawn) {
    const { live } = this.meta;
    if (!live || !this.network?.ready || image.bytes.length !== this.now.x.length) return;
    const images = asSeen(image.bytes, live.binary);
    if (sameArray(images, (this.drawing ?? { images: this.now.x }).images)) return;
    this.drawing = { images, stroke, drawn };
    this.asked += 1;
    this.refs.root.dataset.asked = String(this.asked);
    this.network.ask({ noise: live.noise, ...this.drawing });
  }

  /** What the network makes of what is on the pad: the server would say the same.
   * @param {import("../live/trace.js").Trace} made @param {any} asked by show() */
  follow({ tensors, nll, latentLoss }, { images, stroke, drawn }) {
    this.followed += 1;
    const about = { ...this.meta.about, drawn };
    const meta = { ...this.meta, id: `${this.meta.id}_${this.followed}`, about, nll, latent_loss: latentLoss };
    const { channels, height, width, description } = this.now;
    const x = { shape: [channels, height, width], data: images };
    const now = new Run({ meta, tensors: { ...tensors, x }, description });
    if (stroke !== this.stroke) this.earlier = earlierOf(this.earlier, this.now, now, settings.hold);
    this.stroke = stroke;
    this.now = now;
    this.diagram.follow(now);
    this.buildBefore();
    this.transport.drawBars(now.kl);
    this.applySettings();
    this.draw();
    this.refs.root.dataset.followed = String(this.followed);
  }

  buildBefore() {
    const { now, earlier, refs } = this;
    this.before.build(now, earlier, this.diagram.layers);
    this.clock.build(now, earlier?.run ?? null);
    drawSums(refs.sums, refs.sumsWords, now.meta, earlier?.run.meta ?? null);
  }

  build() {
    const { now } = this;
    this.diagram.build(now);
    this.buildBefore();
    this.transport.build(now.numSteps, now.measure);
    this.transport.drawBars(now.kl);
    this.refs.stages.replaceChildren(
      ...STAGES.map(({ name, node }, i) => {
        const onclick = () => this.goToStage(STAGE_OF[node]);
        return make("li", {}, makeButton(onclick, { text: `${i + 1} ${name}` }));
      }),
    );
    this.applySettings();
  }

  // ---- moving

  /** The visitor moved: playing stops, and the address learns of it after a pause. @param {number} step */
  goTo(step) {
    const stage = this.stage || 1;
    const to = clamp(step, 0, this.numSteps);
    // The end is the end of the last step, and elsewhere the stage stays for comparison.
    this.put(to, step >= this.numSteps && this.step >= this.numSteps ? STAGES.length : stage);
    this.arrive();
  }

  goToStage(/** @type {number} */ stage) {
    if (!settings.slow) return;
    this.put(Math.max(1, this.step), stage);
    this.arrive();
  }

  /** One step, or one stage in slow motion. @param {number} by */
  move(by) {
    this.playback.goTo(this.playback.step + by);
    this.arrive();
  }

  arrive() {
    if (settings.slow) this.explained = null; // each stage has words of its own
    this.redraw();
    this.settle();
  }

  report() {
    const step = this.playing ? null : this.step;
    const said = this.refs.saying.querySelectorAll("p:not(.hint)");
    const words = [...said].map((p) => p.textContent).join(" ");
    this.refs.spoken.textContent = this.playing ? "" : words;
    this.refs.canvas.setAttribute("aria-label", `The canvas. ${words}`);
    followAddress(this.now.meta.link, { step });
  }

  // ---- drawing

  draw() {
    const { now, step, stage, refs } = this;
    this.diagram.draw(step, stage);
    this.before.draw(this.diagram.reached);
    this.clock.draw(step, !stage || stage >= STAGE_OF.z);
    const words = `step ${step} of ${now.numSteps}${stage ? `, stage ${stage}: ${STAGES[stage - 1].name}` : ""}`;
    this.transport.drawPosition(step, now.kl, words);
    for (const button of refs.lab.querySelectorAll("button")) button.disabled = !step;
    childrenOf(refs.stages).forEach((item, i) => {
      item.children[0].setAttribute("aria-current", i + 1 === stage ? "step" : "false");
    });
    this.drawCard();
    this.tellPainted();
    refs.root.dataset.stage = String(stage);
    refs.root.dataset.painted = `${now.meta.id}:${step}:0`;
  }

  tellPainted() {
    const words = `The network’s canvas, step ${this.step} of ${this.numSteps}`;
    tell(PAINTED, { canvas: this.refs.canvas, words });
  }

  fit() {
    this.diagram.fit();
  }

  drawCard() {
    const { now, step, stage, explained } = this;
    let text;
    if (explained) text = explanation(now, explained, this.diagram.stepOf(explained));
    else text = stage ? stageCard(now, step, stage) : summary(now, step);
    if (text === this.said) return;
    this.said = text;
    this.refs.saying.innerHTML = text; // our own text and numbers only
  }

  /** @param {KeyboardEvent} event @param {Element} target @param {string} key */
  ownKey(event, target, key) {
    if (key === "s" && !event.shiftKey && this.inView()) {
      event.preventDefault();
      this.refs.slow.click();
      return true;
    }
    const node = target.closest?.("[data-node]");
    if (node instanceof HTMLElement && (key === "Enter" || key === " ")) {
      if (!settings.slow || !STAGE_OF[String(node.dataset.node)]) return false;
      event.preventDefault();
      node.click();
      return true;
    }
    return false;
  }

  // ---- controls

  changed(/** @type {string} */ name) {
    if (name === "slow") this.changePace();
    this.applySettings();
    this.redraw();
  }

  // Into slow motion at the first stage of this step, and out of it with the step complete. The
  // switch has changed already, so what the playback counts is the other of the two.
  changePace() {
    const { playback, playing } = this;
    const step = settings.slow ? playback.step : Math.ceil(playback.step / STAGES.length);
    this.put(settings.slow ? Math.max(1, step) : step, 1);
    this.explained = null;
    if (playing) this.playback.play();
    this.settle();
  }

  applySettings() {
    const { root, before } = this.refs;
    hideSwitchedOff(root, settings);
    root.classList.toggle("slow", settings.slow);
    const shown = Boolean(this.before.before) && settings.before;
    if (before.hidden === shown) {
      before.hidden = !shown;
      root.classList.toggle("with-before", shown);
      this.diagram.fit();
    }
  }

  bindNodes() {
    // A node that the page has moved under a mouse at rest is not pointed at.
    const placeOf = (/** @type {PointerEvent} */ event) => `${event.clientX} ${event.clientY}`;
    this.refs.root.addEventListener("pointermove", (event) => (this.pointedAt = placeOf(event)));
    this.refs.root.addEventListener("pointerdown", (event) => (this.pointedAt = placeOf(event)));
    const explain = (/** @type {string | null} */ name) => {
      this.explained = name;
      if (this.now) this.drawCard();
    };
    for (const [name, node] of Object.entries(this.nodes)) {
      node.onpointermove = (event) => {
        if (event.pointerType !== "mouse" || this.pointedAt === placeOf(event)) return;
        // A sector says which step it leads to by going there.
        const part = name === "clock" && this.clock.isOnSectors(event) ? null : name;
        if (this.explained !== part) explain(part);
      };
      node.onpointerleave = (event) => event.pointerType === "mouse" && explain(null);
      node.onmousedown = (event) => event.preventDefault(); // the keys stay the player's
      node.onfocus = () => node.matches(":focus-visible") && explain(name);
      node.onblur = () => explain(null);
      node.onclick = () => {
        if (settings.slow && STAGE_OF[name]) this.goToStage(STAGE_OF[name]);
        else explain(name);
      };
    }
    this.nodes.clock.onclick = (event) => explain(this.clock.isOnSectors(event) ? null : "clock");
    // What a finger pointed at stays explained until it touches something else.
    this.refs.root.addEventListener("pointerdown", (event) => {
      const target = /** @type {Element} */ (event.target);
      if (this.explained && !target.closest("[data-node]")) explain(null);
    });
  }
}

/** What a network sees of a picture, as draw_core/data/seen.py has it.
 * @param {Uint8Array} bytes @param {boolean} binary */
const asSeen = (bytes, binary) => Float32Array.from(bytes, (v) => (binary ? Number(v >= 128) : v / 255));

export default component(Loop);
