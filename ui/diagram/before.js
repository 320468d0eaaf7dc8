// The run before, beside the new one on the same timeline: its two pictures, the way its windows
// went as dotted trails on the new pictures, and how far apart the gazes are.

import { UNSET } from "../kit/component.js";
import { sum } from "../kit/number.js";
import { Pixels } from "../kit/pixels.js";
import { set, svg } from "../kit/svg.js";
import { windowsOver } from "../player/overlay.js";
import { paintCanvas } from "../player/paint.js";
import { paintNode } from "./nodes.js";

export class Before {
  /** @type {Run} */ now = UNSET;
  /** @type {Run | null} */ before = null;
  /** @type {{ kind: string, line: SVGElement, dot: SVGElement }[]} */ ghosts = [];
  /** @type {number[] | null} */ distances = null;
  most = 0;

  constructor(/** @type {LoopRefs} */ refs) {
    this.refs = refs;
    /** @type {ReturnType<typeof windowsOver>} */ this.windows = {};
    this.x = new Pixels(refs.beforeX);
    this.canvas = new Pixels(refs.beforeCanvas);
  }

  /** hosts: { read: [overlays], write: [overlays] } of the new run, where the trails are laid.
   * @param {Run} now @param {Run | null} before @param {Record<string, Element[]>} hosts */
  build(now, before, hosts) {
    this.now = now;
    this.before = before;
    this.ghosts = [];
    const { refs } = this;
    refs.beforeChip.hidden = !before;
    if (!before) return;
    this.windows = {};
    const own = { read: refs.beforeXOverlay, write: refs.beforeCanvasOverlay };
    for (const [kind, overlay] of Object.entries(own)) {
      Object.assign(this.windows, windowsOver(before, overlay, [kind], false));
      if (!before.has(kind)) continue;
      for (const host of hosts[kind]) {
        const group = svg("g", { class: `ghostTrail ${kind}` });
        host.prepend(group);
        this.ghosts.push({ kind, line: svg("polyline", {}, group), dot: svg("circle", { r: 0.45 }, group) });
      }
    }
    const { before_words: words } = now.meta;
    refs.beforeWords.textContent = words ? `Before: ${words}` : "Before";
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
