"""Every command that is printed can be typed: quoted, with options that the program knows."""

import dataclasses
import re
import shlex
from pathlib import Path

import pytest

from draw_core.base.command_line import command, data_of, whole, with_data, with_options
from draw_core.data.registry import FOLDER_PREFIX
from draw_core.runs.config import RunConfig
from draw_core.store.checkpoint import list_checkpoints
from tests.support import small
from tests.support.command_lines import asked_for, parsed
from ui.models import command_lines
from ui.paper import commands

ROOT = Path(__file__).parents[2]
NASTY = [
    "a b",
    'Tom\'s "best" `run`',
    "$HOME; rm x",
    "-n",
    "--data",
    "ż\\n",
    "*",
    "[red]",
    "#1",
    "~",
]
CARDS = {entry.name: entry.card for entry in list_checkpoints(ROOT / "checkpoints") if entry.card}


@pytest.mark.parametrize("name", NASTY)
def test_any_name_arrives_as_it_is(name):
    line = command("evaluate", name, options={"data_root": name, "iwae": 5, "data": None})
    path, values = parsed(line)
    assert path == "evaluate"
    assert (values["checkpoint"], values["iwae"]) == (name, 5)
    assert "data" not in values
    assert shlex.split(line)[shlex.split(line).index("--data-root") + 1] == name


def test_options_that_are_only_a_name_say_yes_or_no():
    line = command("train", options={"resume": True, "read_attention": False})
    assert line == "python -m draw_core train --resume --no-read-attention"


def test_windows_has_marks_of_its_own(monkeypatch):
    monkeypatch.setattr("draw_core.base.command_line.os.name", "nt")
    options = {"data_root": r"C:\my data"}
    assert command("train", options=options, here=True).endswith(r'--data-root "C:\my data"')
    assert command("train", options=options).endswith(r"--data-root 'C:\my data'")  # for anybody


def test_an_option_that_stands_there_is_not_added_again():
    line = "python -m draw_core train --data-root 'my data' --data mnist"
    assert with_options(line, {"data_root": "DIR"}) == line
    assert with_options(line, {"threads": 2}) == f"{line} --threads 2"
    assert data_of(line) == "mnist"
    for foreign in ("train it 'well", "curl x | sh", ""):  # of a card that somebody wrote
        assert with_options(foreign, {"data_root": "DIR"}) == foreign
        assert data_of(foreign) is None


def test_the_lines_that_go_on_name_the_folder_of_the_first():
    first = "python -m draw_core train --data mnist"
    more = "python -m draw_core train --resume --run-dir RUN --steps 9"
    assert whole(f"{first}\n{more}") == f"{first} --run-dir RUN\n{more}"
    assert whole(first) == first


def test_a_quoted_name_of_images_does_not_leave_with_a_network():
    named = command("train", options={"data": "folder:my 'cat'", "steps": 3})
    assert "cat" not in with_data(f"{named}\n{named}", "folder:not-named")
    assert data_of(with_data(named, "folder:not-named")) == "folder:not-named"
    assert parsed(with_data(named, "folder:not-named"))[1]["steps"] == 3
    assert with_data("train --data 'my cat", "folder:not-named") == ""


# ---- what the pages print


@pytest.fixture(params=["here", "named", "absent"])
def place(request, mnist_root, tmp_path, monkeypatch):
    """Where MNIST is: where every command looks, in a folder of this server's, or nowhere."""
    monkeypatch.setenv("HOME", str(tmp_path))
    if request.param == "here":
        (tmp_path / ".cache").mkdir()
        (tmp_path / ".cache/draw-explorer").symlink_to(mnist_root)
        monkeypatch.delenv("DRAW_DATA_ROOT")
    else:
        root = mnist_root if request.param == "named" else tmp_path / "none"
        monkeypatch.setenv("DRAW_DATA_ROOT", str(root))
    return request.param


NEEDED = {"here": {}, "named": {"data_root": "DIR"}, "absent": {"download": True}}


def _needs_mnist(line: str) -> bool:
    data = data_of(line) or "strokes"
    return data.endswith("mnist") and " --resume " not in line


@pytest.mark.parametrize("block", commands.ALL)
def test_a_command_says_where_its_images_are(place, block):
    for line in command_lines.placed(block).splitlines():
        values = parsed(line)[1]
        if _needs_mnist(line):
            found = {"data_root": str(values.get("data_root")), "download": values["download"]}
            assert {name: found[name] for name in NEEDED[place]} == NEEDED[place]
        if place != "named" or not _needs_mnist(line):
            assert "data_root" not in values


@pytest.mark.parametrize("name", CARDS)
def test_the_commands_of_a_shipped_card_can_be_typed_one_after_the_other(place, name):
    card = CARDS[name]
    lines = command_lines.of_card(card).splitlines()
    folders = {values.get("run_dir") for path, values in map(parsed, lines) if path == "train"}
    assert len(folders) == 1
    if card.data in ("mnist", "cluttered:mnist"):
        assert ("--data-root DIR" in lines[0], "--download" in lines[0]) == (
            place == "named",
            place == "absent",
        )


def test_pictures_that_are_not_here_are_imported_first():
    first, second = command_lines.of_card(CARDS["cifar-colour"]).splitlines()
    path, values = parsed(first)
    assert path == "images"
    assert (str(values["source"]), values["size"], values["channels"]) == ("FOLDER", 32, 3)
    assert values["name"] == CARDS["cifar-colour"].data_title
    assert parsed(second)[1]["data"] == CARDS["cifar-colour"].data
    unnamed = small.card(data="folder:0123456789abcdef", command="python -m draw_core train")
    assert command_lines.of_card(unnamed) == unnamed.command


def _made(lines: str) -> RunConfig:
    """The network that these lines train one after the other, as the program reads them."""
    config = None
    for path, options in map(parsed, lines.splitlines()):
        if path == "train" and options.get("resume"):
            training = dataclasses.replace(config.training, steps=options["steps"])
            data = options.get("data", config.data)
            config = dataclasses.replace(config, training=training, data=data)
        elif path == "train":
            assert config is None
            config = asked_for(options, _shared(options["data"]))
    return config


def _shared(data: str) -> str:
    """The pictures of a folder that only its owner has are a part of this set."""
    return "cifar10" if data.startswith(FOLDER_PREFIX) else data


def _in_the_readme(name: str) -> str:
    """The lines of the block that publishes this model, without those of other models."""
    text = (ROOT / "checkpoints/README.md").read_text().replace("\\\n", " ")
    lines = re.findall(r"^python -m draw_core (?:train|publish) .*$", text, re.MULTILINE)
    (end,) = [k for k, line in enumerate(lines) if parsed(line)[1].get("name") == name]
    run = parsed(lines[end])[1]["run_folder"]
    return "\n".join(line for line in lines[:end] if parsed(line)[1].get("run_dir") == run)


PRINTED = [
    *((f"{name}, card", name, card.command) for name, card in CARDS.items()),
    *((f"{name}, page", name, lines) for name, lines in commands.SHIPPED.items()),
    *((f"{name}, readme", name, _in_the_readme(name)) for name in CARDS),
]


@pytest.mark.parametrize(("name", "lines"), [p[1:] for p in PRINTED], ids=[p[0] for p in PRINTED])
def test_a_printed_command_makes_the_network_of_the_card(name, lines):
    card, made = CARDS[name], _made(lines)
    assert made.model == card.config
    # What the processor multiplies fastest is its own affair.
    assert dataclasses.replace(made.training, precision=card.training.precision) == card.training
    assert made.data == _shared(card.data)


# ---- what the documentation prints


def _documented() -> list[str]:
    """Every command of the documentation, in blocks and in sentences."""
    found = []
    for file in (ROOT / "README.md", ROOT / "checkpoints/README.md", *(ROOT / "docs").glob("*.md")):
        text = file.read_text().replace("\\\n", " ")
        blocks = re.findall(r"^python -m draw_core .*$", text, re.MULTILINE)
        spans = re.findall(r"`(python -m draw_core [^`]*)`", text)
        found += [line.partition(" # ")[0] for line in blocks] + spans
    return [" ".join(line.split()) if '"' not in line else line for line in found]


@pytest.mark.parametrize("line", [line for line in _documented() if "--help" not in line])
def test_the_program_understands_every_documented_command(line):
    parsed(line)
