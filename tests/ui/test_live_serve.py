"""The weights that a server gives to browsers."""

import numpy as np
import pytest
from safetensors.numpy import load
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from streamlit import config

from draw_core.store.checkpoint import WEIGHTS
from tests.support import browser
from ui.live import serve


@pytest.fixture
def folder(tmp_path):
    return browser.write_checkpoint(tmp_path, browser.pen())


def _ask(address: str) -> Response:
    """What the server's route answers."""
    scope = {"type": "http", "method": "GET", "path": address, "headers": []}
    match, more = Route(serve.pattern(), serve.weights).matches(scope)
    assert match is Match.FULL
    return serve.weights(Request(scope | more))


@pytest.mark.parametrize("path", ["", "class", "/a/b/"])
def test_a_network_that_was_shown_is_given_whole_and_kept(folder, monkeypatch, path):
    real = config.get_option
    monkeypatch.setattr(
        config, "get_option", lambda name: path if name == "server.baseUrlPath" else real(name)
    )
    address = serve.address(folder)
    assert address.startswith("/weights/" if not path else f"/{path.strip('/')}/weights/")
    answer = _ask(address)
    assert answer.status_code == 200
    assert answer.body == (folder / WEIGHTS).read_bytes()
    assert "decoder.weight_hh" in load(answer.body)
    assert "immutable" in answer.headers["cache-control"]
    assert serve.address(folder) == address


def test_what_was_not_shown_or_has_changed_is_not_given(folder, tmp_path):
    for digest in ("0" * 64, "..", "model.safetensors"):
        assert _ask(f"/weights/{digest}").status_code == 404
    address = serve.address(folder)
    (folder / WEIGHTS).write_bytes(b"others")
    assert _ask(address).status_code == 404
    (folder / WEIGHTS).unlink()
    assert _ask(address).status_code == 404
    with pytest.raises(OSError, match="model.safetensors"):
        serve.address(folder)


def test_half_a_network_paints(folder):
    answer = _ask(serve.address(folder, paints=True))
    whole, half = load((folder / WEIGHTS).read_bytes()), load(answer.body)
    assert {name.partition(".")[0] for name in whole.keys() - half.keys()} == {
        *("encoder", "posterior", "read_window", "initial_enc")
    }
    for name, tensor in half.items():
        np.testing.assert_array_equal(tensor, whole[name])
    assert serve.address(folder) != serve.address(folder, paints=True)
    (folder / WEIGHTS).write_bytes(b"others")
    with pytest.raises(ValueError, match="damaged"):
        serve.address(folder, paints=True)


def test_only_so_many_networks_are_remembered(folder, monkeypatch):
    monkeypatch.setattr(serve, "_MOST", 2)
    first = serve.address(folder)
    for k in range(2):
        with (folder / WEIGHTS).open("ab") as file:
            file.write(b"0" * (k + 1))
        serve.address(folder)
    assert _ask(first).status_code == 404
    assert len(serve._SHOWN) == 2
