// Elements of a page: made, found by their kind, and marked.

/** @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Record<string, any>} attributes @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[K]} */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "text") element.textContent = value;
    else if (name === "html")
      element.innerHTML = value; // our own texts only
    else if (name.startsWith("on")) Object.assign(element, { [name]: value });
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** @param {() => void} onclick @param {Record<string, any>} attributes @param {(Node | string)[]} children
 * @returns {HTMLButtonElement} */
export const makeButton = (onclick, attributes, ...children) =>
  make("button", { type: "button", onclick, ...attributes }, ...children);

/** @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Those that a selector finds, all of one kind.
 * @template {Element} T
 * @param {ParentNode} root @param {new () => T} kind @param {string} selector @returns {T[]} */
export function findAll(root, kind, selector) {
  return /** @type {any} */ ([...root.querySelectorAll(selector)].filter((element) => element instanceof kind));
}

/** @param {Element} element @returns {HTMLElement[]} */
export const childrenOf = (element) => /** @type {any} */ ([...element.children]);
/** @param {Element} element @returns {HTMLElement} */
export const parentOf = (element) => /** @type {any} */ (element.parentElement);

/** @param {HTMLCanvasElement} canvas @param {CanvasRenderingContext2DSettings} [options] @returns {Context} */
export const context2d = (canvas, options) => /** @type {Context} */ (canvas.getContext("2d", options));

/** Marks a row that scrolls sideways while something of it is still to come. @param {Element} row */
export function markGoesOn(row) {
  row.classList.toggle("goes-on", row.scrollWidth - row.clientWidth - row.scrollLeft > 1);
}

/** Which one of the options of a list is chosen, or none (-1). Tab reaches one of them.
 * @param {HTMLElement[]} options @param {number} chosen */
export function markChosen(options, chosen) {
  options.forEach((option, k) => {
    option.setAttribute("aria-selected", String(k === chosen));
    option.tabIndex = k === Math.max(0, chosen) ? 0 : -1;
  });
}
