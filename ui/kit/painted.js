// What the loop paints is shown small beside the pad too, because on a phone its canvas is far below.
// Pad and loop are components of their own; they meet on the document.

export const PAINTED = "draw-painted";
export const PAINTED_ASKED = "draw-painted-asked";

/** @typedef {{ canvas: HTMLCanvasElement, words: string }} Painted
 * @param {Event} event @returns {Painted} */
export const paintedIn = (event) => /** @type {CustomEvent<Painted>} */ (event).detail;

/** canvas: the element with the pixels; words: what they are.
 * @param {HTMLCanvasElement} canvas @param {string} words */
export function tellPainted(canvas, words) {
  document.dispatchEvent(new CustomEvent(PAINTED, { detail: { canvas, words } }));
}
