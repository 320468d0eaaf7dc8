"""What drawing, sampling and sliding cost the server: as before, and with networks in browsers.

    python -m benchmarks.work [--json] [--visitors 30] [--cycles 10]

Visitors without browsers send what their pages would send. In a cycle one draws a digit of three
strokes, asks for new samples, and drags the temperature once.

served    The server paints: it hears of each stroke, of each click, and of each drag.
live      The browser paints: it tells of the drawing when the hand rests, and of nothing else.
share     Of the processor time that the one takes, what the other takes.
"""

import argparse
import asyncio
import base64
import os
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.common import Row, parser, show
from tests.support.browser import HOME, Server
from tests.support.protocol import Client
from ui.kit.wire import told

STROKES = 3
TICKS = os.sysconf("SC_CLK_TCK")


def processor_s(server: Server) -> float:
    """Processor time of the server so far, in seconds."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _drawing(pad: dict, rng: np.random.Generator, *, followed: bool) -> dict[str, object]:
    pixels = np.where(rng.random(pad["shape"]) < 0.1, 255, 0).astype(np.uint8)
    return {
        "token": pad["token"],
        "name": pad["name"],
        "shape": pad["shape"],
        "edited": True,
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
        "followed": followed,
    }


async def _draw(client: Client, number: int, cycles: int, *, live: bool) -> None:
    pad = told(client.component("draw_pad").element.bidi_component.bytes)
    rng = np.random.default_rng(number)
    for _ in range(cycles):
        for stroke in range(STROKES):
            if not live or stroke == STROKES - 1:
                drawing = _drawing(pad, rng, followed=live)
                await client.report("draw_pad", drawing=drawing)


async def _sample(client: Client, number: int, cycles: int) -> None:
    for cycle in range(cycles):
        await client.click("New samples")
        # A drag of a slider reruns the page as a number does.
        await client.enter("Seed", 1000 * (number + 1) + cycle)


async def _class(server: Server, visitors: int, cycles: int, *, live: bool) -> float:
    """Processor seconds of what all of them do, without the opening of pages."""
    clients = [Client(server.url) for _ in range(visitors)]
    for client in clients:
        await client.__aenter__()
        await client.go("Reconstruct")
    began = processor_s(server)
    await asyncio.gather(*(_draw(c, k, cycles, live=live) for k, c in enumerate(clients)))
    taken = processor_s(server) - began
    if not live:
        for client in clients:
            await client.go("Generate")
            await client.report("draw_live_stage", serve=True)
        began = processor_s(server)
        await asyncio.gather(*(_sample(c, k, cycles) for k, c in enumerate(clients)))
        taken += processor_s(server) - began
    for client in clients:
        await client.__aexit__(None, None, None)
    return taken


def measure(options: argparse.Namespace, folder: Path) -> list[Row]:
    """Both ways, on one server."""
    with Server(HOME, folder / "log", DRAW_RUNS_DIR=str(folder / "runs")) as server:
        asyncio.run(_class(server, 1, 1, live=False))  # what the server loads once
        live = asyncio.run(_class(server, options.visitors, options.cycles, live=True))
        served = asyncio.run(_class(server, options.visitors, options.cycles, live=False))
    detail = f"{options.visitors} visitors, {options.cycles} cycles each"
    return [
        Row("server's processor time: served", served, "s", detail=detail),
        Row("server's processor time: live", live, "s"),
        Row("share", 100 * live / served, "%", 10),
    ]


def main() -> None:
    """Prints the table, or JSON."""
    options = parser(__doc__)
    options.add_argument("--visitors", type=int, default=30)
    options.add_argument("--cycles", type=int, default=10, help="of each visitor")
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        show(measure(arguments, Path(folder)), as_json=arguments.json)


if __name__ == "__main__":
    main()
