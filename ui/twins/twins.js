// Twins: two models on one timeline. All scrubbing and playing happens here; Python hears nothing
// of it, and the address bar follows.

import { component, refsIn } from "../kit/component.js";
import { reducedMotion } from "../kit/motion.js";
import { clamp } from "../kit/number.js";
import { parseSafetensors } from "../kit/safetensors.js";
import { followAddress } from "../player/address.js";
import { handleKey } from "../player/keys.js";
import { Playback, REPORT_MS } from "../player/playback.js";
import { Rollout } from "../player/rollout.js";
import { bindSettings, leaveKeysToPlayer } from "../player/settings.js";
import { Meters } from "./meters.js";
import { Twin } from "./side.js";
import { TwinTransport } from "./transport.js";

// Outlives a visit to another page, so that switches stay as the visitor left them.
const settings = {
  loop: true,
  speed: 1,
  write: true,
  read: true,
  border: true,
  points: true,
  centre: true,
  trail: true,
  what: "canvas",
  unit: "probability",
  pace: "steps",
};
const places = new Map(); // id of a pair -> { step, sample }

// Both rollouts; what is sent once is the same for both.
function unpackPair(bytes) {
  const { meta, tensors } = parseSafetensors(bytes);
  const of = (letter) =>
    Object.fromEntries(
      Object.entries(tensors)
        .filter(([name]) => name.startsWith(`${letter}.`))
        .map(([name, tensor]) => [name.slice(2), tensor]),
    );
  const a = of("a");
  const rollouts = {
    a: new Rollout({ meta: meta.a, tensors: a }),
    b: new Rollout({ meta: meta.b, tensors: meta.same ? a : of("b") }),
  };
  return { meta, rollouts };
}

class Pair {
  constructor(parent) {
    this.refs = refsIn(parent);
    const { refs } = this;
    const choose = (sample) => this.choose(sample);
    this.twins = { a: new Twin(refs.a, "A", choose), b: new Twin(refs.b, "B", choose) };
    this.meters = new Meters(refs, (k, step) => this.pointed(k, step));
    this.sample = 0;
    this.playback = new Playback(settings, {
      moved: () => this.draw(),
      rested: () => this.settle(),
      playing: (playing) => this.transport.drawPlaying(playing),
    });
    this.meters.playback = this.playback;
    this.transport = new TwinTransport(refs, this);
    this.onKey = (event) => handleKey(this, event);
    document.addEventListener("keydown", this.onKey);
    this.resizer = new ResizeObserver(() => {
      this.fit();
      this.redraw();
    });
    this.resizer.observe(refs.root);
  }

  // ---- where it is: the playback counts 0..T of the longer one

  get step() {
    return this.playback.step;
  }

  get numSteps() {
    return Math.max(this.twins.a.numSteps, this.twins.b.numSteps);
  }

  get playing() {
    return this.playback.playing;
  }

  // The step of each at every point of the timeline.
  findReach() {
    const last = this.numSteps;
    const share = settings.pace === "share";
    this.reach = {};
    for (const [k, { numSteps }] of Object.entries(this.twins)) {
      this.reach[k] = Array.from({ length: last + 1 }, (_, t) =>
        share ? Math.round((t * numSteps) / last) : Math.min(t, numSteps),
      );
    }
  }

  close() {
    this.remember();
    this.playback.pause();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.reporting);
    this.meters.close();
    document.removeEventListener("keydown", this.onKey);
    this.resizer.disconnect();
  }

  // ---- data

  load(bytes) {
    const { meta, rollouts } = unpackPair(bytes);
    if (this.meta?.id === meta.id) {
      this.meta.link = meta.link; // the same pictures under another address
      return;
    }
    const isFirst = !this.meta;
    const { playing, step } = isFirst ? { playing: false, step: 0 } : this;
    this.meta = meta;
    if (isFirst) {
      if (meta.pace) settings.pace = meta.pace;
      this.bindControls();
    }
    for (const k of ["a", "b"]) this.twins[k].build(rollouts[k]);
    const kept = places.get(meta.id) ?? { step: meta.step, sample: meta.sample };
    this.sample = clamp(isFirst ? (kept.sample ?? 0) : this.sample, 0, rollouts.a.samples - 1);
    const start = kept.step ?? (reducedMotion() ? this.numSteps : 0);
    this.playback.load(this.numSteps, isFirst ? start : playing ? 0 : step);
    this.build();
    this.fit();
    this.draw();
    const plays = isFirst ? meta.autoplay && kept.step == null && !reducedMotion() : playing;
    if (plays) this.playback.play();
    this.settle();
  }

  build() {
    const { refs, twins } = this;
    const { a, b } = twins;
    this.rebuilds = Boolean(a.rollout.tensors.kl);
    refs.root.classList.toggle("rebuilds", this.rebuilds);
    for (const kind of ["read", "write"]) {
      const none = !a.rollout.has(kind) && !b.rollout.has(kind);
      refs.root.classList.toggle(`no-${kind}`, none);
    }
    refs.paces.hidden = a.numSteps === b.numSteps;
    this.transport.build(this.numSteps, this.rebuilds ? "kl" : a.rollout.matter);
    this.applySettings();
    this.place();
  }

  // Lays both on the timeline, at the same step or at the same share of their way.
  place() {
    this.findReach();
    const {
      twins: { a, b },
      reach,
      numSteps,
    } = this;
    if (this.rebuilds) {
      const share = settings.pace === "share";
      const hours = share ? { a: a.numSteps, b: b.numSteps } : { a: numSteps, b: numSteps };
      this.meters.build({ a: a.rollout, b: b.rollout }, hours);
      this.meters.fit(reach);
    }
    this.drawBars();
  }

  fit() {
    if (!this.meta) return;
    for (const twin of Object.values(this.twins)) twin.fit();
    if (this.rebuilds) this.meters.fit(this.reach);
  }

  // ---- moving

  // The visitor moved to a step: playing stops, and the address learns of it after a pause.
  goTo(step) {
    this.playback.goTo(step);
    this.redraw();
    this.settle();
  }

  move(by) {
    this.goTo(this.step + by);
  }

  // A step of the clock of one of them.
  pointed(k, step) {
    const t = settings.pace === "share" ? this.reach[k].indexOf(step) : step;
    if (t !== this.step) this.goTo(t);
  }

  choose(sample) {
    this.sample = sample;
    this.drawBars();
    this.redraw();
    this.settle();
  }

  settle() {
    clearTimeout(this.reporting);
    if (this.transport.scrubbing) return; // until the pointer lets go
    this.reporting = setTimeout(() => this.report(), REPORT_MS);
  }

  remember() {
    if (!this.meta) return;
    const { step, sample } = this;
    places.set(this.meta.id, this.playing ? { sample } : { step, sample });
  }

  report() {
    const { step, sample, meta, refs, twins } = this;
    this.remember();
    const words = Object.fromEntries(Object.entries(twins).map(([k, twin]) => [k, twin.describe(sample)]));
    const which = this.rebuilds ? "" : `Sample ${sample + 1}. `;
    refs.spoken.textContent = this.playing ? "" : `${which}${words.a} ${words.b}`;
    for (const [k, twin] of Object.entries(twins)) twin.parts.canvas.setAttribute("aria-label", words[k]);
    followAddress(meta.link, {
      sample: this.rebuilds ? null : sample + 1,
      step: this.playing ? null : step,
      pace: settings.pace === "share" && !refs.paces.hidden ? "share" : null,
    });
  }

  // ---- drawing

  redraw() {
    if (!this.meta) return;
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  draw() {
    const { step: t, sample, twins, reach, refs, numSteps } = this;
    const steps = { a: reach.a[t], b: reach.b[t] };
    for (const [k, twin] of Object.entries(twins)) {
      const rests = settings.pace === "steps" && t > twin.numSteps;
      twin.draw(steps[k], sample, settings, rests);
    }
    if (this.rebuilds) this.meters.draw(t, steps);
    const own = steps.a === steps.b ? "" : `, A at ${steps.a}, B at ${steps.b}`;
    this.transport.drawPosition(t, this.bars, `step ${t} of ${numSteps}${own}`);
    refs.root.dataset.steps = `${steps.a} ${steps.b}`;
    refs.root.dataset.painted = `${this.meta.id}:${t}:${sample}`;
  }

  // What the steps that each makes at 1..last of the timeline send or move.
  drawBars() {
    this.bars = {};
    for (const [k, { rollout }] of Object.entries(this.twins)) {
      const values = rollout.barValues(this.sample);
      const reach = this.reach[k];
      this.bars[k] = reach.slice(1).map((step, t) => (step > reach[t] ? values[step - 1] : null));
    }
    this.transport.drawBars(this.bars);
  }

  // Keys pressed elsewhere on the page are for the twins only while they can be seen.
  inView() {
    const { top, bottom } = this.refs.board.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  ownKey(event, target) {
    if (event.shiftKey) return false;
    return Object.values(this.twins).some(({ samples }) => samples.key(event, target, this.sample));
  }

  // ---- controls

  bindControls() {
    const { root } = this.refs;
    bindSettings(root, settings, (name) => {
      if (name === "pace") {
        this.place();
        this.settle();
      }
      this.applySettings();
      this.redraw();
    });
    this.applySettings();
    leaveKeysToPlayer(root);
  }

  applySettings() {
    const { root, scaleLow, scaleHigh, scale } = this.refs;
    for (const name of ["write", "read", "border", "points", "centre", "trail"]) {
      root.classList.toggle(`hide-${name}`, !settings[name]);
    }
    const change = settings.what === "change";
    const matter = this.twins.a.rollout?.matter ?? "ink";
    scale.classList.toggle("signed", change);
    scaleLow.textContent = change ? `takes ${matter} away, −1` : "0";
    scaleHigh.textContent = change ? `+1, adds ${matter}` : "1";
  }
}

export default component(Pair);
