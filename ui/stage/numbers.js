// The numbers of the windows at a step: those of a rule with what they mean, others as they are called.

import { make } from "../kit/element.js";

const short = (/** @type {number} */ v) => (Math.abs(v) < 0.1 ? v.toPrecision(2) : v.toFixed(2));
/** @type {Record<string, string>} */ const DOES = { write: "writes", read: "reads" };

export class Numbers {
  /** @type {{ cell: HTMLElement, name: string, said: (w: FilmWindow) => string | undefined }[]} */ cells = [];

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
    /** @param {string} key @param {Record<string, string>} title @param {(w: FilmWindow) => string | undefined} said */
    const row = (key, title, said) => {
      const cells = tracks.map(({ name }) => ({ cell: make("td", { class: name, "data-number": key }), name, said }));
      this.cells.push(...cells);
      return make("tr", {}, make("th", { scope: "row", ...title }), ...cells.map(({ cell }) => cell));
    };
    /** @param {string} key @param {string} symbol @param {string} meaning @param {(w: FilmWindow) => string} said */
    const explained = (key, symbol, meaning, said) =>
      row(key, { html: `${symbol}<small>${meaning}</small>` }, (w) => (w.own ? undefined : said(w)));
    const n = film.points("write");
    const reads = film.has("read") ? "The network multiplies what it reads by γ." : "";
    const writes = `The network divides its ${film.matter} by γ, so a small γ paints strongly.`;
    const intensity = `${reads} ${film.has("write") ? writes : ""}`.trim();
    const stride = `pixels between points${reads ? "" : `; the border holds ${n}×${n} cells of this size`}`;
    const spread = "in pixels: how far each point blurs. A small spread is sharp; its border is drawn thick.";
    const centre = "centre <var>g<sub>x</sub></var>, <var>g<sub>y</sub></var>";
    const labels = new Set(tracks.flatMap(({ rule, labels }) => (rule ? [] : labels)));
    const rows = tracks.some(({ rule }) => rule)
      ? [
          explained("centre", centre, "where it stands, in pixels", (w) => `${w.gX.toFixed(2)}, ${w.gY.toFixed(2)}`),
          explained("delta", "stride <var>δ</var>", stride, (w) => w.delta.toFixed(2)),
          explained("sigma", "spread <var>σ</var>", spread, (w) => w.sigma.toFixed(2)),
          explained("gamma", "intensity <var>γ</var>", intensity, (w) => short(w.gamma)),
        ]
      : [];
    const own = (/** @type {string} */ label) =>
      row(label, { text: label }, ({ own }) => (own && label in own ? short(own[label]) : undefined));
    this.body.replaceChildren(...rows, ...[...labels].map(own));
  }

  /** @param {Film} film @param {number} step @param {number} sample */
  draw(film, step, sample) {
    for (const { cell, name, said } of this.cells) {
      const w = film.window(name, step, sample);
      cell.textContent = ((w && said(w)) ?? "–").replaceAll("-", "−");
    }
  }
}
