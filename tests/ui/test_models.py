"""Models in words, and which one a page begins with."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support import browser, process, small
from ui.generate.page import SERVED
from ui.models import about
from ui.models.catalogue import DEFAULT_MODEL, WATCHED_FIRST


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"max_write_side": 0.3},
            "writes through a window of at most 30\N{NO-BREAK SPACE}% of the page",
        ),
        ({}, "writes through a window of any size"),
        ({"write_attention": False}, "writes on the whole page at once"),
    ],
)
def test_a_model_in_short(changes, words):
    config = browser.pen(num_steps=28, **changes).config
    text = about.in_short(small.card(config=config), "MNIST")
    assert text == f"28 steps, {words}, learned from MNIST"


def test_a_nat_is_explained_where_it_is_counted():
    text = about.describe("it", small.card())
    assert text.endswith(
        "A nat is 1.44 bits of information. On 10 images it never saw, the network needs at most "
        "3.0 nats to describe one image; less is better."
    )
    assert "nat" not in about.describe("it", small.card(test=None))


@pytest.mark.parametrize(
    ("page", "key"),
    [("pages/1_Generate.py", "model"), ("pages/2_Reconstruct.py", "reconstruct_model")],
)
def test_pages_go_on_with_the_model_that_the_first_page_shows(
    page: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAW_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("DRAW_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path / "data"))
    for name in (DEFAULT_MODEL, WATCHED_FIRST[0]):
        browser.write_checkpoint(tmp_path / "checkpoints", browser.pen(), name)
    for query, expected in (
        ({}, WATCHED_FIRST[0]),
        ({"model": DEFAULT_MODEL}, DEFAULT_MODEL),
    ):
        app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=30)
        app.session_state[SERVED.key] = True  # as in a browser that runs no network
        for name, value in query.items():
            app.query_params[name] = value
        app.switch_page(page).run()
        assert not app.exception
        assert app.session_state[key] == expected
