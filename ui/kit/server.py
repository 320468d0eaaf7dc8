"""What the server does beside showing pages: when it begins, and when it ends."""

import asyncio
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from streamlit import config
from streamlit.web.server import server_util

_LISTENS_S = 0.5  # after it has begun to start, and has said where


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Opens a browser, as Streamlit does for a plain script but not for an ``st.App``.

    At the end a training that runs is saved: a signal ends the process without ``atexit``.
    """
    if not config.get_option("server.headless"):
        asyncio.get_running_loop().call_later(_LISTENS_S, _welcome)
    yield {}
    if jobs := sys.modules.get("draw_core.jobs"):
        await asyncio.to_thread(jobs.shutdown)


def _welcome() -> None:
    # Where it finds an assistant for programmers, Streamlit would lay an offer over the pictures.
    config.set_option("logger.hideWelcomeMessage", True)
    address = config.get_option("server.address") or "localhost"
    webbrowser.open(server_util.get_url(server_util.get_display_address(address)))
