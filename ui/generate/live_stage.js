// The Stage of Generate: it plays the film that Python sends, and those that the network paints here.
// Python hears nothing of them, unless a step is to be explained or the visitor goes to something else.

import { component, UNSET } from "../kit/component.js";
import { leavesPage } from "../kit/leaving.js";
import { reducedMotion } from "../kit/motion.js";
import { Film, unpackFilms } from "../player/film.js";
import { Stage } from "../stage/view.js";
import { Asks } from "./asks.js";

const DWELL_MS = 600;
// What was asked for last on a page that was left before Python heard of it, and what Python knew.
/** @type {{ model: string, known: string, asked: import("./asks.js").Asked } | null} */
let unsaidAsked = null;

class LiveStage extends Stage {
  /** @type {import("../player/film.js").Description} */ description = UNSET;
  known = ""; // what Python knows to be asked for
  sent = ""; // the id of the film that Python sent last
  named = ""; // and of the one whose samples it was asked to name
  explained = false; // whether Python was asked to explain a step
  isTold = true; // whether Python knows what is asked

  constructor(/** @type {ParentNode} */ parent) {
    super(parent);
    this.asks = new Asks(this.refs, {
      made: (made, asked, isFirst) => this.paint(made.tensors, asked, isFirst),
      failed: () => this.setStateValue("serve", true),
      explain: () => this.tellPlace(),
    });
    // What samples look like is read on the server, and asked for by who dwells on them.
    let dwelling = 0;
    const { montage } = this.refs;
    montage.addEventListener("focusin", () => montage.querySelector(":focus-visible") && this.askNames());
    montage.addEventListener("pointerenter", () => (dwelling = setTimeout(() => this.askNames(), DWELL_MS)));
    montage.addEventListener("pointerleave", () => clearTimeout(dwelling));
    // Before Python hears of anything else that the visitor does: it asks for the same pictures then.
    this.elsewhere = (/** @type {Event} */ event) => {
      if (!this.isTold && !leavesPage(event) && !event.composedPath().includes(/** @type {any} */ (parent)))
        this.tellAll();
    };
    for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, this.elsewhere, true);
  }

  close() {
    super.close();
    const { asked } = this.asks;
    unsaidAsked = this.isTold ? null : { model: this.meta.link.model, known: this.known, asked };
    for (const kind of ["pointerdown", "keydown"]) document.removeEventListener(kind, this.elsewhere, true);
  }

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, films } = unpackFilms(bytes);
    const { live } = meta;
    const isShown = (/** @type {any} */ asked) => JSON.stringify(asked) === JSON.stringify(live.asked);
    const isHere = live && this.asks.model?.url === live.url && this.meta?.link?.model === meta.link.model;
    if (isHere && (meta.id === this.sent || isShown(this.asks.asked))) return; // the pictures stand here already
    this.sent = meta.id;
    this.description = films[""].description;
    super.load(bytes);
    this.asks.load(live);
    this.isTold = true;
    this.known = JSON.stringify(live?.asked);
    const left = unsaidAsked;
    unsaidAsked = null;
    if (left && left.model === meta.link.model && left.known === this.known) this.asks.change(left.asked);
  }

  /** Pictures that were painted here. @param {Tensors} tensors
   * @param {import("./asks.js").Asked} asked @param {boolean} isOther whether they are others than before */
  paint(tensors, asked, isOther) {
    const { seed, n, temperature } = asked;
    const link = { ...this.meta.link, ...asked };
    const id = `live_${seed}_${n}_${Math.round(100 * temperature)}`;
    const film = new Film({ meta: { ...this.meta, id, link }, tensors, description: this.description });
    this.isTold = false;
    this.present(film);
    if (isOther && !reducedMotion()) {
      this.playback.goTo(0);
      this.playback.play();
    }
    this.settle();
  }

  askNames() {
    if (!this.asks.model || this.meta.id === this.sent || this.meta.id === this.named) return;
    this.named = this.meta.id;
    this.tellAll();
  }

  tellPlace() {
    if (!this.asks.model) {
      super.tellPlace();
      return;
    }
    if (this.asks.explains || this.explained) this.tellAll();
  }

  tellAll() {
    const { explains, asked } = this.asks;
    this.explained = explains;
    this.known = JSON.stringify(asked);
    const { step, sample, playing } = this;
    const { id } = this.meta;
    const names = id === this.named;
    this.setStateValue("view", { step: playing ? null : step, sample, id, asked, explain: explains, names });
    this.isTold = true;
  }
}

export default component(LiveStage);
