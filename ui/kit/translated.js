// A browser's translator takes the text nodes of a page out and puts <font> elements in their
// places. React, with which Streamlit draws, goes on writing into the nodes that it made, so that
// numbers stand still, and fails where it removes one. Here a text that changes comes back, for the
// translator to translate anew, and what is done to a text is done to its translation. In a drawing
// (SVG) no <font> is painted: there the text comes back at once.

let guarded = false;

export function guardTranslations() {
  if (guarded) return;
  guarded = true;
  const fonts = new WeakMap(); // text node that was taken out -> the <font> in its place
  const taken = new WeakSet(); // these <font> elements
  const drawn = new WeakSet(); // texts of drawings that came back: once, not against a translator

  const isText = (/** @type {any} */ node) => node?.nodeType === Node.TEXT_NODE;
  const isFree = (/** @type {any} */ node) => node?.nodeName === "FONT" && !taken.has(node);

  /** The child of a parent that stands for a node: itself, or its translation; null if none does.
   * @param {Node} parent @param {any} node */
  function childFor(parent, node) {
    let child = fonts.get(node) ?? node; // some translators keep the text within the <font>
    while (child.parentNode !== parent && child.parentNode?.nodeName === "FONT") {
      child = child.parentNode;
    }
    return child.parentNode === parent ? child : null;
  }

  const changes = new MutationObserver((records) => {
    for (const { target } of /** @type {any[]} */ (records)) {
      const font = fonts.get(target);
      if (!font || target.parentNode) continue; // it is back already
      fonts.delete(target);
      if (font.isConnected) font.replaceWith(target);
    }
  });
  new MutationObserver((records) => {
    for (const { addedNodes, removedNodes, previousSibling, nextSibling } of records) {
      for (const text of /** @type {any} */ (removedNodes)) {
        const font = isText(text) && /** @type {any} */ ([...addedNodes, previousSibling, nextSibling].find(isFree));
        if (!font) continue;
        taken.add(font);
        if (font.parentNode instanceof SVGElement && !drawn.has(text)) {
          drawn.add(text);
          font.parentNode.setAttribute("translate", "no");
          font.replaceWith(text);
        } else if (!text.isConnected) {
          fonts.set(text, font);
          changes.observe(text, { characterData: true });
        }
      }
    }
  }).observe(document.body, { childList: true, subtree: true });

  const { removeChild, insertBefore } = Node.prototype;
  /** @param {any} child */
  Node.prototype.removeChild = function (child) {
    if (!isText(child) || child.parentNode === this) return removeChild.call(this, child);
    const there = childFor(this, child);
    if (there) removeChild.call(this, there);
    return child;
  };
  /** @type {any} */ (Node.prototype).insertBefore = function (/** @type {any} */ node, /** @type {any} */ reference) {
    const elsewhere = isText(reference) && reference.parentNode !== this;
    return insertBefore.call(this, node, elsewhere ? childFor(this, reference) : reference);
  };
}
