// The sentences of the Stage.

import assert from "node:assert/strict";
import test from "node:test";

import { inkWords } from "../../ui/stage/chain.js";
import { probeWords } from "../../ui/stage/probe.js";

test("an amount that rounds to nothing is not named", () => {
  const said = (added, removed, hasWindow, paints = "") => {
    const film = { matter: "ink", has: () => hasWindow, paints: () => paints };
    return inkWords({ ...film, inkAddedAndRemoved: () => ({ added, removed }) }, 3, 0);
  };
  const adds = "This step adds 3.2 pixels of ink through the window";
  assert.equal(said(3.24, 2.6, true), `${adds} and removes 2.6.`);
  assert.equal(said(3.24, 0.04, true), `${adds}.`);
  assert.equal(said(0.04, 2.6, true), "This step removes 2.6 pixels of ink through the window.");
  assert.equal(said(0, 2.6, false), "This step removes 2.6 pixels of ink on the whole page.");
  assert.equal(said(0.8, 0, false, "one pixel"), "This step adds 0.8 pixels of ink in one pixel.");
  assert.equal(said(0.04, 0.04, true), "This step changes less than 0.1 pixels of ink.");
});

test("a pixel is told in words", () => {
  assert.equal(probeWords(0.018, null, 1), "white with probability 0.02");
  assert.equal(probeWords(0.018, -4, 1), "white with probability 0.02: logit −4.0");
  assert.equal(probeWords(0.4, null, 3), "brightness 0.40");
});
