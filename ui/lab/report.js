// What the lab tells: to the address bar, and to those who listen.

import { shown } from "./controls.js";

/** Puts the windows into the address bar; what else stands there stays. @param {Lab} lab */
export function writeLabAddress({ eye, pen, penOn, n, full, meta }) {
  if (!meta.link) return;
  const url = new URL(location.href);
  const text = (/** @type {number} */ value) => String(Number(value.toPrecision(6)));
  for (const [name, value] of Object.entries({
    ...meta.link,
    n: String(n),
    gx: text(eye.gX),
    gy: text(eye.gY),
    delta: text(eye.delta),
    sigma: text(eye.sigma),
    gamma: text(eye.gamma),
    strength: full ? "full" : null,
    pen: penOn ? [pen.gX, pen.gY, pen.delta, pen.sigma, pen.gamma].map(text).join(",") : null,
  })) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  if (url.href !== location.href) history.replaceState(history.state, "", url);
}

/** The window in words, and the keys that change it. @param {Lab} lab */
export function describeLab({ hand, n, active, penOn }) {
  const which = penOn ? (active === "pen" ? "writing " : "reading ") : "";
  return (
    `The ${which}window of ${n} by ${n} points: centre x ${shown(hand.gX)}, y ${shown(hand.gY)}, `
    + `stride ${shown(hand.delta)}, spread ${shown(hand.sigma)}, intensity ${shown(hand.gamma)}. `
    + "Arrow keys move it, plus and minus change the stride, square brackets the spread."
  );
}
