// The address bar follows what is shown.

import assert from "node:assert/strict";
import test from "node:test";

import { embedding, followAddress } from "../../ui/player/address.js";

// A browser at an address, and how the address is replaced.
function visit(address) {
  const url = new URL(address);
  globalThis.location = { href: url.href, search: url.search };
  const replaced = [];
  globalThis.history = { state: "kept", replaceState: (state, _, to) => replaced.push([state, to.href]) };
  return replaced;
}

test("what is shown is said, and what has no value is left out", () => {
  const replaced = visit("http://host/draw/Generate?model=old&step=3&embed=true");
  followAddress({ model: "new", seed: 0 }, { step: null, sample: 2 });
  assert.deepEqual(replaced, [["kept", "http://host/draw/Generate?model=new&embed=true&seed=0&sample=2"]]);
});

test("without a link the address is left alone", () => {
  const replaced = visit("http://host/");
  followAddress(null, { step: 3 });
  assert.deepEqual(replaced, []);
});

test("a figure that has been left does not speak for the one that is shown", () => {
  const replaced = visit("http://host/Paper?figure=7");
  followAddress({ figure: "5" }, { step: 3 });
  assert.deepEqual(replaced, []);
  followAddress({ figure: "7" }, { step: 3 });
  assert.deepEqual(replaced, [["kept", "http://host/Paper?figure=7&step=3"]]);
});

test("links to our own pages are embedded as this one is", () => {
  visit("http://host/?step=3&embed=true&embed_options=dark_theme&embed_options=show_footer");
  assert.deepEqual(embedding(), [
    ["embed", "true"],
    ["embed_options", "dark_theme"],
    ["embed_options", "show_footer"],
  ]);
});
