"""Whether a fresh server shows its pages whole to several visitors who come in its first second.

    python -m benchmarks.cold [--visitors 6] [--servers 3] [--pages Train Compare]

Each page gets fresh servers of its own; to each the visitors come at once, every one with a browser
context of their own. A page is whole when its last elements are there and its script is at rest. A
line tells how many visitors see it whole within three minutes, how many seconds after the first of
them came (the first, the middle and the last one), and how many complaints there are: errors in the
browsers' consoles, and lines of the server's log that tell of an error.
"""

import json
import re
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    TimeoutError as PlaywrightTimeoutError,
)

from benchmarks.common import chromium, parser
from tests.support.browser import HOME, Server
from tests.support.visitor import EXPECTED_404

PATIENCE_S = 180.0
_ARRIVAL_S = 180.0  # until the first bytes of a page, which is nothing that is measured here
_POLL_MS = 100
# What stands last on each page and what takes longest to come: a selector in the page, and one
# within the component there.
LAST = {
    "": ((".st-key-home_stage", "[data-painted]"), ("a[href*='arxiv.org']", "")),
    "Generate": (
        (".st-key-generate_stage", "[data-painted]"),
        (".stColumn:last-child .stPlotlyChart .plot-container", ""),
        (".st-key-visitor_browser_generate", ""),
    ),
    "Reconstruct": (
        (".st-key-reconstruct_picture_pad", "canvas"),
        (".st-key-reconstruct_loop", "canvas"),
        (".stColumn:last-child .stMetric", ""),
        (".st-key-visitor_browser_reconstruct", ""),
    ),
    "Attention": ((".st-key-lab", "canvas"),),
    "Train": (
        (".st-key-train_preview img", ""),
        (".st-key-train_go button:enabled", ""),
        (".st-key-train_import_menu", ""),
        (".st-key-visitor_browser_compare", ""),
    ),
    "Compare": (
        (".st-key-compare_twins", "canvas"),
        (".stExpander", ""),
        (".st-key-visitor_browser_twins", ""),
    ),
    "Paper": ((".st-key-paper_strip_1", "canvas"), (".st-key-visitor_browser_paper", "")),
}
AT_REST = ("[data-test-script-state=notRunning]", "")
# In the page: what is lacking, and when nothing was for the first time. The page looks itself: to
# ask six of them from here takes seconds on a busy machine.
_WATCH = """
(wanted) => {
  const shadow = "[data-testid=stBidiComponentIsolated]";
  const isThere = ([outer, inner]) => {
    const found = [...document.querySelectorAll(outer)];
    return inner ? found.some((e) => e.querySelector(shadow)?.shadowRoot?.querySelector(inner))
      : found.length > 0;
  };
  window.lacking = () => wanted.filter((one) => !isThere(one)).map((one) => one.join(" "));
  const clock = setInterval(() => {
    if (!document.body || lacking().length) return;
    window.wholeAt = Date.now();
    clearInterval(clock);
  }, POLL);
}
"""


@dataclass
class Seen:
    """What the visitors of one page met with, on one server or on several.

    Attributes:
        whole_s: for each who saw the page whole, the seconds since the first of them came.
        lacking: for each of the others, the selectors of what was not there in the end.
        complaints: of the browsers' consoles and of the server's log.
    """

    whole_s: list[float] = field(default_factory=list)
    lacking: list[list[str]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def add(self, other: "Seen") -> None:
        """Takes in what was seen on another server."""
        self.whole_s += other.whole_s
        self.lacking += other.lacking
        self.complaints += other.complaints


def open_at_once(browser: Browser, server: Server, path: str, visitors: int) -> Seen:
    """Opens a page for several visitors at once, and waits for all of them."""
    seen = Seen()
    size = {"width": 1440, "height": 900}
    contexts = [browser.new_context(viewport=size) for _ in range(visitors)]
    pages = [_page(context, path, seen.complaints) for context in contexts]
    begun = time.time()
    for page in pages:  # none waits for its page before the next one comes
        page.goto(f"{server.url}/{path}", wait_until="commit", timeout=1000 * _ARRIVAL_S)
    for page in pages:
        left = max(1.0, begun + PATIENCE_S - time.time())
        try:
            page.wait_for_function("window.wholeAt", timeout=1000 * left)
        except PlaywrightTimeoutError:
            seen.lacking.append(page.evaluate("lacking()"))
        else:
            seen.whole_s.append(page.evaluate("wholeAt") / 1000 - begun)
    for context in contexts:
        context.close()
    errors = re.findall(r"(?im)^.*(?:traceback|error).*$", server.log.read_text())
    seen.complaints += [f"log: {line}" for line in errors]
    return seen


def _page(context: BrowserContext, path: str, complaints: list[str]) -> Page:
    page = context.new_page()
    script = _WATCH.strip().replace("POLL", str(_POLL_MS))
    page.add_init_script(f"({script})({json.dumps([*LAST[path], AT_REST])})")

    def note(message: ConsoleMessage) -> None:
        url = message.location["url"]
        expected = "404" in message.text and EXPECTED_404.search(url)
        if message.type == "error" and not expected:
            complaints.append(f"console: {message.text} ({url})")

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(f"page: {error}"))
    return page


def line(path: str, seen: Seen) -> str:
    """The figures of a page."""
    count = len(seen.whole_s) + len(seen.lacking)
    text = f"{path or 'home':12} whole for {len(seen.whole_s)} of {count}"
    if seen.whole_s:
        first, last = min(seen.whole_s), max(seen.whole_s)
        text += f", after {first:.1f}, {statistics.median(seen.whole_s):.1f}, {last:.1f} s"
    return f"{text}; complaints: {len(seen.complaints)}"


def main() -> None:
    """Prints a line for each page, and what was not whole."""
    options = parser(__doc__, with_json=False)
    options.add_argument("--visitors", type=int, default=6)
    options.add_argument("--servers", type=int, default=3, help="fresh ones for each page")
    options.add_argument("--pages", nargs="+", choices=list(LAST), default=list(LAST))
    asked = options.parse_args()
    failed = False
    with chromium() as browser:
        for path in asked.pages:
            total = Seen()
            for _ in range(asked.servers):
                with tempfile.TemporaryDirectory() as folder:
                    log, runs = Path(folder) / "log", str(Path(folder) / "runs")
                    with Server(HOME, log, OMP_NUM_THREADS="1", DRAW_RUNS_DIR=runs) as server:
                        total.add(open_at_once(browser, server, path, asked.visitors))
            print(line(path, total), flush=True)
            for text in (*map(str, total.lacking), *total.complaints):
                print(f"    {text[:300]}")
            failed = failed or bool(total.lacking or total.complaints)
    sys.exit(failed)


if __name__ == "__main__":
    main()
