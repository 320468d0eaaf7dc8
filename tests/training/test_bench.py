"""The benchmark: it compares like with like, and its figures are what they are called."""

import json

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from typer.testing import CliRunner

from draw_core.cli import app
from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.model import DRAW
from draw_core.families.draw.plain import PlainDRAW
from draw_core.learning.device import CPU
from draw_core.measure import bench
from draw_core.nets.losses import bernoulli_nll
from tests.support import small

TINY = DrawConfig(
    height=6, width=9, num_steps=3, z_size=4, enc_size=6, dec_size=8, read_size=2, write_size=3
)


def _same_weights(plain: PlainDRAW) -> DRAW:
    model = DRAW(TINY)
    weights = {k: torch.zeros_like(v) for k, v in model.state_dict().items()}
    for name, value in plain.state_dict().items():
        if name in weights:
            weights[name] = value
    for kind in ("weight", "bias"):
        parts = [getattr(plain.mu, kind), getattr(plain.log_sigma, kind)]
        weights[f"posterior.{kind}"] = torch.cat(parts)
    weights["initial_canvas"] = torch.full_like(weights["initial_canvas"], -4.0)
    model.load_state_dict(weights)
    return model


def test_the_plain_draw_computes_the_same_loss():
    torch.manual_seed(0)
    plain = PlainDRAW(TINY)
    with torch.no_grad():
        for parameter in plain.parameters():
            parameter.copy_(0.4 * torch.randn_like(parameter))
    model = _same_weights(plain)
    x, noise = small.pixels(5, model), model.noise(5, small.seeded(1))
    canvas, kl = model.unroll(x, noise)
    expected = (bernoulli_nll(canvas, x) + kl.sum(dim=0)).mean()
    assert plain.loss(x, noise).item() == pytest.approx(expected.item(), rel=1e-5)


def test_operations_are_counted_as_pytorch_counts_them():
    model = DRAW(TINY)
    x, noise = small.pixels(5, model), model.noise(5, small.seeded(1))
    with FlopCounterMode(display=False) as counter:
        model.unroll(x, noise)
    forward = counter.get_flop_counts()["Global"][torch.ops.aten.addmm]
    assert bench.product_operations(TINY) == 3 * forward / 5


def test_the_ratio_is_of_what_ran_side_by_side(monkeypatch):
    rates = iter([20.0, 10.0, 30.0, 20.0, 90.0, 10.0])  # ours and the plain one, in turns
    monkeypatch.setattr(bench, "_rate", lambda updates: next(updates) and next(rates))
    monkeypatch.setattr(bench, "product_rate", lambda *_: 1e6)
    found = bench.measure("tiny", TINY, 4, precision="float32", seconds=0.0, device=CPU)
    assert found.ratio == 2.0  # the median of 2, 1.5 and 9
    assert (found.images_per_s, found.plain_images_per_s) == (4 * 30.0, 4 * 10.0)
    assert found.share == pytest.approx(120 * bench.product_operations(TINY) / 1e6)
    assert found.first_update_s > 0


def test_it_prints_what_it_measures():
    result = CliRunner().invoke(app, ["bench", "--only", "1", "--seconds", "0.5", "--json"])
    assert result.exit_code == 0, result.output
    (row,) = json.loads(result.stdout)
    names = ("ratio", "images_per_s", "plain_images_per_s", "share", "first_update_s")
    assert all(row[name] > 0 for name in names)
