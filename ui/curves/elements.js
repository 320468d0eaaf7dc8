// Elements. Names of runs and curves are a visitor's own: they are only ever set as text.

import { make } from "../kit/element.js";
import { svg } from "../kit/svg.js";
import { DASHES } from "./paint.js";

/** @template {keyof HTMLElementTagNameMap} K @param {K} tag */
export function made(tag, className = "", text = "") {
  return make(tag, { class: className }, ...withSymbols(text));
}

/** A text in which L_x and L_z have their subscripts. @param {string} text */
export function withSymbols(text) {
  return text
    .split(/\b(L_[xz])\b/)
    .filter(Boolean)
    .map((part) => {
      if (!/^L_[xz]$/.test(part)) return part;
      return make("var", {}, "L", make("sub", { text: part[2] }));
    });
}

/** How a curve looks, in small: its line, colour and marker. @param {Line} line */
export function swatch(line) {
  const drawing = svg("svg", { viewBox: "0 0 26 12", class: `swatch ${line.look}` });
  const add = (/** @type {Record<string, string>} */ attributes) => svg("path", attributes, drawing);
  add({ d: "M1 6H25", "stroke-dasharray": DASHES[line.kind].join(" ") });
  if (line.kind === "test") add({ d: line.marker, class: "filled", transform: "translate(13 6) scale(3.4)" });
  return drawing;
}
