"""The page Reconstruct: a picture, what the network makes of it, and the run before beside it."""

from dataclasses import dataclass, replace

import streamlit as st

from draw_core.families.draw.config import DrawConfig
from draw_core.families.rebuilt import Rebuilt
from draw_core.film.tracks import Windows
from draw_core.store.checkpoint import CheckpointError
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
from ui.models.catalogue import Model, Models, best_to_watch, choose, chosen
from ui.picture import data as picture_data
from ui.picture.choice import Choice
from ui.picture.data import Target

DEFAULT_PICTURE = "strokes:1"
SAMPLE, MEAN = "sample", "mean"
_MODEL = Slot("reconstruct_model", "")
_IMAGE = state.text("image", "", Choice.known, picture_data.LINK_WORDS, key="reconstruct_image")
_SEED = seeds.setting("reconstruct_seed")
_Z = state.one_of("z", SAMPLE, (SAMPLE, MEAN), key="reconstruct_z")
_VIEW: Slot[View | None] = Slot("reconstruct_view", None)
NOTICES: Slot[list[str]] = Slot("reconstruct_notices", [])
_HOLD = Slot("reconstruct_hold", False)
_TAKEN: Slot[loop.Wish | None] = Slot("reconstruct_taken", None)  # what went to the lab last


@dataclass(frozen=True)
class Asked:
    """One run: which model saw which picture, with which noise.

    Attributes:
        model: its name.
        picture: of the model's shape.
        seed: of the noise; None for the mean.
    """

    model: str
    picture: Picture
    seed: int | None

    def same_picture(self, other: "Asked") -> bool:
        """Whether both show the same pixels."""
        ours, theirs = self.picture.pixels, other.picture.pixels
        return ours.shape == theirs.shape and ours.tobytes() == theirs.tobytes()

    def same_as(self, other: "Asked") -> bool:
        """Whether both give the same run."""
        same_network = (self.model, self.seed) == (other.model, other.seed)
        return same_network and self.same_picture(other)


@dataclass(frozen=True)
class Earlier:
    """The run that the present one is compared with, and how many changes were made since."""

    asked: Asked
    changes: int

    def words(self, now: Asked) -> str:
        """What sets it apart from the present run."""
        noise = "with z = μ" if self.asked.seed is None else f"sampled with seed {self.asked.seed}"
        if self.asked.same_picture(now):
            return noise
        if now.picture.words != DRAWN:
            picture = "another picture"
        elif self.changes == 1:
            picture = "one change ago"
        else:
            picture = f"{self.changes} changes ago"
        return picture if self.asked.seed == now.seed else f"{picture}, {noise}"


_RUN: Slot[Asked | None] = Slot("reconstruct_run", None)
_BEFORE: Slot[Earlier | None] = Slot("reconstruct_before", None)


def usable(found: Models) -> Models:
    """The models whose images can be drawn and shown."""
    best = best_to_watch(draw.of_draw(found)).items()
    return {name: entry for name, entry in best if picture_data.can_be_shown(entry)}


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
    for slot in (_RUN, _BEFORE, _HOLD):
        slot.pop()


def _choice(usable: Models) -> Choice:
    entry = chosen(usable, _MODEL)
    return Choice("reconstruct", entry, Target.of(entry), DEFAULT_PICTURE)


@st.fragment
def show(usable: Models) -> None:
    """The whole page below its title; what the visitor does reruns only this."""
    with page.boundary():
        try:
            _show(usable)
        except CheckpointError as error:
            about.show_fault(plain(str(error)))


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
    asked = Asked(entry.name, picture, seed)
    earlier = _compare(asked)
    now = cache.reconstruction(entry, picture.pixels, seed)
    before = None
    if earlier and not asked.same_as(earlier.asked):
        before = cache.reconstruction(entry, earlier.asked.picture.pixels, earlier.asked.seed)
    with right.container(key="reconstruct_run"):
        data = loop.pack(
            now,
            before=before,
            before_words=earlier.words(asked) if earlier else "",
            view=_VIEW.get(),
            link={},
            live=_live(choice, config, seed),
        )
        wish = loop.loop(data, key="reconstruct_loop")
        if wish and wish != _TAKEN.get():
            _TAKEN.put(wish)
            _to_the_lab(now, entry, picture, wish)
        if dots := edge_dots.words(entry.title, now.film):
            st.caption(plain(dots, 600))
        _controls(usable, bool(earlier))
        _numbers(entry, now, before)
    browser.say(
        "reconstruct",
        model=asked.model,
        image=picture.address,
        seed=str(_SEED.get()),
        z=MEAN if seed is None else "",
    )


def _live(choice: Choice, config: DrawConfig, seed: int | None) -> loop.Live | None:
    """The network for the visitor's own browser; None where its weights cannot be had."""
    assert choice.entry
    assert choice.target
    try:
        url = serve.address(choice.entry.folder)
    except OSError:
        return None
    return loop.Live(url, config.to_dict(), seed, choice.target.binary)


def _intro(reads: bool, writes: bool) -> str:
    """What this network does, by whether it has a window to read and one to write."""
    read = "through a window (**blue**)" if reads else "as a whole"
    another = "another" if reads else "a window"
    write = f"through {another} (**orange**)" if writes else "all at once"
    return (
        f"The network reads your picture {read} and paints what its canvas lacks {write}. It "
        "counts in **nats**, units of information: 1 nat is 1.44 bits."
    )


def _compare(asked: Asked) -> Earlier | None:
    """The run to compare with: the last one if this one is a change of it, or the one held."""
    last, earlier = _RUN.get(), _BEFORE.get()
    _RUN.put(asked)
    if last is None or last.model != asked.model:
        earlier = None
    elif not asked.same_as(last):
        if earlier and _HOLD.get():
            earlier = replace(earlier, changes=earlier.changes + 1)
        elif last.seed != asked.seed or _is_edit(last.picture, asked.picture):
            earlier = Earlier(last, 1)
        else:
            earlier = None
    _BEFORE.put(earlier)
    return earlier


def _is_edit(before: Picture, after: Picture) -> bool:
    """Whether the visitor drew on what was there, and did not begin anew."""
    return after.words == DRAWN and bool(before.pixels.any())


def _controls(usable: Models, compared: bool) -> None:
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
        if compared:
            st.toggle(
                "Keep comparing with this earlier run",
                key=_HOLD.key,
                help="If this is off, each change is compared with the run just before it. If it "
                "is on, all further changes are compared with the run shown as “Before”.",
                persist_state="session",
            )


def _numbers(entry: Model, now: Rebuilt, before: Rebuilt | None) -> None:
    """L_z, L_x and their sum for this picture, in nats and in words."""
    told, missing, together = st.columns([2, 2, 3])

    def metric(place: "st.delta_generator.DeltaGenerator", label: str, name: str) -> None:
        value = getattr(now, name)
        change = None if before is None else f"{value - getattr(before, name):+.1f} nats"
        place.metric(label, f"{value:.1f} nats", change, delta_color="inverse")

    metric(told, "Information sent, $L_z$", "latent_loss")
    metric(missing, "Still missing, $L_x$", "nll")
    metric(together, "Together, $L_x + L_z$", "bound")
    text = (
        f"The encoder sends **{now.latent_loss:.0f} nats** about this picture, and the canvas "
        f"still misses **{now.nll:.0f} nats**."
    )
    if now.seed is None:
        text += " With the mean, no noise is drawn, so the sum is no bound on −log p(x)."
    else:
        text += (
            " The sum estimates an upper bound on −log p(x) from one draw of the noise; another "
            "seed gives another estimate."
        )
    if entry.card.training.binarisation == "grey":
        text += " For grey values the misses are a cross-entropy, which is never 0."
    if entry.card.test:
        usual = entry.card.test["nll_bound"]
        text += (
            f" The model learned from {plain(entry.images)}. A test image from there "
            f"costs it {usual:.1f} nats on average{_beside_the_usual(now, usual)}."
        )
    st.markdown(text)
    if entry.card.test:
        made = (
            " Your picture is made black and white at half grey." if Target.of(entry).binary else ""
        )
        st.caption(f"{_for_that_average(plain(entry.card.protocol(), 1000))}{made}")


def _beside_the_usual(now: Rebuilt, usual: float) -> str:
    """Whether a picture cost more or less than the test images do; nothing for the mean."""
    if now.seed is None:  # its sum is no bound, as theirs is
        return ""
    cost, mean = f"{now.bound:.1f}", f"{usual:.1f}"
    if cost == mean:
        return ", as much as this picture"
    return f"; this picture costs {'more' if now.bound > usual else 'less'}, {cost} nats"


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
