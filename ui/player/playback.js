// The clock of a player: which step is shown, and when the next one is due.

import { clamp } from "../kit/number.js";

const STEPS_PER_SECOND = 4; // at least
const LONGEST_S = 16; // a film of many steps plays faster, so as to be over by then
const FRAME_MS = 17; // a screen shows no more than one picture in this time
export const REPORT_MS = 150; // a visitor who rests so long has arrived
const HOLD_MS = 1400; // the finished picture stays before a loop starts again

export class Playback {
  frame = 0;
  due = 0;

  /** settings: { speed, loop }, read at every frame. slowness: how much longer than usual each step lasts. on: { moved, rested, playing }.
   * @param {Record<string, any>} settings
   * @param {{ moved(): void, rested(): void, playing(playing: boolean): void }} on */
  constructor(settings, on) {
    this.settings = settings;
    this.on = on;
    this.step = 0;
    this.last = 0;
    this.playing = false;
    this.slowness = 1;
    this.parts = 1;
  }

  get period() {
    const rate = Math.max(STEPS_PER_SECOND, this.last / this.parts / LONGEST_S);
    return (1000 * this.slowness) / (rate * this.settings.speed);
  }

  /** parts: of a step, which are counted each. @param {number} last @param {number} step */
  load(last, step, parts = 1) {
    this.last = last;
    this.parts = parts;
    this.goTo(step);
  }

  goTo(/** @type {number} */ step) {
    this.pause();
    this.step = clamp(step, 0, this.last);
  }

  play() {
    if (this.step >= this.last) {
      this.step = 0;
      this.on.moved();
    }
    this.due = performance.now() + this.period;
    this.setPlaying(true);
    this.wait();
  }

  pause() {
    cancelAnimationFrame(this.frame);
    this.setPlaying(false);
  }

  toggle() {
    if (this.playing) {
      this.pause();
      this.on.rested();
    } else {
      this.play();
    }
  }

  setPlaying(/** @type {boolean} */ playing) {
    this.playing = playing;
    this.on.playing(playing);
  }

  wait() {
    this.frame = requestAnimationFrame((now) => {
      if (now >= this.due) this.advance(now);
      if (this.playing) this.wait();
    });
  }

  advance(/** @type {number} */ now) {
    if (this.step >= this.last && !this.settings.loop) {
      this.toggle();
      return;
    }
    // Only steps that are shorter than a picture on the screen are left out.
    const most = Math.ceil(FRAME_MS / this.period);
    const count = Math.min(most, 1 + Math.floor((now - this.due) / this.period));
    this.step = this.step < this.last ? Math.min(this.last, this.step + count) : 0;
    this.due = Math.max(this.due + count * this.period, now);
    this.on.moved();
    if (this.step < this.last) return;
    if (this.settings.loop) this.due += HOLD_MS;
    else this.toggle();
  }
}
