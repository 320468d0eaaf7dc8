"""What a page keeps for one visitor: each value under one key and of one type.

Streamlit's session is a mapping of anything to anything. Whoever keeps a value declares it once, as
a :class:`Slot`; others import the slot and never spell its key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

T = TypeVar("T")


@dataclass(frozen=True)
class Slot(Generic[T]):
    """The place of one value in the session.

    Attributes:
        key: in ``st.session_state``; a widget of this key changes the value.
        default: what it is before anything was kept.
    """

    key: str
    default: T

    def get(self) -> T:
        """The value, or the default."""
        value: T = st.session_state.get(self.key, self.default)
        return value

    def put(self, value: T) -> None:
        """Keeps another value; not after the widget of this key was shown in the same run."""
        st.session_state[self.key] = value

    def pop(self) -> T:
        """The value, which is then forgotten."""
        value: T = st.session_state.pop(self.key, self.default)
        return value

    @property
    def is_kept(self) -> bool:
        """Whether there is a value."""
        return self.key in st.session_state


def reported(key: str, name: str) -> object:
    """What the component of this key last said under a name, which may be anything; or None."""
    said: object = st.session_state.get(key)
    return said.get(name) if isinstance(said, Mapping) else None
