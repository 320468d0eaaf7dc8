// The bug lab: one of five mistakes is on, and the visitor finds out which; then all five as
// switches.

import { make, makeButton, parentOf } from "../kit/element.js";
import { sum } from "../kit/number.js";
import { LAB_BUGS } from "./bugs.js";
import { focusedIn, focusFirst, makeCheckbox, paragraph } from "./parts.js";
import { boundedWindow, scaledWindow } from "./presets.js";

const RIDDLE_N = 5;
// Where the reading window may begin, as shares of the picture: first where it is best seen beside
// the pen, then all over it but for the diagonal, on which two of the mistakes do nothing.
const PLACES = [[0.34, 0.62]];
for (let x = 0.25; x < 0.8; x += 0.1)
  for (let y = 0.25; y < 0.8; y += 0.1) if (Math.abs(x - y) > 0.15) PLACES.push([x, y]);
const FLAT = 0.02; // standard deviation of a patch that shows nothing, of values from 0 to 1

export class BugLab {
  /** @type {Bug | null} */ last = null;
  /** @type {HTMLButtonElement[]} */ buttons = []; // one for each answer
  reply = make("div", { class: "reply", "aria-live": "polite" });
  /** @type {(import("./memory.js").Left & Pick<Lab, "penOn" | "active" | "n">) | null} */ before = null; // the visitor's own

  constructor(/** @type {Lab} */ lab) {
    this.lab = lab;
    this.panel = lab.refs.bugs;
    this.mode = "riddle";
    this.compare = false;
    this.asked = 0;
    this.solved = 0;
  }

  // ---- coming and going: no mistake outlives the tab

  enter() {
    const { lab } = this;
    const { eye, pen, penOn, active, n, size } = lab;
    this.before = { eye, pen, penOn, active, n, size };
    if (this.mode === "riddle") this.riddle();
    else this.switches(null);
  }

  leave() {
    const { lab } = this;
    lab.setBug(null);
    this.compare = false;
    if (this.before) {
      // the visitor's own windows again
      const { eye, pen, penOn, active, n, size } = this.before;
      lab.setPen(penOn);
      lab.choose(active);
      const fit = (/** @type {GridWindow} */ w) => boundedWindow(scaledWindow(w, size, lab.look));
      Object.assign(lab, { eye: fit(eye), pen: fit(pen) });
      lab.setN(n);
      lab.settle();
    }
    this.before = null;
  }

  // Another picture has come while the lesson is open.
  otherPicture() {
    const had = this.panel.contains(focusedIn(this.panel));
    this.prepare();
    this.placeNotes();
    if (had) focusFirst(this.panel, "button:not(:disabled), input", { preventScroll: true });
  }

  // What is to be known of the picture, at the end of the panel.
  placeNotes() {
    this.notes?.remove();
    this.notes = make("div", {}, ...this.lab.asking.instead());
    const why = "This picture looks the same everywhere, so no mistake can be seen on it. Choose another picture.";
    if (this.flat) this.notes.prepend(paragraph(why));
    this.panel.append(this.notes);
  }

  // A window to read and another to write, away from the diagonal, with a spread that is not 1.
  prepare(bug = this.lab.bug) {
    const { lab } = this;
    const { width, height } = lab.look;
    const side = Math.max(width, height);
    const same = { delta: 0.08 * side, sigma: Math.max(1.5, 0.03 * side), gamma: 1 };
    const at = (/** @type {number[]} */ [x, y]) => ({ ...same, gX: x * width - 0.5, gY: y * height - 0.5 });
    const contrast = (/** @type {GridWindow} */ w) => standardDeviation(lab.look.read(boundedWindow(w), RIDDLE_N));
    // Both where the window is meant to be and where the mistake puts it.
    const place = placeToSee((where) => {
      const eye = at(where);
      const used = bug ? bug.wrong({ eye, pen: eye, width, height }).eye : eye;
      return Math.min(contrast(eye), contrast(used));
    });
    this.flat = place.contrast < FLAT;
    lab.setN(RIDDLE_N);
    lab.setPen(true);
    lab.choose("eye");
    const [x, y] = place.where;
    lab.eye = boundedWindow(at([x, y]));
    // A pen that makes up for the stride, so that a loss is a loss.
    lab.pen = boundedWindow({ ...at([y + 0.06, x + 0.02]), gamma: same.delta ** -2 });
  }

  // ---- the riddle

  riddle() {
    this.mode = "riddle";
    const choices = LAB_BUGS.filter((bug) => bug !== this.last);
    this.last = choices[Math.floor(Math.random() * choices.length)];
    this.missed = false;
    this.compare = false;
    this.prepare(this.last);
    this.lab.setBug(this.last);
    const { panel } = this;
    panel.replaceChildren(
      sentences(
        "<b>One of five mistakes is on. Which?</b> All five were found in published programs. Drag both windows and move the sliders: what does not follow you?",
      ),
    );
    this.buttons = LAB_BUGS.map((bug) => {
      const button = makeButton(() => this.answer(bug, button), { text: bug.name, "data-answer": bug.id });
      return button;
    });
    this.reply.replaceChildren();
    panel.append(
      make("div", { class: "answers", role: "group", "aria-label": "Your answer" }, ...this.buttons),
      this.compareChip("A hint: show where the windows are meant to be"),
      this.reply,
      this.other("Switch them on yourself", () => this.switches(null)),
    );
    this.placeNotes();
  }

  /** @param {Bug} bug @param {HTMLButtonElement} button */
  answer(bug, button) {
    const { lab } = this;
    if (bug !== lab.bug) {
      this.missed = true;
      button.disabled = true;
      button.classList.add("wrong");
      this.reply.replaceChildren(sentences(`<b>Not this one</b>, but it is a good guess to rule out. ${bug.clue}`));
      this.buttons.find((other) => !other.disabled)?.focus();
      return;
    }
    this.asked += 1;
    this.solved += this.missed ? 0 : 1;
    for (const other of this.buttons) other.disabled = true;
    button.classList.add("right");
    const score = `${this.solved} of ${this.asked} found at the first try.`;
    const again = () => {
      this.riddle();
      this.buttons[0].focus();
    };
    const next = makeButton(again, { class: "main", "data-act": "another", text: "Another riddle" });
    parentOf(button).hidden = true;
    this.reply.replaceChildren(
      sentences(`<b>Yes: ${bug.name.toLowerCase()}.</b> ${score}`),
      bugCard(bug),
      make("div", { class: "chips" }, next),
    );
    this.setCompare(true);
    next.focus({ preventScroll: true });
  }

  // ---- the switches

  switches(/** @type {Bug | null} */ chosen) {
    const { panel, lab } = this;
    this.mode = "switches";
    if (!lab.penOn) this.prepare();
    lab.setBug(chosen);
    panel.replaceChildren(
      sentences("<b>Five mistakes, one switch each.</b> Switch one on, watch the picture, and switch it off again."),
    );
    const list = make("div", { class: "answers" });
    for (const bug of LAB_BUGS) {
      const change = (/** @type {boolean} */ on) => {
        this.switches(on ? bug : null);
        focusFirst(this.panel, `[data-bug=${bug.id}]`);
      };
      const input = makeCheckbox(bug === chosen, change, { role: "switch", "data-bug": bug.id });
      list.append(make("label", { class: "chip" }, input, bug.name));
    }
    this.compare = this.compare || Boolean(chosen);
    panel.append(list, this.compareChip());
    if (chosen) panel.append(bugCard(chosen));
    panel.append(this.other("Give me a riddle", () => this.riddle()));
    this.placeNotes();
  }

  compareChip(text = "Compare: show where the windows are meant to be") {
    const input = makeCheckbox(this.compare, (on) => this.setCompare(on), { "data-act": "compare" });
    this.compareInput = input;
    return make("label", { class: "chip compare" }, input, text);
  }

  setCompare(/** @type {boolean} */ on) {
    this.compare = on;
    if (this.compareInput) this.compareInput.checked = on;
    this.lab.redraw();
  }

  /** @param {string} text @param {() => void} onclick */
  other(text, onclick) {
    const act = () => {
      onclick();
      focusFirst(this.panel, "button, input");
    };
    return makeButton(act, { class: "link", text });
  }
}

/** Our own text, with its tags. @param {string} html @returns {HTMLElement} */
const sentences = (html) => make("p", { class: "words", html });

/** The equation right and wrong, side by side, and what the mistake does. @param {Bug} bug */
function bugCard(bug) {
  return make("div", {
    class: "bug-card",
    "data-card": bug.id,
    html: `
    <p class="of">${bug.equation}</p>
    <div class="versus">
      <p><small>right</small>${bug.right}</p>
      <p class="mistaken"><small>wrong</small>${bug.mistaken}</p>
    </div>
    <p class="words"><b>Effect:</b> ${bug.effect}</p>
    <p class="source">${bug.sources}</p>`,
  });
}

/** The first place if the contrast there is not far from the most, else the place that has the most.
 * @param {(where: number[]) => number} contrastAt */
function placeToSee(contrastAt) {
  const places = PLACES.map((where) => ({ where, contrast: contrastAt(where) }));
  const best = places.reduce((a, b) => (b.contrast > a.contrast ? b : a));
  return places[0].contrast >= 0.5 * best.contrast ? places[0] : best;
}

function standardDeviation(/** @type {Float64Array} */ values) {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((v) => (v - mean) ** 2)) / values.length);
}
