// What all players share: a clock, its controls and switches, keys, size and paper, and the place where
// a visitor left. The address follows after a pause.
//
// A kind of player adds load(bytes), and where it differs the methods at the end.

import { refsIn, UNSET } from "../kit/component.js";
import { isLeft } from "../kit/leaving.js";
import { followAddress } from "./address.js";
import { handleKey } from "./keys.js";
import { Playback, REPORT_MS } from "./playback.js";
import { bindSettings, leaveKeysToPlayer } from "./settings.js";
import { Transport } from "./transport.js";

/** @template {Record<string, any>} [R=any] the elements of its markup */
export class Player {
  /** @type {R} */ refs;
  /** @type {Call["setStateValue"]} */ setStateValue = UNSET;
  frame = 0;
  reporting = 0;
  /** @type {any} */ meta = null; // of what it plays, with its id, as soon as there is something
  numSteps = 0;
  sample = 0;
  sight = "root"; // the part that must be seen for keys pressed elsewhere on the page to be meant for it

  /** settings: { loop, speed } and other switches, and places, a Map from an id to a place, outlive a
   * visit to another page.
   * @param {ParentNode} parent @param {Record<string, any>} settings @param {Map<string, any>} places */
  constructor(parent, settings, places, Bars = Transport) {
    this.refs = refsIn(parent);
    this.places = places;
    const { root } = this.refs;
    this.playback = new Playback(settings, {
      moved: () => this.draw(),
      rested: () => this.settle(),
      playing: (playing) => this.transport.drawPlaying(playing),
    });
    this.transport = new Bars(this.refs, this);
    bindSettings(root, settings, (name) => this.changed(name));
    leaveKeysToPlayer(root);
    this.onKey = (/** @type {KeyboardEvent} */ event) => handleKey(this, event);
    document.addEventListener("keydown", this.onKey);
    this.resizer = new ResizeObserver(() => this.resized());
    this.resizer.observe(root);
    // A sheet of paper has another width and light colours, and no observer hears of it in time.
    this.onPrint = () => {
      if (!this.meta) return;
      this.fit();
      this.draw();
    };
    addEventListener("beforeprint", this.onPrint);
  }

  get step() {
    return this.playback.step;
  }

  get playing() {
    return this.playback.playing;
  }

  close() {
    this.remember();
    this.playback.pause();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.reporting);
    document.removeEventListener("keydown", this.onKey);
    this.resizer.disconnect();
    removeEventListener("beforeprint", this.onPrint);
  }

  /** The visitor moved to a step: playing stops, and the address learns of it after a pause. @param {number} step */
  goTo(step) {
    this.playback.goTo(step);
    this.redraw();
    this.settle();
  }

  move(/** @type {number} */ by) {
    this.goTo(this.step + by);
  }

  settle() {
    clearTimeout(this.reporting);
    if (this.transport.scrubbing) return; // until the pointer lets go
    this.reporting = setTimeout(() => {
      if (isLeft()) return this.settle();
      this.remember();
      this.report();
    }, REPORT_MS);
  }

  remember() {
    if (this.meta) this.places.set(this.meta.id, this.place());
  }

  redraw() {
    if (!this.meta) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  resized() {
    if (!this.meta) return;
    this.fit();
    this.redraw();
  }

  inView() {
    const { top, bottom } = this.refs[this.sight].getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  // ---- what kinds of players do in their own ways

  // Where the visitor is, for when they come back.
  /** @returns {any} */
  place() {
    const { step, sample } = this;
    return this.playing ? { sample } : { step, sample };
  }

  draw() {}

  /** A switch was changed. @param {string} [_name] */
  changed(_name) {}

  // Takes the room that there is.
  fit() {}

  /** What is shown, in words. @returns {string} */
  describe() {
    return "";
  }

  // The visitor has come to rest: the address and who listens hear of it.
  report() {
    this.say();
    followAddress(this.meta.link, { sample: this.sample + 1, step: this.playing ? null : this.step });
  }

  say() {
    const words = this.describe();
    this.refs.spoken.textContent = this.playing ? "" : words;
    this.refs.canvas?.setAttribute("aria-label", words);
  }

  /** A key that means something else here; true where it was meant for that.
   * @param {KeyboardEvent} event @param {any} _target @param {string} _key @returns {boolean} */
  ownKey(event, _target, _key) {
    return event.shiftKey;
  }
}
