// The pad: a picture to draw on with mouse, pen, finger or keys. Python hears of it when the pen is
// lifted, or, where the page follows by itself, when the hand rests or goes to something else.

import { component, refsIn, UNSET } from "../kit/component.js";
import { findAll, make } from "../kit/element.js";
import { arrow, commandKey, plainKey } from "../kit/keys.js";
import { Pixels, setSize } from "../kit/pixels.js";
import { OnePointer, placeIn } from "../kit/pointer.js";
import { parseSafetensors } from "../kit/safetensors.js";
import { set } from "../kit/svg.js";
import { askedFor, DRAWN, hear, PAINTED, tell } from "../kit/told.js";
import { Cells } from "../player/cells.js";
import { PadImage } from "./image.js";
import { Telling } from "./telling.js";

const ROOM = { least: 240, most: 460, ofHeight: 0.62 }; // the side of the page, in screen pixels
const RADII = [0.5, 0.8, 1.2, 1.7, 2.5]; // of the brush, in pixels of a picture 28 pixels wide
const tools = { tool: "pen", size: 2, colour: "#ffffff" }; // outlive a visit to another page

/** @param {number[]} shape */
const sizes = ([channels, height, width]) => ({ channels, height, width });

function toBase64(/** @type {Uint8Array} */ bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** @typedef {RefsWith<Record<"canvas" | "mirrorCanvas", HTMLCanvasElement>
 *   & Record<"colour" | "size", HTMLInputElement> & Record<"tip", SVGElement> & Record<"over", SVGSVGElement>>} Refs */

class Pad {
  /** @type {Call["setStateValue"]} */ setStateValue = UNSET;
  /** @type {any} */ meta = null;
  /** @type {PadImage} */ image = UNSET;
  /** @type {Uint8Array[]} */ thumbs = [];
  /** @type {Point | null} */ down = null; // where the pen is, while it is down
  cursor = { x: 0, y: 0 };
  token = "";
  gallery = "";
  frame = 0;

  constructor(/** @type {ParentNode} */ parent) {
    /** @type {Refs} */ this.refs = refsIn(parent);
    this.pixels = new Pixels(this.refs.canvas);
    this.strokes = 0;
    const { thumbs } = this.refs;
    this.cells = new Cells(thumbs, (k) => this.take(k), 6);
    thumbs.onkeydown = (event) => {
      const at = this.cells.options.indexOf(/** @type {HTMLElement} */ (event.target));
      if (this.cells.key(event, thumbs, at)) event.stopPropagation(); // the pages' players listen too
    };
    this.hand = this.bindPaper();
    this.bindTools();
    this.telling = new Telling(this.refs.root, (followed) => this.report(followed));
    this.hearNoMore = [...this.bindMirror(), hear(askedFor(DRAWN), () => this.image && this.tellDrawn())];
    this.resizer = new ResizeObserver(() => this.fit());
    this.resizer.observe(this.refs.place);
  }

  close() {
    this.resizer.disconnect();
    for (const end of this.hearNoMore) end();
    this.telling.close(this.image);
  }

  // ---- data

  load(/** @type {Uint8Array} */ bytes) {
    const { meta, tensors } = parseSafetensors(bytes);
    this.meta = meta;
    this.refs.mirror.hidden = !meta.mirror;
    this.thumbs = meta.names.map((/** @type {string} */ _, /** @type {number} */ k) => tensors[`thumb${k}`].data);
    if (meta.token !== this.token) {
      this.token = meta.token;
      this.begin(sizes(meta.shape), tensors.base.data, { name: meta.name, edited: meta.edited });
      if (this.telling.restore(this.image)) this.changed();
    }
    this.buildThumbs();
  }

  /** Another picture, whose strokes so far are unknown.
   * @param {Shape} shape @param {Uint8Array} bytes @param {import("./image.js").State} state */
  begin(shape, bytes, state) {
    const { refs } = this;
    const { channels, height, width } = shape;
    this.image = new PadImage({ ...shape, binary: this.meta.binary }, bytes, state);
    this.telling.begin(this.image, this.meta.mirror);
    this.down = null;
    this.tellDrawn();
    this.cursor = { x: (width - 1) / 2, y: (height - 1) / 2 };
    refs.paper.setAttribute("aria-label", `Drawing pad, ${width} by ${height} pixels`);
    refs.colourBox.hidden = channels !== 3;
    refs.over.setAttribute("viewBox", `-0.5 -0.5 ${width} ${height}`);
    this.fit();
    this.draw();
  }

  buildThumbs() {
    const { meta, refs } = this;
    refs.shelf.hidden = !meta.names.length;
    refs.shelfTitle.textContent = meta.shelf;
    if (this.gallery === meta.gallery) {
      this.markThumb();
      return;
    }
    this.gallery = meta.gallery;
    this.cells.build(meta.words);
    this.cells.options.forEach((option, k) => {
      const canvas = make("canvas", { class: "pixels" });
      new Pixels(canvas).bytes(this.thumbs[k], sizes(meta.shapes[k]));
      option.title = meta.words[k];
      option.replaceChildren(canvas);
    });
    this.markThumb();
  }

  markThumb() {
    const { name, edited } = this.image.state;
    const chosen = edited ? -1 : this.meta.names.indexOf(name);
    this.cells.mark(chosen);
  }

  take(/** @type {number} */ k) {
    const shape = sizes(this.meta.shapes[k]);
    const { channels, height, width } = this.image;
    const alike = shape.channels === channels && shape.height === height && shape.width === width;
    const state = { name: this.meta.names[k], edited: false };
    if (alike) this.image.replace(this.thumbs[k], state);
    else this.begin(shape, this.thumbs[k], state);
    this.image.state = state; // also where the pixels were the same
    this.changed();
  }

  // ---- drawing

  get radius() {
    return (RADII[tools.size] * Math.max(this.image.height, this.image.width)) / 28;
  }

  get ink() {
    if (tools.tool === "eraser") return null;
    const rgb = [1, 3, 5].map((at) => parseInt(tools.colour.slice(at, at + 2), 16));
    return this.image.channels === 3 ? rgb : Array(this.image.channels).fill(255);
  }

  place(/** @type {MouseEvent} */ event) {
    const { x, y } = placeIn(event, this.refs.paper);
    return { x: x * this.image.width - 0.5, y: y * this.image.height - 0.5 };
  }

  touchDown(/** @type {Point} */ at) {
    this.image.begin();
    this.down = at;
    this.image.stroke(at.x, at.y, at.x, at.y, this.radius, this.ink);
    this.draw();
  }

  moveTo(/** @type {Point} */ at) {
    this.cursor = at;
    if (this.down) {
      this.image.stroke(this.down.x, this.down.y, at.x, at.y, this.radius, this.ink);
      this.down = at;
    }
    this.draw();
  }

  lift() {
    this.down = null;
    if (this.image.end()) this.changed();
    this.draw();
  }

  // What was drawn since the pen came down was no drawing.
  takeBack() {
    this.down = null;
    this.image.discard();
    this.draw();
  }

  changed() {
    this.markThumb();
    this.draw();
    this.tellDrawn();
    this.strokes += 1;
    this.telling.changed();
  }

  tellDrawn() {
    const drawn = Boolean(this.down) || this.image.state.edited;
    if (this.meta.mirror) tell(DRAWN, { image: this.image, stroke: this.strokes, drawn });
  }

  /** @param {boolean} followed whether the page shows already what a network makes of it */
  report(followed) {
    this.telling.begin(this.image, this.meta.mirror);
    this.setStateValue("drawing", {
      token: this.token,
      ...this.image.state,
      shape: [this.image.channels, this.image.height, this.image.width],
      pixels: toBase64(this.image.bytes),
      followed,
    });
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      const { refs, image, cursor } = this;
      this.pixels.bytes(image.bytes, image);
      if (this.down) this.tellDrawn();
      refs.canvas.setAttribute("aria-label", image.isEmpty ? "An empty page" : "Your picture");
      refs.hint.hidden = !image.isEmpty || Boolean(this.down);
      set(refs.tip, { cx: cursor.x, cy: cursor.y, r: this.radius });
      refs.tip.classList.toggle("down", Boolean(this.down));
      refs.tip.classList.toggle("eraser", tools.tool === "eraser");
      for (const button of findAll(refs.root, HTMLButtonElement, "[data-act]")) {
        const { act } = button.dataset;
        button.disabled = act === "undo" ? !image.past.length : act === "redo" ? !image.future.length : image.isEmpty;
      }
      refs.root.dataset.drawn = String(this.strokes);
    });
  }

  // Each pixel a whole number of screen pixels wide, where the page does not become too small by it.
  fit() {
    if (!this.image) return;
    const { paper, place } = this.refs;
    const { width, height } = this.image;
    const ratio = devicePixelRatio || 1;
    const tall = Math.max(ROOM.least, ROOM.ofHeight * innerHeight);
    const room = Math.min(place.clientWidth, tall, ROOM.most);
    const side = Math.max(width, height);
    const whole = Math.floor((room * ratio) / side) / ratio;
    const pixel = whole * side >= Math.min(room, ROOM.least) ? whole : room / side;
    setSize(paper, this.image, pixel);
  }

  // What the network paints, as the loop on this page tells of it.
  bindMirror() {
    const { mirrorCanvas, mirrorWords } = this.refs;
    const mirror = new Pixels(mirrorCanvas);
    const close = hear(PAINTED, ({ canvas, words }) => {
      const { context } = mirror.resize(canvas.width, canvas.height);
      context.drawImage(canvas, 0, 0);
      mirrorWords.textContent = words;
    });
    tell(askedFor(PAINTED));
    return [close];
  }

  // ---- controls

  bindPaper() {
    const { paper, tip } = this.refs;
    const showTip = (/** @type {boolean} */ shown) => tip.toggleAttribute("hidden", !shown);
    const hideTip = (/** @type {PointerEvent} */ event) => event.pointerType !== "mouse" && showTip(false);
    const hand = new OnePointer(paper, {
      down: (event) => {
        event.preventDefault();
        if (this.down) this.lift(); // a pen that the keys had put down
        paper.focus({ preventScroll: true });
        showTip(true);
        this.cursor = this.place(event);
        this.touchDown(this.cursor);
      },
      move: (event) => {
        const events = event.getCoalescedEvents?.() ?? [];
        for (const one of events.length ? events : [event]) this.moveTo(this.place(one));
      },
      up: (event) => {
        hideTip(event);
        this.lift();
      },
      cancel: (event) => {
        hideTip(event);
        this.takeBack();
      },
    });
    paper.addEventListener("pointermove", (event) => {
      // A mouse or a pen above the page shows where it would draw.
      if (hand.held || this.down || event.pointerType === "touch") return;
      showTip(true);
      this.moveTo(this.place(event));
    });
    paper.onpointerleave = () => {
      if (!this.down && !paper.matches(":focus")) showTip(false);
    };
    paper.onfocus = () => {
      showTip(true);
      this.draw();
    };
    paper.onblur = () => {
      showTip(false);
      if (this.down) this.lift();
    };
    paper.onkeydown = (event) => this.onKey(event);
    return hand;
  }

  onKey(/** @type {KeyboardEvent} */ event) {
    if (this.hand.held) return;
    const command = commandKey(event);
    const key = ["z", "y"].includes(command) ? command : plainKey(event);
    const move = arrow(event);
    /** @type {Record<string, () => void>} */ const acts = {
      " ": () => this.toggleKeyPen(),
      Escape: () => this.down && this.lift(),
      p: () => this.choose("pen"),
      e: () => this.choose("eraser"),
      "[": () => this.resize(-1),
      "]": () => this.resize(1),
      z: () => this.act(event.shiftKey ? "redo" : "undo"),
      y: () => this.act("redo"),
      Delete: () => this.act("clear"),
    };
    if (!move && !acts[key]) return;
    event.preventDefault();
    event.stopPropagation(); // the pages' players listen to these keys too
    if (!move) return acts[key]();
    const { width, height } = this.image;
    const step = event.shiftKey ? 4 : 1;
    this.moveTo({
      x: Math.min(width - 1, Math.max(0, Math.round(this.cursor.x + step * move.x))),
      y: Math.min(height - 1, Math.max(0, Math.round(this.cursor.y + step * move.y))),
    });
    this.say(`x ${this.cursor.x}, y ${this.cursor.y}`);
  }

  toggleKeyPen() {
    if (this.down) {
      this.lift();
      this.say("Pen up");
    } else {
      this.cursor = { x: Math.round(this.cursor.x), y: Math.round(this.cursor.y) };
      this.touchDown(this.cursor);
      this.say("Pen down");
    }
  }

  bindTools() {
    const { root, size, colour } = this.refs;
    size.value = String(tools.size);
    colour.value = tools.colour;
    for (const input of findAll(root, HTMLInputElement, "[data-tool]")) {
      input.checked = input.value === tools.tool;
      input.onchange = () => this.choose(input.value);
    }
    size.oninput = () => {
      tools.size = Number(size.value);
      this.draw();
    };
    colour.oninput = () => {
      tools.colour = colour.value;
      this.choose("pen");
    };
    for (const button of findAll(root, HTMLButtonElement, "[data-act]")) {
      button.onclick = () => this.act(String(button.dataset.act));
    }
  }

  choose(/** @type {string} */ tool) {
    tools.tool = tool;
    for (const input of findAll(this.refs.root, HTMLInputElement, "[data-tool]")) {
      input.checked = input.value === tool;
    }
    this.say(tool === "pen" ? "Pen" : "Eraser");
    this.draw();
  }

  resize(/** @type {number} */ by) {
    tools.size = Math.min(RADII.length - 1, Math.max(0, tools.size + by));
    this.refs.size.value = String(tools.size);
    this.draw();
  }

  act(/** @type {string} */ name) {
    if (this.down) this.lift();
    const { image } = this;
    const clear = () => image.replace(new Uint8Array(image.bytes.length));
    const done = name === "clear" ? clear() : name === "undo" ? image.undo() : image.redo();
    if (done) this.changed();
  }

  say(/** @type {string} */ text) {
    this.refs.spoken.textContent = text;
  }
}

export default component(Pad);
