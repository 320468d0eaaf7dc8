"""A visitor without a browser: Streamlit's own messages over its websocket.

Like the browser it keeps large messages and forgets those that were not used for some runs, so that
a reference to one that is gone is found here too.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlencode, urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

ANSWER_S = 120


class ProtocolError(Exception):
    """Something that would have ended the visit of a person, in one sentence."""


@dataclass
class Part:
    """An element of the page, and the fragment that it belongs to, if any."""

    element: Element
    fragment: str

    @property
    def kind(self) -> str:
        """The field of :class:`Element` that is set."""
        return self.element.WhichOneof("type") or ""


@dataclass
class _Kept:
    message: ForwardMsg
    last: int
    fragment: str


class Client:
    """One session; ``async with`` opens its first page.

    Attributes:
        parts: what the page shows, by the path of each element.
        received: the content of every message since it was last emptied.
    """

    def __init__(self, url: str, page: str = "", **query: str) -> None:
        self._url, self._page, self._query = url, page, urlencode(query)
        self.parts: dict[tuple[int, ...], Part] = {}
        self.received: list[bytes] = []
        self._states: dict[str, WidgetState] = {}
        self._kept: dict[str, _Kept] = {}
        self._runs = self._age = 0
        self._hash, self._hashes = "", dict[str, str]()
        self._begun = False
        self._fault = ""
        self._done = asyncio.Event()

    async def __aenter__(self) -> "Client":
        parts = urlsplit(self._url)
        self._socket: ClientConnection = await connect(
            f"ws://{parts.netloc}{parts.path}/_stcore/stream",
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],
            origin=f"{parts.scheme}://{parts.netloc}",
            max_size=None,
            compression=None,
            ping_interval=None,
            open_timeout=ANSWER_S,
        )
        self._reader = asyncio.create_task(self._read())
        await self._run(page_name=self._page, query_string=self._query)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._socket.close()
        await self._reader

    # ---- what a visitor does; each returns the seconds until the page is complete again

    async def go(self, page: str, **query: str) -> float:
        """Another page, by its name in the address, "" for the first."""
        self._states.clear()
        self.parts.clear()
        self._query = urlencode(query)
        return await self._run(page_script_hash=self._hashes[page], query_string=self._query)

    async def click(self, label: str) -> float:
        """A button."""
        part = next(p for p in self._of("button") if p.element.button.label == label)
        state = WidgetState(id=part.element.button.id, trigger_value=True)
        return await self._act(part, state, keep=False)

    def has_button(self, label: str) -> bool:
        """Whether the page shows it."""
        return any(p.element.button.label == label for p in self._of("button"))

    async def report(self, component: str, **values: object) -> float:
        """A component of ours sets its state."""
        part = self.component(component)
        state = WidgetState(id=part.element.bidi_component.id, json_value=json.dumps(values))
        return await self._act(part, state)

    async def enter(self, label: str, value: float) -> float:
        """A number into a field."""
        part = next(p for p in self._of("number_input") if p.element.number_input.label == label)
        return await self._act(
            part, WidgetState(id=part.element.number_input.id, double_value=value)
        )

    def component(self, name: str) -> Part:
        """A component of ours."""
        found = [
            p for p in self._of("bidi_component") if p.element.bidi_component.component_name == name
        ]
        if not found:
            raise ProtocolError(f"the page shows no {name}")
        return found[-1]

    def texts(self, kind: str) -> list[str]:
        """The texts of all elements of a kind that have a body."""
        return [getattr(part.element, kind).body for part in self._of(kind)]

    def _of(self, kind: str) -> list[Part]:
        return [part for part in self.parts.values() if part.kind == kind]

    # ---- the protocol

    async def _act(self, part: Part, state: WidgetState, *, keep: bool = True) -> float:
        if keep:
            self._states[state.id] = state
        return await self._run(state, page_script_hash=self._hash, fragment_id=part.fragment)

    async def _run(self, *more: WidgetState, **fields: str) -> float:
        began = time.perf_counter()
        message = BackMsg()
        request = message.rerun_script
        for name, value in {"query_string": self._query, **fields}.items():
            setattr(request, name, value)
        request.widget_states.widgets.extend(
            {s.id: s for s in (*self._states.values(), *more)}.values()
        )
        request.cached_message_hashes.extend(self._kept)
        request.context_info.timezone = "UTC"
        request.context_info.url = f"{self._url}/{self._page}"
        self._begun = False
        self._done.clear()
        try:
            await self._socket.send(message.SerializeToString())
        except ConnectionClosed:
            raise ProtocolError(self._fault or "the connection was closed") from None
        try:
            await asyncio.wait_for(self._done.wait(), ANSWER_S)
        except TimeoutError:
            raise ProtocolError(f"no answer within {ANSWER_S} s") from None
        if self._fault:
            raise ProtocolError(self._fault)
        return time.perf_counter() - began

    async def _read(self) -> None:
        try:
            async for content in self._socket:
                assert isinstance(content, bytes)
                self.received.append(content)
                self._take(ForwardMsg.FromString(content))
        except ProtocolError as error:
            self._fault = str(error)
        except ConnectionClosed:  # a busy server does not answer the farewell in time
            pass
        self._fault = self._fault or "the connection was closed"
        self._done.set()

    def _take(self, message: ForwardMsg) -> None:
        message = self._resolved(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begun = True
            self._age = message.new_session.config.max_cached_message_age
            self._hash = message.new_session.page_script_hash
        elif kind == "navigation":
            self._hashes = {
                "" if page.is_default else page.url_pathname: page.page_script_hash
                for page in message.navigation.app_pages
            }
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            element = message.delta.new_element
            path = tuple(message.metadata.delta_path)
            self.parts[path] = Part(element, message.delta.fragment_id)
            if element.WhichOneof("type") == "exception":
                raise ProtocolError(f"an exception: {element.exception.message}")
        elif kind == "page_not_found":
            raise ProtocolError("there is no such page")
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                return
            if self._begun:
                self._grow_older(list(message.metadata.run.fragment_ids))
                self._done.set()

    # ---- what the browser keeps, as its ForwardMessageCache does

    def _resolved(self, message: ForwardMsg) -> ForwardMsg:
        if message.WhichOneof("type") == "ref_hash":
            kept = self._kept.get(message.ref_hash)
            if kept is None:
                raise ProtocolError(f"Cached ForwardMsg MISS [hash={message.ref_hash}]")
            kept.last = self._runs
            full = ForwardMsg()
            full.CopyFrom(kept.message)
            full.metadata.CopyFrom(message.metadata)
            return full
        if message.metadata.cacheable:
            fragment = message.delta.fragment_id
            kept = self._kept.setdefault(message.hash, _Kept(message, self._runs, fragment))
            kept.last = self._runs
        return message

    def _grow_older(self, fragments: list[str]) -> None:
        self._runs += 1
        for name, kept in list(self._kept.items()):
            if fragments and kept.fragment not in fragments:
                continue
            if self._runs - kept.last > self._age:
                del self._kept[name]
