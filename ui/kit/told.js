// What components tell one another: they are scripts of their own, which meet on the document. Whoever
// comes later asks, and is told again.

/** What the samples of a player are called: { id: of what is played, looks: what each sample looks like in
 * the end, or nothing }. It is read after the film was sent, so that the film need not wait for it. */
export const NAMES = "draw-names";
/** What the loop paints: { canvas: the element with the pixels, words: what they are }. It is shown small
 * beside the pad too, because on a phone the loop's canvas is far below. */
export const PAINTED = "draw-painted";
/** What is on the pad, also while it is drawn: { image: PadImage, stroke: the number of the
 * change that it is in, drawn: whether the visitor drew on it }. */
export const DRAWN = "draw-drawn";
/** Whether the loop shows by itself what is on the pad: { ready }. Then Python need not hear of each stroke. */
export const FOLLOWS = "draw-follows";
/** @param {string} what */
export const askedFor = (what) => `${what}-asked`;

/** @param {string} what @param {any} [detail] */
export const tell = (what, detail) => document.dispatchEvent(new CustomEvent(what, { detail }));

/** heard(detail) follows each time that it is told. What is returned ends that.
 * @param {string} what @param {(detail: any) => void} heard */
export function hear(what, heard) {
  const on = (/** @type {any} */ event) => heard(event.detail);
  document.addEventListener(what, on);
  return () => document.removeEventListener(what, on);
}
