// When Python is told what is on the pad: at once, or, where the page shows by itself what a network makes
// of it, when the hand rests or goes to something else. A page that is being left tells nothing: what was
// drawn last waits here, and is on the pad when the visitor comes back.

import { isLeft, leavesPage } from "../kit/leaving.js";
import { askedFor, FOLLOWS, hear, tell } from "../kit/told.js";

/** @typedef {import("./image.js").PadImage} PadImage */

const REST_MS = 1000; // a drawing has more strokes than one
const KINDS = ["pointerdown", "keydown"];

/** What Python knew, and what was drawn since.
 * @type {{ known: Uint8Array, bytes: Uint8Array, state: import("./image.js").State } | null} */
let unsaid = null;

export class Telling {
  known = new Uint8Array(0); // what Python knows of the picture
  follows = false; // whether the page shows by itself what is drawn
  mirrors = false; // whether there is anything on the page that could
  resting = 0; // until Python is told

  /** report(followed) tells Python. @param {HTMLElement} root @param {(followed: boolean) => void} report */
  constructor(root, report) {
    this.report = () => report(this.follows);
    this.elsewhere = (/** @type {Event} */ event) => {
      if (this.resting && !leavesPage(event) && !event.composedPath().includes(root)) this.report();
    };
    for (const kind of KINDS) document.addEventListener(kind, this.elsewhere, true);
    this.deaf = hear(FOLLOWS, ({ ready }) => {
      this.follows = ready && this.mirrors;
      if (this.resting && !ready) this.report();
    });
    tell(askedFor(FOLLOWS));
  }

  /** @param {PadImage | undefined} image */
  close(image) {
    for (const kind of KINDS) document.removeEventListener(kind, this.elsewhere, true);
    this.deaf();
    clearTimeout(this.resting);
    unsaid = this.resting && image ? { known: this.known, bytes: image.bytes, state: image.state } : null;
  }

  /** Python knows this picture. @param {PadImage} image @param {boolean} mirrors */
  begin(image, mirrors) {
    clearTimeout(this.resting);
    this.resting = 0;
    this.known = image.bytes.slice();
    this.mirrors = mirrors;
  }

  /** Puts on a pad that Python has just filled what was there when the page was left; true where it did.
   * @param {PadImage} image */
  restore(image) {
    const left = unsaid;
    unsaid = null;
    if (!left || left.known.length !== this.known.length || left.known.some((v, i) => v !== this.known[i]))
      return false;
    image.replace(left.bytes, left.state);
    return true;
  }

  /** The picture is another one. */
  changed() {
    clearTimeout(this.resting);
    if (this.follows) this.resting = setTimeout(() => !isLeft() && this.report(), REST_MS);
    else this.report();
  }
}
