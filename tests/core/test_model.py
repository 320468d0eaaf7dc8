"""The network: the paper's equations step by step, purity, randomness and the trace."""

import dataclasses
import itertools

import jaxtyping
import numpy as np
import pytest
import torch

from draw_core.families.draw.model import DRAW
from draw_core.nets.canvas import BLANK_LOGIT
from tests.support import reference, small

ATTENTION = [
    {"read_attention": read, "write_attention": write}
    for read, write in itertools.product([True, False], repeat=2)
]


def _all_equal(a, b) -> bool:
    """Whether two traces hold the same numbers."""
    for field in dataclasses.fields(a):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if left is None or right is None:
            if left is not right:
                return False
        elif isinstance(left, tuple):
            if not all(torch.equal(p, q) for p, q in zip(left, right, strict=True)):
                return False
        elif not torch.equal(left, right):
            return False
    return True


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("initial_canvas", ["blank", "data_mean"])
@pytest.mark.parametrize("attention", ATTENTION)
def test_forward_equals_the_loops_of_the_paper(attention, initial_canvas, channels):
    changes = {**attention, "initial_canvas": initial_canvas, "channels": channels}
    model = small.model(torch.float64, **changes)
    x = small.pixels(2, model)
    trace = model(x, small.seeded(3))
    noise = model.noise(2, small.seeded(3)).numpy()
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    c = model.config
    for b in range(2):
        canvases, kls = reference.draw(
            weights, x[b].numpy(), noise[:, b], c.read_size, c.write_size
        )
        np.testing.assert_allclose(trace.canvases[:, b].detach(), canvases, atol=1e-10)
        np.testing.assert_allclose(trace.kl[:, b].detach(), kls, atol=1e-10)


@pytest.mark.parametrize("attention", ATTENTION)
def test_unrolled_equals_stepwise(attention):
    model = small.model(**attention)
    x, noise = small.pixels(2, model), model.noise(2, small.seeded(5))
    trace = model(x, small.seeded(5))
    state = model.initial_state(2)
    assert torch.equal(trace.canvases[0], state.canvas)
    for t, step_noise in enumerate(noise):
        state = model.step(state, x, step_noise)
        assert torch.equal(trace.canvases[t + 1], state.canvas)
        for name in ("z", "mu", "log_sigma", "kl", "h_enc", "h_dec"):
            assert torch.equal(getattr(trace, name)[t], getattr(state, name))
        assert torch.equal(trace.read_patches[t], state.read_patch)
        assert torch.equal(trace.write_patches[t], state.write_patch)
        for name in ("read_params", "write_params"):
            if getattr(state, name) is not None:
                pairs = zip(getattr(trace, name), getattr(state, name), strict=True)
                assert all(torch.equal(whole[t], part) for whole, part in pairs)
    canvas, kl = model.unroll(x, noise)
    assert torch.equal(canvas, trace.canvases[-1])
    assert torch.equal(kl, trace.kl)


def test_generating_takes_the_same_step_as_training():
    model = small.model()
    trace = model.generate(2, small.seeded(0))
    state = model.initial_state(2)
    for t in range(model.config.num_steps):
        state = model.step(state, None, trace.z[t])
        assert torch.equal(trace.canvases[t + 1], state.canvas)
        assert torch.equal(trace.h_dec[t], state.h_dec)


def test_reconstruction_with_the_latents_of_a_generation_paints_the_same():
    # Eq 8 and eq 15 are one: given z, the decoder does not know where it came from.
    model = small.model(torch.float64)
    seen = model(small.pixels(2, model), small.seeded(0))
    state = model.initial_state(2)
    for z in seen.z:
        state = model.step(state, None, z)
    torch.testing.assert_close(state.canvas, seen.canvases[-1])


@pytest.mark.parametrize("attention", ATTENTION)
def test_without_attention_patches_are_whole_images(attention):
    model = small.model(**attention)
    x = small.pixels(2, model)
    trace = model(x, small.seeded(0))
    before, after = trace.canvases[:-1], trace.canvases[1:]
    if not attention["read_attention"]:  # eq 17
        assert trace.read_params is None
        for t, canvas in enumerate(before):
            assert torch.equal(trace.read_patches[t, :, 0], x)
            assert torch.equal(trace.read_patches[t, :, 1], x - canvas.sigmoid())
    if not attention["write_attention"]:  # eq 18
        assert trace.write_params is None
        torch.testing.assert_close(after - before, trace.write_patches)


def test_the_trace_has_the_shapes_that_its_readers_rely_on():
    trace = small.model()(torch.rand(2, 2, 5, 7), small.seeded(0))
    shapes = {
        field.name: tuple(getattr(trace, field.name).shape)
        for field in dataclasses.fields(trace)
        if not field.name.endswith("_params")
    }
    assert shapes == {
        "canvases": (4, 2, 2, 5, 7),
        "read_patches": (3, 2, 2, 2, 2, 2),
        "write_patches": (3, 2, 2, 3, 3),
        "z": (3, 2, 4),
        "mu": (3, 2, 4),
        "log_sigma": (3, 2, 4),
        "kl": (3, 2),
        "h_enc": (3, 2, 6),
        "h_dec": (3, 2, 8),
    }
    for params in (trace.read_params, trace.write_params):
        assert [tuple(p.shape) for p in params] == 5 * [(3, 2)]


def test_what_does_not_exist_when_generating_is_none():
    trace = small.model().generate(2, small.seeded(0))
    absent = {f.name for f in dataclasses.fields(trace) if getattr(trace, f.name) is None}
    assert absent == {"read_params", "read_patches", "mu", "log_sigma", "kl", "h_enc"}


def test_the_trace_is_immutable():
    trace = small.model().generate(1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        trace.canvases = trace.z


def test_a_pass_stores_nothing_on_the_model():
    model = small.model()
    attributes, modules = dict(vars(model)), {n: set(vars(m)) for n, m in model.named_modules()}
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    model(small.pixels(2, model))
    model.generate(2)
    model.unroll(small.pixels(2, model), model.noise(2))
    assert vars(model) == attributes
    assert {n: set(vars(m)) for n, m in model.named_modules()} == modules
    assert model.state_dict().keys() == weights.keys()
    assert all(torch.equal(value, weights[n]) for n, value in model.state_dict().items())


def test_the_same_seed_gives_the_same_trace_and_another_seed_another():
    model = small.model()
    x = small.pixels(2, model)
    assert _all_equal(model(x, small.seeded(1)), model(x, small.seeded(1)))
    assert not _all_equal(model(x, small.seeded(1)), model(x, small.seeded(2)))
    assert _all_equal(model.generate(2, small.seeded(1)), model.generate(2, small.seeded(1)))
    assert not _all_equal(model.generate(2, small.seeded(1)), model.generate(2, small.seeded(2)))


def test_a_generator_leaves_the_global_random_state_alone():
    model = small.model()
    before = torch.get_rng_state()
    model(small.pixels(2, model), small.seeded(0))
    model.generate(2, small.seeded(0))
    assert torch.equal(before, torch.get_rng_state())


def test_noise_is_standard_normal_and_independent_over_steps_images_and_latents():
    noise = small.model(num_steps=4, z_size=5).noise(5000, small.seeded(0)).transpose(0, 1)
    correlation = np.corrcoef(noise.reshape(5000, 20).T.numpy())
    np.testing.assert_allclose(correlation, np.eye(20), atol=0.06)
    np.testing.assert_allclose(noise.mean(dim=0), 0, atol=0.06)
    np.testing.assert_allclose(noise.std(dim=0), 1, atol=0.06)


@pytest.mark.parametrize(("num_steps", "z_size"), [(3, 4), (1, 1), (5, 3), (4, 8)])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_more_samples_leave_the_first_ones_alone(num_steps, z_size, n):
    model = small.model(num_steps=num_steps, z_size=z_size)
    few, many = model.generate(n, small.seeded(0)), model.generate(16, small.seeded(0))
    assert torch.equal(many.z[:, :n], few.z)
    torch.testing.assert_close(many.canvases[:, :n], few.canvases)


def test_temperature_scales_the_latents():
    model = small.model()
    plain = model.generate(2, small.seeded(0))
    cold = model.generate(2, small.seeded(0), temperature=0.0)
    hot = model.generate(2, small.seeded(0), temperature=2.0)
    assert not cold.z.any()
    assert torch.equal(cold.canvases[:, 0], cold.canvases[:, 1])
    assert torch.equal(hot.z, 2 * plain.z)


@pytest.mark.parametrize("temperature", [-1.0, float("nan"), float("inf")])
def test_a_temperature_that_cannot_work_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature is .* set it to a finite number >= 0"):
        small.model().generate(1, temperature=temperature)


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match="n is 0; ask for 1 or more"):
        small.model().generate(0)


def test_everything_that_starts_a_rollout_is_learned():
    model = small.model()
    canvas, kl = model.unroll(small.pixels(2, model), model.noise(2))
    (canvas.square().sum() + kl.sum()).backward()
    for initial in (model.initial_canvas, model.initial_enc, model.initial_dec):
        assert (initial.grad != 0).all()


def test_blank_is_one_dark_scalar_per_channel():
    model = DRAW(small.config(initial_canvas="blank"))
    assert model.initial_canvas.shape == (2, 1, 1)
    canvas = model.initial_state(3).canvas
    assert torch.equal(canvas, torch.full((3, 2, 5, 7), BLANK_LOGIT))
    mean = torch.full((2, 5, 7), 0.5)
    assert torch.equal(model.start_canvas_at(mean).initial_state(3).canvas, canvas)


def test_data_mean_starts_at_the_logit_of_the_mean():
    model = DRAW(small.config(initial_canvas="data_mean"))
    mean = small.pixels(1, model)[0]
    mean[:, 0, 0], mean[:, 0, 1] = 0, 1
    probability = model.start_canvas_at(mean).initial_state(2).canvas.sigmoid()
    dark = torch.tensor(BLANK_LOGIT).sigmoid()  # a pixel that is always 0 keeps a finite logit
    torch.testing.assert_close(probability, mean.clamp(dark, 1 - dark).expand(2, 2, 5, 7))


def test_reading_and_writing_have_heads_of_their_own():
    model = small.model()
    x = small.pixels(2, model)
    before = model(x, small.seeded(0))
    with torch.no_grad():
        model.read_window.bias[0] += 0.5
    after = model(x, small.seeded(0))
    # Moves by (A + 1)/2 * 0.5 (eq 22) what is read at the first step.
    moved = after.read_params.g_x[0] - before.read_params.g_x[0]
    torch.testing.assert_close(moved, torch.full((2,), 2.0))
    generated = [m.generate(2, small.seeded(0)) for m in (small.model(), model)]
    assert _all_equal(*generated)


def test_the_encoder_sees_the_decoder_and_the_decoder_sees_the_last_step():
    # Without these links (eqs 4, 5, 7) the last KL would not depend on the first noise.
    model = small.model()
    x, noise = small.pixels(1, model), model.noise(1, small.seeded(0)).requires_grad_()
    kl = model.unroll(x, noise)[1]
    (gradient,) = torch.autograd.grad(kl[-1].sum(), noise)
    assert (gradient[:-1] != 0).all()
    assert not gradient[-1].any()  # z of the last step comes after its KL


@pytest.mark.parametrize("attention", ATTENTION)
def test_gradients_of_one_step(attention):
    sizes = {"height": 3, "width": 4, "channels": 1, "z_size": 2, "enc_size": 2, "dec_size": 2}
    model = small.model(torch.float64, **sizes, **attention, write_size=2)
    x, noise = small.pixels(2, model), torch.randn(2, 2, generator=small.seeded(0)).double()

    def step(*_):
        # gradcheck changes the parameters in place.
        state = model.step(model.initial_state(2), x, noise)
        return state.canvas, state.kl

    inputs = (x.requires_grad_(), noise.requires_grad_(), *model.parameters())
    # All derivatives at once, in directions drawn at random: a wrong one shows in any of them.
    assert torch.autograd.gradcheck(step, inputs, fast_mode=True)


@pytest.mark.parametrize("shape", [(2, 5, 7), (2, 2, 7, 5, 1)])
def test_images_of_another_rank_are_caught_by_the_shapes_in_the_types(shape):
    with pytest.raises(jaxtyping.TypeCheckError):
        small.model()(torch.zeros(shape))
