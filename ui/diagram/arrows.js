// The arrows between the nodes, computed from where the nodes stand, so that any layout has them.

import { clamp } from "../kit/number.js";
import { set, svg } from "../kit/svg.js";

// from, to: nodes; stage: when it is lit; feedback: carried over from the step before, dashed;
// when: the window that it needs; label: words beside it, of two in one place the first.
/** @typedef {{ from: string, to: string, stage: number, how: string, end?: string, feedback?: boolean, when?: string,
 *   label?: string }} Arrow
 * @typedef {Arrow & Record<"group" | "line" | "head", SVGElement> & { text: SVGElement | null }} Drawn
 * @typedef {Point & { left: number, top: number, right: number, bottom: number }} Edges
 * @typedef {{ figure: Edges, box: Edges }} Place
 * @typedef {[number, number]} Spot */

/** @type {Arrow[]} */
const ARROWS = [
  { from: "x", to: "error", stage: 1, how: "across" },
  { from: "canvas", to: "error", stage: 1, how: "back", label: "the canvas of the step before" },
  { from: "x", to: "read", stage: 2, how: "down", end: "glimpseX" },
  { from: "error", to: "read", stage: 2, how: "down", end: "glimpseError" },
  {
    from: "dec",
    to: "read",
    stage: 2,
    how: "under",
    feedback: true,
    when: "read",
    label: "the decoder of the step before aims the read window and feeds the encoder",
  },
  { from: "read", to: "enc", stage: 3, how: "across" },
  {
    from: "dec",
    to: "enc",
    stage: 3,
    how: "under",
    feedback: true,
    label: "the decoder of the step before feeds the encoder",
  },
  { from: "enc", to: "z", stage: 4, how: "across" },
  { from: "z", to: "dec", stage: 5, how: "across" },
  { from: "dec", to: "write", stage: 6, how: "across" },
  { from: "write", to: "canvas", stage: 7, how: "up" },
];
const ARROW_GAP = 5; // between an arrow and its node, in screen pixels
const BACK = 8;
const UNDER = 15; // how far below its row the feedback runs

export class Arrows {
  floor = 0;

  /** @param {SVGSVGElement} layer @param {HTMLElement} diagram @param {Record<string, HTMLElement>} nodes */
  constructor(layer, diagram, nodes) {
    this.layer = layer;
    this.diagram = diagram;
    this.nodes = nodes;
    /** @type {Drawn[]} */ this.items = ARROWS.map((arrow) => {
      const classes = `arrowline${arrow.feedback ? " feedback" : ""}`;
      const group = svg("g", { class: classes, "data-stage": arrow.stage }, layer);
      const line = svg("path", { class: "line" }, group);
      const head = svg("path", { class: "head" }, group);
      const text = arrow.label ? svg("text", { text: arrow.label }, group) : null;
      return { ...arrow, group, line, head, text };
    });
  }

  /** Which of them this network has. @param {Run} run */
  build(run) {
    const aims = run.has("read");
    for (const { group, when, to, text } of this.items) {
      group.toggleAttribute("hidden", when !== undefined && !run.has(when));
      if (to === "enc" && text) text.style.display = aims ? "none" : "";
    }
  }

  light(/** @type {number} */ stage) {
    for (const { group, stage: own } of this.items) group.classList.toggle("lit", own === stage);
  }

  /** Where an element of the diagram stands. @param {Element} element @returns {Edges} */
  edges(element) {
    const origin = this.diagram.getBoundingClientRect();
    const r = element.getBoundingClientRect();
    const left = r.left - origin.left;
    const top = r.top - origin.top;
    return { left, top, right: left + r.width, bottom: top + r.height, x: left + r.width / 2, y: top + r.height / 2 };
  }

  /** Where a node stands: its figure, and the picture in it. @param {string} name @returns {Place} */
  place(name) {
    const figure = this.nodes[name];
    const inner = figure.querySelector(".pair") ?? figure.querySelector(".box") ?? figure;
    return { figure: this.edges(figure), box: this.edges(inner) };
  }

  layout() {
    const { width, height } = this.diagram.getBoundingClientRect();
    set(this.layer, { viewBox: `0 0 ${width} ${height}`, width, height });
    /** @type {Record<string, Place>} */ const places = {};
    for (const name of Object.keys(this.nodes)) places[name] = this.place(name);
    const names = ["read", "enc", "z", "dec"];
    this.floor = Math.max(...names.map((name) => places[name].figure.bottom)) + UNDER;
    for (const arrow of this.items) this.draw(arrow, places, width);
  }

  /** @param {Drawn} arrow @param {Record<string, Place>} places @param {number} width */
  draw(arrow, places, width) {
    const a = places[arrow.from];
    const b = places[arrow.to];
    const points = this.route(arrow, a, b, width);
    const [before, last] = points.slice(-2);
    const angle = Math.atan2(last[1] - before[1], last[0] - before[0]);
    const tip = (/** @type {number} */ turn) =>
      `${last[0] - 8 * Math.cos(angle + turn)} ${last[1] - 8 * Math.sin(angle + turn)}`;
    arrow.line.setAttribute("d", rounded(points));
    arrow.head.setAttribute("d", `M${tip(0.5)}L${last.join(" ")}L${tip(-0.5)}`);
    if (arrow.text) this.label(arrow, points);
  }

  /** @param {Arrow} arrow @param {Place} a @param {Place} b @param {number} width @returns {Spot[]} */
  route({ how, to, end: name }, a, b, width) {
    if (how === "under") return under(a, b, this.floor);
    if (how === "back") return back(a, b, this.place("clock").figure, width);
    const part = name && this.nodes[to].querySelector(`[data-ref=${name}]`);
    if (part) {
      const end = this.edges(part);
      const x = clamp(end.x, a.box.left + 6, a.box.right - 6);
      /** @type {Spot} */ const from = [x, a.figure.bottom + ARROW_GAP - 2];
      if (Math.abs(x - end.x) < 3) return [from, [x, end.top - ARROW_GAP]];
      const middle = (from[1] + end.top - ARROW_GAP) / 2;
      return [from, [x, middle], [end.x, middle], [end.x, end.top - ARROW_GAP]];
    }
    return direct(a, b);
  }

  /** @param {Drawn} arrow @param {Spot[]} points */
  label({ text }, points) {
    // In the middle of the longest level part, beneath it.
    let best = { length: 0, x: 0, y: 0 };
    for (let i = 1; i < points.length; i++) {
      const [[x0, y0], [x1, y1]] = [points[i - 1], points[i]];
      if (Math.abs(y1 - y0) > 1) continue;
      const length = Math.abs(x1 - x0);
      if (length > best.length) best = { length, x: (x0 + x1) / 2, y: y0 };
    }
    if (!text) return;
    text.toggleAttribute("hidden", best.length < text.textContent.length * 6);
    set(text, { x: best.x, y: best.y + 14 });
  }
}

/** Points of x and y, one after the other. @param {...number} numbers @returns {Spot[]} */
function spots(...numbers) {
  return Array.from({ length: numbers.length / 2 }, (_, k) => [numbers[2 * k], numbers[2 * k + 1]]);
}

/** A straight arrow to the node beside, above or below. @param {Place} a @param {Place} b @returns {Spot[]} */
function direct(a, b) {
  if (b.box.left >= a.box.right) {
    const low = Math.max(a.box.top, b.box.top);
    const high = Math.min(a.box.bottom, b.box.bottom);
    if (high > low) {
      const y = (low + high) / 2;
      return spots(a.box.right + ARROW_GAP, y, b.box.left - ARROW_GAP, y);
    }
    const x = (a.box.right + b.box.left) / 2;
    return spots(a.box.right + ARROW_GAP, a.box.y, x, a.box.y, x, b.box.y, b.box.left - ARROW_GAP, b.box.y);
  }
  const x = (Math.max(a.box.left, b.box.left) + Math.min(a.box.right, b.box.right)) / 2;
  if (b.figure.top >= a.figure.bottom - 1) return spots(x, a.figure.bottom + 1, x, b.figure.top - ARROW_GAP);
  if (a.figure.top >= b.figure.bottom - 1) return spots(x, a.figure.top - ARROW_GAP, x, b.figure.bottom + ARROW_GAP);
  return spots(a.box.x, a.box.y, b.box.x, b.box.y);
}

/** From one node to an earlier one of the same row, beneath the row; else along the left margin.
 * @param {Place} a @param {Place} b @param {number} y @returns {Spot[]} */
function under(a, b, y) {
  const same = Math.abs(a.figure.top - b.figure.top) < 60;
  if (same && a.figure.left > b.figure.left) {
    return spots(a.box.x, a.figure.bottom + 2, a.box.x, y, b.box.x, y, b.box.x, b.figure.bottom + 3);
  }
  const x = -8;
  if (b.box.left > a.box.right) {
    const below = b.figure.bottom + 12;
    const end = b.box.left + 12;
    return spots(a.box.left - 2, a.box.y, x, a.box.y, x, below, end, below, end, b.figure.bottom + 2);
  }
  return spots(a.box.left - 2, a.box.y, x, a.box.y, x, b.box.y, b.box.left - 3, b.box.y);
}

/** From the canvas to the error image: beneath what stands between them, or along the right margin.
 * @param {Place} a @param {Place} b @param {Edges} between @param {number} width @returns {Spot[]} */
function back(a, b, between, width) {
  if (Math.abs(a.figure.top - b.figure.top) < 60) {
    const y = Math.max(b.figure.bottom + 14, between.bottom + BACK);
    const x = b.box.right - 12;
    return spots(a.box.left - 3, y, x, y, x, b.figure.bottom + 2);
  }
  const x = width + 7;
  return spots(a.box.right + 2, a.box.y, x, a.box.y, x, b.box.y, b.box.right + 4, b.box.y);
}

/** A path through points with rounded corners. @param {Spot[]} points */
function rounded(points) {
  let d = `M${points[0].join(" ")}`;
  for (let i = 1; i < points.length - 1; i++) {
    const [p, q, r] = [points[i - 1], points[i], points[i + 1]];
    const toward = (/** @type {Spot} */ from, /** @type {Spot} */ to) => {
      const length = Math.hypot(to[0] - from[0], to[1] - from[1]) || 1;
      const radius = Math.min(7, length / 2);
      return [0, 1].map((i) => from[i] + ((to[i] - from[i]) * radius) / length);
    };
    d += `L${toward(q, p).join(" ")}Q${q.join(" ")} ${toward(q, r).join(" ")}`;
  }
  return `${d}L${points[points.length - 1].join(" ")}`;
}
