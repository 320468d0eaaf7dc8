// What the samples of a player are called is read after its film was sent, so that the film need not
// wait for it. Both are components, which meet on the document.

export const NAMES = "draw-names";
export const NAMES_ASKED = "draw-names-asked";

/** id: of what is played. looks: what each sample looks like in the end, or nothing.
 * @typedef {{ id: string, looks: string[] }} Names
 * @param {Event} event @returns {Names} */
export const namesIn = (event) => /** @type {CustomEvent<Names>} */ (event).detail;
