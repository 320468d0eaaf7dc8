"""A page whose training run, made up and the same each time, grows at every second; below, two."""

import time

import numpy as np
import streamlit as st

import ui.kit.page  # noqa: F401 - its filter of the log
from ui.curves.curves import KLMap, Reference, Series, curves, pack

T = 16
PAPER = (
    Reference("paper, with attention", 80.97),
    Reference("paper, without", 87.40),
)

HOSTILE = "<img src=x onerror=alert(1)> a name that is too long for its place, by far"


def run(seconds: float, name: str = "", speed: float = 1.0) -> tuple[list[Series], KLMap]:
    """A run after so many seconds: two points of training per second, a test every five."""
    noise = np.random.default_rng(int(100 * speed))
    at = np.arange(0.5, seconds, 0.5)
    step = 12 * at
    rough = noise.normal(0, 1, (2, 20_000))[:, : len(at)]
    latent = 26 * (1 - np.exp(-at * speed / 9)) + 0.6 * rough[0]
    nll = 62 + 470 * np.exp(-at * speed / 1.7) + 60 * np.exp(-at * speed / 25) + 2 * rough[1]
    tests = np.arange(0, seconds, 5.0)
    bound = np.interp(tests, at, nll + latent, left=543.4) + 1.5
    t = np.arange(1, T + 1)
    share = np.exp(-(((t - 2 - 4 * np.exp(-at[:, None] / 30)) / 3.5) ** 2)) + 0.05
    kl = latent[:, None] * share / share.sum(axis=1, keepdims=True)
    lines = [
        Series("test bound", "test", tests, 12 * tests, bound, name),
        Series("training, L_x + L_z", "loss", at, step, nll + latent, name),
        Series("reconstruction L_x", "nll", at, step, nll, name),
        Series("latent L_z", "latent_loss", at, step, latent, name),
    ]
    return lines, KLMap(at, step, kl.astype(np.float32))


def main() -> None:
    """Shows the run as it is now."""
    st.set_page_config(layout="wide")
    st.title("Curves")

    @st.fragment(run_every=1.0)
    def live() -> None:
        started = st.session_state.setdefault("started", time.monotonic())
        lines, kl = run(20 + time.monotonic() - started)
        curves(key="curves", data=pack(lines, PAPER, kl, subject="one run"))

    live()
    tests = [run(40, "first")[0][0], run(60, HOSTILE, 1.6)[0][0]]
    curves(key="compare", data=pack(tests, subject="two runs"))


if __name__ == "__main__":
    main()
