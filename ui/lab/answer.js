// A model's answer: its windows step by step, its patch beside the visitor's, and how far the two are
// apart.

import { make, makeButton, setText } from "../kit/element.js";
import { Pixels } from "../kit/pixels.js";
import { rootMeanSquare } from "../kit/window.js";
import { shown } from "./controls.js";
import { askedWindow, largest, whiteOf } from "./look.js";
import { makeCheckbox } from "./parts.js";

const CLOSE_ENOUGH = 0.01; // root mean square between two patches, of values from 0 to 1
const SAME_BRIGHTNESS = 0.25; // between the logarithms of two intensities
const APART = {
  centre: "centre, pixels apart",
  delta: "stride, yours − its",
  sigma: "spread, yours − its",
  gamma: "intensity, yours ÷ its",
  error: "difference of the two patches",
};

export class Answer {
  patch = new Float64Array(0); // what the model reads in the step that is `drawn`
  drawn = "";
  slot = make("div", {}); // for the player, where the lessons stand beside the picture
  stepOut = make("output");
  stepWords = make("p", { class: "words now" });
  range = make("p", { class: "of ranges" });
  verdict = make("p", { class: "words", "aria-live": "polite" });

  /** Builds itself at the end of the panel.
   * @param {import("./ask.js").AskModel} asking @param {import("./ask.js").Asked} asked */
  constructor(asking, asked) {
    const { panel, walk } = asking;
    this.asking = asking;
    this.asked = asked;
    this.slider = this.makeSlider();
    const step = make("label", { class: "step" }, "Step ", this.stepOut, this.slider);
    this.player = make("div", { class: "walk" }, walk.button(), step);
    panel.append(this.slot, this.stepWords, make("p", { class: "of", text: walk.wholeRun(asked) }));
    const chips = make("div", { class: "chips" }, this.chip("Where it reads", "outline", "read"));
    if (asked.write) chips.append(this.chip("Where it writes", "writes", "write"));
    const [mine, theirs] = ["You read", "The model reads"].map(board);
    this.mine = mine.pixels;
    this.theirs = theirs.pixels;
    panel.append(chips, make("div", { class: "pair" }, mine.figure, theirs.figure), this.range);
    const rows = Object.entries(APART).map(([name, label]) => {
      const cell = make("td", { "data-apart": name });
      return { name, cell, row: make("tr", {}, make("th", { text: label }), cell) };
    });
    this.cells = Object.fromEntries(rows.map(({ name, cell }) => [name, cell]));
    panel.append(make("table", { class: "apart" }, make("tbody", {}, ...rows.map(({ row }) => row))));
    const n = asked.read_size;
    const find = `puts your window in the middle, with the model’s ${n} × ${n} points and its intensity`;
    const begin = () => {
      asking.best.delete(this.key);
      asking.play(asked);
    };
    panel.append(
      act("match", "Find it yourself", find, begin, "main"),
      act("reveal", "Show me", "moves your window to where the model’s is", () => asking.reveal(asked)),
      this.verdict,
    );
  }

  // The picture, the model and the step.
  get key() {
    return `${this.asking.meta.id}:${this.asked.model}:${this.asking.step}`;
  }

  makeSlider() {
    const { asking, asked } = this;
    const range = { type: "range", min: 1, max: asked.read.shape[0], step: 1 };
    const slider = make("input", { ...range, "aria-label": "Step of the model", "data-ref": "askStep" });
    slider.value = String(asking.step);
    slider.oninput = () => {
      asking.walk.stop();
      asking.step = Number(slider.value);
      asking.playing = false;
      asking.lab.redraw();
    };
    return slider;
  }

  /** @param {string} text @param {"outline" | "writes"} name @param {string} kind */
  chip(text, name, kind) {
    const { asking } = this;
    const change = (/** @type {boolean} */ on) => {
      asking[name] = on;
      asking.lab.redraw();
    };
    const input = makeCheckbox(asking[name], change);
    return make("label", { class: `chip ${kind}` }, input, text);
  }

  draw() {
    const { asking, asked } = this;
    const { look, n, eye } = asking.lab;
    const { read, read_size: size } = asked;
    const w = askedWindow(read, asking.step);
    setText(this.stepOut, `${asking.step} of ${read.shape[0]}`);
    if (Number(this.slider.value) !== asking.step) this.slider.value = String(asking.step);
    setText(this.stepWords, asking.walk.now());
    if (this.drawn !== this.key) {
      this.patch = look.read(w, size);
      this.drawn = this.key;
    }
    this.drawPatches(w);
    const error = n === size ? rootMeanSquare(look.patch, this.patch) : null;
    const { centre, delta, sigma, gamma, error: difference } = this.cells;
    setText(centre, shown(Math.hypot(eye.gX - w.gX, eye.gY - w.gY)));
    setText(delta, shown(eye.delta - w.delta));
    setText(sigma, shown(eye.sigma - w.sigma));
    setText(gamma, shown(eye.gamma / w.gamma));
    setText(difference, error === null ? `needs N = ${size} points` : shown(error, 3));
    setText(this.verdict, this.judge(error));
  }

  /** On one scale where both are as bright as each other; else each on its own, or one is all dark.
   * @param {GridWindow} window */
  drawPatches({ gamma }) {
    const { look, n, eye } = this.asking.lab;
    const { read_size: size } = this.asked;
    const most = [largest(look.patch, look.channels * n * n), largest(this.patch)];
    const alike = n === size && Math.abs(Math.log(eye.gamma / gamma)) < SAME_BRIGHTNESS;
    const [mine, theirs] = alike ? Array(2).fill(whiteOf(Math.max(...most))) : most.map(whiteOf);
    this.mine.values(look.patch, look.channels, n, n, mine);
    this.theirs.values(this.patch, look.channels, size, size, theirs);
    const range =
      mine === theirs
        ? `In both, black is 0 and white is ${shown(mine)}.`
        : `Black is 0; white is ${shown(mine)} in yours and ${shown(theirs)} in the model’s.`;
    const why = Math.max(mine, theirs) > 1 ? " Values above 1: the intensity γ multiplies what is read." : "";
    setText(this.range, range + why);
  }

  /** What to say of the difference of both patches; null where they have not as many values.
   * @param {number | null} error */
  judge(error) {
    const { asking, key } = this;
    const { n } = asking.lab;
    const { read_size: size } = this.asked;
    if (error === null)
      return `Can you see what the model sees? Your patch has ${n} × ${n} values and the model’s has ${size} × ${size}, so they cannot be the same yet: begin with “Find it yourself”.`;
    const same = error <= CLOSE_ENOUGH;
    if (asking.playing) {
      const best = Math.min(asking.best.get(key) ?? Infinity, error);
      asking.best.set(key, best);
      const task = same
        ? "You see what the model sees."
        : "Now drag your window, and change stride and spread, until both patches are the same.";
      return `${task} Best so far: ${shown(best, 3)}.`;
    }
    if (same) return "Both patches are the same.";
    return "Can you see what the model sees? Both patches become the same when your centre, stride, spread and intensity are the model’s: then the differences above are 0, and the intensity is 1.";
  }
}

/** A picture with its title. @param {string} title */
function board(title) {
  const canvas = make("canvas", { class: "pixels", role: "img", "aria-label": title });
  const caption = make("figcaption", {}, make("b", { text: title }));
  return { figure: make("figure", {}, caption, make("div", { class: "board" }, canvas)), pixels: new Pixels(canvas) };
}

/** A button, with words on what it does.
 * @param {string} name @param {string} text @param {string} words @param {() => void} onclick */
function act(name, text, words, onclick, kind = "") {
  const id = `act-${name}`;
  const button = makeButton(onclick, { class: kind, "data-act": name, text, "aria-describedby": id });
  return make("div", { class: "act" }, button, make("small", { id, text: words }));
}
