// The drawing: a usual autoencoder in one column, DRAW in three, a row for each kind of tensor.

import { make, parentOf } from "../kit/element.js";
import { Pixels } from "../kit/pixels.js";
import { set, svg } from "../kit/svg.js";

const CHART = { width: 790, height: 500, side: 50 };
const COLUMNS = { vae: 54, roles: 232, steps: [320, 510, 700] };
/** @type {Record<string, number>} */
const ROWS = { canvas: 42, write: 112, dec: 182, z: 252, enc: 322, read: 392, x: 462 };
export const NODES = ["canvas", "write", "dec", "z", "enc", "read", "x"];
/** @type {Record<string, string>} */
export const NODE_NAMES = {
  canvas: "Canvas",
  write: "Write",
  dec: "Decoder",
  z: "Latents",
  enc: "Encoder",
  read: "Read",
  x: "Image",
};
/** @type {Record<string, [string, string]>} */
export const VAE = {
  x: ["x", "The image. A usual autoencoder takes it in whole, once."],
  enc: [
    "net",
    "A feed-forward network looks at the whole image once. It has no memory, and nothing tells it what "
      + "is still missing. In DRAW an LSTM takes its place; through a read window it gets one glimpse per step.",
  ],
  z: [
    "z",
    "One set of random numbers must carry everything about the image. In DRAW each step has its own, so "
      + "that they can say one thing after the other.",
  ],
  dec: [
    "net",
    "A feed-forward network turns the numbers into a whole image in one go. In DRAW an LSTM takes its "
      + "place, and something is added to the canvas at every step.",
  ],
  canvas: [
    "P(x|z)",
    "The result: the probability of ink at every pixel, all at once, without a second chance. In "
      + "DRAW it is read off the last canvas.",
  ],
};

export class UnrolledChart {
  /** chosen(node, column) is called for the box that is pressed; column is "vae" or 0, 1, 2.
   * @param {import("./unrolled.js").Refs} refs @param {(node: string, column: Column) => void} chosen */
  constructor(refs, chosen) {
    this.refs = refs;
    this.chosen = chosen;
    /** @type {Map<string, { button: HTMLButtonElement, pictures: Pixels[] }>} */ this.boxes = new Map();
    /** @type {{ path: SVGElement, ends: string[], back: boolean }[]} */ this.wires = [];
    /** @type {SVGElement[]} */ this.aims = [];
    this.drawGround();
    for (const [node, [label]] of Object.entries(VAE)) this.addVae(node, label);
    COLUMNS.steps.forEach((x, column) => {
      for (const node of NODES) this.addBox(node, column, x);
    });
    this.drawWires();
    // After the wires, which they may stand on.
    this.roles = NODES.map((node) => this.text(COLUMNS.roles, ROWS[node] + 4, NODE_NAMES[node], "role"));
    this.heads = ["t − 1", "t", "t + 1"].map((text, k) => this.text(COLUMNS.steps[k], 12, text, "head"));
    this.text(COLUMNS.vae, 12, "Usual VAE", "head");
  }

  /** @param {number} x @param {number} y @param {string} words @param {string} kind */
  text(x, y, words, kind) {
    return svg("text", { x, y, class: kind, text: words }, this.refs.wires);
  }

  drawGround() {
    const { wires } = this.refs;
    // What only the encoder's side needs; generating does without it.
    svg("rect", { class: "half", x: 130, y: 288, width: 656, height: 208, rx: 8 }, wires);
    this.text(415, 458, "Only for encoding. New", "faint");
    this.text(415, 473, "pictures do not use it.", "faint");
  }

  // Where the drawing is wider than the screen, the names of the rows stay at the edge of what is in sight.
  keepRoles() {
    const scroll = parentOf(this.refs.chart);
    const left = (scroll.scrollLeft * CHART.width) / Math.max(scroll.scrollWidth, 1);
    const away = left > COLUMNS.roles - 50;
    const more = scroll.scrollWidth - scroll.clientWidth;
    scroll.classList.toggle("before", scroll.scrollLeft > 4);
    scroll.classList.toggle("after", scroll.scrollLeft < more - 4);
    for (const role of this.roles) {
      set(role, { x: away ? left + 3 : COLUMNS.roles });
      role.classList.toggle("kept", away);
    }
  }

  /** @param {string} node @param {number} x @param {string} label @param {string} classes */
  button(node, x, label, classes) {
    const { side, width, height } = CHART;
    const wide = node === "read" ? 1.7 * side : side;
    const button = make("button", { type: "button", class: `box ${classes}`, "aria-label": label });
    Object.assign(button.style, {
      left: `${(100 * (x - wide / 2)) / width}%`,
      top: `${(100 * (ROWS[node] - side / 2)) / height}%`,
      width: `${(100 * wide) / width}%`,
      height: `${(100 * side) / height}%`,
    });
    this.refs.chart.append(button);
    return button;
  }

  /** @param {string} node @param {string} label */
  addVae(node, label) {
    const name = `Usual autoencoder: ${NODE_NAMES[node]}`;
    const button = this.button(node, COLUMNS.vae, name, node === "x" ? "" : "plain");
    button.onclick = () => this.chosen(node, "vae");
    if (node !== "x") button.textContent = label;
    this.boxes.set(`vae ${node}`, { button, pictures: node === "x" ? [this.canvas(button)] : [] });
  }

  /** @param {string} node @param {number} column @param {number} x */
  addBox(node, column, x) {
    const button = this.button(node, x, NODE_NAMES[node], node === "read" || node === "write" ? node : "");
    button.onclick = () => this.chosen(node, column);
    const two = node === "read" && button.appendChild(make("span", { class: "two" }));
    const pictures = two ? [this.canvas(two), this.canvas(two)] : [this.canvas(button)];
    this.boxes.set(`${column} ${node}`, { button, pictures });
  }

  canvas(/** @type {Element} */ parent) {
    return new Pixels(parent.appendChild(make("canvas", { class: "pixels", "aria-hidden": "true" })));
  }

  /** from and to name the boxes that a wire belongs to: it is lit with either.
   * @param {string} d @param {[number, number, number]} tip @param {string} from @param {string} to */
  wire(d, tip, from, to, back = false) {
    const path = svg("path", { d, class: back ? "back" : "" }, this.refs.wires);
    const [x, y, turn] = tip;
    const transform = `translate(${x} ${y}) rotate(${turn})`;
    const head = svg("path", { d: "M0 0L-7 -4V4Z", class: "tip", transform }, this.refs.wires);
    path.dataset.wire = `${from} to ${to}`;
    this.wires.push({ path, ends: [from, to], back });
    return [path, head];
  }

  /** The decoder aims a read window; without one the whole image is read (eq. 17). @param {boolean} hasWindow */
  showAim(hasWindow) {
    for (const part of this.aims) part.style.display = hasWindow ? "" : "none";
  }

  drawWires() {
    const half = CHART.side / 2;
    /** @param {number} x @param {string} from @param {string} to @param {Column} key */
    const up = (x, from, to, key) => {
      const end = ROWS[to] + half + 1;
      this.wire(`M${x} ${ROWS[from] - half}V${end + 5}`, [x, end, -90], `${key} ${from}`, `${key} ${to}`);
    };
    const vae = Object.keys(VAE);
    for (let i = 1; i < vae.length; i++) up(COLUMNS.vae, vae[i - 1], vae[i], "vae");
    /** Along the row at y, to the left side of a box. @param {string} start @param {number} y @param {number} side
     * @param {string} from @param {string} to */
    const across = (start, y, side, from, to, back = false) =>
      this.wire(`M${start}H${side - 6}`, [side - 1, y, 0], from, to, back);
    COLUMNS.steps.forEach((x, k) => {
      for (let i = NODES.length - 1; i > 0; i--) up(x, NODES[i], NODES[i - 1], k);
      const left = k ? COLUMNS.steps[k - 1] + half : x - half - 34;
      for (const node of ["canvas", "dec", "enc"]) {
        across(`${left} ${ROWS[node]}`, ROWS[node], x - half, `${k - 1} ${node}`, `${k} ${node}`);
      }
      if (!k) return;
      // What a step hands back to the next look: its canvas, for the error image, and its decoder.
      const read = x - 0.85 * CHART.side;
      const [canvas, dec] = [ROWS.canvas + 9, ROWS.dec + 9].map((y) => `${left} ${y}`);
      const aim = `${dec}H${left + 26}V${ROWS.read + 9}`;
      this.aims.push(...across(aim, ROWS.read + 9, read, `${k - 1} dec`, `${k} read`, true));
      const back = `${canvas}H${left + 40}V${ROWS.read - 9}`;
      across(back, ROWS.read - 9, read, `${k - 1} canvas`, `${k} read`, true);
      // All the way from the decoder, for the wire to the window that it runs along may be absent.
      const feed = `${dec}H${left + 26}V${ROWS.enc + 10}`;
      across(feed, ROWS.enc + 10, x - half, `${k - 1} dec`, `${k} enc`, true);
    });
  }

  mark(/** @type {string} */ key) {
    for (const [name, { button }] of this.boxes) button.setAttribute("aria-pressed", String(name === key));
    for (const { path, ends, back } of this.wires)
      path.setAttribute("class", `${back ? "back" : ""} ${ends.includes(key) ? "lit" : ""}`);
  }
}
