// A hand in a film, as data that a worker can be sent and an address can say: what it changes in
// some of the steps.

import { clamp } from "../kit/number.js";

/** What is changed in a step 1..T: its window, quarter turns of its patch clockwise, or that it writes
 * nothing, or that the window and the patch of the step before are written once more.
 * @typedef {{ step: number, how?: "silence" | "hold", turn?: number } & Partial<GridWindow>} Edit */

/** @type {Record<string, keyof GridWindow>} */
const NUMBERS = { x: "gX", y: "gY", d: "delta", s: "sigma", g: "gamma" };
const HOW = /** @type {const} */ (["silence", "hold"]);
const MOST = 1e4; // of what a number in an address may be

/** What the hand does in each step.
 * @param {Edit[]} edits @param {Shape} shape of the canvas
 * @returns {(step: number) => import("./draw.js").Hand | undefined} */
export function handsOf(edits, shape) {
  if (!edits.length) return () => undefined;
  /** @type {Map<number, { window: FilmWindow | null, patch: Float32Array }>} */
  const before = new Map(); // what was written last, of each image
  return (step) => (image, window, patch) => {
    const edit = edits.find((one) => one.step === step);
    if (edit) {
      const last = before.get(image);
      window = changed(edit, window, patch, last, shape);
    }
    before.set(image, { window, patch: patch.slice() });
    return window;
  };
}

/** The window as the hand changes it, and the patch in place.
 * @param {Edit} edit @param {FilmWindow | null} window @param {Float32Array} patch
 * @param {{ window: FilmWindow | null, patch: Float32Array } | undefined} last @param {Shape} shape */
function changed({ step: _, how, turn = 0, ...place }, window, patch, last, shape) {
  if (how === "silence") patch.fill(0);
  if (how === "hold") {
    if (last) patch.set(last.patch);
    else patch.fill(0); // nothing was written before the first step
    return last ? last.window : window;
  }
  const { height, width } = window ? { height: window.size, width: window.size } : shape;
  if (height === width) {
    for (let k = 0; k < turn; k++) turnPatch(patch, height);
  }
  return window && { ...window, ...place };
}

/** A quarter turn clockwise of every channel. @param {Float32Array} patch [C, n, n] @param {number} n */
function turnPatch(patch, n) {
  const from = patch.slice();
  for (let c = 0; c < patch.length; c += n * n) {
    for (let j = 0; j < n; j++) {
      for (let i = 0; i < n; i++) patch[c + i * n + n - 1 - j] = from[c + j * n + i];
    }
  }
}

/** As an address says it: "9_x12.5_y8*12_silence". @param {Edit[]} edits */
export function writeHand(edits) {
  const numbers = Object.entries(NUMBERS);
  return edits
    .map((edit) => [
      edit.step,
      ...numbers.flatMap(([letter, name]) => (edit[name] === undefined ? [] : [`${letter}${edit[name]}`])),
      ...(edit.turn ? [`turn${edit.turn}`] : []),
      ...(edit.how ? [edit.how] : []),
    ])
    .map((parts) => parts.join("_"))
    .join("*");
}

/** What an address says, or null where that is nothing that a film of so many steps can follow.
 * @param {string} text @param {number} numSteps @returns {Edit[] | null} */
export function readHand(text, numSteps) {
  /** @type {Edit[]} */ const edits = [];
  for (const one of text ? text.split("*") : []) {
    const [step, ...parts] = one.split("_");
    /** @type {Edit} */ const edit = { step: Number(step) };
    if (!/^\d+$/.test(step) || clamp(edit.step, 1, numSteps) !== edit.step || !parts.length) return null;
    if (edits.some((other) => other.step === edit.step)) return null;
    for (const part of parts) {
      const how = HOW.find((name) => name === part);
      const [, letter, digits] = /^([xydsg]|turn)(-?\d+(?:\.\d+)?)$/.exec(part) ?? [];
      const value = Number(digits);
      if (how) edit.how = how;
      else if (letter === "turn" && [1, 2, 3].includes(value)) edit.turn = value;
      else if (letter in NUMBERS && Math.abs(value) <= MOST && (value > 0 || "xy".includes(letter)))
        edit[NUMBERS[letter]] = value;
      else return null;
    }
    edits.push(edit);
  }
  return edits.sort((a, b) => a.step - b.step);
}
