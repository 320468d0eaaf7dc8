"""Figure 7: digits in the making without attention, beside those with it."""

import streamlit as st

from draw_core.families.draw.config import DrawConfig
from draw_core.film.film import Film
from ui.kit import edge_dots
from ui.models import about, cache, draw
from ui.models.catalogue import DEFAULT_MODEL, Model
from ui.paper import choice, commands, shell
from ui.paper.film import how_it_paints
from ui.strip.strip import Group, pack, strip

MODEL = "mnist-no-attention"
ROWS = 3
# What a network is called by whether it reads and writes through windows.
_WINDOWS = {
    (True, True): "With attention",
    (False, True): "Reads the whole image, writes through a window",
    (True, False): "Reads through a window, writes everywhere",
    (False, False): "Without attention",
}


def show() -> dict[str, str] | None:
    """Two films, one clock."""
    found = choice.having(_whole_canvas, MODEL)
    # Those without any window first.
    found = dict(sorted(found.items(), key=lambda item: draw.network(item[1]).read_attention))
    if not found:
        choice.missing(
            f"The model {MODEL}, which has no windows, is not on this server yet. This command "
            "trains one:",
            commands.SHIPPED["mnist-no-attention"],
        )
        return None
    row = choice.row("7")
    entry, seed, said = choice.choose_model("7", found, beside=row)
    without = cache.painted(entry, ROWS, seed)
    if without is None:
        return said
    groups = [_group(entry, without)]
    with_windows = _twin(entry)
    painted = cache.painted(with_windows, ROWS, seed) if with_windows else None
    if with_windows and painted:
        groups.insert(0, _group(with_windows, painted))
        row.markdown(_beside(draw.network(with_windows), draw.network(entry)), width="content")
    elif not with_windows:
        row.markdown("There is no model with a write window of the same images to compare with.")
    num_steps = max(group.film.num_steps for group in groups)
    view = shell.linked_view("7", num_steps, ROWS * len(groups))
    strip(key="paper_strip_7", data=pack(groups, view=view, link={"figure": "7"} | said))
    if with_windows and painted:
        st.markdown(how_it_paints(with_windows, painted))
    about.show_notes({one.name: one.card for one in (with_windows, entry) if one})
    return said


def _group(entry: Model, painted: Film) -> Group:
    lead = _WINDOWS[draw.network(entry).read_attention, draw.network(entry).write_attention]
    title = f"{lead}: {entry.title}, {painted.num_steps} steps"
    return Group(title, painted, edge_dots.words("this network", painted))


def _beside(ours: DrawConfig, theirs: DrawConfig) -> str:
    """In what two networks differ beside the write window, in one or two sentences.

    Args:
        ours: with a write window.
        theirs: without one.
    """
    kinds = (
        ("steps T", str(ours.num_steps), str(theirs.num_steps)),
        ("units h", _units(ours), _units(theirs)),
        ("latents z per step", str(ours.z_size), str(theirs.z_size)),
    )
    parts = [f"{a} and {b} {what}" for what, a, b in kinds if a != b]
    same_noise = (ours.num_steps, ours.z_size) == (theirs.num_steps, theirs.z_size)
    if parts:
        text = f"The two differ in more than their windows: they have {', '.join(parts)}."
    else:
        text = "Both have the same number of steps T, units h and latents z."
    if same_noise:
        return f"{text} The same seed gives both the same random numbers."
    return f"{text} So a seed does not mean the same to both. Compare how they paint."


def _units(c: DrawConfig) -> str:
    """The units of both LSTMs."""
    return str(c.dec_size) if c.enc_size == c.dec_size else f"{c.enc_size} + {c.dec_size}"


def _whole_canvas(entry: Model) -> bool:
    config = draw.network(entry)
    return not config.write_attention and config.channels in (1, 3)


def _twin(without: Model) -> Model | None:
    """The model to compare with: of the same data, with both windows, of the same sizes."""
    assert without.card
    data, sizes = without.card.data, _sizes(without)

    def fits(entry: Model) -> bool:
        return draw.network(entry).write_attention and entry.data == data

    def unlike(entry: Model) -> tuple[bool, bool]:
        return not draw.network(entry).read_attention, _sizes(entry) != sizes

    return min(choice.having(fits, DEFAULT_MODEL).values(), key=unlike, default=None)


def _sizes(entry: Model) -> tuple[int, ...]:
    c = draw.network(entry)
    return c.num_steps, c.enc_size, c.dec_size, c.z_size
