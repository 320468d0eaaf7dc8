"""What a server does when it begins and when it ends."""

import asyncio
import subprocess
import sys
import threading
import webbrowser

import pytest
from streamlit import config
from streamlit.web.server.app_discovery import discover_asgi_app

from draw_core import jobs
from tests.support import process
from ui.kit import server

OPTIONS = {"server.headless": False, "server.address": None}


def _live(monkeypatch: pytest.MonkeyPatch, **options: object) -> list[str]:
    """One life of a server with these options; the addresses that a browser was sent to."""
    real, opened, hidden = config.get_option, [], []
    given = OPTIONS | {name.replace("_", "."): value for name, value in options.items()}
    monkeypatch.setattr(
        config, "get_option", lambda name: given[name] if name in given else real(name)
    )
    monkeypatch.setattr(config, "set_option", lambda name, value: hidden.append((name, value)))
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(server, "_LISTENS_S", 0)

    async def life() -> None:
        async with server.lifespan(None):
            await asyncio.sleep(0.01)

    asyncio.run(life())
    assert hidden == [("logger.hideWelcomeMessage", True)] * len(opened)
    return opened


def test_a_browser_opens_where_the_server_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    port = config.get_option("server.port")
    assert _live(monkeypatch) == [f"http://localhost:{port}"]
    assert _live(monkeypatch, server_address="0.0.0.0") == [f"http://localhost:{port}"]
    assert _live(monkeypatch, server_headless=True) == []


def test_a_training_is_saved_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[threading.Thread] = []
    monkeypatch.setattr(jobs, "shutdown", lambda: closed.append(threading.current_thread()))
    _live(monkeypatch, server_headless=True)
    assert len(closed) == 1
    assert closed[0] is not threading.main_thread()


def test_the_server_has_what_the_first_page_needs_before_anybody_comes() -> None:
    assert discover_asgi_app(process.ROOT / "app.py").import_string == "app:app"
    code = "import sys, app; print('ui.stage.stage' in sys.modules, 'torch' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=process.ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["True", "False"]
