// The run before, beside the new one on the same timeline: its two pictures, the way its windows
// went as dotted trails on the new pictures, and how far apart the gazes are.
// Which run that is, is decided here too.

import { UNSET } from "../kit/component.js";
import { sum } from "../kit/number.js";
import { Pixels } from "../kit/pixels.js";
import { set, svg } from "../kit/svg.js";
import { windowsOver } from "../player/overlay.js";
import { paintCanvas } from "../player/paint.js";
import { paintNode } from "./nodes.js";

/** A run, and how many changes were made since.
 * @typedef {{ run: Run, changes: number }} Earlier */

/** The run to compare a new one with: the last one if the new one is a change of it, or the one that is held.
 * @param {Earlier | null} earlier that the last one was compared with @param {Run | null} last
 * @param {Run} now @param {boolean} hold @returns {Earlier | null} */
export function earlierOf(earlier, last, now, hold) {
  const [a, b] = [last?.meta.about, now.meta.about];
  if (!last || a.model !== b.model || last.numSteps !== now.numSteps || last.x.length !== now.x.length) return null;
  if (a.seed === b.seed && sameArray(last.x, now.x)) return earlier;
  if (earlier && hold) return { run: earlier.run, changes: earlier.changes + 1 };
  const edited = b.drawn && last.x.some((v) => v > 0);
  return a.seed !== b.seed || edited ? { run: last, changes: 1 } : null;
}

/** What sets the earlier run apart from the new one. @param {Earlier} earlier @param {Run} now */
export function earlierWords({ run, changes }, now) {
  const { seed } = run.meta.about;
  const noise = seed === null ? "with z = μ" : `sampled with seed ${seed}`;
  if (sameArray(run.x, now.x)) return noise;
  const edit = changes === 1 ? "one change ago" : `${changes} changes ago`;
  const picture = now.meta.about.drawn ? edit : "another picture";
  return seed === now.meta.about.seed ? picture : `${picture}, ${noise}`;
}

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export const sameArray = (a, b) => a.length === b.length && Array.prototype.every.call(a, (v, i) => v === b[i]);

export class Before {
  /** @type {Run} */ now = UNSET;
  /** @type {Run | null} */ before = null;
  /** @type {{ kind: string, group: Element, line: SVGElement, dot: SVGElement }[]} */ ghosts = [];
  /** @type {number[] | null} */ distances = null;
  most = 0;

  constructor(/** @type {LoopRefs} */ refs) {
    this.refs = refs;
    /** @type {ReturnType<typeof windowsOver>} */ this.windows = {};
    this.x = new Pixels(refs.beforeX);
    this.canvas = new Pixels(refs.beforeCanvas);
  }

  /** hosts: { read: [overlays], write: [overlays] } of the new run, where the trails are laid.
   * @param {Run} now @param {Earlier | null} earlier @param {Record<string, Element[]>} hosts */
  build(now, earlier, hosts) {
    this.now = now;
    const before = earlier?.run ?? null;
    this.before = before;
    for (const { group } of this.ghosts) group.remove();
    this.ghosts = [];
    const { refs } = this;
    refs.beforeChip.hidden = !before;
    if (!before || !earlier) return;
    this.windows = {};
    const own = { read: refs.beforeXOverlay, write: refs.beforeCanvasOverlay };
    for (const [kind, overlay] of Object.entries(own)) {
      Object.assign(this.windows, windowsOver(before, overlay, [kind], false));
      if (!before.has(kind)) continue;
      for (const host of hosts[kind]) {
        const group = svg("g", { class: `ghostTrail ${kind}` });
        host.prepend(group);
        this.ghosts.push({ kind, group, line: svg("polyline", {}, group), dot: svg("circle", { r: 0.45 }, group) });
      }
    }
    refs.beforeWords.textContent = `Before: ${earlierWords(earlier, now)}`;
    this.distances = now.has("read") ? distances(now.windows("read", 0), before.windows("read", 0)) : null;
    this.most = this.distances ? this.distances.indexOf(Math.max(...this.distances)) + 1 : 0;
    paintNode(before, "x", 0, [this.x]);
  }

  /** steps: the step that each kind of window and the canvas has reached.
   * @param {Record<"read" | "write" | "canvas", number>} steps */
  draw({ read, write, canvas }) {
    const { before, refs } = this;
    if (!before) return;
    paintCanvas(this.canvas, before, canvas, 0);
    /** @type {Record<string, number>} */ const steps = { read, write };
    for (const [kind, overlay] of Object.entries(this.windows)) overlay.show(before.path(kind, steps[kind]));
    for (const { kind, line, dot } of this.ghosts) {
      const path = before.path(kind, steps[kind]);
      line.setAttribute("points", path.map((w) => `${w.gX},${w.gY}`).join(" "));
      const last = path.at(-1);
      dot.toggleAttribute("hidden", !last);
      if (last) set(dot, { cx: last.gX, cy: last.gY });
    }
    refs.compare.textContent = this.compare(read, before);
  }

  /** @param {number} step @param {Run} before */
  compare(step, before) {
    if (!this.distances) {
      const [a, b] = [sum(before.kl), sum(this.now.kl)];
      return `The run before sent ${a.toFixed(1)} nats in all, this one sends ${b.toFixed(1)}.`;
    }
    const most = `differs most at step ${this.most} (${this.distances[this.most - 1].toFixed(1)} px)`;
    if (!step) return `The gaze ${most}.`;
    return `At this step the gaze is ${this.distances[step - 1].toFixed(1)} px from where it was; it ${most}.`;
  }
}

/** Between the centres of two runs' windows, in pixels, for each step.
 * @param {GridWindow[]} a @param {GridWindow[]} b */
function distances(a, b) {
  return a.map((w, t) => Math.hypot(w.gX - b[t].gX, w.gY - b[t].gY));
}
