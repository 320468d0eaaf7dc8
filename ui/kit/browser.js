// The visitor's browser: its address, and the names that it keeps; see browser.py.

const told = new WeakSet();
const NOBODY = "-"; // where storage is switched off
/** @type {string} */ let session; // of the server, as long as this document lives

/** The first name is the visitor's own: that of their first session. More are kept of sessions in
 * which something was begun before this had told the server who they are.
 * @param {string} session @param {boolean} used */
function visitor(session, used) {
  const key = "draw-explorer-visitor";
  try {
    const kept = localStorage.getItem(key) ?? "";
    const names = kept.split(" ").filter((name) => /^[0-9a-f]{32}$/.test(name));
    if (!names.length || (used && !names.includes(session))) names.push(session);
    const now = [...names.slice(0, 1), ...names.slice(1).slice(-8)].join(" ");
    if (now !== kept) localStorage.setItem(key, now);
    return now;
  } catch {
    return null; // storage is switched off: the trainings are this tab's
  }
}

/** @param {Call} call */
export default function ({ parentElement, data, setStateValue }) {
  parentElement.host.dataset.shown = ""; // see page.css
  const { owned, parameters, known, used, waiting, session: now } = JSON.parse(data[0]);
  // After a long sleep, or with a restarted server, a new session knows only the address that this
  // document was opened with. The address bar knows better.
  if (session && session !== now) {
    location.reload();
    return;
  }
  session = now;
  const url = new URL(location.href);
  for (const name of owned) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  if (url.href !== location.href) history.replaceState(history.state, "", url);
  if (known === undefined) return;
  const names = visitor(session, used);
  if (told.has(parentElement)) return;
  told.add(parentElement);
  // A new visitor's only name is that of this session, which the server knows: to tell it would
  // make it run the page once more.
  if (waiting || (names && names !== known && names !== session)) {
    setStateValue("visitor", names ?? NOBODY);
  }
}
