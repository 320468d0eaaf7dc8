"""Twins in a real Chromium: one transport moves both, and the server hears nothing of it."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from draw_core.families.draw.engine import ENGINE
from draw_core.film.codecs import BERNOULLI
from draw_core.film.film import Film
from draw_core.store.checkpoint import load_preview
from tests.support import browser as machine
from tests.support.browser import HOME, Server
from tests.support.visitor import OVERLAY, PIXELS, Visitor
from ui.compare.words import half_of_change
from ui.picture import data as picture_data
from ui.picture.data import Target

N, T, SHORT = 4, 16, 5
WINDOWS, PLAIN = "mnist-attention", "plain"
NO_WINDOWS = {"read_attention": False, "write_attention": False}
DIGITS = Target(1, 28, 28, binary=True)


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkpoints")
    machine.write_checkpoint(root, machine.pen())
    machine.write_checkpoint(root, machine.pen(num_steps=SHORT, **NO_WINDOWS), PLAIN)
    return root


@pytest.fixture(scope="module")
def url(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("app")
    environment = {
        "DRAW_CHECKPOINTS": str(checkpoints),
        "DRAW_RUNS_DIR": str(folder / "runs"),
        "DRAW_DATA_ROOT": str(folder / "data"),
    }
    with Server(HOME, folder / "log", **environment) as server:
        yield f"{server.url}/Compare?a={WINDOWS}&b={PLAIN}&n={N}"
    text = server.log.read_text()
    assert not re.search(r"traceback|warning|error", text, re.IGNORECASE), text


@pytest.fixture(scope="module")
def films(checkpoints: Path) -> dict[str, Film]:
    folders = {"a": WINDOWS, "b": PLAIN}
    return {k: load_preview(checkpoints / name).first(N) for k, name in folders.items()}


def _part(visitor: Visitor, letter: str, part: str) -> Locator:
    return visitor.part(letter).locator(f"[data-part={part}]")


def _pixels(visitor: Visitor, letter: str, part: str = "canvas") -> np.ndarray:
    image = _part(visitor, letter, part).evaluate(PIXELS)
    data = np.frombuffer(base64.b64decode(image["base64"]), np.uint8)
    return data.reshape(image["height"], image["width"], 4)[..., :3].astype(int)


def _expect_steps(visitor: Visitor, a: int, b: int) -> None:
    expect(visitor.stage).to_have_attribute("data-steps", f"{a} {b}")


def _address(visitor: Visitor) -> dict[str, list[str]]:
    return parse_qs(urlsplit(visitor.page.url).query)


def _check(visitor: Visitor, films: dict[str, Film], t: int, sample: int = 0) -> None:
    """Both show step t of that sample, or rest at their end, with the right pixels and windows."""
    steps = {k: min(t, film.num_steps) for k, film in films.items()}
    visitor.expect_painted(t, sample)
    _expect_steps(visitor, **steps)
    expect(visitor.part("step")).to_have_text(str(t))
    for k, film in films.items():
        canvas = BERNOULLI.values[film.frames()[steps[k], sample, 0]]
        assert np.abs(_pixels(visitor, k)[..., 0] / 255 - canvas).max() <= 0.51 / 255
        last = BERNOULLI.values[film.frames()[steps[k], N - 1, 0]]
        corner = _pixels(visitor, k, "montageCanvas")[-28:, -28:, 0]
        assert np.abs(corner / 255 - last).max() <= 0.51 / 255
        status = _part(visitor, k, "status").inner_text()
        rests = t > film.num_steps
        expected = f"step {t} of {film.num_steps}"
        assert status == (f"rests after its last step, {steps[k]}" if rests else expected)
        if t:
            both = BERNOULLI.values[film.frames()[steps[k] - 1 : steps[k] + 1, sample, 0]]
            half = int(half_of_change(np.abs(both[1] - both[0])))
            said = re.search(r"falls on (\d+) of 784", _part(visitor, k, "spread").inner_text())
            assert abs(int(said[1]) - half) <= 1
    expect(visitor.part("b").locator(".window")).to_have_count(0)
    if t:
        shown = visitor.part("a").locator(".window.write").evaluate(OVERLAY)
        path = films["a"].windows("write").parameters[:t, sample, :2]
        np.testing.assert_allclose(shown["trail"], path, atol=1e-4, rtol=0)


def test_both_show_the_same_step_and_the_server_hears_nothing(visit, url, films):
    visitor = visit(f"{url}&step=0")
    page = visitor.page
    expect(page.get_by_text("The same seed starts the same stream")).to_be_visible()
    page.wait_for_function("location.search.includes('seed=0')")
    sent = len(visitor.sent)
    _check(visitor, films, 0)
    for key, t in [("ArrowRight", 1), ("ArrowRight", 2), ("End", T), ("ArrowLeft", T - 1)]:
        visitor.press(key, t)
        _check(visitor, films, t)
    visitor.press("Home", 0)
    page.mouse.move(*visitor.bar_centre(2))
    page.mouse.down()
    for t in (2, 4, SHORT, 9):
        page.mouse.move(*visitor.bar_centre(t))
        _check(visitor, films, t)
    page.mouse.up()
    _part(visitor, "b", "cells").get_by_role("option").nth(2).click()
    _check(visitor, films, 9, 2)
    page.keyboard.press("Space")
    visitor.expect_playing(True)
    visitor.expect_painted(r"1\d", 2)
    page.keyboard.press("Space")
    visitor.expect_playing(False)
    visitor.press("End", T)
    page.wait_for_function(f"new URLSearchParams(location.search).get('step') === '{T}'")
    assert _address(visitor)["sample"] == ["3"]
    assert len(visitor.sent) == sent


def test_the_same_share_of_the_way(visit, url):
    visitor = visit(f"{url}&step=8")
    _expect_steps(visitor, 8, SHORT)
    visitor.stage.get_by_text("the same share of the way").click()
    visitor.page.wait_for_function("location.search.includes('pace=share')")
    for t in (0, 3, 8, T):
        visitor.press("Home", 0)
        for _ in range(t):
            visitor.page.keyboard.press("ArrowRight")
        _expect_steps(visitor, t, int(t * SHORT / T + 0.5))
    # A bar of B stands where it makes a step, and nowhere else.
    bars = visitor.part("bars").locator(".bar:not(.no-b)")
    expect(bars).to_have_count(SHORT)


def test_nats_stand_on_one_scale(visit, url):
    visitor = visit(f"{url}&step=4&mode=reconstruct&image=strokes:3")
    pixels = picture_data.from_link("strokes:3", DIGITS).pixels
    models = {"a": machine.pen(), "b": machine.pen(num_steps=SHORT, **NO_WINDOWS)}
    runs = {k: ENGINE.reconstruct(model, pixels, "bernoulli", 0) for k, model in models.items()}
    most = max(run.film.bars("kl").values.max() for run in runs.values())
    _expect_steps(visitor, 4, 4)
    for k, run in runs.items():
        kl = run.film.bars("kl").values[:, 0]
        clock = visitor.part(f"clock{k.upper()}")
        lengths = clock.evaluate(
            "(e) => [...e.querySelectorAll('.sector')].map((s) => Number(s.dataset.length))"
        )
        np.testing.assert_allclose(lengths, kl / most, rtol=1e-4)
        cells = {
            name: float(visitor.stage.locator(f"[data-nats='{k}.{name}']").inner_text())
            for name in ("now", "sum", "latent", "nll", "bound")
        }
        expected = [kl[3], kl[:4].sum(), run.latent_loss, run.nll, run.bound]
        np.testing.assert_allclose(list(cells.values()), expected, atol=0.051, rtol=1e-4)
    visitor.press("End", T)
    _expect_steps(visitor, T, SHORT)
    now = visitor.stage.locator("[data-nats='b.sum']")
    expect(now).to_have_text(f"{runs['b'].latent_loss:.1f}")
    shown = visitor.part("a").locator(".window.read").evaluate(OVERLAY)
    path = runs["a"].film.windows("read").parameters[:, 0, :2]
    np.testing.assert_allclose(shown["trail"], path, atol=1e-4, rtol=0)


def test_a_phone_has_both_side_by_side(visit, url):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
    visitor = visit(f"{url}&step=4", **phone)
    handles = [_part(visitor, k, "picture").element_handle() for k in "ab"]
    # Both in one moment: the page above them may still be growing.
    a, b = visitor.page.evaluate(
        "(all) => all.map((one) => one.getBoundingClientRect().toJSON())", handles
    )
    assert a["y"] == b["y"]
    assert a["x"] + a["width"] <= b["x"]
    assert min(a["width"], b["width"]) >= 150
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == 390
