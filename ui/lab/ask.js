// A trained model's own windows over this picture: they walk over it step by step, and the visitor
// can look for them with a window of their own.

import { make, setText } from "../kit/element.js";
import { rootMeanSquare } from "../kit/window.js";
import { shown } from "./controls.js";
import { askedWindow, largest, whiteOf } from "./look.js";
import { labMemory } from "./memory.js";
import { LabPixels } from "./paint.js";
import { evenly, middle } from "./presets.js";
import { LabWalk } from "./walk.js";

const CLOSE_ENOUGH = 0.01; // root mean square between two patches, of values from 0 to 1
const SAME_BRIGHTNESS = 0.25; // between the logarithms of two intensities

export class AskModel {
  /** @type {any} */ rows;
  /** @type {any} */ mine;
  /** @type {any} */ theirs;

  constructor(lab) {
    this.lab = lab;
    this.step = null; // of the model; the lesson begins in the middle of its run
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

  load(meta, tensors) {
    this.meta = meta;
    this.models = meta.models ?? [];
    const asked = meta.asked && tensors.asked_read ? meta.asked : null;
    const changed = asked?.model !== this.asked?.model || meta.id !== this.pictureId;
    this.asked = asked;
    this.read = tensors.asked_read;
    this.write = tensors.asked_write;
    this.pictureId = meta.id;
    if (changed) {
      this.playing = false;
      this.walk.stop();
    }
    this.choice = asked?.model ?? this.choice ?? this.models[0]?.name;
    if (!this.models.some(({ name }) => name === this.choice)) this.choice = this.models[0]?.name;
    if (asked) this.step = Math.min(this.step ?? Math.ceil(this.read.shape[0] / 2), this.read.shape[0]);
    this.waiting = false;
    const { activeElement } = this.panel.getRootNode();
    const had = this.panel.contains(activeElement) || this.player?.contains(activeElement);
    this.build();
    if (had) (this.slider ?? this.panel.querySelector("button.main, select"))?.focus({ preventScroll: true });
    if (asked && changed) this.lab.say(`${asked.model} answers: its windows of ${this.read.shape[0]} steps.`);
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
    const place = beside ? this.slot : under;
    if (this.player && this.player.parentElement !== place) place.append(this.player);
    this.showWatching();
  }

  // ---- the panel

  build() {
    const { panel, models, meta } = this;
    panel.replaceChildren();
    this.player?.remove();
    this.player = this.slider = null;
    if (!models.length) {
      panel.append(make("p", { class: "words", text: "No model with a reading window is on this server." }));
      return;
    }
    panel.append(
      make("p", {
        class: "words",
        text: "A trained network moves such a window by itself. Where does it look in this picture, and what does it see there?",
      }),
    );
    const select = make("select", { "aria-label": "Model", onchange: () => this.choose(select.value) });
    for (const { name, label } of models) {
      const option = make("option", { value: name, text: label });
      option.selected = name === this.choice;
      select.append(option);
    }
    panel.append(make("label", { class: "select" }, "Model ", select));
    panel.append(...this.instead());
    if (meta.refusal) panel.append(make("p", { class: "words", role: "alert", text: meta.refusal }));
    if (this.waiting)
      panel.append(make("p", { class: "words", role: "status", text: "The model looks at the picture …" }));
    else if (this.asked && this.asked.model === this.choice) this.buildAnswer();
    else this.buildQuestion();
    this.placePlayer();
  }

  choose(name) {
    this.walk.stop();
    this.choice = name;
    if (this.asked && this.fits()) this.ask(false);
    this.build();
    this.panel.querySelector("select").focus();
    this.lab.redraw();
  }

  get model() {
    return this.models.find(({ name }) => name === this.choice);
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
      const kind = (c) => (c === 3 ? "in colour" : "in grey");
      panel.append(
        make("p", {
          class: "words",
          text: `This model knows only pictures of ${width} × ${height} pixels ${kind(channels)}; this one has ${look.width} × ${look.height} ${kind(look.channels)}.`,
        }),
      );
    }
    const button = make("button", {
      type: "button",
      class: "main",
      "data-act": "ask",
      text: fits ? "Ask it" : `Scale it to ${width}×${height} and ask`,
      onclick: () => {
        button.disabled = true;
        button.textContent = "Asking …";
        this.ask(!fits);
      },
    });
    const others = this.meta.digit
      ? [
          make("button", {
            type: "button",
            "data-act": "digit",
            text: "Show it a digit instead",
            onclick: () => this.askDigit(this.choice),
          }),
        ]
      : [];
    panel.append(make("div", { class: "chips" }, button, ...others));
  }

  buildAnswer() {
    const { panel } = this;
    const T = this.read.shape[0];
    const slider = make("input", {
      type: "range",
      min: 1,
      max: T,
      step: 1,
      "aria-label": "Step of the model",
      "data-ref": "askStep",
    });
    slider.value = this.step;
    slider.oninput = () => {
      this.walk.stop();
      this.step = Number(slider.value);
      this.playing = false;
      this.lab.redraw();
    };
    this.slider = slider;
    this.stepOut = make("output");
    this.player = make(
      "div",
      { class: "walk" },
      this.walk.button(),
      make("label", { class: "step" }, "Step ", this.stepOut, slider),
    );
    this.slot = make("div", {});
    panel.append(this.slot);
    this.stepWords = make("p", { class: "words now" });
    panel.append(this.stepWords, make("p", { class: "of", text: this.walk.wholeRun() }));
    const check = (text, name, kind) => {
      const input = make("input", { type: "checkbox" });
      input.checked = this[name];
      input.onchange = () => {
        this[name] = input.checked;
        this.lab.redraw();
      };
      return make("label", { class: `chip ${kind}` }, input, text);
    };
    const chips = make("div", { class: "chips" }, check("Where it reads", "outline", "read"));
    if (this.write) chips.append(check("Where it writes", "writes", "write"));
    panel.append(chips);

    const board = (title, ref) => {
      const canvas = make("canvas", { class: "pixels", role: "img", "aria-label": title });
      this[ref] = new LabPixels(canvas);
      return make(
        "figure",
        {},
        make("figcaption", {}, make("b", { text: title })),
        make("div", { class: "board" }, canvas),
      );
    };
    panel.append(make("div", { class: "pair" }, board("You read", "mine"), board("The model reads", "theirs")));
    this.range = make("p", { class: "of ranges" });
    panel.append(this.range);

    this.rows = {};
    const table = make("tbody");
    for (const [name, label] of [
      ["centre", "centre, pixels apart"],
      ["delta", "stride, yours − its"],
      ["sigma", "spread, yours − its"],
      ["gamma", "intensity, yours ÷ its"],
      ["error", "difference of the two patches"],
    ]) {
      this.rows[name] = make("td", { "data-apart": name });
      table.append(make("tr", {}, make("th", { text: label }), this.rows[name]));
    }
    panel.append(make("table", { class: "apart" }, table));
    this.verdict = make("p", { class: "words", "aria-live": "polite" });
    const act = (kind, name, text, words, onclick) =>
      make(
        "div",
        { class: "act" },
        make("button", {
          type: "button",
          class: kind,
          "data-act": name,
          text,
          onclick,
          "aria-describedby": `act-${name}`,
        }),
        make("small", { id: `act-${name}`, text: words }),
      );
    const { read_size: n } = this.asked;
    panel.append(
      act(
        "main",
        "match",
        "Find it yourself",
        `puts your window in the middle, with the model’s ${n} × ${n} points and its intensity`,
        () => this.play(),
      ),
      act("", "reveal", "Show me", "moves your window to where the model’s is", () => this.reveal()),
      this.verdict,
    );
  }

  // ---- asking and playing

  ask(scale) {
    this.send({ model: this.choice, scale });
  }

  // Of this model, or of the one whose reading window is the smallest beside its page.
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
    const back = make("button", {
      type: "button",
      "data-act": "back",
      text: "Bring it back",
      onclick: () => {
        back.disabled = true;
        this.send({ model: null, scale: false, back: true });
      },
    });
    return [make("div", { class: "instead" }, make("p", { class: "words", text: instead }), back)];
  }

  // Numbered, so that the same question after another picture is a new one.
  send(question) {
    labMemory.questions = (labMemory.questions ?? 0) + 1;
    this.lab.setStateValue("ask", { ...question, picture: this.meta.id, number: labMemory.questions });
  }

  get key() {
    return `${this.meta.id}:${this.asked.model}:${this.step}`;
  }

  // From the middle, with the model's N and intensity: place, stride and spread are to be found.
  play() {
    this.best.delete(this.key);
    this.walk.stop();
    this.playing = true;
    const { lab, asked } = this;
    const { width, height } = lab.look;
    const delta = 0.5 * evenly(Math.max(width, height), asked.read_size);
    lab.stop();
    lab.choose("eye");
    lab.setN(asked.read_size);
    lab.move({ ...middle(width, height), delta, sigma: delta / 2, gamma: this.window().gamma });
    lab.settle();
  }

  reveal() {
    this.walk.stop();
    this.playing = false;
    this.lab.choose("eye");
    this.lab.animate(this.window(), this.asked.read_size);
  }

  window() {
    return askedWindow(this.read, this.step);
  }

  // ---- drawing

  overlay() {
    if (!this.active) return {};
    const pen = this.writes && this.write ? this.walk.window(this.write) : null;
    return {
      model: this.outline ? this.walk.window(this.read) : null,
      modelN: this.asked.read_size,
      modelPen: pen,
      modelPenN: this.asked.write_size,
    };
  }

  draw() {
    this.showWatching();
    if (!this.active || !this.slider) return;
    const { lab, asked } = this;
    const { look, n, eye } = lab;
    const w = this.window();
    setText(this.stepOut, `${this.step} of ${this.read.shape[0]}`);
    if (Number(this.slider.value) !== this.step) this.slider.value = this.step;
    setText(this.stepWords, this.walk.now());
    const name = `${this.key}`;
    if (this.drawn !== name || !this.patch) {
      this.patch = look.read(w, asked.read_size);
      this.drawn = name;
    }
    this.drawPatches(w);
    const apart = this.apart(w, eye, n === asked.read_size ? rootMeanSquare(look.patch, this.patch) : null);
    for (const [row, text] of Object.entries(apart.texts)) setText(this.rows[row], text);
    this.judge(apart.error);
  }

  // On one scale where both are as bright as each other; else each on its own, or one is all dark.
  drawPatches({ gamma }) {
    const { look, n, eye } = this.lab;
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

  apart(w, eye, error) {
    return {
      error,
      texts: {
        centre: shown(Math.hypot(eye.gX - w.gX, eye.gY - w.gY)),
        delta: shown(eye.delta - w.delta),
        sigma: shown(eye.sigma - w.sigma),
        gamma: shown(eye.gamma / w.gamma),
        error: error === null ? `needs N = ${this.asked.read_size} points` : shown(error, 3),
      },
    };
  }

  judge(error) {
    const { n } = this.lab;
    const { read_size: size } = this.asked;
    const same = error !== null && error <= CLOSE_ENOUGH;
    if (this.playing && error !== null) {
      const best = Math.min(this.best.get(this.key) ?? Infinity, error);
      this.best.set(this.key, best);
      const task = same
        ? "You see what the model sees."
        : "Now drag your window, and change stride and spread, until both patches are the same.";
      setText(this.verdict, `${task} Best so far: ${shown(best, 3)}.`);
    } else if (error === null) {
      setText(
        this.verdict,
        `Can you see what the model sees? Your patch has ${n} × ${n} values and the model’s has ${size} × ${size}, so they cannot be the same yet: begin with “Find it yourself”.`,
      );
    } else if (same) {
      setText(this.verdict, "Both patches are the same.");
    } else {
      setText(
        this.verdict,
        "Can you see what the model sees? Both patches become the same when your centre, stride, spread and intensity are the model’s: then the differences above are 0, and the intensity is 1.",
      );
    }
  }
}
