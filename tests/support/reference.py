"""DRAW in plain NumPy loops, from the paper's equations with the paper's own 1-based indices.

Shares nothing with draw_core. A is the width and B the height; pixels are a = 1..A and b = 1..B,
grid points i = 1..N and j = 1..N, and arrays are indexed [a - 1].
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Window:
    """The parameters of eq 21, g_X and g_Y counted from pixel 1."""

    g_X: float
    g_Y: float
    delta: float
    sigma2: float
    gamma: float


def window(raw: Array, A: int, B: int, N: int) -> Window:
    """Eqs 21-24."""
    g_tilde_X, g_tilde_Y, log_sigma2, log_delta_tilde, log_gamma = (float(v) for v in raw)
    return Window(
        g_X=(A + 1) / 2 * (g_tilde_X + 1),
        g_Y=(B + 1) / 2 * (g_tilde_Y + 1),
        delta=(max(A, B) - 1) / (N - 1) * math.exp(log_delta_tilde),
        sigma2=math.exp(log_sigma2),
        gamma=math.exp(log_gamma),
    )


def filters(p: Window, A: int, B: int, N: int) -> tuple[Array, Array]:
    """F_X [N, A] and F_Y [N, B], eqs 19, 20, 25, 26."""
    F_X, F_Y = np.zeros((N, A)), np.zeros((N, B))
    for i in range(1, N + 1):
        mu_X = p.g_X + (i - N / 2 - 0.5) * p.delta
        for a in range(1, A + 1):
            F_X[i - 1, a - 1] = math.exp(-((a - mu_X) ** 2) / (2 * p.sigma2))
        F_X[i - 1] /= F_X[i - 1].sum()
    for j in range(1, N + 1):
        mu_Y = p.g_Y + (j - N / 2 - 0.5) * p.delta
        for b in range(1, B + 1):
            F_Y[j - 1, b - 1] = math.exp(-((b - mu_Y) ** 2) / (2 * p.sigma2))
        F_Y[j - 1] /= F_Y[j - 1].sum()
    return F_X, F_Y


def read(image: Array, p: Window, N: int) -> Array:
    """Eq 27 for one image of one channel: [B, A] -> [N, N]."""
    B, A = image.shape
    F_X, F_Y = filters(p, A, B, N)
    patch = np.zeros((N, N))
    for j in range(1, N + 1):
        for i in range(1, N + 1):
            for b in range(1, B + 1):
                for a in range(1, A + 1):
                    weight = F_Y[j - 1, b - 1] * F_X[i - 1, a - 1]
                    patch[j - 1, i - 1] += weight * image[b - 1, a - 1]
    return p.gamma * patch


def write(patch: Array, p: Window, A: int, B: int) -> Array:
    """Eq 29 for one image of one channel: [N, N] -> [B, A]."""
    N = len(patch)
    F_X, F_Y = filters(p, A, B, N)
    image = np.zeros((B, A))
    for b in range(1, B + 1):
        for a in range(1, A + 1):
            for j in range(1, N + 1):
                for i in range(1, N + 1):
                    weight = F_Y[j - 1, b - 1] * F_X[i - 1, a - 1]
                    image[b - 1, a - 1] += weight * patch[j - 1, i - 1]
    return image / p.gamma


def _sigmoid(v: Array) -> Array:
    return 1 / (1 + np.exp(-v))


def _linear(weights: dict[str, Array], name: str, v: Array) -> Array:
    return weights[f"{name}.weight"] @ v + weights[f"{name}.bias"]


def _lstm(
    weights: dict[str, Array], name: str, v: Array, h: Array, cell: Array
) -> tuple[Array, Array]:
    """One LSTM step; gates in the order input, forget, candidate, output."""
    gates = weights[f"{name}.weight_ih"] @ v + weights[f"{name}.bias_ih"]
    gates = gates + weights[f"{name}.weight_hh"] @ h + weights[f"{name}.bias_hh"]
    i, f, g, o = np.split(gates, 4)
    cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
    return _sigmoid(o) * np.tanh(cell), cell


def draw(
    weights: dict[str, Array], x: Array, noise: Array, read_size: int, write_size: int
) -> tuple[list[Array], list[float]]:
    """Eqs 1-11, 17, 18 for one image [C, B, A]: canvases c_0..c_T and the KL of every step.

    A window is used where the weights have a head for it.
    """
    C, B, A = x.shape
    c = np.zeros((C, B, A)) + weights["initial_canvas"]
    h_enc, cell_enc = weights["initial_enc"]
    h_dec, cell_dec = weights["initial_dec"]
    canvases, kls = [c], []
    for epsilon in noise:
        x_hat = x - _sigmoid(c)  # eq 3
        r = [x, x_hat]  # eq 17
        if "read_window.weight" in weights:
            p = window(_linear(weights, "read_window", h_dec), A, B, read_size)
            r = [np.stack([read(channel, p, read_size) for channel in v]) for v in r]  # eq 27
        v = np.concatenate([r[0].ravel(), r[1].ravel(), h_dec])
        h_enc, cell_enc = _lstm(weights, "encoder", v, h_enc, cell_enc)  # eq 5
        mu, log_sigma = np.split(_linear(weights, "posterior", h_enc), 2)  # eqs 1, 2
        sigma = np.exp(log_sigma)
        z = mu + sigma * epsilon  # eq 6
        kls.append(0.5 * sum(mu**2 + sigma**2 - np.log(sigma**2)) - len(z) / 2)  # eq 11
        h_dec, cell_dec = _lstm(weights, "decoder", z, h_dec, cell_dec)  # eq 7
        content = _linear(weights, "write_content", h_dec)
        if "write_window.weight" in weights:
            p = window(_linear(weights, "write_window", h_dec), A, B, write_size)
            w = content.reshape(C, write_size, write_size)  # eq 28
            stroke = np.stack([write(channel, p, A, B) for channel in w])  # eq 29
        else:
            stroke = content.reshape(C, B, A)  # eq 18
        c = c + stroke  # eq 8
        canvases.append(c)
    return canvases, kls


def glimpses(
    weights: dict[str, Array], x: Array, steps: int, N: int
) -> list[tuple[Window, Array, Array, Array]]:
    """Section 4.1 for one image [C, B, A]: window, patch, h and logits of every glimpse."""
    _, B, A = x.shape
    h, cell = weights["initial"]
    found = []
    for _ in range(steps):
        p = window(_linear(weights, "window", h), A, B, N)  # eqs 21-24
        patch = np.stack([read(channel, p, N) for channel in x])  # eq 27, without x_hat
        h, cell = _lstm(weights, "lstm", patch.ravel(), h, cell)
        found.append((p, patch, h, _linear(weights, "answer", h)))
    return found
