// The frame of a page: which part is the navigation, which page is shown, and what the first link
// of every page skips.

import { markGoesOn } from "./element.js";
import { guardTranslations } from "./translated.js";

const watched = new WeakMap(); // navigation -> its observer
const PAPER = "1030px"; // within the margins of print.css
const STYLE_MS = 20_000; // slow networks need less
const ARRIVED_MS = 1000; // after its navigation, nothing of the page before is left
let listening = false;

function listen() {
  if (listening) return;
  listening = true;
  const root = document.documentElement;
  addEventListener("pointerdown", () => root.toggleAttribute("data-clicked", true), true);
  addEventListener("keydown", ({ key }) => key === "Tab" && root.removeAttribute("data-clicked"), true);
  // Laid out as print.css has it before the players look how much room they have.
  const onPaper = (/** @type {boolean} */ on) => {
    root.toggleAttribute("data-paper", on);
    const body = /** @type {HTMLElement} */ (document.querySelector(".stMainBlockContainer"));
    body.style.width = on ? PAPER : "";
  };
  addEventListener("beforeprint", () => onPaper(true));
  addEventListener("afterprint", () => onPaper(false));
  const scrolled = (/** @type {Event} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.matches?.(".stMain")) root.toggleAttribute("data-scrolled", target.scrollTop > 8);
  };
  addEventListener("scroll", scrolled, { capture: true, passive: true });
  addEventListener("click", skip, true);
  const leaves = (/** @type {Event} */ event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest?.("[data-testid=stPageLink]")) root.dataset.left = String(Date.now());
  };
  addEventListener("click", leaves, true);
}

/** Streamlit's own link leads to the navigation again, which lies inside its main part. @param {MouseEvent} event */
function skip(event) {
  const content = /** @type {HTMLElement | null} */ (document.querySelector(".st-key-content"));
  const target = /** @type {Element} */ (event.target);
  if (!content || !target.closest?.("[data-testid=stSkipToContent]")) return;
  event.preventDefault();
  event.stopPropagation();
  content.tabIndex = -1;
  content.focus();
}

/** @param {HTMLElement} navigation @param {number} current @param {ResizeObserver} resizer */
function mark(navigation, current, resizer) {
  navigation.setAttribute("role", "navigation");
  navigation.setAttribute("aria-label", "Pages");
  navigation.querySelectorAll("a").forEach((link, k) => {
    if (k !== current) link.removeAttribute("aria-current");
    else if (link.getAttribute("aria-current") !== "page") {
      link.setAttribute("aria-current", "page");
      showAll(navigation, link);
      resizer.observe(link); // its words grow bold later
    }
  });
  navigation.onscroll = () => markGoesOn(navigation);
  markGoesOn(navigation);
}

/** @param {HTMLElement} navigation @param {Element} link */
function showAll(navigation, link) {
  const row = navigation.getBoundingClientRect();
  const { left, width } = link.getBoundingClientRect();
  navigation.scrollLeft += left + width / 2 - row.left - row.width / 2;
}

/** @param {Call} call */
export default function ({ parentElement, data }) {
  listen();
  const { dataset } = document.documentElement;
  const { left } = dataset;
  setTimeout(() => {
    if (dataset.left === left) delete dataset.left; // unless this page is being left already
  }, ARRIVED_MS);
  guardTranslations();
  const navigation = parentElement.closest(".st-key-navigation");
  // Folded away until its style comes; where that fails the words stand without it.
  const { style } = navigation.closest(".st-key-page");
  setTimeout(() => Object.assign(style, { height: "auto", overflow: "visible" }), STYLE_MS);
  const again = () => mark(navigation, data.current, resizer);
  watched.get(navigation)?.disconnect();
  const observer = new MutationObserver(again); // links come and go with the page
  observer.observe(navigation, { childList: true, subtree: true });
  const resizer = new ResizeObserver(() => {
    const link = navigation.querySelector("[aria-current]");
    if (link) showAll(navigation, link);
    again();
  });
  resizer.observe(navigation);
  watched.set(navigation, {
    disconnect: () => {
      observer.disconnect();
      resizer.disconnect();
    },
  });
  again();
  return () => watched.get(navigation)?.disconnect();
}
