"""How fast networks run in the visitor's browser, and what they need of the server.

    python -m benchmarks.live [--json] [--moves 60] [--model mnist-attention]

A visitor draws on the page Reconstruct in Chromium (headless), on this machine:

weights   Bytes of the network that the browser fetches, on two visits to the page.
follow    From the event that draws a line to the frame in which its film stands on the page.
messages  Websocket messages from the page between pen down and pen up.
"""

import argparse
import math
from pathlib import Path

from playwright.sync_api import Browser, Page

from benchmarks.common import (
    APP_SHOWN,
    IDLE_MS,
    Bench,
    Row,
    Traffic,
    parser,
    percentile,
    run,
    spread,
)

PEN = ".pad [data-ref=paper]"
WARM_UP = 5
BETWEEN_MS = 60

# Times of drawings and of films, by the page's clock: the loop counts its films in an attribute.
WATCH = """
(root) => {
  window.times = { drawn: [], painted: [] };
  document.addEventListener("draw-drawn", () => window.times.drawn.push(performance.now()));
  new MutationObserver(() => frameDone().then((now) => window.times.painted.push(now)))
    .observe(root, { attributes: true, attributeFilter: ["data-followed"] });
}
"""


class LiveBench(Bench):
    """What a visitor feels who draws."""

    def follow(self, model: str, moves: int) -> list[Row]:
        """Draws one long line, a piece at a time, after the pen came down."""
        fetched: list[int] = []
        with self.server() as server, self.page(APP_SHOWN) as page:
            traffic = Traffic(page)
            page.on(
                "response",
                lambda answer: "/weights/" in answer.url and fetched.append(len(answer.body())),
            )
            address = f"{server.url}/Reconstruct?model={model}&image=strokes:1"
            self.settle(page, address)
            root = page.locator(".loop[data-live=browser]")
            root.wait_for()
            page.wait_for_timeout(IDLE_MS)
            root.evaluate(WATCH)
            sent = len(traffic.sent)
            times = self._draw(page, moves + WARM_UP)[WARM_UP:]
            messages = len(traffic.sent) - sent
            page.mouse.up()
            page.get_by_role("link", name="Generate").click()
            page.wait_for_timeout(IDLE_MS)
            page.get_by_role("link", name="Reconstruct").click()
            root.wait_for()
        return [
            Row("weights: fetched in two visits", sum(fetched) / 1e6, "MB", 2.2),
            Row("follow: drawn to painted, p95", percentile(times, 0.95), "ms", 50, spread(times)),
            Row("messages: while the pen is down", messages, "", 0),
        ]

    def _draw(self, page: Page, moves: int) -> list[float]:
        box = page.locator(PEN).bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        for k in range(moves):
            radius, angle = box["width"] * (0.1 + 0.3 * k / moves), k / 3
            page.mouse.move(x + radius * math.cos(angle), y + radius * math.sin(angle))
            page.wait_for_timeout(BETWEEN_MS)
        found = page.evaluate("window.times")
        return [
            min(after - drawn for after in found["painted"] if after > drawn)
            for drawn in found["drawn"]
            if any(after > drawn for after in found["painted"])
        ]


def main() -> None:
    """Prints the table, or JSON."""
    options = parser(__doc__)
    options.add_argument("--moves", type=int, default=60, help="pieces of the line")
    options.add_argument("--model", default="mnist-attention", help="a shipped DRAW")

    def measure(browser: Browser, folder: Path, asked: argparse.Namespace) -> list[Row]:
        return LiveBench(browser, folder).follow(asked.model, asked.moves)

    run(options, measure)


if __name__ == "__main__":
    main()
