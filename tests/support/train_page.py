"""The page Train through ``AppTest``, and runs in any state."""

import dataclasses
import json
import re
import shutil
from pathlib import Path

from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from draw_core.runs.registry import Run
from tests.support import process
from ui.generate.page import SERVED
from ui.models import runs as model_runs
from ui.train import status as train_status

TRAIN, GENERATE = "pages/4_Train.py", "pages/1_Generate.py"


def visit(path: str = TRAIN, owner: str | None = None, **query: str) -> AppTest:
    train_status._standing.clear()  # it comes more than a second after the one before
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=60)
    app.session_state[SERVED.key] = True  # as in a browser that runs no network
    for name, value in query.items():
        app.query_params[name] = value
    if owner:
        app.session_state["visitor"] = owner
    app.switch_page(path).run()
    assert not app.exception
    assert not [e.value for e in app.error if "Something went wrong" in e.value]
    return app


def said(app: AppTest) -> str:
    """All text that the page shows."""
    kinds = (app.markdown, app.info, app.warning, app.error, app.caption)
    return "\n".join(element.value for kind in kinds for element in kind)


def in_address(app: AppTest) -> dict[str, str]:
    """What the page tells the browser to write into its address."""
    said: dict[str, str] = {}
    for element in app.get("bidi_component"):
        if element.proto.component_name == "draw_browser":
            (text,) = json.loads(element.proto.json)
            said |= json.loads(text)["parameters"]
    return said


def component(app: AppTest, name: str):
    (found,) = (e for e in app.get("bidi_component") if e.proto.component_name == name)
    return load(found.proto.bytes)


def put(trained: Path, runs: Path, state: str = "finished", **changes: object) -> Run:
    """A run of the module-wide one's pictures and losses, in another state."""
    run = Run(runs / str(changes.pop("id", "20260101-000000-abcdef")))
    shutil.copytree(trained, run.folder)
    config = dataclasses.replace(run.config(), **changes)
    (run.folder / "run.json").write_text(config.to_json())
    run.write_status(dataclasses.replace(run.stored_status(), state=state, worker=None))
    model_runs.forget()
    return run


def sentences(app: AppTest) -> list[str]:
    """What the line of a training says beside its state and its figures."""
    line = next(m.value for m in app.markdown if "-badge[" in m.value)
    return [part for part in line.split(" · ")[1:] if re.match("[A-Z]", part)]


def empty_words(app: AppTest) -> str:
    """What stands in place of the curves while there are none."""
    (found,) = (
        e.proto.bytes for e in app.get("bidi_component") if e.proto.component_name == "draw_curves"
    )
    header = json.loads(found[8 : 8 + int.from_bytes(found[:8], "little")])
    return json.loads(header["__metadata__"]["told"])["empty"]
