// What every component is: a view for each element that Streamlit gives it, whose parts are found by
// their names.

/** What Streamlit calls a component with.
 * @typedef {{ parentElement: any, data: any, setStateValue: (name: string, value: any) => void }} Call
 * @typedef {{ load(data: any): void, close(): void, setStateValue?: Call["setStateValue"] }} View */

/** Streamlit calls what this returns for each new data, on the same element, and what that returns at
 * the end. A view has load(data) and close().
 * @param {new (root: any) => View} Kind */
export function component(Kind) {
  const views = new WeakMap();
  /** @param {Call} call */
  return ({ parentElement, data, setStateValue }) => {
    if (!views.has(parentElement)) views.set(parentElement, new Kind(parentElement));
    const view = views.get(parentElement);
    view.setStateValue = setStateValue; // tells Python
    view.load(data);
    parentElement.host.dataset.shown = ""; // see page.css
    return () => {
      views.delete(parentElement);
      view.close();
    };
  };
}

/** A field of a view before load() has set it; until then nobody asks for it. @type {never} */
export const UNSET = /** @type {never} */ (undefined);

/** The elements with data-ref, by its value.
 * @returns {any} as the type of the component says that uses them
 * @param {ParentNode} parent */
export function refsIn(parent) {
  const found = /** @type {HTMLElement[]} */ ([...parent.querySelectorAll("[data-ref]")]);
  return Object.fromEntries(found.map((element) => [element.dataset.ref, element]));
}
