// One of the two models: its canvas with the windows, and all its samples.

import { parentOf } from "../kit/element.js";
import { Pixels, setSize, wholeZoom } from "../kit/pixels.js";
import { WindowOverlay } from "../player/overlay.js";
import { paintSample } from "../player/paint.js";
import { BYTE_PROBABILITY } from "../player/rollout.js";
import { Samples } from "../player/samples.js";

const CHANGE_LEVELS = 1 << 14;
const changes = new Uint32Array(CHANGE_LEVELS + 1); // how many pixels change by so much

// The fewest pixels on which half of a step's change in probability falls (mean over channels); 0
// where nothing changes. A pen that moves changes few pixels at a time.
function halfOfChange(rollout, step, sample) {
  if (step < 1) return 0;
  const { channels, pixels } = rollout;
  const now = rollout.canvas(step, sample);
  const before = rollout.canvas(step - 1, sample);
  changes.fill(0);
  let total = 0;
  for (let i = 0; i < pixels; i++) {
    let sum = 0;
    for (let c = i; c < channels * pixels; c += pixels) {
      sum += Math.abs(BYTE_PROBABILITY[now[c]] - BYTE_PROBABILITY[before[c]]);
    }
    const level = Math.round((CHANGE_LEVELS * sum) / channels);
    changes[level] += 1;
    total += level;
  }
  let count = 0;
  let reached = 0;
  for (let level = CHANGE_LEVELS; level > 0; level--) {
    const missing = total / 2 - reached;
    if (changes[level] * level >= missing) return count + Math.ceil(missing / level);
    count += changes[level];
    reached += changes[level] * level;
  }
  return count;
}

export class Twin {
  // section: its part of the page. choose(sample) follows a choice among its samples.
  constructor(section, letter, choose) {
    /** @type {any} */ this.parts = {};
    /** @type {Record<string, WindowOverlay>} */ this.windows = {};
    for (const el of section.querySelectorAll("[data-part]")) this.parts[el.dataset.part] = el;
    this.section = section;
    this.letter = letter;
    this.canvas = new Pixels(this.parts.canvas);
    this.samples = new Samples(this.parts, choose);
    this.parts.badge.textContent = letter;
    this.samples.title = `Samples of ${letter}`;
  }

  get numSteps() {
    return this.rollout.numSteps;
  }

  build(rollout) {
    this.rollout = rollout;
    const { parts, letter } = this;
    const { width, height, meta, samples } = rollout;
    parts.name.textContent = meta.name;
    parts.name.title = meta.name;
    parts.kind.textContent = this.without();
    parts.samples.textContent = samples > 1 ? `All ${samples} samples: choose one` : "The only sample";
    parts.note.textContent = meta.note;
    parts.note.hidden = !meta.note;
    this.section.setAttribute("aria-label", `${letter}: ${meta.name}`);
    this.canvas.resize(width, height);
    parts.overlay.setAttribute("viewBox", `-0.5 -0.5 ${width} ${height}`);
    parts.overlay.replaceChildren();
    this.windows = {};
    for (const kind of ["read", "write"]) {
      if (!rollout.has(kind)) continue;
      this.windows[kind] = new WindowOverlay(parts.overlay, kind, meta[`${kind}_size`]);
    }
    this.samples.build(samples, meta.looks);
    this.step = 0;
  }

  // Which windows it has not, in words.
  without() {
    const { rollout } = this;
    if (!rollout.tensors.kl || !rollout.has("read")) {
      if (rollout.has("write")) return rollout.tensors.kl ? "no read window" : "";
      return rollout.tensors.kl ? "no windows" : "no window";
    }
    return rollout.has("write") ? "" : "no write window";
  }

  fit() {
    const { rollout, parts } = this;
    const room = parentOf(parts.picture).clientWidth;
    setSize(parts.picture, rollout, wholeZoom(room / Math.max(rollout.width, rollout.height)));
    this.samples.fit(rollout);
  }

  // step: its own, 0..T. rests: whether the other one still paints.
  draw(step, sample, view, rests) {
    const { rollout, parts } = this;
    this.step = step;
    paintSample(this.canvas.data, rollout.width, 0, 0, rollout, step, sample, view);
    this.canvas.show();
    if (!rollout.tensors.kl) this.samples.draw(rollout, step, view);
    this.samples.mark(sample);
    for (const [kind, overlay] of Object.entries(this.windows)) {
      overlay.show(this.path(kind, sample).slice(0, step));
    }
    const half = halfOfChange(rollout, step, sample);
    parts.status.textContent = rests ? `rests after its last step, ${step}` : `step ${step} of ${rollout.numSteps}`;
    parts.spread.textContent = !step
      ? "nothing painted yet"
      : half
        ? `half of its change falls on ${half} of ${rollout.pixels.toLocaleString("en")} pixels`
        : "changes nothing";
    this.section.classList.toggle("rests", rests);
  }

  // The windows of all steps of a sample.
  path(kind, sample) {
    const { rollout } = this;
    return rollout.remember(`${kind} ${sample}`, () =>
      Array.from({ length: rollout.numSteps }, (_, t) => rollout.window(kind, t + 1, sample)),
    );
  }

  describe(sample) {
    const { rollout, step, letter, parts } = this;
    const window = rollout.window("write", step, sample);
    const place = window ? `, writes at x ${window.gX.toFixed(1)}, y ${window.gY.toFixed(1)}` : "";
    return `${letter} ${parts.status.textContent}: ${rollout.fullness(step, sample)}${place}.`;
  }
}
