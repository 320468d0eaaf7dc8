// Parts of the lab's lessons, and the focus in them.

import { findAll, make } from "../kit/element.js";

/** changed(on) follows each change. @param {boolean} on @param {(on: boolean) => void} changed
 * @param {Record<string, any>} attributes @returns {HTMLInputElement} */
export function makeCheckbox(on, changed, attributes = {}) {
  const input = make("input", { type: "checkbox", ...attributes });
  input.checked = on;
  input.onchange = () => changed(input.checked);
  return input;
}

/** @param {string} text @param {Record<string, any>} attributes @returns {HTMLElement} */
export const paragraph = (text, attributes = {}) => make("p", { class: "words", text, ...attributes });

/** What has the focus in the part of the page that an element belongs to. @param {Element} element */
export function focusedIn(element) {
  const root = element.getRootNode();
  return root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null;
}

/** Gives the focus to the first one that a selector finds.
 * @param {ParentNode} root @param {string} selector @param {FocusOptions} [options] */
export const focusFirst = (root, selector, options) => findAll(root, HTMLElement, selector)[0]?.focus(options);
