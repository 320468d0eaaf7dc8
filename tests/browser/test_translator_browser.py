"""A page that a browser's translator has changed goes on changing, and ends as it should."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.support import translator
from tests.support.browser import HOME, Server
from tests.support.visitor import TIMEOUT_MS
from ui.kit.linker import read

SMALL = (
    "/Train?preset=one-minute&data=mnist&num_steps=3&z_size=8&enc_size=32&dec_size=32"
    "&steps=600&seconds=0&threads=1"
)
FIRST_UPDATE_MS, END_MS = 120_000, 180_000
# As React makes them: texts that it keeps, beside elements.
TEXTS = """
() => {
  const make = (html) => new Range().createContextualFragment(html);
  const line = document.createElement("p");
  const [before, after, label] = ["update 1", "8 s left", "nats"].map((t) => new Text(t));
  line.append(before, make("<b>90.1</b>"), after);
  document.body.append(line, make("<svg><text></text></svg>"));
  document.querySelector("text").append(label);
  Object.assign(window, { line, before, after });
}
"""


@pytest.fixture
def translated(chromium, manner) -> Page:
    """A page with texts, guarded, after a translator was at it."""
    page = chromium.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    page.set_content("<body></body>")
    page.evaluate(TEXTS)
    page.evaluate(f"() => {{ {read('kit/translated.js').body}\nguardTranslations(); }}")
    page.evaluate(translator.script(manner))
    expect(page.locator("p")).to_have_text("«update 1»«90.1»«8 s left»")
    yield page
    page.close()


@pytest.mark.parametrize("manner", translator.MANNERS)
def test_a_text_that_changes_is_shown(translated, manner):
    for number in (2, 3):
        translated.evaluate(f"before.nodeValue = 'update {number}'")
        again = f"update {number}" if manner == "keep" else f"«update {number}»"
        expect(translated.locator("p")).to_have_text(f"{again}«90.1»«8 s left»")


@pytest.mark.parametrize("manner", translator.MANNERS)
def test_what_is_put_before_a_text_comes_before_its_translation(translated, manner):
    translated.evaluate(
        "line.insertBefore(document.createElement('i'), after).append('now'); undefined"
    )
    expect(translated.locator("p")).to_have_text("«update 1»«90.1»«now»«8 s left»")


@pytest.mark.parametrize("manner", translator.MANNERS)
def test_a_text_that_is_removed_goes_with_its_translation(translated, manner):
    translated.evaluate("line.removeChild(before); line.removeChild(after); undefined")
    expect(translated.locator("p")).to_have_text("«90.1»")


@pytest.mark.parametrize("manner", translator.MANNERS)
def test_words_in_a_drawing_are_painted(translated, manner):
    expect(translated.locator("svg text")).to_contain_text("nats")
    expect(translated.locator("svg font")).to_have_count(0)


@pytest.mark.parametrize("manner", ["replace"])
def test_a_mistake_is_still_one(translated, manner):
    """What is no translated text is removed or found as ever."""
    translated.evaluate("window.b = line.querySelector('b')")
    for wrong in ("document.body.removeChild(b)", "document.body.insertBefore(new Text(''), b)"):
        failed = f"() => {{ try {{ {wrong} }} catch ({{ name }}) {{ return name }} }}"
        assert translated.evaluate(failed) == "NotFoundError"


@pytest.fixture
def url(tmp_path, mnist_root) -> Iterator[str]:
    folders = {"DRAW_RUNS_DIR": tmp_path / "runs", "DRAW_DATA_ROOT": mnist_root}
    environment = {name: str(path) for name, path in folders.items()}
    with Server(HOME, tmp_path / "log", OMP_NUM_THREADS="1", **environment) as server:
        yield server.url


def test_a_translated_training_counts_on_to_its_end(url, visit):
    page = visit(url + SMALL, has_stage=False).page
    expect(page.locator(".st-key-train_go button")).to_be_enabled()
    page.evaluate(translator.script("replace"))
    page.locator(".st-key-train_go button").click()
    status = page.locator(".st-key-train_status")
    for _ in range(2):
        expect(status).to_contain_text(re.compile(r"« · update \d+"), timeout=FIRST_UPDATE_MS)
        shown = re.search(r"update \d+ ", status.inner_text())[0]
        expect(status).not_to_contain_text(shown)
    expect(status).to_contain_text("Finished", timeout=END_MS)
    expect(status).to_contain_text("update 600 ")
    row = page.locator("[class*=st-key-train_row_]")
    expect(row).to_contain_text("Finished")
    expect(row).to_contain_text(re.compile(r"\d+\.\d»« nats"))
    page.get_by_role("link", name="Compare").first.click()
    expect(page.locator("h1")).to_contain_text("Two networks, one clock")
