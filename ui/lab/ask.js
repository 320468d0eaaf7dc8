// A trained model's own windows over this picture: they walk over it step by step, and the visitor
// can look for them with a window of their own.

import { make, makeButton } from "../kit/element.js";
import { Answer } from "./answer.js";
import { askedWindow } from "./look.js";
import { labMemory } from "./memory.js";
import { focusedIn, focusFirst, paragraph } from "./parts.js";
import { evenly, middle } from "./presets.js";
import { LabWalk } from "./walk.js";

/** @typedef {{ name: string, label: string, shape: number[] }} Askable
 * @typedef {{ model: string, read_size: number, write_size: number, read: Tensor, write?: Tensor }} Asked the windows
 *   of all its steps [T, 5] */

export class AskModel {
  /** @type {Askable[]} */ models = [];
  /** @type {Asked | null} */ asked = null;
  /** @type {Answer | null} */ answer = null; // while one is shown
  /** @type {string | undefined} */ choice;
  /** @type {any} */ meta = null;

  constructor(/** @type {Lab} */ lab) {
    this.lab = lab;
    this.step = 0; // of the model; 0 before the first answer: the lesson begins in the middle of its run
    this.outline = true;
    this.writes = true;
    this.walk = new LabWalk(this);
    this.best = new Map(); // by picture, model and step
    this.playing = false;
    this.panel = lab.refs.ask;
  }

  get active() {
    return this.lab.tab === "ask" && Boolean(this.asked);
  }

  /** @param {any} meta @param {Tensors} tensors */
  load(meta, tensors) {
    this.models = meta.models ?? [];
    const { asked_read: read, asked_write: write } = tensors;
    /** @type {Asked | null} */ const asked = meta.asked && read ? { ...meta.asked, read, write } : null;
    const changed = asked?.model !== this.asked?.model || meta.id !== this.meta?.id;
    this.asked = asked;
    this.meta = meta;
    if (changed) {
      this.playing = false;
      this.walk.stop();
    }
    this.choice = asked?.model ?? this.choice ?? this.models[0]?.name;
    if (!this.models.some(({ name }) => name === this.choice)) this.choice = this.models[0]?.name;
    if (asked) this.step = Math.min(this.step || Math.ceil(this.walk.steps / 2), this.walk.steps);
    this.waiting = false;
    const focused = focusedIn(this.panel);
    const had = this.panel.contains(focused) || this.answer?.player.contains(focused);
    this.build();
    const options = { preventScroll: true };
    if (had && this.answer) this.answer.slider.focus(options);
    else if (had) focusFirst(this.panel, "button.main, select", options);
    if (asked && changed) this.lab.say(`${asked.model} answers: its windows of ${this.walk.steps} steps.`);
    this.showWatching();
  }

  // The lesson is opened: a digit takes the place of the picture that nobody chose.
  enter() {
    if (!this.asked && !labMemory.hadDigit && this.meta.digit === "first" && this.models.length) this.askDigit(null);
    this.showWatching();
  }

  leave() {
    this.walk.stop();
    this.showWatching();
  }

  // While the model's windows are watched, the visitor's own is faint.
  showWatching() {
    const { refs, tab } = this.lab;
    refs.root.classList.toggle("watching", this.active && !this.playing);
    refs.under.hidden = tab !== "ask" || !refs.under.hasChildNodes();
  }

  // Under the picture that it plays, or beside it where the lessons are.
  placePlayer() {
    const { side, under } = this.lab.refs;
    const beside = getComputedStyle(side).getPropertyValue("--lessons") === "beside";
    if (this.answer) {
      const { player, slot } = this.answer;
      const place = beside ? slot : under;
      if (player.parentElement !== place) place.append(player);
    }
    this.showWatching();
  }

  // ---- the panel

  build() {
    const { panel, models, meta } = this;
    panel.replaceChildren();
    this.answer?.player.remove();
    this.answer = null;
    if (!models.length) {
      panel.append(paragraph("No model with a reading window is on this server."));
      return;
    }
    panel.append(
      paragraph(
        "A trained network moves such a window by itself. Where does it look in this picture, and what does it see there?",
      ),
    );
    const select = make("select", { "aria-label": "Model", onchange: () => this.choose(select.value) });
    for (const { name, label } of models) {
      const option = make("option", { value: name, text: label });
      option.selected = name === this.choice;
      select.append(option);
    }
    panel.append(make("label", { class: "select" }, "Model ", select));
    panel.append(...this.instead());
    if (meta.refusal) panel.append(paragraph(meta.refusal, { role: "alert" }));
    if (this.waiting) panel.append(paragraph("The model looks at the picture …", { role: "status" }));
    else if (this.asked && this.asked.model === this.choice) this.answer = new Answer(this, this.asked);
    else this.buildQuestion();
    this.placePlayer();
  }

  choose(/** @type {string} */ name) {
    this.walk.stop();
    this.choice = name;
    if (this.asked && this.fits()) this.ask(false);
    this.build();
    focusFirst(this.panel, "select");
    this.lab.redraw();
  }

  get model() {
    return this.models.find(({ name }) => name === this.choice) ?? this.models[0];
  }

  fits() {
    const { channels, height, width } = this.lab.look;
    return this.model.shape.join() === [channels, height, width].join();
  }

  buildQuestion() {
    const { panel } = this;
    const [channels, height, width] = this.model.shape;
    const fits = this.fits();
    if (!fits) {
      const { look } = this.lab;
      const kind = (/** @type {number} */ c) => (c === 3 ? "in colour" : "in grey");
      panel.append(
        paragraph(
          `This model knows only pictures of ${width} × ${height} pixels ${kind(channels)}; this one has ${look.width} × ${look.height} ${kind(look.channels)}.`,
        ),
      );
    }
    const ask = () => {
      button.disabled = true;
      button.textContent = "Asking …";
      this.ask(!fits);
    };
    const text = fits ? "Ask it" : `Scale it to ${width}×${height} and ask`;
    const button = makeButton(ask, { class: "main", "data-act": "ask", text });
    const digit = { "data-act": "digit", text: "Show it a digit instead" };
    const others = this.meta.digit ? [makeButton(() => this.askDigit(this.model.name), digit)] : [];
    panel.append(make("div", { class: "chips" }, button, ...others));
  }

  // ---- asking and playing

  ask(/** @type {boolean} */ scale) {
    this.send({ model: this.choice, scale });
  }

  /** Of this model, or of the one whose reading window is the smallest beside its page. @param {string | null} model */
  askDigit(model) {
    labMemory.hadDigit = true;
    this.send({ model, scale: false, digit: true });
    this.waiting = true;
    this.build();
  }

  // Why the picture is a digit that took the place of another, and the way back; or nothing.
  instead() {
    const { instead } = this.meta;
    if (!instead) return [];
    const bring = () => {
      back.disabled = true;
      this.send({ model: null, scale: false, back: true });
    };
    const back = makeButton(bring, { "data-act": "back", text: "Bring it back" });
    return [make("div", { class: "instead" }, paragraph(instead), back)];
  }

  /** Numbered, so that the same question after another picture is a new one. @param {Record<string, any>} question */
  send(question) {
    labMemory.questions += 1;
    this.lab.setStateValue("ask", { ...question, picture: this.meta.id, number: labMemory.questions });
  }

  /** From the middle, with the model's N and intensity: place, stride and spread are to be found.
   * @param {Asked} asked */
  play(asked) {
    this.walk.stop();
    this.playing = true;
    const { lab } = this;
    const { width, height } = lab.look;
    const delta = 0.5 * evenly(Math.max(width, height), asked.read_size);
    lab.stop();
    lab.choose("eye");
    lab.setN(asked.read_size);
    lab.move({ ...middle(width, height), delta, sigma: delta / 2, gamma: askedWindow(asked.read, this.step).gamma });
    lab.settle();
  }

  reveal(/** @type {Asked} */ asked) {
    this.walk.stop();
    this.playing = false;
    this.lab.choose("eye");
    this.lab.animate(askedWindow(asked.read, this.step), asked.read_size);
  }

  // ---- drawing

  overlay() {
    const { asked } = this;
    if (!asked || !this.active) return {};
    return {
      model: this.outline ? this.walk.window(asked.read) : null,
      modelN: asked.read_size,
      modelPen: this.writes && asked.write ? this.walk.window(asked.write) : null,
      modelPenN: asked.write_size,
    };
  }

  draw() {
    this.showWatching();
    if (this.active) this.answer?.draw();
  }
}
