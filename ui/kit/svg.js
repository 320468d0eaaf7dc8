// Elements of a drawing.

const SVG = "http://www.w3.org/2000/svg";

/** With its text, where it has one.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} attributes @param {Element | null} parent
 * @returns {SVGElementTagNameMap[K]} */
export function svg(tag, { text = "", ...attributes } = {}, parent = null) {
  const element = document.createElementNS(SVG, tag);
  if (tag === "text") element.setAttribute("translate", "no"); // no <font> is painted there
  element.textContent = text;
  set(element, attributes);
  parent?.append(element);
  return element;
}

/** @param {Element} element @param {Record<string, any>} attributes */
export function set(element, attributes) {
  for (const name in attributes) element.setAttribute(name, attributes[name]);
}
