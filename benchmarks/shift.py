"""How much each page jumps while it assembles: the cumulative layout shift, at most 0.1.

python -m benchmarks.shift [--widths 1440 390]
"""

import tempfile
from pathlib import Path

from benchmarks.common import chromium, parser
from tests.support.browser import HOME, Server

PAGES = ("", "Generate", "Reconstruct", "Attention", "Train", "Compare")
PAPER = (*map(str, range(1, 13)), "table1", "table2", "table3")
SETTLED_MS = 4000
# Each shift that no input caused, as [time in ms, score].
SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { hadRecentInput, startTime, value } of list.getEntries()) {
    if (!hadRecentInput) window.shifts.push([startTime, value]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def largest_window(shifts: list[list[float]]) -> float:
    """The layout shift of a page: the largest sum of at most 5 s with no pause of a second."""
    largest = total = 0.0
    begun = last = float("-inf")
    for at, score in shifts:
        if at - last > 1000 or at - begun > 5000:
            begun, total = at, 0.0
        total, last = total + score, at
        largest = max(largest, total)
    return largest


def main() -> None:
    """Prints a line for each page and width."""
    options = parser(__doc__, with_json=False)
    options.add_argument("--widths", type=int, nargs="+", default=[1440, 390])
    widths = options.parse_args().widths
    addresses = [*PAGES, *(f"Paper?figure={key}" for key in PAPER)]
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(HOME, Path(folder) / "log", DRAW_RUNS_DIR=folder) as server,
        chromium() as browser,
    ):
        for address in addresses:
            for width in widths:
                context = browser.new_context(viewport={"width": width, "height": 900})
                page = context.new_page()
                page.add_init_script(SHIFTS)
                page.goto(f"{server.url}/{address}")
                page.locator("h1").wait_for(timeout=60_000)
                page.locator('[data-test-script-state="notRunning"]').wait_for(timeout=60_000)
                page.wait_for_timeout(SETTLED_MS)
                score = largest_window(page.evaluate("window.shifts"))
                print(f"{address or 'home':20} {width:5} px  {score:.3f}", flush=True)
                context.close()


if __name__ == "__main__":
    main()
