// Leaving a page: what is told then reaches the server after the next page's run, and Streamlit clears
// the new page.

const LEAVING_MS = 5000; // as long as a busy server may take to show the next page

/** Whether the visitor is on the way to another page; see page.js. */
export const isLeft = () => Date.now() - Number(document.documentElement.dataset.left ?? 0) < LEAVING_MS;

/** Whether an event may lead there. @param {Event} event */
export const leavesPage = (event) => event.composedPath().some((one) => one instanceof HTMLAnchorElement);
