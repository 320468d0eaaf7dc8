"""The page Reconstruct: a picture, what the network makes of it, and the run before beside it."""

from dataclasses import dataclass, replace

import streamlit as st

from draw_core.families.draw.config import DrawConfig
from draw_core.families.rebuilt import Rebuilt
from draw_core.film.tracks import Windows
from ui.diagram import loop
from ui.kit import browser, edge_dots, page, seeds, state
from ui.kit.picture import DRAWN, Picture
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.kit.view import View
from ui.lab.handed import Handed, hand_over
from ui.lab.lab import Window
from ui.live import serve
from ui.models import about, cache, draw
from ui.models.catalogue import Model, Models, choose, chosen
from ui.picture import data as picture_data
from ui.picture.choice import Choice
from ui.picture.data import Target
from ui.take import snippet

DEFAULT_PICTURE = "strokes:1"
SAMPLE, MEAN = "sample", "mean"
_MODEL = Slot("reconstruct_model", "")
_IMAGE = state.text("image", "", Choice.known, picture_data.LINK_WORDS, key="reconstruct_image")
_SEED = seeds.setting("reconstruct_seed")
_Z = state.one_of("z", SAMPLE, (SAMPLE, MEAN), key="reconstruct_z")
_VIEW: Slot[View | None] = Slot("reconstruct_view", None)
NOTICES: Slot[list[str]] = Slot("reconstruct_notices", [])
_TAKEN: Slot[loop.Wish | None] = Slot("reconstruct_taken", None)  # what went to the lab last


@dataclass(frozen=True)
class Sent:
    """What the browser has been sent of a run.

    Attributes:
        model: its name.
        seed: of the noise; None for the mean.
        data: the bytes.
        dots: what its passing dots are, or nothing.
    """

    model: str
    seed: int | None
    data: bytes
    dots: str


_SENT: Slot[Sent | None] = Slot("reconstruct_sent", None)


def open_page(usable: Models) -> None:
    """Reads the address, and puts its picture on the pad or the one that was there before."""
    model = state.one_of("model", next(iter(usable)), usable, key=_MODEL.key)
    notices = state.take_address((model, _IMAGE, _SEED, _Z))
    link, choice = _IMAGE.pop(), _choice(usable)
    notices += choice.lost(link)
    choice.open(link)
    view, more = state.linked_view(draw.network(chosen(usable, _MODEL)).num_steps, 1)
    _VIEW.put(view)
    NOTICES.put(notices + more)
    _SENT.pop()


def _choice(usable: Models) -> Choice:
    entry = chosen(usable, _MODEL)
    return Choice("reconstruct", entry, Target.of(entry), DEFAULT_PICTURE)


@st.fragment
def show(usable: Models) -> None:
    """The whole page below its title; what the visitor does reruns only this."""
    with page.boundary(), about.faults():
        _show(usable)


def _show(usable: Models) -> None:
    choice = _choice(usable)
    entry = choice.entry
    assert entry
    config = draw.network(entry)
    st.markdown(_intro(config.read_attention, config.write_attention))
    left, right = st.columns([3, 10], gap="small")
    with left.container(key="reconstruct_draw"):
        picture = choice.show(popovers=True, mirror=True)
    seed = None if _Z.get() == MEAN else _SEED.get()
    sent = _SENT.get()
    # Of a drawing that the browser follows by itself it needs nothing more.
    follows = choice.followed and sent and (sent.model, sent.seed) == (entry.name, seed)
    if not follows or not sent:
        sent = _sent(entry, picture, seed, _live(choice, config))
        _SENT.put(sent)
    with right.container(key="reconstruct_run"):
        wish = loop.loop(sent.data, key="reconstruct_loop")
        if wish and wish != _TAKEN.get():
            _TAKEN.put(wish)
            _to_the_lab(cache.reconstruction(entry, picture.pixels, seed), entry, picture, wish)
        if sent.dots and not follows:
            st.caption(plain(sent.dots, 600))
        _controls(usable)
        _protocol(entry)
        snippet.show(entry, snippet.of_picture(entry.name, picture.pixels, seed))
    browser.say(
        "reconstruct",
        model=entry.name,
        image=picture.address,
        seed=str(_SEED.get()),
        z=MEAN if seed is None else "",
    )


def _sent(entry: Model, picture: Picture, seed: int | None, live: loop.Live | None) -> Sent:
    """Rebuilds a picture, and packs the run for the browser."""
    run = cache.reconstruction(entry, picture.pixels, seed)
    about = loop.About(
        model=entry.name,
        seed=seed,
        drawn=picture.words == DRAWN,
        grey=entry.card.training.binarisation == "grey",
        usual=entry.card.test["nll_bound"] if entry.card.test else None,
        images=entry.images,
    )
    data = loop.pack(run, about, view=_VIEW.get(), link={}, live=live)
    return Sent(entry.name, seed, data, edge_dots.words(entry.title, run.film))


def _live(choice: Choice, config: DrawConfig) -> loop.Live | None:
    """The network for the visitor's own browser; None where its weights cannot be had."""
    assert choice.entry
    assert choice.target
    try:
        url = serve.address(choice.entry.folder)
    except OSError:
        return None
    return loop.Live(url, config.to_dict(), choice.target.binary)


def _intro(reads: bool, writes: bool) -> str:
    """What this network does, by whether it has a window to read and one to write."""
    read = "through a window (**blue**)" if reads else "as a whole"
    another = "another" if reads else "a window"
    write = f"through {another} (**orange**)" if writes else "all at once"
    return (
        f"The network reads your picture {read} and paints what its canvas lacks {write}. It "
        "counts in **nats**, units of information: 1 nat is 1.44 bits."
    )


def _controls(usable: Models) -> None:
    is_mean = _Z.get() == MEAN
    with st.container(horizontal=True, vertical_alignment="bottom", key="reconstruct_controls"):
        choose(usable, _MODEL, 230)
        st.segmented_control(
            "Latents",
            [SAMPLE, MEAN],
            key=_Z.key,
            required=True,
            format_func={SAMPLE: "Sample", MEAN: "Mean (z = μ)"}.__getitem__,
            help="At each step the encoder names a mean μ and a spread σ. The network draws z from "
            "them at random, or takes the mean.",
            persist_state="session",
        )
        text = "The seed names the random numbers: the same seed always draws the same z."
        seeds.field(_SEED, text, disabled=is_mean)
        st.button(
            "Other noise",
            icon=":material/casino:",
            on_click=seeds.draw,
            args=(_SEED,),
            disabled=is_mean,
            help="Rebuilds the same picture with other random numbers.",
        )


def _protocol(entry: Model) -> None:
    """How the test images were measured with which a picture is compared."""
    if entry.card.test:
        made = (
            " Your picture is made black and white at half grey." if Target.of(entry).binary else ""
        )
        st.caption(f"{_for_that_average(plain(entry.card.protocol(), 1000))}{made}")


def _for_that_average(protocol: str) -> str:
    """A protocol as the sentences after the average it belongs to."""
    first, second = protocol[:1], protocol[1:2]
    name = second.isupper()  # as MNIST
    return f"For that average, {first if name else first.lower()}{protocol[1:]}"


def _to_the_lab(now: Rebuilt, entry: Model, picture: Picture, wish: loop.Wish) -> None:
    """Hands one window of this run to the attention lab and goes there."""
    reads, writes = now.film.windows("read"), now.film.windows("write")
    kind, step = wish.kind, wish.step
    if not 1 <= step <= now.film.num_steps:
        return
    config = draw.network(entry)

    def window(windows: Windows) -> Window:
        g_x, g_y, delta, sigma2, gamma = (float(v) for v in windows.parameters[step - 1, 0])
        return Window.nearest(g_x, g_y, delta, sigma2**0.5, gamma)

    if kind == "read" and reads is not None:
        words = f"The window began where {entry.title} read at step {step}."
        hand_over(Handed(picture, config.read_size, window(reads), words))
    if kind == "write" and writes is not None:
        pen = window(writes)
        # Read through the model's own window too, as far as so many points can.
        eye = window(reads) if reads is not None else replace(pen, gamma=1.0)
        words = (
            f"The orange window began where {entry.title} wrote at step {step}, the blue one where "
            "it read."
        )
        hand_over(Handed(picture, config.write_size, eye, words, pen))
