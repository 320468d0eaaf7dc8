"""The tables of a page that AppTest has run."""

from streamlit.testing.v1 import AppTest


def tables(app: AppTest) -> list[str]:
    """Their HTML, in the order of the page, without the page's own style."""
    bodies = (element.proto.body for element in app.get("html"))
    return [body for body in bodies if "<table" in body]
