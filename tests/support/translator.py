"""A translator of pages, as browsers have them: it wraps every text in two <font> elements.

The words stay what they are, between « and », so that a test can read them.
"""

import json
from typing import Literal

# Whether the page's own text node is replaced, taken out after its translation was put in, or kept
# within its translation.
Manner = Literal["replace", "insert", "keep"]
MANNERS: tuple[Manner, ...] = ("replace", "insert", "keep")

_SCRIPT = r"""
(manner) => {
  const LEFT_OUT = "script, style, textarea, input, code, [translate=no], .notranslate, font";
  const isText = (node) => node.nodeType === Node.TEXT_NODE && node.data.trim();
  const roots = new WeakSet();
  const observer = new MutationObserver((records) => {
    for (const { type, target, addedNodes } of records) {
      if (type === "characterData") wrap(target);
      else addedNodes.forEach(walk);
    }
  });

  function wrap(text) {
    const parent = text.parentElement;
    if (!isText(text) || !parent || parent.closest(LEFT_OUT)) return;
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    outer.append(inner);
    if (manner === "keep") {
      text.replaceWith(outer);
      inner.append(text);
      text.data = `«${text.data}»`;
      return;
    }
    inner.textContent = `«${text.data}»`;
    if (manner === "replace") return text.replaceWith(outer);
    parent.insertBefore(outer, text);
    text.remove();
  }

  function watch(root) {
    if (roots.has(root)) return;
    roots.add(root);
    observer.observe(root, { childList: true, characterData: true, subtree: true });
    root.childNodes.forEach(walk);
  }

  function walk(node) {
    if (isText(node)) return wrap(node);
    if (node.shadowRoot) watch(node.shadowRoot);
    [...node.childNodes].forEach(walk);
  }

  watch(document.body);
}
"""


def script(manner: Manner) -> str:
    """JavaScript that translates a page, and from then on all that is new in it."""
    return f"({_SCRIPT.strip()})({json.dumps(manner)})"
