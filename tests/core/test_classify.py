"""The attention classifier and its baseline: equations, gradients, error."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from draw_core.data.composed.composites import Composer, Recipe
from draw_core.families.glimpse import train as module
from draw_core.families.glimpse.backprop import GlimpseBackprop
from draw_core.families.glimpse.baseline import ConvClassifier
from draw_core.families.glimpse.config import ClassifierTraining, ConvConfig, GlimpseConfig
from draw_core.families.glimpse.evaluate import error_rate
from draw_core.families.glimpse.look import look
from draw_core.families.glimpse.model import GlimpseClassifier
from draw_core.families.glimpse.train import (
    ClassifierState,
    batch_numbers,
    learning_rate,
    new_classifier,
    train,
)
from draw_core.learning.train import TrainingDiverged
from draw_core.nets import attention
from tests.support import small

# No two sizes are equal, so that a mixed-up axis shows.
CONFIG = GlimpseConfig(
    height=11, width=9, channels=2, classes=5, num_steps=3, hidden_size=6, read_size=4
)
CONV = ConvConfig(
    height=17, width=13, channels=2, classes=4, filters_1=3, filters_2=5, kernel=2, stride=2
)


def _model(dtype: torch.dtype = torch.float64, config: GlimpseConfig = CONFIG) -> GlimpseClassifier:
    """Weights so large that the window moves from glimpse to glimpse."""
    network = GlimpseClassifier(config).to(dtype)
    generator = small.seeded(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
    return network


def _pixels(batch: int, config: GlimpseConfig | ConvConfig = CONFIG) -> torch.Tensor:
    shape = (batch, config.channels, config.height, config.width)
    return torch.rand(shape, generator=small.seeded(4), dtype=torch.float64)


def _sigmoid(v):
    return 1 / (1 + np.exp(-v))


def _reference(network: GlimpseClassifier, image: np.ndarray) -> list[tuple]:
    """One image in NumPy, written from the paper: a window, a patch, h and logits per step."""
    w = {name: value.detach().numpy() for name, value in network.named_parameters()}
    c = network.config
    h, cell = w["initial"]
    steps = []
    for _ in range(c.num_steps):
        g_x, g_y, log_sigma2, log_delta, log_gamma = w["window.weight"] @ h + w["window.bias"]
        g_x = (c.width + 1) / 2 * (g_x + 1) - 1  # from 1-based to 0-based pixels
        g_y = (c.height + 1) / 2 * (g_y + 1) - 1
        delta = (max(c.height, c.width) - 1) / (c.read_size - 1) * math.exp(log_delta)
        sigma2, gamma = math.exp(log_sigma2), math.exp(log_gamma)
        banks = []
        for centre, length in ((g_x, c.width), (g_y, c.height)):
            bank = np.zeros((c.read_size, length))
            for i in range(c.read_size):
                mu = centre + (i + 1 - c.read_size / 2 - 0.5) * delta
                for a in range(length):
                    bank[i, a] = math.exp(-((a - mu) ** 2) / (2 * sigma2))
                bank[i] /= bank[i].sum()
            banks.append(bank)
        patch = np.stack([gamma * banks[1] @ channel @ banks[0].T for channel in image])
        gates = w["lstm.weight_ih"] @ patch.ravel() + w["lstm.bias_ih"]
        gates += w["lstm.weight_hh"] @ h + w["lstm.bias_hh"]
        i, f, g, o = gates.reshape(4, c.hidden_size)
        cell = _sigmoid(f) * cell + _sigmoid(i) * np.tanh(g)
        h = _sigmoid(o) * np.tanh(cell)
        logits = w["answer.weight"] @ h + w["answer.bias"]
        steps.append(((g_x, g_y, delta, sigma2, gamma), patch, h, logits))
    return steps


def test_it_computes_what_the_equations_say():
    network, x = _model(), _pixels(3)
    trace = network(x)
    for b, image in enumerate(x.numpy()):
        for t, expected in enumerate(_reference(network, image)):
            for found, value in zip(trace, expected, strict=True):
                np.testing.assert_allclose(found[t, b].detach(), value, rtol=1e-9, atol=1e-12)
    assert trace.params[..., 0].std(dim=0).min() > 0.01  # the windows do move
    # Sums may be taken in another order, which is another rounding on some processors.
    torch.testing.assert_close(network.logits(x), trace.logits[-1], rtol=0, atol=1e-13)


def test_the_first_glimpse_of_a_fresh_network_sees_the_whole_page():
    config = GlimpseConfig()
    network = new_classifier(config, seed=0)
    g_x, g_y, delta, sigma2, gamma = network(torch.zeros(2, 1, 100, 100)).params[0, 1].tolist()
    assert (g_x, g_y) == pytest.approx((49.5, 49.5), abs=1e-4)
    assert delta == pytest.approx(9.0)  # from pixel 0 to pixel 99 in eleven strides
    assert sigma2 == pytest.approx(4.5**2)
    assert gamma == pytest.approx(1.0)
    # A dot anywhere is seen by someone, as much as one in the middle of two filters is.
    filters, _ = attention.filterbank(
        attention.AttentionParams(*(torch.tensor([v]) for v in (g_x, g_y, delta, sigma2, gamma))),
        100, 100, 12,
    )  # fmt: skip
    seen = filters[0].sum(dim=0)
    assert seen.min() > 0.9 * seen[49:51].mean()


@pytest.mark.parametrize("width", [9, 11])
def test_gradients_by_hand_are_those_of_autograd(width):
    config = replace(CONFIG, width=width)  # a square page shares calls between the axes
    network, x = _model(config=config), _pixels(3, config)
    labels = torch.tensor([4, 0, 2])
    F.cross_entropy(network.logits(x), labels).backward()
    expected = {name: p.grad.clone() for name, p in network.named_parameters()}
    network.zero_grad()
    by_hand = GlimpseBackprop(network, 3, torch.float64)
    for _ in range(2):  # buffers are used again
        network.zero_grad()
        loss = by_hand.add_gradients(x, labels)
    torch.testing.assert_close(loss, F.cross_entropy(network.logits(x), labels).detach())
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[name], rtol=1e-8, atol=1e-12)
    assert expected["window.weight"].abs().max(dim=1).values.min() > 1e-5  # all five are taught
    assert expected["window.weight"][:, 0].abs().min() > 0


def test_a_clipped_window_passes_back_no_more_than_the_clip(monkeypatch):
    network, x, labels = _model(), _pixels(3), torch.tensor([4, 0, 2])
    clip, norms = 0.02, []

    def decode(raw, *sizes):
        def shorten(g):
            norm = 3 * g.norm(dim=1, keepdim=True)  # the loss is a mean over three images
            norms.append(norm)
            return g * (clip / norm).clamp(max=1)

        raw.register_hook(shorten)
        return attention.decode_params(raw, *sizes)

    monkeypatch.setattr("draw_core.families.glimpse.model.decode_params", decode)
    F.cross_entropy(network.logits(x), labels).backward()
    lengths = torch.cat(norms)
    assert lengths.min() < clip < lengths.max()  # some are shortened, some are not
    expected = {name: p.grad.clone() for name, p in network.named_parameters()}
    network.zero_grad()
    GlimpseBackprop(network, 3, torch.float64, clip).add_gradients(x, labels)
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(parameter.grad, expected[name], rtol=1e-8, atol=1e-12)


def test_gradients_agree_with_differences_of_the_loss():
    network, x, labels = _model(), _pixels(2), torch.tensor([1, 3])
    GlimpseBackprop(network, 2, torch.float64).add_gradients(x, labels)
    step = 1e-6
    for parameter in (network.window.weight, network.window.bias, network.initial):
        for place in range(0, parameter.numel(), 3):
            values = []
            for sign in (1, -1):
                with torch.no_grad():
                    parameter.view(-1)[place] += sign * step
                    values.append(F.cross_entropy(network.logits(x), labels).item())
                    parameter.view(-1)[place] -= sign * step
            slope = (values[0] - values[1]) / (2 * step)
            assert parameter.grad.view(-1)[place].item() == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_rounded_products_move_the_gradient_by_their_precision_only():
    network, x = _model(torch.float32), _pixels(4).float()
    labels = torch.tensor([0, 1, 2, 3])
    gradients = []
    for dtype in (torch.float32, torch.bfloat16):
        network.zero_grad()
        GlimpseBackprop(network, 4, dtype).add_gradients(x, labels)
        gradients.append(torch.cat([p.grad.ravel() for p in network.parameters()]))
    difference = (gradients[1] - gradients[0]).norm() / gradients[0].norm()
    assert 1e-5 < difference < 0.02  # bfloat16 has 8 bits


def test_the_baseline_is_two_convolutions_and_a_linear_layer():
    network, x = ConvClassifier(CONV).double(), _pixels(2, CONV)
    w = {name: value.detach().numpy() for name, value in network.named_parameters()}

    def convolve(v, weight, bias, stride):
        count, _, kernel, _ = weight.shape
        rows, columns = ((n - kernel) // stride + 1 for n in v.shape[1:])
        out = np.zeros((count, rows, columns))
        for f in range(count):
            for r in range(rows):
                for k in range(columns):
                    cut = v[:, r * stride : r * stride + kernel, k * stride : k * stride + kernel]
                    out[f, r, k] = (cut * weight[f]).sum() + bias[f]
        return np.maximum(out, 0)

    def pool(v, side):
        rows, columns = (n // side for n in v.shape[1:])
        v = v[:, : rows * side, : columns * side]
        return v.reshape(len(v), rows, side, columns, side).max(axis=(2, 4))

    for image, found in zip(x.numpy(), network(x), strict=True):
        v = pool(convolve(image, w["first.weight"], w["first.bias"], 2), 2)
        v = pool(convolve(v, w["second.weight"], w["second.bias"], 1), 2)
        assert v.shape == (5, *CONV.grid)
        expected = w["answer.weight"] @ v.ravel() + w["answer.bias"]
        np.testing.assert_allclose(found.detach(), expected, rtol=1e-9)
    assert ConvConfig().grid == (10, 10)


@pytest.fixture
def composer() -> Composer:
    rng = np.random.default_rng(2)
    digits = rng.integers(0, 256, (23, 1, 28, 28), dtype=np.uint8)
    recipe = Recipe(side=30, digits=1, pieces=2)
    return Composer(recipe, digits, rng.integers(0, 10, 23), "train")


TINY = GlimpseConfig(height=30, width=30, num_steps=3, hidden_size=5, read_size=3)


def test_the_error_is_the_share_of_wrong_answers(composer, monkeypatch):
    monkeypatch.setattr("draw_core.families.glimpse.evaluate.BATCH_SIZE", 8)
    network = new_classifier(TINY, seed=5)
    with torch.no_grad():
        network.answer.weight.mul_(30)
    numbers = range(3, 63)
    done = []
    found = error_rate(network, composer, numbers, done.append)
    wrong, loss = np.zeros(3), 0.0
    for number in numbers:
        image = composer.images(np.array([number]))
        label = composer.labels(np.array([number]))[0]
        logits = network(torch.from_numpy(image) / 255).logits[:, 0]
        wrong += [int(row.argmax()) != label for row in logits]
        loss -= logits[-1].log_softmax(dim=0)[label].item() / 60
    assert found.after_glimpse == pytest.approx(100 * wrong / 60)
    assert found.error == pytest.approx(100 * wrong[-1] / 60)
    assert 0 < wrong[-1] < 60
    p = wrong[-1] / 60
    assert found.standard_error == pytest.approx(100 * math.sqrt(p * (1 - p) / 60))
    assert found.loss == pytest.approx(loss, rel=1e-5)
    assert (found.images, sum(done)) == (60, 60)
    with pytest.raises(ValueError, match="no images"):
        error_rate(network, composer, range(5, 5))


def test_an_error_known_in_advance(composer):
    # A network that always answers 4 is wrong wherever there is another digit.
    network = new_classifier(
        ConvConfig(height=30, width=30, filters_1=1, filters_2=1, stride=1), seed=0
    )
    with torch.no_grad():
        network.answer.weight.zero_()
        network.answer.bias.copy_(torch.eye(10)[4])
    labels = composer.labels(np.arange(23))
    found = error_rate(network, composer, range(46))
    assert found.error == pytest.approx(100 * (labels != 4).mean())
    assert found.after_glimpse == ()
    assert found.first_1000 is None
    nats = math.log(math.e + 9) - (labels == 4).mean()
    assert found.loss == pytest.approx(nats, rel=1e-5)


def test_the_first_thousand_images_have_an_error_of_their_own(composer):
    network = new_classifier(
        ConvConfig(height=30, width=30, filters_1=1, filters_2=1, stride=1), seed=0
    )
    with torch.no_grad():
        network.answer.weight.zero_()
        network.answer.bias.copy_(torch.eye(10)[4])
    wrong = composer.labels(np.arange(1100)) != 4
    found = error_rate(network, composer, range(1100))
    assert found.error == pytest.approx(100 * wrong.mean())
    assert found.first_1000 == pytest.approx(100 * wrong[:1000].mean())
    assert found.first_1000 != pytest.approx(found.error, abs=0.01)


@pytest.mark.parametrize(
    ("config", "values", "message"),
    [
        (GlimpseConfig, {"num_steps": 1025}, "num_steps is 1025; set it to 1 to 1024"),
        (GlimpseConfig, {"num_steps": 100, "read_size": 100}, "takes 1,046,600 numbers, 1,000,000"),
        (GlimpseConfig, {"num_steps": 1024, "hidden_size": 8192}, "Lower num_steps"),
        (GlimpseConfig, {"height": 1024, "width": 1024, "read_size": 900}, "Lower num_steps"),
        (ConvConfig, {"filters_1": 1024}, "Lower filters_1 or filters_2, or raise stride"),
        (ConvConfig, {"kernel": 65}, "kernel is 65; set it to 1 to 64"),
    ],
)
def test_networks_that_would_take_all_memory_are_refused(config, values, message):
    with pytest.raises(ValueError, match=message):
        config(**values)


def test_the_largest_look_takes_a_few_hundred_megabytes():
    config = GlimpseConfig(num_steps=95, read_size=100)
    with torch.device("meta"):
        trace = GlimpseClassifier(config)(torch.zeros(24, 1, 100, 100))
    kept = sum(values.numel() * values.element_size() for values in trace)
    assert 80e6 < kept < 100e6  # of which there are two or three, see config.py


def test_every_pass_shows_every_digit_once_in_new_arrangements():
    config = ClassifierTraining(batch_size=4, seed=3)
    seen = [batch_numbers(step, 20, 23, config) for step in range(10)]
    first, second = np.concatenate(seen[:5]), np.concatenate(seen[5:])
    assert sorted(first % 23) == sorted(second % 23) == list(range(20))
    assert set(first // 23) == {1}  # the arrangement 0 is left to validation
    assert set(second // 23) == {2}
    assert first.tolist() != sorted(first)
    assert (first % 23).tolist() != (second % 23).tolist()


def test_the_learning_rate_rises_then_falls_to_zero():
    config = ClassifierTraining(steps=110, warmup_steps=10, learning_rate=0.01)
    rates = [learning_rate(step, config) for step in (0, 4, 9, 10, 60, 110)]
    assert rates == pytest.approx([0.001, 0.005, 0.01, 0.01, 0.005, 0.0])


def test_an_update_is_adam_on_the_clipped_gradient(composer):
    config = ClassifierTraining(
        steps=3,
        batch_size=4,
        learning_rate=0.01,
        window_rate=0.3,
        warmup_steps=1,
        grad_clip=0.05,
        seed=2,
    )
    state = ClassifierState(new_classifier(TINY, seed=1), config)
    twin = new_classifier(TINY, seed=1)
    window = list(twin.window.parameters())
    rest = [p for name, p in twin.named_parameters() if not name.startswith("window.")]
    optimizer = torch.optim.Adam([{"params": rest}, {"params": window}])
    for metrics in train(state, composer, 20):
        numbers = batch_numbers(metrics.step - 1, 20, 23, config)
        x = torch.from_numpy(composer.images(numbers)) / 255
        loss = F.cross_entropy(twin.logits(x), torch.from_numpy(composer.labels(numbers)))
        optimizer.zero_grad()
        loss.backward()
        norm = torch.sqrt(sum(p.grad.square().sum() for p in twin.parameters()))
        assert metrics.grad_norm == pytest.approx(norm.item(), rel=1e-4)
        assert metrics.loss == pytest.approx(loss.item(), rel=1e-5)
        for parameter in twin.parameters():
            parameter.grad.mul_(min(1.0, 0.05 / norm.item()))
        for group, share in zip(optimizer.param_groups, (1.0, 0.3), strict=True):
            group["lr"] = share * learning_rate(metrics.step - 1, config)
        optimizer.step()
    assert metrics.step == 3
    for one, other in zip(state.model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["draw", "conv"])
def test_they_learn_where_a_bar_is(kind):
    # Ten digits, each a bar at another height; the page is hardly larger.
    digits = np.zeros((10, 1, 28, 28), np.uint8)
    for number in range(10):
        digits[number, 0, 2 * number + 3 : 2 * number + 6, 4:24] = 255
    bars = Composer(Recipe(side=30, digits=1), digits, np.arange(10), "train")
    config = {
        "draw": GlimpseConfig(height=30, width=30, num_steps=2, hidden_size=32, read_size=6),
        "conv": ConvConfig(height=30, width=30, filters_1=4, filters_2=8, stride=1, kernel=3),
    }[kind]
    training = ClassifierTraining(
        steps=150, batch_size=10, learning_rate=0.02, warmup_steps=10, validation=1
    )
    state = ClassifierState(new_classifier(config, seed=0), training)
    losses = [metrics.loss for metrics in train(state, bars, 10)]
    assert losses[0] == pytest.approx(math.log(10), abs=0.1)
    assert np.mean(losses[-10:]) < 1.0


def _copy(state: ClassifierState) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in state.tensors().items()}


def _is(state: ClassifierState, saved: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(tensor, saved[name]) for name, tensor in state.tensors().items())


def test_a_loss_that_is_no_number_gives_back_the_last_good_state(composer):
    config = ClassifierTraining(steps=9, batch_size=4)
    state = ClassifierState(new_classifier(TINY, seed=1), config)
    steps = train(state, composer, 20)
    next(steps)
    first = _copy(state)
    next(steps)
    with torch.no_grad():  # as if the second update had spoilt them
        state.model.answer.bias[0] = math.nan
    with pytest.raises(TrainingDiverged, match="stopped at step 3: the loss"):
        next(steps)
    assert state.step == 1
    assert _is(state, first)  # weights, moments and counters


def test_weights_that_give_no_finite_loss_are_found_before_they_are_saved(composer):
    state = ClassifierState(new_classifier(TINY, seed=1), ClassifierTraining(batch_size=4))
    steps = train(state, composer, 20)
    next(steps)
    good = _copy(state)
    next(steps)
    second = _copy(state)
    state.check(composer)
    assert _is(state, second)
    with torch.no_grad():
        state.model.lstm.weight_hh[0, 0] = math.nan
    with pytest.raises(TrainingDiverged, match="stopped at step 2:"):
        state.check(composer)
    assert _is(state, good)


def test_fresh_weights_are_a_function_of_the_seed():
    one, same, other = (new_classifier(TINY, seed) for seed in (1, 1, 2))
    assert torch.equal(one.lstm.weight_ih, same.lstm.weight_ih)
    assert not torch.equal(one.lstm.weight_ih, other.lstm.weight_ih)
    assert isinstance(module.build(CONV), ConvClassifier)


def test_a_look_is_the_trace_in_probabilities(composer):
    images = composer.images(np.arange(4))
    network = new_classifier(TINY, seed=1)
    found = look(network, images)
    trace = network(torch.from_numpy(images) / 255)
    np.testing.assert_allclose(found.params, trace.params.detach(), rtol=1e-6)
    np.testing.assert_allclose(found.patches, trace.patches.detach(), rtol=1e-6)
    odds = np.exp(trace.logits.detach().numpy())
    np.testing.assert_allclose(found.belief, odds / odds.sum(axis=-1, keepdims=True), rtol=1e-5)
    with pytest.raises(ValueError, match=r"images are \(1, 30, 29\) .* is for \(1, 30, 30\)"):
        look(network, images[..., 1:])
