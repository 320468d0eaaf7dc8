"""One step of generation in words, with the numbers of the chosen sample and step."""

import numpy as np
import streamlit as st

from draw_core.config import DrawConfig
from draw_core.rollout import BYTE_PROBABILITIES, Rollout
from ui import figures


def one_step(rollout: Rollout, config: DrawConfig, step: int, sample: int) -> None:
    """Four short cards from noise to ink, and the window over all steps.

    Args:
        rollout: of a model that generates.
        config: of that model.
        step: 0..T; sample: 0..B-1.
    """
    st.markdown(f"### What happens in step {step} of sample {sample + 1}")
    if step == 0:
        st.markdown(
            f"Nothing yet: this is the blank canvas $c_0$, one learned dark value for every "
            f"pixel. Move on to step 1 to see the pen touch it. There are {config.num_steps} steps."
        )
    else:
        _cards(rollout, config, step, sample)
    if rollout.write_params is not None:
        st.markdown("### Where the window goes, step by step")
        params = rollout.write_params[:, sample]
        charts = (figures.window_centre(params, step), figures.window_grid(params, step))
        for column, figure in zip(st.columns(2), charts, strict=True):
            column.plotly_chart(figure, config={"displayModeBar": False})


def _cards(rollout: Rollout, config: DrawConfig, step: int, sample: int) -> None:
    t = step - 1
    dice, remember, aim, paint = st.columns(4)
    with dice.container(border=True, height="stretch"):
        st.markdown("**1. Roll the dice**")
        values = "" if rollout.z is None else _first_numbers(rollout.z[t, sample])
        st.markdown(
            f"{config.z_size} random numbers are drawn{values}. They are all that makes this "
            "sample differ from the others."
        )
        st.latex(rf"z_{{{step}}} \sim \mathcal N(0, I)")
    with remember.container(border=True, height="stretch"):
        st.markdown("**2. Remember**")
        memory = "which is still blank" if step == 1 else f"of steps 1 to {step - 1}"
        st.markdown(
            f"The decoder, an LSTM with {config.dec_size} units, mixes them with its memory "
            f"{memory}."
        )
        st.latex(rf"h_{{{step}}} = \mathrm{{LSTM}}(h_{{{step - 1}}}, z_{{{step}}})")
    with aim.container(border=True, height="stretch"):
        st.markdown("**3. Aim the window**")
        if rollout.write_params is None:
            st.markdown("This model has no window: it writes on the whole canvas at once.")
        else:
            g_x, g_y, delta, sigma2, _ = (float(v) for v in rollout.write_params[t, sample])
            size = config.write_size
            st.markdown(
                f"Five numbers read off the memory place it: centre x {g_x:.1f}, y {g_y:.1f}; "
                f"{size}×{size} points, {delta:.2f} pixels apart, so it spans "
                f"{size * delta:.1f} pixels; each point blurs over {np.sqrt(sigma2):.2f} pixels."
            )
        st.latex(
            r"\begin{gathered} (\tilde g_x, \tilde g_y, \log\sigma^2, \log\tilde\delta, \\"
            rf"\log\gamma) = W h_{{{step}}} \end{{gathered}}"
        )
    with paint.container(border=True, height="stretch"):
        st.markdown("**4. Paint**")
        added, removed = _ink(rollout, step, sample)
        patch = rollout.write_patches[t, sample]
        low, high = _signed(patch.min()), _signed(patch.max())
        st.markdown(
            f"A patch of {patch.shape[-2]}×{patch.shape[-1]} values, from {low} to {high}, is "
            f"added through the window. It puts {added:.1f} pixels' worth of ink on the canvas "
            f"and takes {removed:.1f} away."
        )
        st.latex(rf"c_{{{step}}} = c_{{{step - 1}}} + \mathrm{{write}}(h_{{{step}}})")


def _signed(value: float, digits: int = 1) -> str:
    return f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def _first_numbers(z: np.ndarray) -> str:
    return " (" + ", ".join(_signed(v, 2) for v in z[:3]) + ", …)"


def _ink(rollout: Rollout, step: int, sample: int) -> tuple[float, float]:
    """Probability added and removed in a step, summed over pixels, averaged over channels."""
    before, now = BYTE_PROBABILITIES[rollout.canvases[step - 1 : step + 1, sample]]
    change = (now - before).mean(axis=0)
    return float(change.clip(min=0).sum()), float(-change.clip(max=0).sum())
