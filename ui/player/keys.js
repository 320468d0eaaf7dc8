// The keys of a player: Space, arrows, Home and End, wherever the page does not need them itself.

import { plainKey } from "../kit/keys.js";

// Elsewhere on the page these have their own use for arrows and letters.
const USES_KEYS =
  "input, textarea, select, [contenteditable], [role=slider], [role=combobox], "
  + "[role=listbox], [role=dialog], [role=menu], [role=tab]";
const SLIDES = "input[type=range], [role=slider]"; // has no use for Space

/** player: as for Transport, with ownKey(event, target, key) for keys that mean something else there and
 * inView(), whether it can be seen. The keys are those of keys.js.
 * @param {import("./player.js").Player} player @param {KeyboardEvent} event */
export function handleKey(player, event) {
  const key = plainKey(event);
  if (!key || event.defaultPrevented) return;
  const target = /** @type {Element} */ (event.composedPath()[0]);
  const { refs, numSteps, step } = player;
  const free = key === " " && target.matches?.(SLIDES);
  if (!free && target.closest?.(USES_KEYS) && !refs.root.contains(target)) return;
  if (target.matches?.("select")) return;
  if (player.ownKey(event, target, key) || event.shiftKey) return;
  if (target.matches?.("input[type=radio]")) return;
  const onButton = !free && target.closest?.("button, input, a, summary, [role=button]");
  const tenth = Math.max(1, Math.round(numSteps / 10));
  const act = {
    " ": onButton ? null : () => player.playback.toggle(),
    ArrowLeft: () => player.move(-1),
    ArrowRight: () => player.move(1),
    Home: () => player.goTo(0),
    End: () => player.goTo(numSteps),
    ...(target === refs.timeline && {
      ArrowDown: () => player.goTo(step - 1),
      ArrowUp: () => player.goTo(step + 1),
      PageDown: () => player.goTo(step - tenth),
      PageUp: () => player.goTo(step + tenth),
    }),
  }[key];
  if (!act || !player.inView()) return;
  event.preventDefault();
  act();
}
