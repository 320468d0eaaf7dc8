// What the players of the figures share: a clock, its controls, keys, and the place where a visitor
// left. The address follows after a pause, and Python hears nothing.
//
// A kind of player adds load(bytes), draw(), rest(), place(), inView() and ownKey(event, target, key), and
// has `meta`, with the id of what it plays, as soon as there is something.

import { refsIn } from "../kit/component.js";
import { handleKey } from "../player/keys.js";
import { Playback, REPORT_MS } from "../player/playback.js";
import { bindSettings, leaveKeysToPlayer } from "../player/settings.js";
import { Transport } from "../player/transport.js";

export class Player {
  // settings: { loop, speed }, and places, a Map from an id to a place, outlive a visit to another figure.
  constructor(parent, settings, places) {
    const refs = refsIn(parent);
    Object.assign(this, { refs, places });
    this.playback = new Playback(settings, {
      moved: () => this.draw(),
      rested: () => this.settle(),
      playing: (playing) => this.transport.drawPlaying(playing),
    });
    this.transport = new Transport(refs, this);
    bindSettings(refs.root, settings, () => {});
    leaveKeysToPlayer(refs.root);
    this.onKey = (event) => handleKey(this, event);
    document.addEventListener("keydown", this.onKey);
    // A sheet of paper has another width and light colours, and no observer hears of it in time.
    this.onPrint = () => {
      if (!this.meta) return;
      this.fit?.();
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
    clearTimeout(this.resting);
    document.removeEventListener("keydown", this.onKey);
    this.resizer?.disconnect();
    removeEventListener("beforeprint", this.onPrint);
  }

  goTo(step) {
    this.playback.goTo(step);
    this.redraw();
    this.settle();
  }

  move(by) {
    this.goTo(this.step + by);
  }

  settle() {
    clearTimeout(this.resting);
    if (this.transport.scrubbing) return;
    this.resting = setTimeout(() => {
      this.remember();
      this.rest();
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
}
