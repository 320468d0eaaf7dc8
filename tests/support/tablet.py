"""Fingers and a pen at once, as the browser of a tablet gets them."""

from playwright.sync_api import Page

Place = tuple[float, float]


class Tablet:
    """The hands on one page; places are pixels of the screen."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)
        self._down: dict[int, Place] = {}

    def touch(self, finger: int, *places: Place) -> None:
        """Puts a finger down at the first of these places, or moves it through them."""
        for place in places:
            kind = "touchMove" if finger in self._down else "touchStart"
            self._down[finger] = place
            self._send(kind)

    def lift(self, finger: int) -> None:
        """Takes a finger away."""
        del self._down[finger]
        self._send("touchEnd")

    def cancel(self) -> None:
        """The browser or the system takes all touches for itself."""
        self._down = {}
        self._send("touchCancel")

    def pen(self, *places: Place) -> None:
        """Puts the pen down, moves it through these places, and lifts it."""
        kinds = ["mousePressed", *["mouseMoved"] * (len(places) - 1), "mouseReleased"]
        for kind, (x, y) in zip(kinds, [*places, places[-1]], strict=True):
            event = {"type": kind, "x": x, "y": y, "button": "left", "pointerType": "pen"}
            held = {"buttons": int(kind != "mouseReleased"), "clickCount": 1}
            self._session.send("Input.dispatchMouseEvent", event | held)

    def _send(self, kind: str) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in self._down.items()]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
