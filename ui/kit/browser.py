"""The visitor's browser: keeps its address up to date, and knows it again after a reload.

Written from Python, every change of the address would be a step in the browser's history; here the
browser replaces it. Random names that the browser keeps for itself (in its local storage, so
without a cookie) tell whose trainings are whose; they are no passwords and leave no other trace.
"""

import json
import re
import secrets
from collections.abc import Collection, Mapping

import streamlit as st

from ui.kit.linker import linked
from ui.kit.session import Slot, reported

_KEY, _NOBODY = "visitor_browser", "-"
_NAMES, _SESSION = Slot("visitor", ""), Slot("visitor_session", "")
_USED, _LEARNED = Slot("visitor_used", False), Slot("visitor_learned", False)
_ASKED, _WAITING = Slot("visitor_asked", False), Slot("visitor_waiting", False)
_ANSWERED = Slot("visitor_answered", False)
_SAID = re.compile(r"[0-9a-f]{32}( [0-9a-f]{32}){0,8}")

_component = st.components.v2.component("draw_browser", js=linked("kit/browser.js"))


def owners() -> frozenset[str]:
    """The names under which this visitor may have started trainings."""
    return frozenset({*_names(), _session()})


def owner() -> str:
    """The name under which this visitor starts trainings."""
    if names := _names():
        return names[0]
    _USED.put(True)
    return _session()


def _names() -> list[str]:
    return _NAMES.get().split()


def _session() -> str:
    if not _SESSION.is_kept:
        _SESSION.put(secrets.token_hex(16))
    return _SESSION.get()


def is_known() -> bool:
    """Whether the browser has said who the visitor is, or that it keeps no names."""
    return bool(_names()) or _ANSWERED.get()


def show(owned: Collection[str], parameters: Mapping[str, str]) -> None:
    """Makes the address say this, and learns the visitor's name when it is first called.

    Args:
        owned: every parameter that the page uses; those not given are taken out of the address.
        parameters: what the address shall say.
    """
    _send(_KEY, owned, parameters, ask=True)


def say(key: str, **parameters: str) -> None:
    """Makes the address say these things more, beside :func:`show`, and not those that are empty.

    It learns the visitor's name too if :func:`ask` was called.

    Args:
        key: tells several of these on a page apart.
    """
    given = {name: value for name, value in parameters.items() if value}
    _send(f"{_KEY}_{key}", parameters, given, ask=_ASKED.get())


def ask(*, wait: bool = False) -> None:
    """Lets the next :func:`say` learn the visitor's name: something here is only for its owner.

    Args:
        wait: whether the page cannot go on before the browser has answered.
    """
    _ASKED.put(True)
    if wait:
        _WAITING.put(True)


def _send(key: str, owned: Collection[str], parameters: Mapping[str, str], *, ask: bool) -> None:
    def learn() -> None:
        names = reported(key, "visitor")
        if isinstance(names, str) and _SAID.fullmatch(names):
            _NAMES.put(names)
            _LEARNED.put(True)
        elif names == _NOBODY:
            _ANSWERED.put(True)

    if _LEARNED.pop():
        st.rerun()  # everything that tells whose is what
    payload: dict[str, object] = {
        "owned": sorted(owned),
        "parameters": dict(parameters),
        "session": _session(),
    }
    if ask:
        payload["known"] = _NAMES.get()
        payload["used"] = _USED.get()
        payload["waiting"] = _WAITING.get() and not is_known()
    # In a list: Streamlit then sends the text as it is, without loading pandas to look at it.
    _component(key=key, data=[json.dumps(payload)], on_visitor_change=learn)
