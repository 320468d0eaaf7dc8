"""What the server does beside showing pages: when it begins, and when it ends."""

import asyncio
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from streamlit.web.server import server_util

_LISTENS_S = 0.5  # after it has begun to start


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[dict[str, Any]]:
    """Opens a browser, as Streamlit does for a plain script but not for an ``st.App``.

    At the end a training that runs is saved: a signal ends the process without ``atexit``.
    """
    if not st.get_option("server.headless"):
        address = st.get_option("server.address") or "localhost"
        url = server_util.get_url(server_util.get_display_address(address))
        asyncio.get_running_loop().call_later(_LISTENS_S, webbrowser.open, url)
    yield {}
    if jobs := sys.modules.get("draw_core.jobs"):
        await asyncio.to_thread(jobs.shutdown)
