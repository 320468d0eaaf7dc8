"""The classifier with glimpses: its equations, its gradients, how it is trained."""

import copy
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from draw_core.families.engine import Engine
from draw_core.families.glimpse.backprop import GlimpseBackprop
from draw_core.families.glimpse.config import GlimpseConfig, GlimpseTraining
from draw_core.families.glimpse.engine import ENGINE
from draw_core.families.glimpse.model import GlimpseClassifier
from draw_core.learning.train import TrainState, learning_rate, new_model, train
from draw_core.nets import attention
from tests.support import reference, small

# No two sizes are equal, so that a mixed-up axis shows.
CONFIG = GlimpseConfig(
    height=11, width=9, channels=2, classes=5, num_steps=3, hidden_size=6, read_size=4
)
LABELS = torch.tensor([4, 0, 2])
BATCH = len(LABELS)
CLIP = 0.02  # among the lengths of the gradients of the windows below


def _network(dtype: torch.dtype = torch.float64, **changes: object) -> GlimpseClassifier:
    """Weights so large that the window moves from glimpse to glimpse."""
    network = GlimpseClassifier(replace(CONFIG, **changes)).to(dtype)
    generator = small.seeded(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
    return network


def _pixels(network: GlimpseClassifier, batch: int = BATCH) -> torch.Tensor:
    pixels = torch.rand((batch, *network.config.shape), generator=small.seeded(4))
    return pixels.to(network.initial)


def _gradients(network: GlimpseClassifier) -> dict[str, torch.Tensor]:
    """Taken from the parameters."""
    found = {name: p.grad.clone() for name, p in network.named_parameters()}
    network.zero_grad()
    return found


def _are_close(network: GlimpseClassifier, expected: dict[str, torch.Tensor]) -> None:
    for name, found in _gradients(network).items():
        torch.testing.assert_close(found, expected[name], rtol=1e-8, atol=1e-12, msg=name)


# ---- what it computes


def test_it_computes_what_the_equations_say():
    network = _network()
    x, weights = _pixels(network), {k: v.detach().numpy() for k, v in network.named_parameters()}
    trace = network(x)
    for b, image in enumerate(x.numpy()):
        steps = reference.glimpses(weights, image, CONFIG.num_steps, CONFIG.read_size)
        for t, (p, *others) in enumerate(steps):
            window = [p.g_X - 1, p.g_Y - 1, p.delta, p.sigma2, p.gamma]  # pixels from 0
            for found, expected in zip(trace, (window, *others), strict=True):
                np.testing.assert_allclose(found[t, b].detach(), expected, rtol=1e-9, atol=1e-12)
    assert trace.params[..., 0].std(dim=0).min() > 0.01  # the windows do move
    # Sums may be taken in another order, which is another rounding on some processors.
    torch.testing.assert_close(network.logits(x), trace.logits[-1], rtol=0, atol=1e-13)


def test_the_first_glimpse_of_a_fresh_network_sees_the_whole_page():
    config = GlimpseConfig(height=100, width=100)
    network = GlimpseClassifier(config)
    window = network(torch.zeros(2, 1, 100, 100)).params[0, 1]
    g_x, g_y, delta, sigma2, gamma = window.tolist()
    assert (g_x, g_y) == pytest.approx((49.5, 49.5), abs=1e-4)
    assert delta == pytest.approx(9.0)  # from pixel 0 to pixel 99 in eleven strides
    assert sigma2 == pytest.approx(4.5**2)
    assert gamma == pytest.approx(1.0)
    # A dot anywhere is seen by someone, as much as one in the middle of two filters is.
    params = attention.AttentionParams(*window.detach()[:, None])
    seen = attention.filterbank(params, 100, 100, config.read_size)[0][0].sum(dim=0)
    assert seen.min() > 0.9 * seen[49:51].mean()


def test_the_largest_look_takes_a_few_hundred_megabytes():
    config = GlimpseConfig(height=100, width=100, num_steps=95, read_size=100)
    with torch.device("meta"):
        trace = GlimpseClassifier(config)(torch.zeros(24, 1, 100, 100))
    kept = sum(values.numel() * values.element_size() for values in trace)
    assert 80e6 < kept < 100e6  # of which there are two or three


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"num_steps": 1025}, "num_steps is 1025; set it to 1,024 or less"),
        ({"num_steps": 100, "read_size": 100}, "takes 1,046,600 numbers, 1,000,000"),
        ({"num_steps": 1024, "hidden_size": 8192}, "Lower num_steps"),
        ({"height": 1024, "width": 1024, "read_size": 900}, "Lower num_steps"),
    ],
)
def test_networks_that_would_take_all_memory_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        GlimpseConfig(**{"height": 100, "width": 100, **values})


# ---- its gradients


@pytest.mark.parametrize("width", [9, 11])
def test_gradients_by_hand_are_those_of_autograd(width):
    network = _network(width=width)  # a square page shares calls between the axes
    x = _pixels(network)
    expected_loss = F.cross_entropy(network.logits(x), LABELS)
    expected_loss.backward()
    expected = _gradients(network)
    by_hand = GlimpseBackprop(network, BATCH, torch.float64)
    for _ in range(2):  # buffers are used again
        network.zero_grad()
        loss = by_hand.add_gradients(x, LABELS)
    torch.testing.assert_close(loss, expected_loss.detach())
    _are_close(network, expected)
    assert expected["window.weight"].abs().max(dim=1).values.min() > 1e-5  # all five are taught
    assert expected["window.weight"][:, 0].abs().min() > 0


def test_gradients_agree_with_differences_of_the_loss():
    network = _network()
    x, labels = _pixels(network, 2), torch.tensor([1, 3])
    GlimpseBackprop(network, 2, torch.float64).add_gradients(x, labels)
    small.slopes_agree(
        (network.window.weight, network.window.bias, network.initial),
        lambda: F.cross_entropy(network.logits(x), labels),
        every=3,
        abs_=1e-8,
    )


def _shortened_by_hand(network: GlimpseClassifier, monkeypatch) -> dict[str, torch.Tensor]:
    """Gradients by autograd, in which each window of each image gets at most ``CLIP``."""
    lengths = []

    def decode(raw, *sizes):
        def shorten(g):
            length = BATCH * g.norm(dim=1, keepdim=True)  # the loss is a mean over the batch
            lengths.append(length)
            return g * (CLIP / length).clamp(max=1)

        raw.register_hook(shorten)
        return attention.decode_params(raw, *sizes)

    with monkeypatch.context() as patched:
        patched.setattr("draw_core.families.glimpse.model.decode_params", decode)
        F.cross_entropy(network.logits(_pixels(network)), LABELS).backward()
    found = torch.cat(lengths)
    assert found.min() < CLIP < found.max()  # some are shortened, some are not
    return _gradients(network)


def test_a_clipped_window_passes_back_no_more_than_the_clip(monkeypatch):
    network = _network()
    expected = _shortened_by_hand(network, monkeypatch)
    GlimpseBackprop(network, BATCH, torch.float64, CLIP).add_gradients(_pixels(network), LABELS)
    _are_close(network, expected)


@pytest.mark.parametrize("plain", [False, True], ids=["fast", "plain"])
def test_the_gradients_that_train_are_clipped(monkeypatch, plain):
    network, training = _network(), GlimpseTraining(window_clip=CLIP)
    expected = _shortened_by_hand(network, monkeypatch)
    ask = Engine.gradients if plain else type(ENGINE).gradients
    ask(ENGINE, network, BATCH, torch.float64, training)(_pixels(network), LABELS[None])
    _are_close(network, expected)


def test_rounded_products_move_the_gradient_by_their_precision_only():
    network = _network(torch.float32)
    gradients = []
    for dtype in (torch.float32, torch.bfloat16):
        GlimpseBackprop(network, BATCH, dtype).add_gradients(_pixels(network), LABELS)
        gradients.append(torch.cat([g.ravel() for g in _gradients(network).values()]))
    difference = (gradients[1] - gradients[0]).norm() / gradients[0].norm()
    assert 1e-5 < difference < 0.02  # bfloat16 has 8 bits


def test_what_is_multiplied_is_rounded_before():
    """Pixels and weights of the LSTM that are rounded already give the very same gradient."""
    network = _network(torch.float32)
    with torch.no_grad():
        network.lstm.bias_hh.zero_()  # of the two biases only the sum is rounded
    x, rounded = _pixels(network), copy.deepcopy(network)
    with torch.no_grad():
        for parameter in rounded.lstm.parameters():
            parameter.copy_(parameter.bfloat16())
    for dtype, same in ((torch.bfloat16, True), (None, False)):
        found = []
        for one, pixels in ((network, x), (rounded, x), (network, x.bfloat16().float())):
            GlimpseBackprop(one, BATCH, dtype).add_gradients(pixels, LABELS)
            found.append(torch.cat([g.ravel() for g in _gradients(one).values()]))
        assert [torch.equal(found[0], other) for other in found[1:]] == [same, same]


# ---- how it is trained


@pytest.mark.trains
def test_an_update_is_adam_on_the_clipped_gradient():
    """Of the windows by ``window_clip``, of all by ``grad_clip``; the head has its own rate."""
    training = GlimpseTraining(
        steps=3,
        batch_size=4,
        learning_rate=0.01,
        warmup_steps=1,
        grad_clip=0.05,
        seed=2,
        window_rate=0.3,
        window_clip=1e-3,
    )
    images = small.byte_images(4)
    config = replace(CONFIG, height=images.shape[2], width=images.shape[3], read_size=3)
    labels = torch.tensor([0, 4, 1, 2])
    state = TrainState(new_model(config, images, seed=1), training)
    twin = new_model(config, images, seed=1)
    with torch.no_grad():  # so that the windows matter
        for one, other in zip(state.model.parameters(), twin.parameters(), strict=True):
            one.mul_(3)
            other.mul_(3)
    window = list(twin.window.parameters())
    rest = [p for name, p in twin.named_parameters() if not name.startswith("window.")]
    optimizer = torch.optim.Adam([{"params": rest}, {"params": window}])
    before = [parameter.detach().clone() for parameter in window]
    for metrics in train(state, images, labels):
        optimizer.zero_grad()
        add_gradients = Engine.gradients(ENGINE, twin, 4, None, training)
        loss, _ = add_gradients(images / 255, labels[None])
        norm = torch.sqrt(sum(p.grad.square().sum() for p in twin.parameters()))
        assert norm > training.grad_clip
        assert metrics.grad_norm == pytest.approx(norm.item(), rel=1e-4)
        assert metrics.loss == pytest.approx(loss.item(), rel=1e-5)
        for parameter in twin.parameters():
            parameter.grad.mul_(training.grad_clip / norm)
        rate = learning_rate(metrics.step - 1, training)
        for group, share in zip(optimizer.param_groups, (1.0, 0.3), strict=True):
            group["lr"] = share * rate
        optimizer.step()
    assert metrics.step == 3
    for one, other in zip(state.model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-5)
    for parameter, start in zip(window, before, strict=True):
        assert (parameter - start).abs().max() > 1e-3  # a rate of 1 would show


@pytest.mark.trains
def test_it_learns_where_a_bar_is():
    # Ten kinds, each a bar at another height.
    images = torch.zeros(10, 1, 30, 30, dtype=torch.uint8)
    for number in range(10):
        images[number, 0, 2 * number + 3 : 2 * number + 6, 4:24] = 255
    config = GlimpseConfig(height=30, width=30, num_steps=2, hidden_size=32, read_size=6)
    training = GlimpseTraining(steps=150, batch_size=10, learning_rate=0.02, warmup_steps=10)
    state = TrainState(new_model(config, images, seed=0), training)
    losses = [metrics.loss for metrics in train(state, images, torch.arange(10))]
    assert losses[0] == pytest.approx(math.log(10), abs=0.1)
    assert np.mean(losses[-10:]) < 1.0
