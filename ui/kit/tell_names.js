// Tells a player what its samples are called; see names.py.

import { NAMES, NAMES_ASKED } from "./names.js";

/** @param {Call} call */
export default function ({ data }) {
  const tell = () => document.dispatchEvent(new CustomEvent(NAMES, { detail: JSON.parse(data[0]) }));
  document.addEventListener(NAMES_ASKED, tell);
  tell();
  return () => document.removeEventListener(NAMES_ASKED, tell);
}
