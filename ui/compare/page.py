"""The page Compare: two models on one timeline, what to look for, and all their numbers."""

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from draw_core.film.film import Film
from draw_core.store.checkpoint import CheckpointEntry, CheckpointError
from ui.compare import models as compare_models
from ui.compare import table as compare_table
from ui.compare import words as compare_words
from ui.compare.models import Side
from ui.compare.words import Seen
from ui.kit import browser, edge_dots, names, page, state
from ui.kit.text import plain
from ui.kit.view import View
from ui.models import about, privacy
from ui.picture import data as picture_data
from ui.picture.choice import Choice
from ui.picture.data import Target
from ui.twins import twins

if TYPE_CHECKING:
    from draw_core.families.draw.reconstruct import Reconstruction

DEFAULT_PICTURE = "strokes:1"
# The twin of the default model, which the page begins with where it is at hand.
TWIN = "mnist-no-attention"
GENERATE, REBUILD = "generate", "reconstruct"
NOW = "now"
_KEYS = {letter: f"compare_{letter.lower()}" for letter in "AB"}
_MODE, _SEED, _N, _IMAGE, _PACE = (
    f"compare_{name}" for name in ("mode", "seed", "n", "image", "pace")
)
_VIEW, _NOTICES = "compare_view", "compare_notices"
_KEPT = "compare_kept"  # that images were shown before a pair came that cannot be shown one


Models = Mapping[str, CheckpointEntry]


def open_page(usable: Models) -> None:
    """Reads the address; call it when the page is opened."""
    first, second = _first_pair(usable)
    notices = state.take_address(
        (
            state.one_of("a", first, usable, key=_KEYS["A"]),
            state.one_of("b", second, usable, key=_KEYS["B"]),
            state.one_of("mode", GENERATE, (GENERATE, REBUILD), key=_MODE),
            state.whole_number("seed", 0, 0, state.MAX_SEED, key=_SEED),
            state.whole_number("n", 16, 1, state.MAX_SAMPLES, key=_N),
            state.Setting("image", "", Choice.known, picture_data.LINK_WORDS, key=_IMAGE),
        )
    )
    for letter in "AB":
        known = [NOW, *map(str, compare_models.moments(_entry(usable, letter)))]
        at = state.one_of(f"{letter.lower()}_at", NOW, known, key=_at(letter))
        notices += state.take_address([at])
    sides = [_side(usable, letter) for letter in "AB"]
    if st.session_state[_MODE] == REBUILD:
        notices += _choice(sides[0]).lost(str(st.session_state[_IMAGE]))
    values, more = state.read_address([state.one_of("pace", "steps", ("steps", "share"))])
    last = max(side.config.num_steps for side in sides)
    n = min(st.session_state[_N], compare_models.STORED_SAMPLES) if _is_stored(sides) else None
    view, even_more = state.linked_view(last, n or st.session_state[_N])
    st.session_state[_PACE] = values.get("pace")
    st.session_state[_VIEW] = view
    st.session_state[_NOTICES] = notices + more + even_more


def _first_pair(usable: Models) -> tuple[str, str]:
    """The twins, or whatever is at hand; one model alone is compared with itself."""
    names = list(usable)
    first = names[0]
    others = [name for name in names if name != first]
    return first, TWIN if TWIN in others else next(iter(others), first)


def _at(letter: str) -> str:
    return f"{_KEYS[letter]}_at"


def _entry(usable: Models, letter: str) -> CheckpointEntry:
    key = _KEYS[letter]
    if st.session_state.get(key) not in usable:  # its folder went away meanwhile
        st.session_state[key] = next(iter(usable))
    return usable[st.session_state[key]]


def _side(usable: Models, letter: str) -> Side:
    entry = _entry(usable, letter)
    at = str(st.session_state.get(_at(letter), NOW))
    if at not in map(str, compare_models.moments(entry)):  # another model was chosen
        st.session_state[_at(letter)] = at = NOW
    return Side(letter, entry, None if at == NOW else int(at))


def _is_stored(sides: list[Side]) -> bool:
    return any(side.at is not None for side in sides)


def show_notices() -> None:
    """What of the address could not be used."""
    if st.session_state[_NOTICES]:
        st.info("  \n".join(st.session_state[_NOTICES]), icon=":material/link_off:")


@st.fragment
def show(usable: Models) -> None:
    """The whole page below its title; what the visitor does reruns only this."""
    with page.boundary():
        a, b = (_side(usable, letter) for letter in "AB")
        obstacle = compare_models.why_no_reconstruction(a, b)
        _settle_mode(obstacle)
        rebuild = st.session_state[_MODE] == REBUILD
        stored = _is_stored([a, b])
        _controls(usable, rebuild, stored, obstacle)
        try:
            link = _rebuild(a, b) if rebuild else _generate(a, b, stored)
        except CheckpointError as error:
            about.show_fault(plain(str(error)))
            link = ""
        compare_table.show(a, b)
        about.show_notes([a.entry, b.entry])
        _invite(usable)
        browser.say(
            "twins",
            a=a.entry.name,
            b=b.entry.name,
            a_at="" if a.at is None else str(a.at),
            b_at="" if b.at is None else str(b.at),
            mode=REBUILD if rebuild else "",
            seed="" if stored else str(st.session_state[_SEED]),
            n="" if rebuild else str(st.session_state[_N]),
            image=link,
        )


def _settle_mode(obstacle: str | None) -> None:
    """Generates while no image can be shown to both, and goes back when one can."""
    if obstacle and st.session_state[_MODE] == REBUILD:
        st.session_state[_MODE] = GENERATE
        st.session_state[_KEPT] = True
    elif not obstacle and st.session_state.pop(_KEPT, False):
        st.session_state[_MODE] = REBUILD


# ---- controls


def _controls(usable: Models, rebuild: bool, stored: bool, obstacle: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_models"):
        for letter in "AB":
            _model(usable, letter)
        st.segmented_control(
            "They paint",
            [GENERATE, REBUILD],
            key=_MODE,
            required=True,
            format_func={GENERATE: "New pictures", REBUILD: "One image"}.__getitem__,
            disabled=obstacle is not None,
            on_change=lambda: st.session_state.pop(_KEPT, None),
            persist_state="session",
        )
        st.button(
            "Other noise" if rebuild else "New samples",
            type="secondary" if rebuild else "primary",
            icon=":material/casino:",
            on_click=_new_seed,
            disabled=stored,
        )
    if obstacle:
        st.caption(plain(obstacle))


def _model(usable: Models, letter: str) -> None:
    st.selectbox(
        f"Model {letter}",
        list(usable),
        key=_KEYS[letter],
        format_func=privacy.label,
        width=260,
        persist_state="session",
    )
    kept = compare_models.moments(usable[st.session_state[_KEYS[letter]]])
    if kept:
        st.selectbox(
            f"{letter} at",
            [NOW, *map(str, kept)],
            key=_at(letter),
            format_func=lambda at: "now" if at == NOW else compare_models.updates(int(at)),
            width=170,
            help="Samples from the same random numbers, kept while the network trained.",
            persist_state="session",
        )


def _noise(rebuild: bool, stored: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_noise"):
        st.number_input(
            "Seed",
            0,
            state.MAX_SEED,
            key=_SEED,
            width=130,
            disabled=stored,
            help="Names the random numbers that both get: the same seed always gives the same "
            "numbers.",
            persist_state="session",
        )
        if not rebuild:
            st.slider("Samples", 1, state.MAX_SAMPLES, key=_N, width=150, persist_state="session")


def _new_seed() -> None:
    st.session_state[_SEED] = secrets.randbelow(10_000)


def _invite(usable: Models) -> None:
    """Where a partner is missing, how to get one."""
    if TWIN in usable:
        return
    text = f"The twin without attention, {TWIN}, is not on this server."
    if len(usable) == 1:
        text = "There is only one model here, so it is compared with itself."
    st.caption(f"{text} You can train one in a minute:")
    st.page_link(
        "pages/4_Train.py",
        label="Train a network without attention",
        icon=":material/model_training:",
        query_params={"read_attention": "no", "write_attention": "no"},
    )


# ---- the two


def _generate(a: Side, b: Side, stored: bool) -> str:
    n, seed = int(st.session_state[_N]), int(st.session_state[_SEED])
    if stored:
        n, seed = min(n, compare_models.STORED_SAMPLES), compare_models.STORED_SEED
    films: list[Film] = []
    for side in (a, b):
        if side is b and a.same_as(b):
            films *= 2
            break
        film, fault = compare_models.generated(side, n, seed)
        if fault:
            about.show_fault(plain(fault))
        films.append(film)
    _words(Seen.of(a, films[0]), Seen.of(b, films[1]))
    _play(_painter(a, films[0]), _painter(b, films[1]))
    _noise(rebuild=False, stored=stored)
    if stored:
        st.caption(
            f"A training keeps {compare_models.STORED_SAMPLES} samples, those of seed "
            f"{compare_models.STORED_SEED}, so both sides show these."
        )
    st.caption(compare_words.same_noise(a, b))
    return ""


def _painter(side: Side, film: Film) -> twins.Twin:
    looks = names.of_samples(film, side.card.data)
    note = edge_dots.words(side.name, film)
    return twins.Twin(side.name, film, looks=looks, note=note)


def _rebuilder(side: Side, run: "Reconstruction") -> twins.Twin:
    note = edge_dots.words(side.name, run.film)
    return twins.Twin(side.name, run.film, run.nll, note=note)


def _choice(a: Side) -> Choice:
    return Choice("compare", a.entry, Target.of(a.entry), DEFAULT_PICTURE)


def _rebuild(a: Side, b: Side) -> str:
    choice = _choice(a)
    asked = str(st.session_state.pop(_IMAGE, ""))
    if asked:
        choice.open(asked)
    place = st.container()
    with st.container(key="compare_image"):
        left, right = st.columns([3, 10], gap="medium")
    with left:
        picture = choice.show(popovers=True)
    seed = int(st.session_state[_SEED])
    runs = [compare_models.rebuilt(side, picture.pixels, seed) for side in (a, b)]
    with place:
        _words(Seen.of(a, runs[0].film), Seen.of(b, runs[1].film))
    with right:
        _play(_rebuilder(a, runs[0]), _rebuilder(b, runs[1]))
        _noise(rebuild=True, stored=False)
        st.caption(compare_words.nats_of_one_image(a))
    return picture.address


def _words(a: Seen, b: Seen) -> None:
    st.markdown(compare_words.look_for(a, b))


def _play(a: twins.Twin, b: twins.Twin) -> None:
    view: View | None = st.session_state[_VIEW]
    data = twins.pack(a, b, view=view, pace=st.session_state[_PACE], link={})
    twins.twins(data, key="compare_twins")
