// The last resort, in every page: a dialog of this kind ends the connection for good.

const FATAL = "Failed to process a Websocket message";
const KEY = "draw-explorer-reloaded";
const AGAIN_MS = 60_000;
let watching = false;

// Once: if the fault is there again at once, the dialog stays and says what it is.
function reload() {
  try {
    if (Date.now() - Number(sessionStorage.getItem(KEY)) < AGAIN_MS) return;
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    return; // without a memory it might go round for ever
  }
  location.reload();
}

export default function () {
  if (watching) return;
  watching = true;
  // Dialogs are children of the body, which has few, so this costs nothing while a page changes.
  const look = () => {
    for (const dialog of document.querySelectorAll("[role=dialog]")) {
      if (dialog.textContent.includes(FATAL)) return reload();
    }
  };
  new MutationObserver(look).observe(document.body, { childList: true });
}
