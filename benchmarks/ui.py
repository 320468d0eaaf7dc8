"""How fast the pages are in a browser: the Stage, the sampling, and the start.

    python benchmarks/ui.py [--json] [--repeats 7] [--clicks 30]

Everything runs on this machine: the server, Chromium (headless), and networks of the shipped
model's size with random weights. What is measured:

scrub         Work of the browser's main thread for each frame while the pointer is dragged along
              the timeline at 60 events per second, T = 32, 64 samples. Read from Chromium's own
              trace: the duration of every task of the page's main thread (input, script, style,
              layout, paint, commit) after the rendering of a frame and up to the end of the
              rendering of the next. Rasterising and compositing happen in other threads and are
              not in it.
messages      Websocket messages from the page while the pointer is down in the same drag.
rollout sent  64 samples x 32 steps: the bytes that Python packs, and the bytes of all websocket
              messages that reach the page from navigation to the painted Stage, as Chromium counts
              them (no compression).
new samples   64 samples, T = 16, LSTMs of 256 units: from the time stamp of the click to the end of
              the frame in which the Stage shows the new rollout, on the page's own clock.
cold start    From the start of a fresh server process to the end of the frame that first shows
              the Stage of the home page (app) or the text of one st.title (bare), with the same
              configuration, by turns, each in a fresh browser context of a browser that is already
              running. Also from navigation, which leaves the start of the server out.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from draw_core.checkpoint import load_preview
from draw_core.config import DrawConfig
from draw_core.model import DRAW
from tests.browser import HOME, Server, find_chromium, write_checkpoint
from ui.stage import pack

MB = 1e6
SAMPLES = 64
EVENT_S = 1 / 60
IDLE_MS = 6000  # by then the import of torch in the background is over
WARM_UP_CLICKS = 3
TRACE_CATEGORIES = ("toplevel", "devtools.timeline", "blink.user_timing")
TASK = "ThreadControllerImpl::RunTask"
RENDERING = "Layerize"  # once for each frame, near the end of its rendering
# In the page: the Stage's root, and a promise that resolves when the present frame is done.
HELPERS = """
window.stage = () => {
  for (const host of document.querySelectorAll("[data-testid=stBidiComponentIsolated]")) {
    const root = host.shadowRoot?.querySelector(".stage[data-painted]");
    if (root) return root;
  }
};
window.frameDone = () => new Promise((resolve) => requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => resolve(performance.now());
  channel.port2.postMessage(0);
}));
"""
# Remembers when a condition first held and was on the screen.
FIRST_PAINT = """
(() => {
  const look = () => {
    if (!(CONDITION)) return requestAnimationFrame(look);
    frameDone().then((now) => { window.firstPaint = performance.timeOrigin + now; });
  };
  look();
})();
"""
APP_SHOWN = "window.stage()"
BARE_SHOWN = "document.querySelector('h1')?.textContent.includes('Bare')"
# Resolves to the time from the next click to the end of the frame that shows another rollout.
CLICK_TO_PAINT = """
() => {
  window.clickToPaint = new Promise((resolve) => {
    document.addEventListener("click", (click) => {
      const root = stage();
      const id = () => root.dataset.painted.split(":")[0];
      const before = id();
      const observer = new MutationObserver(() => {
        if (id() === before) return;
        observer.disconnect();
        frameDone().then((now) => resolve(now - click.timeStamp));
      });
      observer.observe(root, { attributes: true, attributeFilter: ["data-painted"] });
    }, { once: true, capture: true });
  });
}
"""


@dataclass
class Row:
    """One line of the table."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    detail: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the value is within its bar, if it has one."""
        return None if self.bar is None else self.value <= self.bar

    def to_dict(self) -> dict[str, object]:
        """The line as plain JSON values."""
        return {**asdict(self), "met": self.met}

    def __str__(self) -> str:
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        bar = "" if self.bar is None else f"<= {self.bar:g}"
        return f"{self.what:38}{self.value:9.2f} {self.unit:4}{bar:>9}  {verdict:7}{self.detail}"


def random_model(num_steps: int) -> DRAW:
    """A network of the shipped model's size whose windows spread over the image."""
    torch.manual_seed(0)
    model = DRAW(DrawConfig(num_steps=num_steps))
    with torch.no_grad():
        for layer in (model.write_window, model.write_content):
            layer.weight.mul_(8)
    return model


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: list[float]) -> str:
    """The middle, the ends and the number of some values."""
    middle = statistics.median(values)
    return f"p50 {middle:.1f}, {min(values):.1f} to {max(values):.1f}, n = {len(values)}"


class Bench:
    """A browser, a folder for everything temporary, and one method for each measurement."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder
        for num_steps in (16, 32):
            write_checkpoint(folder / f"T{num_steps}", random_model(num_steps))
        self.bare = folder / "bare.py"
        self.bare.write_text('import streamlit as st\n\nst.title("Bare")\n')

    def server(self, script: Path, num_steps: int = 16) -> Server:
        """A fresh server."""
        checkpoints = str(self.folder / f"T{num_steps}")
        return Server(script, self.folder / "server.log", DRAW_CHECKPOINTS=checkpoints)

    @contextmanager
    def page(self, condition: str = "false") -> Iterator[Page]:
        """A page of a fresh context that notes when a condition first is on the screen."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(HELPERS + FIRST_PAINT.replace("CONDITION", condition))
        yield page
        context.close()

    def scrub(self, sweeps: int = 6) -> list[Row]:
        """Drags along the timeline, there and back."""
        sent: list[int] = []
        received: list[int] = []

        def watch(socket: WebSocket) -> None:
            socket.on("framesent", lambda data: sent.append(len(data)))
            socket.on("framereceived", lambda data: received.append(len(data)))

        with self.server(HOME, 32) as server, self.page(APP_SHOWN) as page:
            page.on("websocket", watch)
            page.goto(f"{server.url}/Generate?n={SAMPLES}&step=0")
            page.wait_for_function("window.firstPaint")
            received_bytes = sum(received)
            page.wait_for_timeout(IDLE_MS)
            box = page.locator(".stage .bars").bounding_box()
            y = box["y"] + box["height"] / 2
            xs = [box["x"] + box["width"] * (step + 0.5) / 33 for step in range(33)]
            page.mouse.move(xs[0], y)
            page.mouse.down()
            for x in xs:  # warm-up
                page.mouse.move(x, y)
            self.browser.start_tracing(page=page, categories=list(TRACE_CATEGORIES))
            page.evaluate("performance.mark('begin')")
            before = len(sent)
            due = time.perf_counter()
            for sweep in range(sweeps):
                for x in xs if sweep % 2 else reversed(xs):
                    page.mouse.move(x, y)
                    due += EVENT_S
                    time.sleep(max(0, due - time.perf_counter()))
            page.evaluate("performance.mark('end')")
            messages = len(sent) - before
            trace = self.browser.stop_tracing()
            page.mouse.up()
        frames = work_per_frame(json.loads(trace)["traceEvents"])
        preview = load_preview(self.folder / "T32" / "mnist-attention")
        packed = len(
            pack(preview, random_model(32).config, link={"model": "mnist-attention", "seed": 0})
        )
        return [
            Row("scrub: work per frame, p95", percentile(frames, 0.95), "ms", 16.7, spread(frames)),
            Row("scrub: websocket messages", messages, "", 0),
            Row("rollout sent 64 x 32: packed", packed / MB, "MB", 3),
            Row("rollout sent 64 x 32: websocket", received_bytes / MB, "MB", 3, "whole page"),
        ]

    def new_samples(self, clicks: int) -> list[Row]:
        """Clicks New samples."""
        with self.server(HOME) as server, self.page(APP_SHOWN) as page:
            page.goto(f"{server.url}/Generate?n={SAMPLES}&seed=1")
            page.wait_for_function("window.firstPaint")
            page.wait_for_timeout(IDLE_MS)
            button = page.get_by_role("button", name="New samples")
            times = []
            for _ in range(clicks + WARM_UP_CLICKS):
                page.evaluate(CLICK_TO_PAINT)
                button.click()
                times.append(page.evaluate("window.clickToPaint"))
                page.wait_for_timeout(700)  # the rest of the page is drawn, and the Stage plays
        times = times[WARM_UP_CLICKS:]
        p95 = percentile(times, 0.95)
        return [Row("new samples: click to paint, p95", p95, "ms", 300, spread(times))]

    def cold_start(self, repeats: int) -> list[Row]:
        """App and bare page by turns."""
        from_process: dict[str, list[float]] = {"app": [], "bare": []}
        from_navigation: dict[str, list[float]] = {"app": [], "bare": []}
        subjects = (("app", HOME, APP_SHOWN), ("bare", self.bare, BARE_SHOWN))
        for turn in range(repeats + 1):
            for name, script, condition in subjects if turn % 2 else reversed(subjects):
                with self.page(condition) as page, self.server(script) as server:
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


def work_per_frame(events: list[dict]) -> list[float]:
    """Milliseconds of the page's main thread for each frame, up to the end of its rendering."""
    marks = {e["name"]: e for e in events if "blink.user_timing" in e["cat"]}
    begin, end = marks["begin"], marks["end"]
    own = [
        e
        for e in events
        if (e["pid"], e["tid"]) == (begin["pid"], begin["tid"])
        and begin["ts"] < e["ts"] < end["ts"]
    ]
    tasks = sorted((e["ts"], e["dur"]) for e in own if e["name"] == TASK and "dur" in e)
    renderings = sorted((e["ts"] for e in own if e["name"] == RENDERING), reverse=True)
    frames, work = [], 0.0
    for start, duration in tasks:
        work += duration / 1000
        if renderings and renderings[-1] < start + duration:
            while renderings and renderings[-1] < start + duration:
                renderings.pop()
            frames.append(work)
            work = 0.0
    return frames


def main() -> None:
    """Prints the table, or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--repeats", type=int, default=7, help="cold starts of each page")
    parser.add_argument("--clicks", type=int, default=30, help="clicks on New samples")
    parser.add_argument("--only", choices=["scrub", "new_samples", "cold_start"])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        bench = Bench(browser, Path(folder))
        parts = {
            "scrub": bench.scrub,
            "new_samples": lambda: bench.new_samples(arguments.clicks),
            "cold_start": lambda: bench.cold_start(arguments.repeats),
        }
        chosen = [arguments.only] if arguments.only else list(parts)
        rows = [row for name in chosen for row in parts[name]()]
        browser.close()
    if arguments.json:
        print(json.dumps([row.to_dict() for row in rows], indent=2))
    else:
        print(*rows, sep="\n")


if __name__ == "__main__":
    main()
