"""One picture after the other, of the kind that a model knows."""

from draw_core.data.registry import DataError, is_available
from ui.kit.picture import Picture
from ui.models import privacy
from ui.models.catalogue import Model
from ui.picture import data

_FIRST, _PICTURES = 1, 200


def known(link: str) -> str | None:
    """The link, if it names a picture."""
    return link if data.from_link(link) else None


def first(entry: Model) -> str:
    """A picture of the kind that the model knows, where there is one for this visitor's eyes."""
    is_here = is_available(entry.data) and privacy.may_see(entry.data)
    return f"{entry.data if is_here else 'strokes'}:{_FIRST}"


def after(link: str, entry: Model) -> str:
    """The next picture of the same gallery."""
    gallery, _, number = link.rpartition(":")
    if not gallery or not number.isdigit():
        gallery, _, number = first(entry).rpartition(":")
    try:
        most = min(_PICTURES, data.count(gallery))
    except DataError:  # one picture and no gallery, or a set that was deleted meanwhile
        return first(entry)
    return f"{gallery}:{(int(number) + 1) % most}"


def found(link: str, entry: Model) -> tuple[str, Picture]:
    """The picture of a link for a model, or where it cannot be had another one, and its link."""
    target = data.Target.of(entry)
    link = link or first(entry)
    picture = data.from_link(link, target)
    if picture is None:  # of a set that is no longer here, or whose images cannot be read
        link = f"strokes:{_FIRST}"
        picture = data.picture("strokes", _FIRST, target)
    return link, picture
