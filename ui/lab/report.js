// What the lab tells: to the address bar, and to those who listen.

import { followAddress } from "../player/address.js";
import { shown } from "./controls.js";

const text = (/** @type {number} */ value) => String(Number(value.toPrecision(6)));

/** A window of n x n points as an address says it. @param {GridWindow} w @param {number} n */
export function windowParameters({ gX, gY, delta, sigma, gamma }, n) {
  return { n: String(n), gx: text(gX), gy: text(gY), delta: text(delta), sigma: text(sigma), gamma: text(gamma) };
}

/** Puts the windows into the address bar; what else stands there stays. @param {Lab} lab */
export function writeLabAddress({ eye, pen, penOn, n, full, meta }) {
  followAddress(meta.link, {
    ...windowParameters(eye, n),
    strength: full ? "full" : null,
    pen: penOn ? [pen.gX, pen.gY, pen.delta, pen.sigma, pen.gamma].map(text).join(",") : null,
  });
}

/** A window in words, and the keys that change it. @param {GridWindow} w @param {number} n */
export function describeWindow(w, n, which = "", more = "") {
  return (
    `The ${which}window of ${n} by ${n} points: centre x ${shown(w.gX)}, y ${shown(w.gY)}, `
    + `stride ${shown(w.delta)}, spread ${shown(w.sigma)}${more}. `
    + "Arrow keys move it, plus and minus change the stride, square brackets the spread."
  );
}

/** @param {Lab} lab */
export function describeLab({ hand, n, active, penOn }) {
  const which = penOn ? (active === "pen" ? "writing " : "reading ") : "";
  return describeWindow(hand, n, which, `, intensity ${shown(hand.gamma)}`);
}
