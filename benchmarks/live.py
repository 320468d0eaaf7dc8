"""How fast networks run in the visitor's browser, and what they need of the server.

    python -m benchmarks.live [--json] [--moves 60] [--model mnist-attention]

A visitor draws on the page Reconstruct in Chromium (headless), on this machine:

weights   Bytes of the network that the browser fetches, on two visits to the page.
follow    From the event that draws a line to the frame in which its film stands on the page.
messages  Websocket messages from the page between pen down and pen up.

A visitor asks for samples on the page Generate:

slide     From an input event of the temperature slider to the frame with its one sample.
samples   64 new samples: from the click to the frame with the first 16, and with all of them.
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

# Times of drawings and of films, by the page's clock: the loop counts in attributes its films and
# the pictures that it asks the network about, which are those that a stroke has changed.
WATCH = """
(root) => {
  window.times = { drawn: [], painted: [] };
  let drawn = 0;
  document.addEventListener("draw-drawn", () => (drawn = performance.now()), true);
  new MutationObserver(() => window.times.drawn.push(drawn))
    .observe(root, { attributes: true, attributeFilter: ["data-asked"] });
  new MutationObserver(() => frameDone().then((now) => window.times.painted.push(now)))
    .observe(root, { attributes: true, attributeFilter: ["data-followed"] });
}
"""

# The same on Generate: each change of the number of films that are whole, and each that is painted.
WATCH_SAMPLES = """
(asks) => {
  window.times = { asked: [], painted: [], whole: [] };
  const note = (name) => frameDone().then((now) => window.times[name].push(now));
  const root = asks.getRootNode().querySelector(".stage");
  for (const kind of ["input", "click"]) {
    asks.addEventListener(kind, (event) => {
      const isAsked = kind === "input" || event.target.closest("button");
      if (isAsked) window.times.asked.push(event.timeStamp);
    }, true);
  }
  new MutationObserver(() => note("painted")).observe(root, { attributeFilter: ["data-painted"] });
  new MutationObserver(() => asks.dataset.busy === "false" && note("whole"))
    .observe(asks, { attributeFilter: ["data-busy"] });
}
"""


def _fetched(page: Page) -> list[tuple[str, int]]:
    """Address and bytes of each network that the page fetches from now on."""
    fetched: list[tuple[str, int]] = []
    page.on(
        "response",
        lambda answer: (
            "/weights/" in answer.url and fetched.append((answer.url, len(answer.body())))
        ),
    )
    return fetched


def _mb_of_first(fetched: list[tuple[str, int]]) -> float:
    """Megabytes of the first network, as often as it was fetched; others are of other models."""
    return sum(size for url, size in fetched if url == fetched[0][0]) / 1e6


class LiveBench(Bench):
    """What a visitor feels who draws, slides and asks for samples."""

    def follow(self, model: str, moves: int) -> list[Row]:
        """Draws one long line, a piece at a time, after the pen came down."""
        with self.server() as server, self.page(APP_SHOWN) as page:
            traffic = Traffic(page)
            fetched = _fetched(page)
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
            Row("weights: fetched in two visits", _mb_of_first(fetched), "MB", 2.2),
            Row("follow: drawn to painted, p95", percentile(times, 0.95), "ms", 50, spread(times)),
            Row("messages: while the pen is down", messages, "", 0),
        ]

    def paint(self, model: str, times: int) -> list[Row]:
        """Slides the temperature of one sample, then asks for 64 new ones."""
        with self.server() as server, self.page(APP_SHOWN) as page:
            traffic = Traffic(page)
            fetched = _fetched(page)
            self.settle(page, f"{server.url}/Generate?model={model}&n=1&seed=1")
            asks = page.locator(".asks[data-live=browser]")
            asks.wait_for()
            page.wait_for_timeout(IDLE_MS)
            asks.evaluate(WATCH_SAMPLES)
            sent = len(traffic.sent)
            asks.get_by_label("Temperature").focus()
            for k in range(times + WARM_UP):
                page.keyboard.press("ArrowLeft" if k % 20 < 10 else "ArrowRight")
                page.wait_for_timeout(BETWEEN_MS)
            slides = _after(page, "painted")[WARM_UP:]
            asks.get_by_label("Samples").fill("64")
            page.wait_for_timeout(IDLE_MS)
            page.evaluate("window.times = { asked: [], painted: [], whole: [] }")
            for _ in range(times // 3 + 2):
                page.get_by_role("button", name="New samples").click()
                page.wait_for_timeout(700)
            first, whole = _after(page, "painted")[2:], _after(page, "whole")[2:]
            messages = len(traffic.sent) - sent
        return [
            Row("weights: of the painting half", _mb_of_first(fetched), "MB", 2.2),
            Row("slide: one film, p95", percentile(slides, 0.95), "ms", 16.7, spread(slides)),
            Row("samples: first 16 of 64, p95", percentile(first, 0.95), "ms", None, spread(first)),
            Row("samples: all 64, p95", percentile(whole, 0.95), "ms", 400, spread(whole)),
            Row("messages: while samples are asked for", messages, "", 0),
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
        return _after(page, "painted", "drawn")


def _after(page: Page, what: str, asked: str = "asked") -> list[float]:
    """Milliseconds from each thing that was asked for to the next frame with an answer."""
    found = page.evaluate("window.times")
    return [
        min(after - began for after in found[what] if after > began)
        for began in found[asked]
        if any(after > began for after in found[what])
    ]


def main() -> None:
    """Prints the table, or JSON."""
    options = parser(__doc__)
    options.add_argument("--moves", type=int, default=60, help="pieces of the line")
    options.add_argument("--model", default="mnist-attention", help="a shipped DRAW")

    def measure(browser: Browser, folder: Path, asked: argparse.Namespace) -> list[Row]:
        bench = LiveBench(browser, folder)
        return [*bench.follow(asked.model, asked.moves), *bench.paint(asked.model, asked.moves)]

    run(options, measure)


if __name__ == "__main__":
    main()
