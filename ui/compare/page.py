"""The page Compare: two models on one timeline, what to look for, and all their numbers."""

import streamlit as st

from draw_core.data.registry import is_available
from draw_core.film.film import Film
from ui.compare import models as compare_models, table as compare_table, words as compare_words
from ui.compare.models import Side
from ui.compare.words import Seen
from ui.kit import browser, edge_dots, names, page, seeds, state
from ui.kit.session import Slot
from ui.kit.text import plain
from ui.kit.view import View
from ui.models import about, cache
from ui.models.catalogue import Models, able, choose, chosen
from ui.picture import data as picture_data
from ui.picture.choice import Choice
from ui.picture.data import Target
from ui.twins import twins

DEFAULT_PICTURE = "strokes:1"
# The twin of the default model, which the page begins with where it is at hand.
TWIN, PAIRED = "mnist-no-attention", "mnist-attention-32"  # alike but for the windows
GENERATE, REBUILD = "generate", "reconstruct"
NOW = "now"
_MODE = state.one_of("mode", GENERATE, (GENERATE, REBUILD), key="compare_mode")
_SEED = seeds.setting("compare_seed")
_N = state.whole_number("n", 16, 1, state.MAX_SAMPLES, key="compare_n")
_IMAGE = state.text("image", "", Choice.known, picture_data.LINK_WORDS, key="compare_image")
_PACE: Slot[twins.Pace | None] = Slot("compare_pace", None)
_VIEW: Slot[View | None] = Slot("compare_view", None)
NOTICES: Slot[list[str]] = Slot("compare_notices", [])
# Whether images were shown before a pair came that cannot be shown one.
_KEPT = Slot("compare_kept", False)


def open_page(usable: Models) -> None:
    """Reads the address; call it when the page is opened."""
    first, second = _first_pair(usable)
    both = [
        state.one_of(letter.lower(), name, usable, key=_model(letter).key)
        for letter, name in zip("AB", (first, second), strict=True)
    ]
    notices = state.take_address([*both, _MODE, _SEED, _N, _IMAGE])
    for letter in "AB":
        known = [NOW, *map(str, compare_models.moments(chosen(usable, _model(letter))))]
        at = state.one_of(f"{letter.lower()}_at", NOW, known, key=_at(letter).key)
        notices += state.take_address([at])
    sides = [_side(usable, letter) for letter in "AB"]
    if _MODE.get() == REBUILD:
        notices += _choice(sides[0]).lost(_IMAGE.get())
    paces: tuple[twins.Pace, ...] = ("steps", "share")
    values, more = state.read_address([state.one_of("pace", "steps", paces)])
    last = max(side.config.film_steps for side in sides)
    n = min(_N.get(), compare_models.STORED_SAMPLES) if _is_stored(sides) else _N.get()
    view, even_more = state.linked_view(last, n)
    _PACE.put(next((pace for pace in paces if pace == values.get("pace")), None))
    _VIEW.put(view)
    NOTICES.put(notices + more + even_more)


def _first_pair(usable: Models) -> tuple[str, str]:
    """The twins, or two that can be asked the same; one model alone is compared with itself."""
    first = PAIRED if PAIRED in usable and TWIN in usable else next(iter(usable))
    model = usable[first]
    alike = able(usable, "generate" if "generate" in model.family.abilities else "classify")
    others = [name for name in alike if name != first]
    return first, TWIN if TWIN in others else next(iter(others), first)


def _model(letter: str) -> Slot[str]:
    return Slot(f"compare_{letter.lower()}", "")


def _at(letter: str) -> Slot[str]:
    return Slot(f"compare_{letter.lower()}_at", NOW)


def _side(usable: Models, letter: str) -> Side:
    model, at = chosen(usable, _model(letter)), _at(letter)
    if at.get() not in map(str, compare_models.moments(model)):  # another model was chosen
        at.put(NOW)
    return Side(letter, model, None if at.get() == NOW else int(at.get()))


def _is_stored(sides: list[Side]) -> bool:
    return any(side.at is not None for side in sides)


@st.fragment
def show(usable: Models) -> None:
    """The whole page below its title; what the visitor does reruns only this."""
    with page.boundary():
        a, b = (_side(usable, letter) for letter in "AB")
        obstacles = {
            GENERATE: compare_models.why_no_samples(a, b),
            REBUILD: compare_models.why_no_reconstruction(a, b),
        }
        _settle_mode(obstacles)
        rebuild = _MODE.get() == REBUILD
        stored = _is_stored([a, b])
        _controls(usable, rebuild, stored, obstacles)
        link = ""
        with about.faults():
            if obstacles[_MODE.get()] is None:
                link = _rebuild(a, b) if rebuild else _generate(a, b, stored)
        compare_table.show(a, b)
        about.show_notes({side.entry.name: side.card for side in (a, b)})
        _invite(usable)
        browser.say(
            "twins",
            a=a.entry.name,
            b=b.entry.name,
            a_at="" if a.at is None else str(a.at),
            b_at="" if b.at is None else str(b.at),
            mode=REBUILD if rebuild else "",
            seed="" if stored else str(_SEED.get()),
            n="" if rebuild else str(_N.get()),
            image=link,
        )


def _settle_mode(obstacles: dict[str, str | None]) -> None:
    """Generates while no image can be shown to both, and goes back when one can.

    Networks that paint nothing are shown an image.
    """
    if obstacles[GENERATE] and not obstacles[REBUILD]:
        _MODE.put(REBUILD)
    elif obstacles[REBUILD] and _MODE.get() == REBUILD:
        _MODE.put(GENERATE)
        _KEPT.put(True)
    elif not obstacles[REBUILD] and _KEPT.pop():
        _MODE.put(REBUILD)


# ---- controls


def _controls(
    usable: Models, rebuild: bool, stored: bool, obstacles: dict[str, str | None]
) -> None:
    obstacle = obstacles[REBUILD] or obstacles[GENERATE]
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_models"):
        for letter in "AB":
            _choose(usable, letter)
        st.segmented_control(
            "They paint" if obstacles[GENERATE] is None else "They look at",
            [GENERATE, REBUILD],
            key=_MODE.key,
            required=True,
            format_func={GENERATE: "New pictures", REBUILD: "One image"}.__getitem__,
            disabled=obstacle is not None,
            on_change=lambda: _KEPT.put(False),
            persist_state="session",
        )
        st.button(
            "Other noise" if rebuild else "New samples",
            type="secondary" if rebuild else "primary",
            icon=":material/casino:",
            on_click=seeds.draw,
            args=(_SEED,),
            disabled=stored or obstacles[GENERATE] is not None,
        )
    if obstacle:
        st.caption(plain(obstacle))


def _choose(usable: Models, letter: str) -> None:
    model = choose(usable, _model(letter), 260, f"Model {letter}")
    kept = compare_models.moments(model)
    if kept:
        st.selectbox(
            f"{letter} at",
            [NOW, *map(str, kept)],
            key=_at(letter).key,
            format_func=lambda at: "now" if at == NOW else compare_models.updates(int(at)),
            width=170,
            help="Samples from the same random numbers, kept while the network trained.",
            persist_state="session",
        )


def _noise(rebuild: bool, stored: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", key="compare_noise"):
        seeds.field(
            _SEED,
            "Names the random numbers that both get: the same seed always gives the same numbers.",
            disabled=stored,
        )
        if not rebuild:
            st.slider(
                "Samples", 1, state.MAX_SAMPLES, key=_N.key, width=150, persist_state="session"
            )


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
    n, seed = _N.get(), _SEED.get()
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
    st.markdown(compare_words.look_for(Seen.of(a, films[0]), Seen.of(b, films[1])))
    data = _play(_twin(a, films[0]), _twin(b, films[1]))
    for letter, side, film in zip("ab", (a, b), films, strict=True):
        looks = names.of_samples(film, side.card.data)
        names.tell(looks, data, key="compare_twins", which=letter)
    _noise(rebuild=False, stored=stored)
    if stored:
        st.caption(
            f"A training keeps {compare_models.STORED_SAMPLES} samples, those of seed "
            f"{compare_models.STORED_SEED}, so both sides show these."
        )
    st.caption(compare_words.same_noise(a, b))
    return ""


def _twin(side: Side, film: Film, nll: float | None = None) -> twins.Twin:
    return twins.Twin(side.name, film, nll, edge_dots.words(side.name, film))


def _choice(a: Side) -> Choice:
    own = f"{a.entry.data}:0"
    default = own if a.family.classifies and is_available(a.entry.data) else DEFAULT_PICTURE
    return Choice("compare", a.entry, Target.of(a.entry), default)


def _rebuild(a: Side, b: Side) -> str:
    choice = _choice(a)
    asked = _IMAGE.pop()
    if asked:
        choice.open(asked)
    place = st.container()
    with st.container(key="compare_image"):
        left, right = st.columns([3, 10], gap="medium")
    with left:
        picture = choice.show(popovers=True)
    seed = _SEED.get()
    both = [(side, cache.seen(side.entry, picture.pixels, seed)) for side in (a, b)]
    named = a.family.classifies
    with place:
        if named:
            said = (compare_models.belief(run, side) for side, run in both)
            st.markdown(", ".join(said) + ".")
        else:
            seen = (Seen.of(side, run.film) for side, run in both)
            st.markdown(compare_words.look_for(*seen))
    with right:
        _play(*(_twin(side, run.film, getattr(run, "nll", None)) for side, run in both))
        if not named:
            _noise(rebuild=True, stored=False)
            st.caption(compare_words.nats_of_one_image(a))
    return picture.address


def _play(a: twins.Twin, b: twins.Twin) -> bytes:
    data = twins.pack(a, b, view=_VIEW.get(), pace=_PACE.get(), link={})
    twins.twins(key="compare_twins", data=data)
    return data
