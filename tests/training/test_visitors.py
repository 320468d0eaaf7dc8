"""A few visitors at once, as ``benchmarks/visitors.py`` has many, and what it would find."""

import asyncio
from collections.abc import Iterator

import pytest

from benchmarks.visitors import PATTERNS, SEEDS, Seen, crowd
from tests.support import browser as machine
from tests.support.protocol import Client


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with machine.served(tmp_path_factory.mktemp("app"), mnist_attention=machine.pen()) as url:
        yield url


def test_nothing_fails_for_a_few_visitors_and_each_sees_only_their_own(url: str):
    seen = asyncio.run(crowd(url, visitors=4, seconds=12))
    assert seen.faults == []
    assert seen.foreign() == []
    assert len(seen.all_times) > 4  # more than the openings


def test_what_is_sent_to_somebody_else_is_found():
    mine, theirs = ("seed", str(SEEDS + 5), 0), ("seed", str(2 * SEEDS + 5), 0)
    seen = Seen(owners={mine[:2]: 0, theirs[:2]: 1}, shown={mine, theirs})
    assert seen.foreign() == [theirs]


def test_a_visit_without_a_browser_is_what_the_browser_would_show(url: str):
    async def visit() -> tuple[list[str], int]:
        async with Client(url, "Generate", seed="3", n="4") as client:
            view = {"step": 5, "sample": 2, "explain": True}
            await client.report("draw_live_stage", view=view)
            component = client.component("draw_live_stage").element.bidi_component
            return client.texts("markdown"), len(component.bytes)

    texts, size = asyncio.run(visit())
    assert any("step 5" in text for text in texts)
    assert size > 16 * 4 * 28 * 28  # steps, samples, pixels


def test_what_is_searched_for_is_what_a_page_sends(url: str):
    drawing = "drawing:28x28." + "A" * 131
    asked = {"seed": str(SEEDS + 7), "image": drawing}

    async def visit() -> bytes:
        async with Client(url, "Reconstruct", **asked) as client:
            return b" ".join(client.received)

    content = asyncio.run(visit())
    assert set(PATTERNS["seed"].findall(content)) == {str(SEEDS + 7).encode()}
    assert set(PATTERNS["drawing"].findall(content)) == {drawing.removeprefix("drawing:").encode()}
    assert len(set(PATTERNS["session"].findall(content))) == 1
