"""Pages as ``AppTest`` opens them, and what they send to a component."""

from streamlit.testing.v1 import AppTest

from tests.support import process


def visit(path: str, **query: str) -> AppTest:
    """Opens a page, such as ``"pages/7_Inside.py"``, the way its address does."""
    app = AppTest.from_file(str(process.ROOT / "app.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(path)
    app.run()
    assert not app.exception
    return app


def sent(app: AppTest, component: str) -> bytes:
    """What the only component of that name was sent."""
    elements = app.get("bidi_component")
    (found,) = (e.proto for e in elements if e.proto.component_name == component)
    return found.bytes
