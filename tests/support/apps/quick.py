"""A page that shows a large text or another, and a fragment that runs alone.

With ``?bare=yes`` all messages that the browser names are taken for kept, as Streamlit does.
"""

from dataclasses import replace

import streamlit as st

from ui.kit import messages, page

BEGIN = messages.__dict__.setdefault("real_begin", messages.begin)
messages.begin = (lambda: None) if "bare" in st.query_params else BEGIN
# There are no other pages here, and a link needs some address.
page.HOME, page.PAGES = replace(page.HOME, path="http://localhost/", label="Quick"), ()
LARGE = 20_000


@st.fragment
def clock() -> None:
    """Counts the runs of this fragment."""
    with page.boundary():
        count = st.session_state["count"] = st.session_state.get("count", 0) + 1
        st.button("Tick")
        st.markdown(f"run {count}")


with page.setup("Quick"):
    text = st.radio("Text", ["first", "second"])
    st.markdown(f"{text} text " + text[0] * LARGE)
    clock()
