"""In Chromium: a screen reader hears of each sample what a classifier reads on it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from draw_core.families.draw.engine import ENGINE
from draw_core.store.checkpoint import load_preview
from tests.support.browser import HOME, ROOT, Server
from ui.kit import names

CHECKPOINTS = ROOT / "checkpoints"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("names")
    with Server(HOME, folder / "log", DRAW_CHECKPOINTS=str(CHECKPOINTS)) as server:
        yield server.url


def _expect_names(page: Page, looks: tuple[str, ...], box: str = "Samples") -> None:
    """The list has options with exactly these names, in this order."""
    cells = page.get_by_role("listbox", name=box).get_by_role("option")
    expect(cells).to_have_count(len(looks))
    for k, words in enumerate(looks):
        name = f"Sample {k + 1} of {len(looks)}, {words}"
        expect(cells.nth(k)).to_have_accessible_name(name)


def test_home_names_each_sample(visit, url):
    page = visit(url).page
    looks = names.of_samples(load_preview(CHECKPOINTS / "mnist-pen").first(16), "mnist")
    _expect_names(page, looks, "each with what a classifier reads on its finished picture")


def test_new_samples_get_new_names(visit, url):
    from draw_core.store.checkpoint import load_checkpoint

    visitor = visit(f"{url}/Generate?model=strokes-attention&n=9&seed=3&step=28&sample=4")
    model, _ = load_checkpoint(CHECKPOINTS / "strokes-attention")
    third, fourth = (
        names.of_samples(ENGINE.generate(model, 9, seed, 1.0), "strokes") for seed in (3, 4)
    )
    assert third != fourth
    _expect_names(visitor.page, third)
    expect(visitor.part("spoken")).to_contain_text(re.compile(rf"\. It {third[3]}\.$"))
    visitor.press("ArrowLeft", 27)
    expect(visitor.part("spoken")).to_contain_text("Sample 4, step 27 of 28")
    expect(visitor.part("spoken")).not_to_contain_text("looks")  # it is not finished
    visitor.page.get_by_label("Seed", exact=True).fill("4")
    visitor.page.keyboard.press("Enter")
    visitor.part("montage").hover()  # who dwells on the samples asks for their names
    _expect_names(visitor.page, fourth)


def test_samples_that_cannot_be_read_are_only_numbered(visit, url):
    page = visit(f"{url}/Generate?model=cifar-colour&n=4").page
    cells = page.get_by_role("listbox", name="Samples; arrow keys choose one").get_by_role("option")
    expect(cells).to_have_count(4)
    for k in range(4):
        expect(cells.nth(k)).to_have_accessible_name(f"Sample {k + 1} of 4")


def test_both_models_of_compare_name_their_samples(visit, url):
    page = visit(f"{url}/Compare?a=mnist-attention&b=mnist-no-attention&n=4", has_stage=False).page
    for letter, name in (("A", "mnist-attention"), ("B", "mnist-no-attention")):
        looks = names.of_samples(load_preview(CHECKPOINTS / name).first(4), "mnist")
        _expect_names(page, looks, f"Samples of {letter}")
