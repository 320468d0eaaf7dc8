"""The Stage with a reconstruction: its bars are nats, and it has the window that reads."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import expect

from tests.support import browser as machine
from tests.support.browser import RECONSTRUCT, Server, without_faults

T = 16


@pytest.fixture
def reconstruction(tmp_path: Path, one_model: dict[str, str]) -> Iterator[str]:
    """A page with a reconstruction."""
    with Server(RECONSTRUCT, tmp_path / "log", **one_model) as server:
        yield server.url
    without_faults(server)


def test_reconstruction_shows_kl_and_the_read_window(reconstruction, visit):
    model = machine.pen()
    images = torch.rand((2, 1, 28, 28), generator=torch.Generator().manual_seed(5))
    trace = model(images, torch.Generator().manual_seed(6))
    n, kl, p = 3, trace.kl[:, 1].numpy(), trace.read_params
    visitor = visit(reconstruction, color_scheme="dark")
    visitor.expect_playing(False)
    expect(visitor.part("barsCaption")).to_contain_text("nats")
    visitor.stage.get_by_role("option", name="Sample 2 of").click()
    bars = visitor.part("bars").evaluate(
        "(bars) => [...bars.children].map((b) => Number(b.style.getPropertyValue('--height')))"
    )
    np.testing.assert_allclose(bars, [0, *np.sqrt(kl / kl.max())], atol=1e-5)
    group = visitor.stage.locator(".window.read")
    for step in (1, T // 2, T):
        visitor.page.mouse.click(*visitor.bar_centre(step))
        visitor.expect_painted(step, 1)
        shown = visitor.overlay("read")
        g_x, g_y, delta, sigma2, _ = (v[step - 1, 1].item() for v in p)
        offsets = delta * (np.arange(n) - (n - 1) / 2)
        points = [(g_x + i, g_y + j, sigma2**0.5) for j in offsets for i in offsets]
        np.testing.assert_allclose(shown["points"], points, atol=1e-4, rtol=0)
        expect(visitor.part("barValue")).to_have_text(f"{kl[step - 1]:.1f}")
        number = visitor.stage.locator("td.read[data-number=delta]")
        expect(number).to_have_text(f"{delta:.2f}")
    expect(group).to_have_css("stroke", "rgb(59, 130, 246)")
    expect(visitor.stage.locator(".window.write")).to_have_css("stroke", "rgb(249, 115, 22)")
    visitor.stage.get_by_label("Reads").uncheck()
    expect(group).to_be_hidden()
