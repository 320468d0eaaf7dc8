"""One step of generation in words, with the numbers of the chosen sample and step."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from draw_core.families.draw.config import DrawConfig
from draw_core.families.family import NetworkConfig
from draw_core.families.registry import family_of
from draw_core.film.film import Film
from ui.generate import figures
from ui.models import about


def show(
    film: Film, config: NetworkConfig, temperature: float, step: int | None, sample: int
) -> None:
    """What happens in a step, or in the only one; see :func:`one_step`."""
    if isinstance(config, DrawConfig):
        one_step(film, config, temperature, step, sample)
        return
    family = family_of(config)
    st.markdown(f"## How sample {sample + 1} came about")
    far = config.latent_steps and temperature != 1
    spread = f", spread {temperature:g} times as far as in training" if far else ""
    st.markdown(
        f"{family.title}: {family.about} For this sample {config.drawn}{spread}. Another seed "
        "gives other numbers, and they make another picture."
    )


def one_step(
    film: Film, config: DrawConfig, temperature: float, step: int | None, sample: int
) -> None:
    """Four short cards from noise to ink, and the window over all steps.

    Args:
        film: of a model that generates.
        config: of that model.
        temperature: of the film.
        step: 0..T, or None while it plays, when the text explains the last step and no heading
            names it, because the Stage shows another one.
        sample: 0..B-1.
    """
    number = sample + 1
    if step is None:
        step = config.num_steps
        st.markdown(f"## What happens in each step of sample {number}")
        st.markdown(
            f"While the pictures play, the text explains step {step}, the last. Pause, or drag "
            "along the steps, to read about the step that is shown."
        )
    else:
        st.markdown(f"## What happens in step {step} of sample {number}")
    if step == 0:
        start = (
            "one learned dark value for every pixel"
            if config.initial_canvas == "blank"
            else "learned, and close to the mean of the training images"
        )
        st.markdown(
            f"Nothing has happened yet. This is the first canvas $c_0$: {start}. Move on to step 1 "
            f"to see the pen touch it. There are {config.num_steps} steps."
        )
    else:
        dice, remember, aim, paint = st.columns(4)
        with dice.container(border=True, height="stretch"):
            _dice(film, config, temperature, step, sample)
        with remember.container(border=True, height="stretch"):
            _remember(config, step)
        with aim.container(border=True, height="stretch"):
            _aim(film, config, step, sample)
        with paint.container(border=True, height="stretch"):
            _paint(film, config, step, sample)
    if windows := film.windows("write"):
        st.markdown("## Where the window goes, step by step")
        _charts(windows.parameters[:, sample], step)


def _dice(film: Film, config: DrawConfig, temperature: float, step: int, sample: int) -> None:
    st.markdown("**1. Roll the dice**")
    if temperature == 0:
        st.markdown(
            f"At temperature 0 no dice are rolled: all {config.z_size} numbers are 0, the middle "
            "of what they could be, so that all samples are alike."
        )
        st.latex(rf"z_{{{step}}} = 0")
        return
    values = ""
    if z := film.vectors("z"):
        first = ", ".join(_signed(v, 2) for v in z.values[step - 1, sample, :3])
        values = f" ({first}, …)" if config.z_size > 3 else f" ({first})"
    st.markdown(
        f"{config.z_size} new random numbers are drawn{values}. These draws, one set for each "
        "step, are all that makes one sample differ from another."
    )
    spread = "I" if temperature == 1 else rf"{temperature:g}^2 I"
    st.latex(rf"z_{{{step}}} \sim \mathcal N(0, {spread})")


def _remember(config: DrawConfig, step: int) -> None:
    st.markdown("**2. Remember**")
    memory = ": at first, learned values" if step == 1 else f" of steps 1 to {step - 1}"
    st.markdown(
        f"The decoder, an LSTM (a network with a memory) of {config.dec_size} units, mixes them "
        f"with what it remembers{memory}."
    )
    st.latex(rf"h_{{{step}}} = \mathrm{{LSTM}}(h_{{{step - 1}}}, z_{{{step}}})")


def _aim(film: Film, config: DrawConfig, step: int, sample: int) -> None:
    st.markdown("**3. Aim the window**")
    windows = film.windows("write")
    if windows is None:
        st.markdown("This model has no window: it writes on the whole canvas at once.")
        return
    g_x, g_y, delta, sigma2, gamma = (float(v) for v in windows.parameters[step - 1, sample])
    size = config.write_size
    st.markdown(
        f"Five numbers read off the memory set it: centre x {g_x:.1f} and y {g_y:.1f}; "
        f"{size}×{size} points {delta:.2f} pixels apart; each point blurs over "
        f"{np.sqrt(sigma2):.2f} pixels; what is written is divided by {gamma:.2f}. "
        "$W$ is a learned matrix."
    )
    st.latex(
        r"\begin{gathered} (\tilde g_x, \tilde g_y, \log\sigma^2, \log\tilde\delta, \\"
        rf"\log\gamma) = W h_{{{step}}} \end{{gathered}}"
    )


def _paint(film: Film, config: DrawConfig, step: int, sample: int) -> None:
    st.markdown("**4. Paint**")
    added, removed = _ink(film, step, sample)
    written = film.patches("write")
    assert written
    patch = written.values[step - 1, sample]
    low, high = _signed(patch.min()), _signed(patch.max())
    through = "through the window" if config.write_attention else "everywhere"
    st.markdown(
        f"A patch of {patch.shape[-2]}×{patch.shape[-1]} values, from {low} to {high}, is added "
        f"{through}. {_moved(added, removed, about.matter(config))}"
    )
    st.latex(rf"c_{{{step}}} = c_{{{step - 1}}} + \mathrm{{write}}(h_{{{step}}})")


def _charts(params: NDArray[np.float32], step: int) -> None:
    first, last = params[0], params[-1]
    centre, grid = st.columns(2)
    centre.plotly_chart(
        figures.window_centre(params, step),
        config={"displayModeBar": False},
        alt=f"Line chart of the window's centre in pixels. It goes from x {first[0]:.1f}, y "
        f"{first[1]:.1f} in the first step to x {last[0]:.1f}, y {last[1]:.1f} in the last.",
    )
    grid.plotly_chart(
        figures.window_grid(params, step),
        config={"displayModeBar": False},
        alt=f"Line chart of stride and spread in pixels. The stride goes from {first[2]:.1f} to "
        f"{last[2]:.1f}, the spread from {np.sqrt(first[3]):.1f} to {np.sqrt(last[3]):.1f}.",
    )


def _signed(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _moved(added: float, removed: float, matter: str) -> str:
    """What a patch does to the canvas; an amount that rounds to nothing is left out."""
    puts, takes = f"{added:.1f}", f"{removed:.1f}"
    if puts == takes == "0.0":
        return f"It changes less than 0.1 pixels' worth of {matter}."
    if puts == "0.0":
        return f"It takes {takes} pixels' worth of {matter} off the canvas."
    text = f"It puts {puts} pixels' worth of {matter} on the canvas"
    return f"{text}." if takes == "0.0" else f"{text} and takes {takes} away."


def _ink(film: Film, step: int, sample: int) -> tuple[float, float]:
    """Probability added and removed in a step, summed over pixels, averaged over channels."""
    change = (film.values(step)[sample] - film.values(step - 1)[sample]).mean(axis=0)
    return float(change.clip(min=0).sum()), float(-change.clip(max=0).sum())
