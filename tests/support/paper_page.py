"""The page Paper through ``AppTest``, and a folder with a model for every figure of it."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from streamlit.testing.v1 import AppTest

from draw_core.families.conv.config import ConvConfig
from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.families.registry import engine_of, family_of
from draw_core.store import curve
from draw_core.store.checkpoint import make_preview, save_checkpoint
from tests.support import browser, process, small

PATH = "pages/6_Paper.py"
FIGURES = [str(number) for number in range(1, 13)]
TABLES = ["table1", "table2", "table3"]
# The component of each figure that shows one, when everything is there.
COMPONENTS = {
    "1": "draw_paper_strip",
    "2": "draw_paper_unrolled",
    "3": "draw_paper_window",
    "4": "draw_paper_window",
    "5": "draw_paper_glimpses",
    "6": "draw_paper_nearest",
    "7": "draw_paper_strip",
    "8": "draw_paper_strip",
    "9": "draw_stage",  # no house numbers
    "10": "draw_paper_strip",
    "12": "draw_paper_nearest",
}
COLOUR = {"channels": 3, "height": 32, "width": 32}
PAGE = {"height": 100, "width": 100}
GLIMPSES = GlimpseConfig(**PAGE, num_steps=3, hidden_size=9, read_size=4)
CONVOLUTIONS = ConvConfig(**PAGE, filters_1=2, filters_2=2)
PROTOCOL = "Composite images of a *test*."


def write_model(
    root: Path,
    name: str,
    data: str = "mnist",
    card: Mapping[str, object] | None = None,
    **changes: object,
) -> Path:
    """An untrained model with a card and a preview; ``changes`` are to its sizes."""
    model = browser.pen(**changes)
    values = {"config": model.config, "data": data, **(card or {})}
    save_checkpoint(root / name, model, small.card(**values), make_preview(model))
    return root / name


def write_classifier(root: Path, data: str = "cluttered:mnist") -> Path:
    """An untrained classifier beside its baseline, each with invented errors."""
    seen = {"error": 6.54, "standard_error": 0.21, "loss": 0.3, "images": 10_000}
    seen["after_glimpse"] = [60.0, 20.0, 6.54]
    whole = {"error": 14.29, "standard_error": 0.35, "loss": 0.5, "images": 12}
    for name, config, found, notes in (
        ("cluttered-baseline", CONVOLUTIONS, whole, ()),
        ("cluttered-classifier", GLIMPSES, seen, ("Hold the window *back*.",)),
    ):
        training, test = family_of(config).training(), {**found, "protocol": PROTOCOL}
        card = small.card(
            config=config, training=training, data=data, test=test, notes=notes, command="train"
        )
        save_checkpoint(root / name, classifier(config), card, None)
    return root / "cluttered-classifier"


def classifier(config: GlimpseConfig | ConvConfig) -> torch.nn.Module:
    """An untrained one, always the same."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return engine_of(config).build(config)


def write_zoo(root: Path) -> Path:
    """A folder with a model for every figure."""
    write_model(root, "mnist-attention")
    write_model(
        root, "mnist-no-attention", read_attention=False, write_attention=False, num_steps=5
    )
    write_model(root, "mnist-two-digits", "two_digits:mnist", height=60, width=60)
    write_model(root, "cifar-colour", "cifar10", **COLOUR)
    write_classifier(root)
    curve_of = {"step": [1, 2, 3], "train": [9, 8, 7], "test_step": [2, 3], "test": [8.5, 7.25]}
    text = json.dumps({"format": curve.FORMAT, "unit": "nats", **curve_of})
    (root / "cifar-colour" / curve.CURVE).write_text(text)
    return root


def visit(**query: str) -> AppTest:
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(PATH)
    app.run()
    assert not app.exception
    return app


def components(app: AppTest) -> dict[str, bytes]:
    return {e.proto.component_name: e.proto.bytes for e in app.get("bidi_component")}


def meta(data: bytes) -> dict:
    length = int.from_bytes(data[:8], "little")
    (text,) = json.loads(data[8 : 8 + length])["__metadata__"].values()
    return json.loads(text)


def faults(app: AppTest) -> list[str]:
    return [element.value for element in [*app.error, *app.warning]]


def words(app: AppTest) -> str:
    elements = [*app.markdown, *app.info, *app.caption, *app.code]
    return "\n".join(element.value for element in elements)


def title(app: AppTest) -> str:
    return next(e.value for e in app.markdown if e.value.startswith("# "))
