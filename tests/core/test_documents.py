"""The documents are short, and name and link to nothing that is not there."""

import re
from pathlib import Path

import pytest

from tests.support.process import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "checkpoints/README.md", *(ROOT / "docs").glob("*.md")]
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}


def _anchors(file: Path) -> set[str]:
    """What a link to a heading of a document may name."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_somewhere(file):
    for link in re.findall(r"\]\(([^)]+)\)", file.read_text()):
        if link.startswith("https://"):
            continue
        path, _, anchor = link.partition("#")
        target = file.parent / path if path else file
        assert target.is_file(), link
        assert not anchor or anchor in _anchors(target), link


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_files_that_are_named_exist(file):
    text = file.read_text()
    named = re.findall(r"`([\w.-]+/[\w./-]*)`", text) + re.findall(r"python ([\w/]+\.py)", text)
    modules = re.findall(r"python -m ((?:benchmarks|draw_core)[\w.]*)", text)
    named += [module.replace(".", "/") + "*" for module in modules]
    for name in named:
        if name.partition("/")[0] in FOLDERS and "NAME" not in name:
            assert any(ROOT.glob(name)), name


def test_every_document_is_reached_from_the_readme_which_is_short():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 120
    for file in DOCUMENTS[1:]:
        assert f"]({file.relative_to(ROOT)})" in text, file
