// The numbers of the windows at a step: those of a rule with what they mean, others as they are called.

import { make } from "../kit/element.js";

const short = (/** @type {number} */ v) => (Math.abs(v) < 0.1 ? v.toPrecision(2) : v.toFixed(2));
/** Key, symbol and value of what a rule says of a window.
 * @type {[string, string, (w: FilmWindow) => string][]} */
const EXPLAINED = [
  [
    "centre",
    "centre <var>g<sub>x</sub></var>, <var>g<sub>y</sub></var>",
    (w) => `${w.gX.toFixed(2)}, ${w.gY.toFixed(2)}`,
  ],
  ["delta", "stride <var>δ</var>", (w) => w.delta.toFixed(2)],
  ["sigma", "spread <var>σ</var>", (w) => w.sigma.toFixed(2)],
  ["gamma", "intensity <var>γ</var>", (w) => short(w.gamma)],
];
/** @type {Record<string, string>} */ const DOES = { write: "writes", read: "reads" };

/** What the numbers of a film's windows mean, by their keys. @param {Film} film @returns {Record<string, string>} */
function meanings(film) {
  const n = film.points("write");
  const reads = film.has("read") && "The network multiplies what it reads by γ.";
  const writes = film.has("write") && `The network divides its ${film.matter} by γ, so a small γ paints strongly.`;
  return {
    centre: "where it stands, in pixels",
    delta: `pixels between points${film.has("read") ? "" : `; the border holds ${n}×${n} cells of this size`}`,
    sigma: "in pixels: how far each point blurs. A small spread is sharp; its border is drawn thick.",
    gamma: [reads, writes].filter(Boolean).join(" "),
  };
}

export class Numbers {
  /** @type {{ cell: HTMLElement, text: (step: number, sample: number) => string | null }[]} */ cells = [];

  /** @param {HTMLElement} head @param {HTMLElement} body of its table */
  constructor(head, body) {
    this.head = head;
    this.body = body;
  }

  build(/** @type {Film} */ film) {
    const tracks = film.tracks.filter(({ kind }) => kind === "windows").sort((a, b) => (a.name < b.name ? 1 : -1));
    const heads = tracks.map(({ name }) => make("th", { class: name, scope: "col", text: DOES[name] ?? name }));
    this.head.hidden = tracks.every(({ name }) => name === "write");
    this.head.replaceChildren(make("tr", {}, make("td"), ...heads));
    this.cells = [];
    /** @param {HTMLElement} title @param {string} key @param {(track: typeof tracks[0]) => typeof this.cells[0]["text"]} of */
    const row = (title, key, of) => {
      const cells = tracks.map((track) => ({
        cell: make("td", { class: track.name, "data-number": key }),
        text: of(track),
      }));
      this.cells.push(...cells);
      return make("tr", {}, title, ...cells.map(({ cell }) => cell));
    };
    const said = meanings(film);
    const explained = EXPLAINED.map(([key, symbol, value]) => {
      const title = make("th", { scope: "row", html: symbol });
      title.append(make("small", { text: said[key] }));
      return row(title, key, ({ name, rule }) => (step, sample) => {
        const w = rule ? film.window(name, step, sample) : null;
        return w && value(w);
      });
    });
    const labels = new Set(tracks.flatMap(({ rule, labels }) => (rule ? [] : labels)));
    const own = [...labels].map((label) =>
      row(make("th", { scope: "row", text: label }), label, ({ name, rule }) => (step, sample) => {
        const v = rule ? NaN : film.parameter(name, label, step, sample);
        return Number.isNaN(v) ? null : short(v);
      }),
    );
    this.body.replaceChildren(...(tracks.some(({ rule }) => rule) ? explained : []), ...own);
  }

  /** @param {number} step @param {number} sample */
  draw(step, sample) {
    for (const { cell, text } of this.cells) cell.textContent = (text(step, sample) ?? "–").replaceAll("-", "−");
  }
}
