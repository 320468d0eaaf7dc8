"""What the benchmarks of the pages share: a server and a browser, its clock, and the table."""

import argparse
import json
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, WebSocket, sync_playwright

from tests.support.browser import HOME, Server, find_chromium

IDLE_MS = 6000  # by then the import of torch in the background is over
EVENT_S = 1 / 60
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
# Resolves to the time from the next event of a kind to the end of the frame that shows another
# film on the Stage.
EVENT_TO_PAINT = """
(kind) => {
  window.eventToPaint = new Promise((resolve) => {
    document.addEventListener(kind, (event) => {
      const root = stage();
      const id = () => root.dataset.painted.split(":")[0];
      const before = id();
      const observer = new MutationObserver(() => {
        if (id() === before) return;
        observer.disconnect();
        frameDone().then((now) => resolve(now - event.timeStamp));
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


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: list[float]) -> str:
    """The middle, the ends and the number of some values."""
    middle = statistics.median(values)
    return f"p50 {middle:.1f}, {min(values):.1f} to {max(values):.1f}, n = {len(values)}"


class Bench:
    """A browser and a folder for everything temporary."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser = browser
        self.folder = folder

    def server(self, script: Path = HOME, **environment: str) -> Server:
        """A fresh server."""
        return Server(script, self.folder / "server.log", **environment)

    @staticmethod
    def settle(page: Page, address: str) -> None:
        """Opens an address, and waits until what the page shows first is shown and all is quiet."""
        page.goto(address)
        page.wait_for_function("window.firstPaint")
        page.wait_for_timeout(IDLE_MS)

    @staticmethod
    def event_to_paint(page: Page, kind: str, act: Callable[[], object]) -> float:
        """Milliseconds from the event that an action causes to the frame with another film."""
        page.evaluate(EVENT_TO_PAINT, kind)
        act()
        return page.evaluate("window.eventToPaint")

    def new_samples(self, page: Page, clicks: int) -> list[float]:
        """Milliseconds from a click on New samples to the film, after some to warm up."""
        button = page.get_by_role("button", name="New samples")
        times = []
        for _ in range(clicks + WARM_UP_CLICKS):
            times.append(self.event_to_paint(page, "click", button.click))
            page.wait_for_timeout(700)  # the rest of the page is drawn, and the Stage plays
        return times[WARM_UP_CLICKS:]

    @contextmanager
    def page(self, condition: str = "false") -> Iterator[Page]:
        """A page of a fresh context that notes when a condition first is on the screen."""
        context = self.browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(HELPERS + FIRST_PAINT.replace("CONDITION", condition))
        yield page
        context.close()

    def drag(self, page: Page, places: Sequence[tuple[float, float]], sweeps: int) -> list[float]:
        """Drags along these places of the screen, there and back, with 60 events per second.

        Returns the milliseconds of work for each frame, after one sweep to warm up.
        """
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places:
            page.mouse.move(*place)
        self.browser.start_tracing(page=page, categories=list(TRACE_CATEGORIES))
        page.evaluate("performance.mark('begin')")
        due = time.perf_counter()
        for sweep in range(sweeps):
            for place in places if sweep % 2 else reversed(places):
                page.mouse.move(*place)
                due += EVENT_S
                time.sleep(max(0, due - time.perf_counter()))
        page.evaluate("performance.mark('end')")
        trace = self.browser.stop_tracing()
        return work_per_frame(json.loads(trace)["traceEvents"])


class Traffic:
    """The sizes of the websocket messages of a page."""

    def __init__(self, page: Page) -> None:
        self.sent: list[int] = []
        self.received: list[int] = []
        page.on("websocket", self._watch)

    def _watch(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda data: self.sent.append(len(data)))
        socket.on("framereceived", lambda data: self.received.append(len(data)))


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


def parser(description: str, *, with_json: bool = True) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawTextHelpFormatter
    )
    if with_json:
        parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    return parser


def chosen(only: str | None, parts: Mapping[str, Callable[[], list[Row]]]) -> list[Row]:
    """The lines of one measurement, or of all."""
    return [row for name, part in parts.items() if only in (None, name) for row in part()]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        yield browser
        browser.close()


def run(
    options: argparse.ArgumentParser,
    measure: Callable[[Browser, Path, argparse.Namespace], list[Row]],
) -> None:
    """Measures with a browser and a temporary folder, and prints the table, or JSON."""
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        rows = measure(browser, Path(folder), arguments)
    show(rows, as_json=arguments.json)


def show(rows: list[Row], *, as_json: bool) -> None:
    """Prints the table, or JSON."""
    if as_json:
        print(json.dumps([row.to_dict() for row in rows], indent=2))
    else:
        print(*rows, sep="\n")
