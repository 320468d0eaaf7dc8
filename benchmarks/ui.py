"""How fast the pages are in a browser: the Stage, the sampling, and the start.

    python -m benchmarks.ui [--json] [--repeats 7] [--clicks 30]

Everything runs on this machine: the server, Chromium (headless), and networks of the shipped
model's size with random weights. What is measured:

scrub         Work of the browser's main thread for each frame while the pointer is dragged along
              the timeline at 60 events per second, T = 32, 64 samples. Read from Chromium's own
              trace: the duration of every task of the page's main thread (input, script, style,
              layout, paint, commit) after the rendering of a frame and up to the end of the
              rendering of the next. Rasterising and compositing happen in other threads and are
              not in it.
twins         The same drag on the page Compare, two networks of T = 32 with 64 samples each.
messages      Websocket messages from the page while the pointer is down in the same drag.
film sent  64 samples x 32 steps: the bytes that Python packs, and the bytes of all websocket
              messages that reach the page from navigation to the painted Stage, as Chromium counts
              them (no compression).
new samples   64 samples, T = 16, LSTMs of 256 units: from the time stamp of the click to the end of
              the frame in which the Stage shows the new film, on the page's own clock.
cold start    From the start of a fresh server process to the end of the frame that first shows
              the Stage of the home page (app) or the text of one st.title (bare), with the same
              configuration, by turns, each in a fresh browser context of a browser that is already
              running. Also from navigation, which leaves the start of the server out.
"""

import argparse
import statistics
import time
from pathlib import Path

import torch
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
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.model import DRAW
from draw_core.store.checkpoint import load_preview
from tests.support.browser import HOME, Server, write_checkpoint
from ui.stage.stage import pack

MB = 1e6
SAMPLES = 64
BARE_SHOWN = "document.querySelector('h1')?.textContent.includes('Bare')"


def random_model(num_steps: int) -> DRAW:
    """A network of the shipped model's size whose windows spread over the image."""
    torch.manual_seed(0)
    model = DRAW(DrawConfig(num_steps=num_steps))
    with torch.no_grad():
        for layer in (model.write_window, model.write_content):
            layer.weight.mul_(8)
    return model


class PagesBench(Bench):
    """One method for each measurement."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        super().__init__(browser, folder)
        for num_steps in (16, 32):
            write_checkpoint(folder / f"T{num_steps}", random_model(num_steps))
        write_checkpoint(folder / "T32", random_model(32), "other")
        self.bare = folder / "bare.py"
        self.bare.write_text('import streamlit as st\n\nst.title("Bare")\n')

    def serve(self, script: Path = HOME, num_steps: int = 16) -> Server:
        """A fresh server with a model of so many steps."""
        return self.server(script, DRAW_CHECKPOINTS=str(self.folder / f"T{num_steps}"))

    def _timeline(self, page_address: str, sweeps: int = 6) -> tuple[list[float], int, int]:
        """Drags along a timeline of 32 steps, there and back.

        Returns the work of each frame in ms, the messages meanwhile, and the bytes received before.
        """
        with self.serve(num_steps=32) as server, self.page(APP_SHOWN) as page:
            traffic = Traffic(page)
            page.goto(f"{server.url}/{page_address}")
            page.wait_for_function("window.firstPaint")
            received_bytes = sum(traffic.received)
            page.wait_for_timeout(IDLE_MS)
            box = page.locator(".stage .bars").bounding_box()
            y = box["y"] + box["height"] / 2
            places = [(box["x"] + box["width"] * (step + 0.5) / 33, y) for step in range(33)]
            page.mouse.move(*places[0])
            before = len(traffic.sent)
            frames = self.drag(page, places, sweeps)
            messages = len(traffic.sent) - before
            page.mouse.up()
        return frames, messages, received_bytes

    def scrub(self) -> list[Row]:
        """The timeline of Generate, and what travels to it."""
        frames, messages, received_bytes = self._timeline(f"Generate?n={SAMPLES}&step=0")
        preview = load_preview(self.folder / "T32" / "mnist-attention")
        packed = len(pack(preview, link={"model": "mnist-attention", "seed": 0}))
        return [
            Row("scrub: work per frame, p95", percentile(frames, 0.95), "ms", 16.7, spread(frames)),
            Row("scrub: websocket messages", messages, "", 0),
            Row("film sent 64 x 32: packed", packed / MB, "MB", 3),
            Row("film sent 64 x 32: websocket", received_bytes / MB, "MB", 3, "whole page"),
        ]

    def twins(self) -> list[Row]:
        """The timeline of Compare."""
        frames, messages, _ = self._timeline(f"Compare?b=other&n={SAMPLES}&step=0")
        return [
            Row("twins: work per frame, p95", percentile(frames, 0.95), "ms", 16.7, spread(frames)),
            Row("twins: websocket messages", messages, "", 0),
        ]

    def sampling(self, clicks: int) -> list[Row]:
        """Clicks New samples."""
        with self.serve() as server, self.page(APP_SHOWN) as page:
            self.settle(page, f"{server.url}/Generate?n={SAMPLES}&seed=1")
            times = self.new_samples(page, clicks)
        p95 = percentile(times, 0.95)
        return [Row("new samples: click to paint, p95", p95, "ms", 300, spread(times))]

    def cold_start(self, repeats: int) -> list[Row]:
        """App and bare page by turns."""
        from_process: dict[str, list[float]] = {"app": [], "bare": []}
        from_navigation: dict[str, list[float]] = {"app": [], "bare": []}
        subjects = (("app", HOME, APP_SHOWN), ("bare", self.bare, BARE_SHOWN))
        for turn in range(repeats + 1):
            for name, script, condition in subjects if turn % 2 else reversed(subjects):
                with self.page(condition) as page, self.serve(script) as server:
                    navigated = time.time()
                    page.goto(server.url)
                    shown = page.wait_for_function("window.firstPaint").json_value() / 1000
                    if turn:  # the first turn fills the disk's cache
                        from_process[name].append(1000 * (shown - server.started))
                        from_navigation[name].append(1000 * (shown - navigated))
        rows = []
        for label, times in (("process start", from_process), ("navigation", from_navigation)):
            app, bare = statistics.median(times["app"]), statistics.median(times["bare"])
            rows += [
                Row(f"cold start from {label}: app", app, "ms", detail=spread(times["app"])),
                Row(f"cold start from {label}: bare", bare, "ms", detail=spread(times["bare"])),
                Row(f"cold start from {label}: ratio", app / bare, "x", 1.3),
            ]
        return rows


def main() -> None:
    """Prints the table, or JSON."""
    options = parser(__doc__)
    options.add_argument("--repeats", type=int, default=7, help="cold starts of each page")
    options.add_argument("--clicks", type=int, default=30, help="clicks on New samples")
    options.add_argument("--only", choices=["scrub", "twins", "new_samples", "cold_start"])

    def measure(browser: Browser, folder: Path, asked: argparse.Namespace) -> list[Row]:
        bench = PagesBench(browser, folder)
        parts = {
            "scrub": bench.scrub,
            "twins": bench.twins,
            "new_samples": lambda: bench.sampling(asked.clicks),
            "cold_start": lambda: bench.cold_start(asked.repeats),
        }
        return chosen(asked.only, parts)

    run(options, measure)


if __name__ == "__main__":
    main()
