"""The loop in a real Chromium: its pictures and numbers are PyTorch's, at every step and stage."""

import re

import numpy as np
from playwright.sync_api import expect

from draw_core.film.codecs import BERNOULLI
from tests.support import films
from tests.support.loop_page import (
    STAGES,
    T,
    contrast,
    expect_stage,
    node_of,
    number_in,
    signed,
    units,
    window_of,
)
from tests.support.visitor import still


def test_windows_have_the_numbers_of_pytorch_at_every_step(visit, loop_url, run):
    visitor = visit(loop_url)
    visitor.press("Home", 0)
    places = [
        ("x", "read", run.film.windows("read").parameters, 3),
        ("error", "read", run.film.windows("read").parameters, 3),
        ("canvas", "write", run.film.windows("write").parameters, 4),
    ]
    for node, kind, _, _ in places:
        expect(node_of(visitor, node).locator(f".window.{kind}")).to_be_hidden()
    for t in range(T):
        visitor.press("ArrowRight", t + 1)
        for node, kind, params, n in places:
            shown = window_of(visitor, node, kind)
            g_x, g_y, delta, sigma2, _ = params[t, 0]
            offsets = delta * (np.arange(n) - (n - 1) / 2)
            points = [(g_x + i, g_y + j, sigma2**0.5) for j in offsets for i in offsets]
            close = {"atol": 1e-4, "rtol": 0}
            np.testing.assert_allclose(shown["points"], points, **close)
            side = n * delta
            border = [g_x - side / 2, g_y - side / 2, side, side]
            np.testing.assert_allclose(shown["border"], border, **close)
            np.testing.assert_allclose(shown["trail"], params[: t + 1, 0, :2], **close)


def test_pictures_are_the_tensors(visit, loop_url, run):
    visitor = visit(loop_url)
    visitor.press("Home", 0)
    canvases = BERNOULLI.values[run.film.frames()[:, 0, 0]]
    read, missing = (run.film.patches(name).values[:, 0, 0] for name in ("read", "error"))
    most_read = max(np.abs(read).max(), np.abs(missing).max())
    most_written = np.abs(run.film.patches("write").values).max()
    assert np.abs(visitor.pixels("x")[..., 0] / 255 - run.x[0]).max() <= 0.51 / 255
    for t in range(T):
        visitor.press("ArrowRight", t + 1)
        error = signed(visitor.pixels("error"))
        assert np.abs(error - (run.x[0] - canvases[t])).max() <= 1 / 128
        assert np.abs(visitor.pixels()[..., 0] / 255 - canvases[t + 1]).max() <= 0.51 / 255
        of_x, of_error = np.clip(read[t] / most_read, 0, 1), missing[t] / most_read
        assert np.abs(visitor.pixels("readX")[..., 0] / 255 - of_x).max() <= 0.51 / 255
        assert np.abs(signed(visitor.pixels("readError")) - of_error).max() <= 1 / 128
        patch = run.film.patches("write").values[t, 0, 0] / most_written
        assert np.abs(signed(visitor.pixels("patch")) - patch).max() <= 1 / 128
        for ref, state in (
            ("enc", films.inside(run.film, "h_enc")),
            ("dec", films.inside(run.film, "h_dec")),
        ):
            cells = units(visitor.pixels(ref)).ravel()
            np.testing.assert_allclose(cells, state[t], rtol=0.03, atol=1e-5)


def test_small_hidden_units_can_be_seen(visit, loop_url, run):
    visitor = visit(loop_url)
    visitor.press("End", T)
    small = 0
    for ref, state in (
        ("enc", films.inside(run.film, "h_enc")),
        ("dec", films.inside(run.film, "h_dec")),
    ):
        seen_at = contrast(visitor.pixels(ref)).ravel()
        seen = np.abs(state[-1]) >= 0.03
        assert (seen_at[seen] >= 3).all()
        small += (seen & (np.abs(state[-1]) < 0.3)).sum()
        order = np.argsort(state[-1][state[-1] > 0])
        assert (np.diff(seen_at[state[-1] > 0][order]) >= -0.05).all()
    assert small > 3


def test_latents_are_drawn_where_they_are(visit, loop_url, run):
    visitor = visit(loop_url)
    for t in (0, T - 1):
        visitor.press("Home", 0)
        for step in range(t + 1):
            visitor.press("ArrowRight", step + 1)
        for part, values in (
            ("mu", films.inside(run.film, "mu")),
            ("z", run.film.vectors("z").values[:, 0]),
        ):
            paths = visitor.part("latents").locator(f".{part}").all()
            d = "".join(path.get_attribute("d") for path in paths)
            drawn = {int(float(k)): -float(y) for k, y in re.findall(r"M(\S+) ([^\sh]+)h", d)}
            assert sorted(drawn) == list(range(8))
            shown = [drawn[k] for k in range(8)]
            np.testing.assert_allclose(shown, values[t], atol=1e-4)


def test_sectors_are_as_long_as_their_nats_and_lead_to_their_step(visit, loop_url, run):
    visitor = visit(loop_url)
    kl = run.film.bars("kl").values[:, 0]
    sectors = visitor.part("clock").locator(".sector")
    radii = [float(re.search(r"A(\S+) ", sectors.nth(t).get_attribute("d"))[1]) for t in range(T)]
    np.testing.assert_allclose((np.array(radii) - 40) / 56, kl / kl.max(), atol=1e-4)
    box = still(visitor.part("clock"))
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in (7, 1, T):
        angle = (step - 0.5) * 2 * np.pi / T
        radius = 0.3 * box["width"]
        visitor.page.mouse.move(x + radius * np.sin(angle), y - radius * np.cos(angle))
        visitor.expect_painted(step)
        total = f"step {step}: {kl[step - 1]:.2f} nats of {kl.sum():.1f}"
        expect(visitor.part("total")).to_have_text(total)


def test_slow_motion_goes_through_the_seven_stages(visit, loop_url, run):
    visitor = visit(loop_url)
    visitor.press("Home", 0)
    for step in range(1, 6):
        visitor.press("ArrowRight", step)
    before = visitor.pixels("dec")
    visitor.press("s", 5)
    shown, t = {}, 4
    for number, name in enumerate(STAGES, start=1):
        expect_stage(visitor, number)
        expect(visitor.part("stages").locator("[aria-current=step]")).to_have_text(
            f"{number} {name}"
        )
        assert visitor.stage.locator(".lit").count() >= 1
        kinds = visitor.part("saying").locator("p").evaluate_all("all => all.map(p => p.className)")
        assert kinds == ["plain", "equation", "numbersLine"]
        cells = visitor.part("saying").locator("[data-number]").all()
        shown[name] = {c.get_attribute("data-number"): number_in(c.inner_text()) for c in cells}
        # Up to the decoder's stage its node shows the step before, and dimmed.
        arrived = np.array_equal(visitor.pixels("dec"), before)
        assert arrived == (number >= 5)
        assert ("waits" in node_of(visitor, "dec").get_attribute("class")) == (number < 5)
        visitor.page.keyboard.press("ArrowRight")
    expect_stage(visitor, 1)
    visitor.expect_painted(6)
    visitor.press("ArrowLeft", 5)
    expect_stage(visitor, 7)
    visitor.press("s", 5)
    expect_stage(visitor, 0)
    expect(visitor.stage.locator(".lit, .waits")).to_have_count(0)

    canvases = BERNOULLI.values[run.film.frames()[:, 0, 0]]
    error = run.x[0] - canvases[t]
    worst = np.unravel_index(np.abs(error).argmax(), error.shape)
    logits = BERNOULLI.logits[run.film.frames()[:, 0, 0]]
    change = canvases[t + 1] - canvases[t]
    most = np.unravel_index(np.abs(change).argmax(), change.shape)
    mu, log_sigma = films.inside(run.film, "mu")[t], films.inside(run.film, "log_sigma")[t]
    sigma = np.exp(log_sigma)
    nats = (mu**2 + sigma**2 - 2 * log_sigma - 1) / 2
    k = int(nats.argmax())
    z = run.film.vectors("z").values[t, 0]

    def window(params: np.ndarray) -> dict[str, float]:
        g_x, g_y, delta, sigma2, gamma = params[t, 0]
        return {"g_x": g_x, "g_y": g_y, "delta": delta, "sigma": sigma2**0.5, "gamma": gamma}

    def unit(state: np.ndarray) -> dict[str, float]:
        most = int(np.abs(state[t] - state[t - 1]).argmax())
        return {"unit": most + 1, "before": state[t - 1, most], "now": state[t, most]}

    expected = {
        "Error": {
            "missing": error.clip(0).sum(),
            "excess": -error.clip(max=0).sum(),
            "error": error[worst],
            "x": run.x[0][worst],
            "painted": canvases[t][worst],
        },
        "Read": window(run.film.windows("read").parameters),
        "Encode": unit(films.inside(run.film, "h_enc")),
        "Sample": {
            "k": k + 1,
            "z": z[k],
            "mu": mu[k],
            "sigma": sigma[k],
            "eps": (z[k] - mu[k]) / sigma[k],
            "kl_k": nats[k],
            "kl": run.film.bars("kl").values[t, 0],
        },
        "Decode": unit(films.inside(run.film, "h_dec")),
        "Write": window(run.film.windows("write").parameters),
        "Add": {
            "added": change.clip(0).sum(),
            "taken": -change.clip(max=0).sum(),
            "after": logits[t + 1][most],
            "canvas": logits[t][most],
            "stroke": logits[t + 1][most] - logits[t][most],
        },
    }
    coarse = {"missing", "excess", "added", "taken"}  # shown with one decimal
    for name, numbers in expected.items():
        assert set(shown[name]) == set(numbers)
        for key, value in numbers.items():
            assert abs(shown[name][key] - value) <= (0.0501 if key in coarse else 0.00501), key
