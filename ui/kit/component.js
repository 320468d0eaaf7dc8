// What every component is: a view for each element that Streamlit gives it, whose parts are found by
// their names.

// Streamlit calls what this returns for each new data, on the same element, and what that returns at
// the end. A view has load(data) and close().
export function component(Kind) {
  const views = new WeakMap();
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

/** The elements with data-ref, by its value.
 * @returns {any} as the type of the component says that uses them */
export function refsIn(parent) {
  return Object.fromEntries(
    Array.from(parent.querySelectorAll("[data-ref]"), (element) => [element.dataset.ref, element]),
  );
}
