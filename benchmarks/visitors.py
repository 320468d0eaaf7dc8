"""Many visitors at once beside a training: how long they wait, and what fails.

    python -m benchmarks.visitors                  # 60 visitors, three minutes, then 300 openings
    python -m benchmarks.visitors --visitors 10 --seconds 30 --browsers 0 --openings 0

Starts a server of its own on the loopback and a training beside it. The visitors speak Streamlit's
protocol without a browser: each goes from page to page, draws, asks for new samples, and rests a
few seconds after each action. A few more sit in real browsers. Every visitor has seeds and drawings
of their own, and all that the server sends is searched for those of others.
"""

import argparse
import asyncio
import base64
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from playwright.async_api import Browser, async_playwright

from benchmarks.common import Row, parser, percentile, show, spread
from tests.support.browser import HOME, ROOT, Server, find_chromium
from tests.support.protocol import Client, ProtocolError
from ui.kit.picture import drawing_link
from ui.kit.wire import told

REST_S = (2.0, 7.0)  # between two actions
SEEDS = 1_000_000  # of one visitor: those from its number times this on
MOST_FAULTS = 5  # printed
PATTERNS = {
    "session": re.compile(rb'session\\*": ?\\*"([0-9a-f]{32})'),
    "seed": re.compile(rb'seed\\*": ?\\*"?(\d{7,10})\b'),
    "drawing": re.compile(rb"drawing:(\d+x\d+\.[\w-]+)"),
}
FAILED = "Something went wrong here"


@dataclass
class Seen:
    """What all visitors met.

    Attributes:
        times: seconds of each action, by its name.
        faults: one sentence for each thing that went wrong.
        owners: who drew or was given what, by kind and value.
        shown: what was sent to whom.
    """

    times: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    owners: dict[tuple[str, str], int] = field(default_factory=dict)
    shown: set[tuple[str, str, int]] = field(default_factory=set)

    @property
    def all_times(self) -> list[float]:
        """Of all actions."""
        return [seconds for times in self.times.values() for seconds in times]

    def foreign(self) -> list[tuple[str, str, int]]:
        """What was sent to somebody else than its owner."""
        return [one for one in sorted(self.shown) if self.owners.get(one[:2], one[2]) != one[2]]


class Visitor:
    """One visitor, who does one thing after another until the time is over."""

    def __init__(self, number: int, url: str, seen: Seen) -> None:
        self.number, self.seen = number, seen
        self.random = random.Random(number)
        self.client = Client(url)
        self.actions: list[tuple[str, Callable[[], Awaitable[float]]]] = [
            ("generate", self._new_samples),
            ("generate", self._seed),
            ("watch", self._watch),
            ("reconstruct", self._draw),
            ("attention", self._look),
            ("compare", self._compare),
            ("paper", self._paper),
            ("train", self._train),
        ]

    async def stay(self, until: float) -> None:
        """Visits until that moment of the monotonic clock; a fault ends the visit."""
        await asyncio.sleep(self.random.uniform(0, REST_S[1]))
        name = "open"
        try:
            began = time.perf_counter()
            async with self.client:
                self._note(name, time.perf_counter() - began)
                while time.monotonic() < until:
                    await asyncio.sleep(self.random.uniform(*REST_S))
                    name, act = self.random.choice(self.actions)
                    self._note(name, await act())
        except (ProtocolError, OSError) as error:
            self.seen.faults.append(f"visitor {self.number}, {name}: {error}")

    def _note(self, name: str, seconds: float) -> None:
        self.seen.times.setdefault(name, []).append(seconds)
        for content in self.client.received:
            for kind, pattern in PATTERNS.items():
                for value in pattern.findall(content):
                    self.seen.shown.add((kind, value.decode(), self.number))
            if FAILED.encode() in content:
                self.seen.faults.append(f"visitor {self.number}: {name} says “{FAILED}”")
        self.client.received.clear()
        # A session is the visitor's who was the first to be given it.
        for kind, value, number in list(self.seen.shown):
            if kind == "session" and number == self.number:
                self.seen.owners.setdefault((kind, value), number)

    def _own(self, kind: str, value: str) -> str:
        self.seen.owners[kind, value] = self.number
        return value

    def _a_seed(self) -> int:
        seed = SEEDS * (self.number + 1) + self.random.randrange(SEEDS)
        self._own("seed", str(seed))
        return seed

    # ---- what visitors do

    async def _new_samples(self) -> float:
        seconds = await self.client.go("Generate", seed=str(self._a_seed()), n="16")
        await self._be_served()
        return max(seconds, await self.client.click("New samples"))

    async def _seed(self) -> float:
        seconds = await self.client.go("Generate", n="4")
        await self._be_served()
        return max(seconds, await self.client.enter("Seed", self._a_seed()))

    async def _be_served(self) -> None:
        """The server paints for a visitor without a browser."""
        if self.client.has_button("New samples"):
            return
        await self.client.report("draw_live_stage", serve=True)

    async def _watch(self) -> float:
        seconds = await self.client.go("")
        view = {"step": self.random.randrange(8), "sample": self.random.randrange(16)}
        return max(seconds, await self.client.report("draw_stage", view=view))

    async def _draw(self) -> float:
        seconds = await self.client.go("Reconstruct")
        pad = told(self.client.component("draw_pad").element.bidi_component.bytes)
        rng = np.random.default_rng(self.random.randrange(2**32))
        pixels = np.where(rng.random(pad["shape"]) < 0.1, 255, 0).astype(np.uint8)
        self._own("drawing", str(drawing_link(pixels)))
        drawing = {
            "token": pad["token"],
            "name": pad["name"],
            "shape": pad["shape"],
            "edited": True,
            "pixels": base64.b64encode(pixels.tobytes()).decode(),
        }
        return max(seconds, await self.client.report("draw_pad", drawing=drawing))

    async def _look(self) -> float:
        return await self.client.go("Attention", image=f"scene:{self.random.randrange(4)}")

    async def _compare(self) -> float:
        mode = self.random.choice(("generate", "reconstruct"))
        return await self.client.go("Compare", mode=mode, seed=str(self._a_seed()))

    async def _paper(self) -> float:
        seconds = await self.client.go("Paper")
        figure = str(self.random.choice((1, 6, 7, 8)))
        return max(seconds, await self.client.report("draw_paper_nav", figure=figure))

    async def _train(self) -> float:
        return await self.client.go("Train")


async def _sit(browser: Browser, number: int, url: str, until: float, seen: Seen) -> None:
    """A visitor in a real browser, who asks for new samples."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    page.set_default_timeout(60_000)
    faults = seen.faults
    page.on("pageerror", lambda error: faults.append(f"browser {number}: {error}"))
    try:
        await page.goto(f"{url}/Generate?n=4")
        painted = "document.querySelector('[data-test-script-state=notRunning]')"
        await page.wait_for_function(painted)
        while time.monotonic() < until:
            await asyncio.sleep(random.uniform(*REST_S))
            began, before = time.perf_counter(), page.url
            await page.get_by_role("button", name="New samples").click()
            await page.wait_for_url(lambda now, before=before: now != before)
            seen.times.setdefault("browser", []).append(time.perf_counter() - began)
            if await page.get_by_role("dialog").count():
                faults.append(f"browser {number}: {await page.get_by_role('dialog').inner_text()}")
                break
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a fault of the visit
        faults.append(f"browser {number}: {type(error).__name__}: {error}".splitlines()[0])
    await context.close()


async def crowd(url: str, visitors: int, seconds: float, browsers: int = 0) -> Seen:
    """So many visitors for so long.

    Args:
        url: of the server.
        visitors: without a browser.
        seconds: after which nobody begins anything more.
        browsers: visitors in real ones.
    """
    seen, until = Seen(), time.monotonic() + seconds
    async with AsyncExitStack() as stack:
        sitting: list[Awaitable[None]] = []
        if browsers:
            playwright = await stack.enter_async_context(async_playwright())
            browser = await playwright.chromium.launch(executable_path=find_chromium())
            stack.push_async_callback(browser.close)
            sitting = [_sit(browser, k, url, until, seen) for k in range(browsers)]
        everybody = [Visitor(k, url, seen).stay(until) for k in range(visitors)]
        await asyncio.gather(*everybody, *sitting)
    return seen


async def openings(url: str, times: int, seen: Seen) -> None:
    """Opens the first page so many times, one after the other, and leaves at once."""
    for number in range(times):
        try:
            async with Client(url):
                pass
        except (ProtocolError, OSError) as error:
            seen.faults.append(f"opening {number}: {error}")


@contextmanager
def training(runs: Path, seconds: float):
    """A training beside the visitors, which the page Train lists."""
    command = [sys.executable, "-m", "draw_core", "train", "--preset", "one-minute"]
    options = {"data": "strokes", "seconds": seconds, "threads": 1, "run-dir": runs / "beside"}
    process = subprocess.Popen(
        [
            *command,
            *(str(part) for name, value in options.items() for part in (f"--{name}", value)),
        ],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.STDOUT,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=60)


def _memory_mb(server: Server) -> float:
    pages = int(Path(f"/proc/{server.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure(options: argparse.Namespace, folder: Path) -> tuple[list[Row], Seen]:
    """A server, a training and the crowd."""
    runs = folder / "runs"
    runs.mkdir()
    environment = {"DRAW_RUNS_DIR": str(runs)}
    with Server(HOME, folder / "log", **environment) as server, training(runs, options.seconds):
        asyncio.run(crowd(server.url, 2, 8))  # what the server loads once
        before = _memory_mb(server)
        load = os.getloadavg()[0]
        seen = asyncio.run(crowd(server.url, options.visitors, options.seconds, options.browsers))
        after = _memory_mb(server)
        load = max(load, os.getloadavg()[0])
        asyncio.run(openings(server.url, options.openings // 3, seen))
        first = _memory_mb(server)
        asyncio.run(openings(server.url, options.openings - options.openings // 3, seen))
        last = _memory_mb(server)
    times = seen.all_times
    everybody = options.visitors + options.browsers
    rows = [
        Row("visitors", everybody, "", detail=f"{options.browsers} of them in browsers"),
        Row("load of the machine", load, "", detail=f"{os.cpu_count()} processors"),
        Row("actions", len(times), "", detail=f"in {options.seconds:g} s"),
        Row("faults", len(seen.faults), "", 0),
        Row("of one visitor, shown to another", len(seen.foreign()), "", 0),
        Row("action, p50", percentile(times, 0.5), "s"),
        Row("action, p95", percentile(times, 0.95), "s", 1, spread(times)),
        Row("memory for each visitor", (after - before) / everybody, "MB", 12),
    ]
    rows += [
        Row(f"  {name}, p95", percentile(some, 0.95), "s", detail=spread(some))
        for name, some in sorted(seen.times.items())
    ]
    if options.openings:
        detail = (
            f"{first:.0f} MB after a third of {options.openings} openings, {last:.0f} at the end"
        )
        rows.append(Row("memory, growth with openings", last - first, "MB", 30, detail))
    return rows, seen


def main() -> None:
    """Prints the table, or JSON, and the first faults."""
    options = parser(__doc__)
    options.add_argument("--visitors", type=int, default=57, help="without a browser")
    options.add_argument("--browsers", type=int, default=3, help="visitors in real ones")
    options.add_argument("--seconds", type=float, default=180)
    options.add_argument("--openings", type=int, default=300, help="of the first page, afterwards")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows, seen = measure(arguments, Path(folder))
    show(rows, as_json=arguments.json)
    if arguments.json:
        return
    counted = Counter(re.sub(r"\d+", "N", fault) for fault in seen.faults)
    for fault, count in counted.most_common(MOST_FAULTS):
        print(f"{count} x {fault}")
    for kind, value, number in seen.foreign()[:MOST_FAULTS]:
        print(f"{kind} {value[:40]} was sent to visitor {number}")


if __name__ == "__main__":
    main()
