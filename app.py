"""The app: a module that the server imports once, and the script of its home page."""

import streamlit as st
from starlette.routing import Route

from ui.home import page as home
from ui.kit import page, server
from ui.live import serve

if __name__ == "__main__":  # as the script, for each visitor
    with page.setup(page.APP_NAME):
        home.show()
else:  # as the module, before anybody comes, so that the first visitor waits for no import
    app = st.App(__file__, lifespan=server.lifespan, routes=[Route(serve.pattern(), serve.weights)])
