"""What a training costs a visitor: the wait for the first canvas, other pages, and memory.

    python -m benchmarks.train [--json] [--data mnist --data-root DIR] [--clicks 20]

Everything runs on this machine: the server, Chromium (headless) and the job, the preset Ten
minutes. What is measured:

first canvas    From the click on Train, a few seconds after the page was opened, to the Stage with
                the network's first live samples. The first job of a server starts the cluster.
new samples     As in benchmarks/ui.py, before the training and while it runs, and the ratio. Also
                with a second page that watches the training, in the same browser.
memory          Resident memory of the embedded cluster and its job, the sum over their processes.
"""

import argparse
import statistics
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser

from benchmarks.common import APP_SHOWN, IDLE_MS, Row, parser, run, spread
from benchmarks.ui import SAMPLES, PagesBench
from tests.support.browser import HOME, Server

READ_MS = 4000  # of one who reads the page before clicking
TRAIN_MS = 10_000  # until the training is in full swing


class TrainBench(PagesBench):
    """One server, a visitor who samples, and one who trains."""

    def __init__(self, browser: Browser, folder: Path, data: str, data_root: str | None) -> None:
        super().__init__(browser, folder)
        self.data = data
        self.environment = {"DRAW_RUNS_DIR": str(folder / "runs")}
        self.environment["DRAW_DATA_ROOT"] = data_root or str(folder / "data")

    def run(self, clicks: int) -> list[Row]:
        """Everything, in one server."""
        log = self.folder / "server.log"
        checkpoints = str(self.folder / "T16")
        with (
            Server(HOME, log, DRAW_CHECKPOINTS=checkpoints, **self.environment) as server,
            self.page(APP_SHOWN) as generate,
            self.page(APP_SHOWN) as train,
        ):
            self.settle(generate, f"{server.url}/Generate?n={SAMPLES}&seed=1")
            idle = self.new_samples(generate, clicks)
            train.goto(f"{server.url}/Train?preset=ten-minutes&data={self.data}")
            button = train.get_by_role("button", name="Train", exact=True)
            button.wait_for()
            train.wait_for_timeout(READ_MS)
            began = time.time()
            button.click()
            shown = train.wait_for_function("window.firstPaint", timeout=120_000).json_value()
            first_canvas = shown / 1000 - began
            train.wait_for_timeout(TRAIN_MS)
            watched = self.new_samples(generate, clicks)
            train.goto("about:blank")
            train.wait_for_timeout(IDLE_MS)
            busy = self.new_samples(generate, clicks)
            memory = _memory_of_jobs(server)
        ratio = statistics.median(busy) / statistics.median(idle)
        both = statistics.median(watched) / statistics.median(idle)
        return [
            Row("first canvas: click to paint", first_canvas, "s", 5),
            Row("new samples: idle, p50", statistics.median(idle), "ms", detail=spread(idle)),
            Row("new samples: training, p50", statistics.median(busy), "ms", detail=spread(busy)),
            Row("new samples: ratio", ratio, "x", 2),
            Row("new samples: also watched, ratio", both, "x", detail=spread(watched)),
            Row("memory: cluster and job", memory / 1e9, "GB", 1.5),
        ]


def _memory_of_jobs(server: Server) -> int:
    """Resident bytes of the processes that the server has started."""
    children = psutil.Process(server.pid).children(recursive=True)
    return sum(child.memory_info().rss for child in children)


def main() -> None:
    """Prints the table, or JSON."""
    options = parser(__doc__)
    options.add_argument("--data", default="strokes", help="drawn strokes are made anew")
    options.add_argument("--data-root", help="folder of the data sets")
    options.add_argument("--clicks", type=int, default=20, help="clicks on New samples, twice")

    def measure(browser: Browser, folder: Path, asked: argparse.Namespace) -> list[Row]:
        return TrainBench(browser, folder, asked.data, asked.data_root).run(asked.clicks)

    run(options, measure)


if __name__ == "__main__":
    main()
