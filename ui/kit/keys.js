// Which key was pressed, whatever the layout of the keyboard. A letter of another script (Cyrillic,
// Greek, Hebrew, Arabic, kana ...) stands for the Latin one in the same place of the keyboard; what a
// Latin layout types (AZERTY, Dvorak) is meant as it is.

const OTHER_SCRIPT = /^(?![\p{ASCII}\p{Script=Latin}])[\p{L}\p{M}\p{Nd}]/u;
/** @type {Record<string, string>} */
const SIGN_OF_PLACE = { BracketLeft: "[", BracketRight: "]", Minus: "-", Equal: "=" };

/** As event.key, but letters are Latin and small. @param {KeyboardEvent} event */
function latinKey({ key, code }) {
  const [, place] = /^(?:Key|Digit)(.)$/.exec(code) ?? [];
  const meant = OTHER_SCRIPT.test(key) || key === "Unidentified" ? (place ?? SIGN_OF_PLACE[code] ?? key) : key;
  return meant.length === 1 ? meant.toLowerCase() : meant;
}

/** Keys that a text in the making needs; some browsers say so by the code 229 alone. @param {KeyboardEvent} event */
const isComposed = (event) => event.isComposing || event.keyCode === 229;
const hasAlt = (/** @type {KeyboardEvent} */ event) => event.altKey || event.getModifierState("AltGraph");

/** The key, pressed alone or with Shift. "" where it is not the page's: while a text is composed, and
 * with Ctrl, Alt or Cmd. Many keyboards have square brackets only with Alt or AltGr, for which
 * Windows says Ctrl and Alt: they pass.
 * @param {KeyboardEvent} event */
export function plainKey(event) {
  if (isComposed(event) || event.metaKey) return "";
  if (hasAlt(event)) return "[]".includes(event.key) ? event.key : "";
  return event.ctrlKey ? "" : latinKey(event);
}

/** @type {Record<string, Point>} */
const WAYS = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The way that an arrow key points, or undefined for another key. @param {KeyboardEvent} event */
export const arrow = (event) => /** @type {Point | undefined} */ (WAYS[plainKey(event)]);

/** How far it leads along the cells of so many columns, or undefined. @param {KeyboardEvent} event @param {number} columns */
export function arrowInGrid(event, columns) {
  const by = arrow(event);
  return by && by.x + columns * by.y;
}

/** The key, pressed with Ctrl or Cmd; "" without them, with Alt, and while a text is composed.
 * @param {KeyboardEvent} event */
export function commandKey(event) {
  if (isComposed(event) || hasAlt(event) || !(event.ctrlKey || event.metaKey)) return "";
  return latinKey(event);
}
