"""Which large messages Streamlit may replace by a mere reference to an earlier one.

The browser keeps messages of 10 kB and more and names them with each request; the server then sends
their names alone. But the browser may drop one while a request that names it is still on its way:
when the visitor acts twice before the first answer begins, the end of the first run ages what is
kept, and the second run refers to what is gone. Streamlit has no other answer to that than a fatal
dialog. So the browser keeps messages for twice as many runs (``global.maxCachedMessageAge``) as the
server trusts it to, and the page reloads itself if the dialog comes all the same.
"""

from collections.abc import Iterable

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from ui.kit.session import Slot

# The number of the last run of a page or fragment, and in which run each message was used.
_USED: Slot[tuple[int, dict[str, int]]] = Slot("messages_used", (0, {}))


def trusted_runs() -> int:
    """For how many runs of a page or a fragment the browser surely keeps what is not used.

    A run ages it by one at most, so it keeps it for longer; but a message may be lost with a run
    that was interrupted, and then was used less recently than this believes.
    """
    return int(st.get_option("global.maxCachedMessageAge")) // 2


class Kept(frozenset[str]):
    """The names of the messages that the browser keeps, as far as it is sure to keep them still.

    Streamlit looks each large message up here before it sends it, which is how this learns when a
    message was last used.
    """

    used: dict[str, int]
    run: int

    @classmethod
    def of(cls, names: Iterable[str], used: dict[str, int], run: int) -> "Kept":
        """The names that the browser sent with a run.

        Args:
            names: of all messages that it kept when it sent them.
            used: in which run each message was last used, lately; brought up to date.
            run: the number of this run.
        """
        kept = cls(names)
        kept.used, kept.run = used, run
        return kept

    def __contains__(self, name: object) -> bool:
        """Whether a reference is enough; notes that the message is used."""
        lately = name in self.used
        self.used[str(name)] = self.run
        return lately and super().__contains__(name)


def begin() -> None:
    """Call it at the beginning of a page and of each fragment, before anything large is shown."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or isinstance(context.cached_message_hashes, Kept):
        return  # outside a server, or a fragment within a page that has called it
    run, used = _USED.get()
    run += 1
    used = {name: last for name, last in used.items() if run - last <= trusted_runs()}
    _USED.put((run, used))
    context.cached_message_hashes = Kept.of(context.cached_message_hashes, used, run)
