// The keys of the Stage: Space, arrows, Home and End, wherever the page does not need them itself.

// Elsewhere on the page these have their own use for arrows and letters.
const USES_KEYS = "input, textarea, select, [contenteditable], [role=slider], [role=combobox], "
  + "[role=listbox], [role=dialog], [role=menu], [role=tab]";

function handleKey(stage, event) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  const target = event.composedPath()[0];
  if (target.closest?.(USES_KEYS) && !stage.refs.root.contains(target)) return;
  if (target.matches?.("select")) return;
  const onButton = target.closest?.("button, input, a, summary, [role=button]");
  const inMontage = stage.refs.cells.contains(target);
  if (event.shiftKey) {
    if (target === stage.refs.picture) stage.probe.key(event);
    return;
  }
  if (inMontage && event.key.startsWith("Arrow")) {
    const { columns } = stage.layout;
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    event.preventDefault();
    if (stage.sample + by >= 0 && stage.sample + by < stage.rollout.samples) {
      stage.choose(stage.sample + by);
      stage.refs.cells.children[stage.sample].focus();
    }
    return;
  }
  if (target.matches?.("input[type=radio]")) return;
  const tenth = Math.max(1, Math.round(stage.rollout.numSteps / 10));
  const act = {
    " ": onButton ? null : () => stage.playback.toggle(),
    ArrowLeft: () => stage.goTo(stage.step - 1),
    ArrowRight: () => stage.goTo(stage.step + 1),
    Home: () => stage.goTo(0),
    End: () => stage.goTo(stage.rollout.numSteps),
    ...(target === stage.refs.timeline && {
      ArrowDown: () => stage.goTo(stage.step - 1),
      ArrowUp: () => stage.goTo(stage.step + 1),
      PageDown: () => stage.goTo(stage.step - tenth),
      PageUp: () => stage.goTo(stage.step + tenth),
    }),
  }[event.key];
  if (!act || !stage.inView()) return;
  event.preventDefault();
  act();
}
