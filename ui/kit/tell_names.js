// Tells a player what its samples are called; see names.py.

import { askedFor, hear, NAMES, tell } from "./told.js";

/** @param {Call} call */
export default function ({ data }) {
  const tellNames = () => tell(NAMES, JSON.parse(data[0]));
  tellNames();
  return hear(askedFor(NAMES), tellNames);
}
