"""How fast the pages Reconstruct and Attention answer to a hand, in a real browser.

    python -m benchmarks.closer [--json] [--strokes 40]

Everything runs on this machine: the server and Chromium (headless). What is measured:

reconstruct   The shipped model, T = 16, LSTMs of 256 units, and a visitor who adds short strokes to
              a digit: from the time stamp of the pen's release to the end of the frame in which the
              new run is painted, on the page's own clock.
lab           Work of the browser's main thread for each frame while the window is dragged over a
              colour picture of 100 x 100 pixels, N = 12, everything live, as in benchmarks/ui.py.
messages      Websocket messages from the page during that drag, before the release.
"""

import argparse
import math
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.common import (
    APP_SHOWN,
    IDLE_MS,
    Bench,
    Row,
    Traffic,
    chosen,
    parser,
    percentile,
    run,
    spread,
)

WARM_UP_STROKES = 3
BETWEEN_STROKES_MS = 500
LAB = "Attention?image=scene:0&n=12&gx=50&gy=50&delta=5&sigma=2.5"


class CloserBench(Bench):
    """One method for each measurement."""

    def reconstruct(self, strokes: int) -> list[Row]:
        """Draws strokes of a few pixels, one after the other."""
        with self.server() as server, self.page(APP_SHOWN) as page:
            self.settle(page, f"{server.url}/Reconstruct?image=strokes:1")
            paper = page.locator(".pad [data-ref=paper]")
            times = []
            for k in range(strokes + WARM_UP_STROKES):
                if k and k % 8 == 0:
                    clear = page.get_by_role("button", name="Clear")
                    self.event_to_paint(page, "click", clear.click)
                box = paper.bounding_box()
                x, y = (
                    box["width"] * (0.3 + 0.05 * (k % 8)),
                    box["height"] * (0.2 + 0.07 * (k % 8)),
                )
                page.mouse.move(box["x"] + x, box["y"] + y)
                page.mouse.down()
                page.mouse.move(box["x"] + x + 0.3 * box["width"], box["y"] + y + 20, steps=8)
                times.append(self.event_to_paint(page, "pointerup", page.mouse.up))
                page.wait_for_timeout(BETWEEN_STROKES_MS)
        times = times[WARM_UP_STROKES:]
        p95 = percentile(times, 0.95)
        return [Row("reconstruct: release to painted, p95", p95, "ms", 300, spread(times))]

    def lab(self, sweeps: int = 6) -> list[Row]:
        """Drags the window along an ellipse."""
        with self.server() as server, self.page() as page:
            traffic = Traffic(page)
            page.goto(f"{server.url}/{LAB}")
            picture = page.locator(".lab[data-painted] [data-ref=picture]")
            picture.wait_for()
            page.wait_for_timeout(IDLE_MS)
            box = picture.bounding_box()
            places = [
                (
                    box["x"] + box["width"] * (0.5 + 0.3 * math.sin(angle / 30 * math.pi)),
                    box["y"] + box["height"] * (0.5 + 0.2 * math.sin(angle / 15 * math.pi)),
                )
                for angle in range(60)
            ]
            before = len(traffic.sent)
            frames = self.drag(page, places, sweeps)
            messages = len(traffic.sent) - before
            page.mouse.up()
        return [
            Row("lab: work per frame, p95", percentile(frames, 0.95), "ms", 16.7, spread(frames)),
            Row("lab: websocket messages", messages, "", 0),
        ]


def main() -> None:
    """Prints the table, or JSON."""
    options = parser(__doc__)
    options.add_argument("--strokes", type=int, default=40, help="strokes drawn")
    options.add_argument("--only", choices=["reconstruct", "lab"])

    def measure(browser: Browser, folder: Path, asked: argparse.Namespace) -> list[Row]:
        bench = CloserBench(browser, folder)
        strokes = lambda: bench.reconstruct(asked.strokes)  # noqa: E731
        return chosen(asked.only, {"reconstruct": strokes, "lab": bench.lab})

    run(options, measure)


if __name__ == "__main__":
    main()
