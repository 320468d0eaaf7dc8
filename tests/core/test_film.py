"""Films: codecs, segments, tracks, and what does not belong together."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, strategies as st

from draw_core.families.draw.film import film_of, fitted
from draw_core.film.arrays import FilmError
from draw_core.film.codecs import BERNOULLI, PLAIN, codec, encode_logits, encode_values
from draw_core.film.film import Film
from draw_core.film.rules import RULES
from draw_core.film.segments import Frames, Raster, Still
from draw_core.film.tracks import Bars, Patches, Vectors, Windows, Words
from tests.support import films, small

GAUSSIAN = RULES["gaussian"].labels


@pytest.fixture(scope="module")
def film() -> Film:
    model = small.model()
    return film_of(model(small.pixels(3, model), small.seeded(0)))


# ---- codecs


@given(st.floats(-10, 10))
def test_a_canvas_byte_keeps_probability_and_logit(logit):
    byte = encode_logits(np.array([logit]))[0]
    assert abs(BERNOULLI.values[byte] - 1 / (1 + np.exp(-logit))) <= 1 / 255
    # Half a level of the halved sigmoid: its slope is s (1 - s) / 2 per unit of logit.
    s = 1 / (1 + np.exp(-(abs(logit) + 0.5) / 2))
    assert abs(BERNOULLI.logits[byte] - logit) <= 0.5 / 255 / (s * (1 - s) / 2) + 1e-3


def test_canvas_bytes_by_hand():
    logits = np.array([-np.inf, -1e4, -4, 0, 4, 1e4, np.inf], np.float32)
    # 255 sigmoid(-2) = 30.4, and 127.5 goes to the even neighbour.
    assert encode_logits(logits).tolist() == [0, 0, 30, 128, 225, 255, 255]


def test_every_byte_decodes_to_itself_and_to_a_finite_logit():
    assert encode_logits(BERNOULLI.logits).tolist() == list(range(256))
    np.testing.assert_allclose(BERNOULLI.values, 1 / (1 + np.exp(-BERNOULLI.logits)), rtol=1e-6)
    assert np.isfinite(BERNOULLI.logits).all()
    assert (np.diff(BERNOULLI.logits) > 0).all()


def test_plain_bytes_are_the_values_themselves():
    assert encode_values(PLAIN.values).tolist() == list(range(256))
    assert encode_values(np.array([-1.0, 0.5, 2.0])).tolist() == [0, 128, 255]
    assert PLAIN.values[[0, 51, 255]].tolist() == pytest.approx([0, 0.2, 1])


def test_a_codec_is_known_by_its_name():
    assert (codec("bernoulli"), codec("plain")) == (BERNOULLI, PLAIN)
    with pytest.raises(FilmError, match="Pictures of the kind 'jpeg' are unknown"):
        codec("jpeg")


# ---- of DRAW


def test_it_holds_the_numbers_of_the_trace():
    model = small.model()
    trace = model(small.pixels(3, model), small.seeded(0))
    film = film_of(trace)
    np.testing.assert_array_equal(film.frames(), encode_logits(trace.canvases.detach().numpy()))
    np.testing.assert_array_equal(film.patches("write").values, trace.write_patches.detach())
    np.testing.assert_array_equal(film.bars("kl").values, trace.kl.detach())
    np.testing.assert_array_equal(film.vectors("z").values, trace.z.detach())
    for windows, params in (
        (film.windows("write"), trace.write_params),
        (film.windows("read"), trace.read_params),
    ):
        for index, name in enumerate(windows.labels):
            np.testing.assert_array_equal(
                windows.parameters[..., index], getattr(params, name).detach()
            )
    assert (film.windows("write").points, film.windows("read").points) == (3, 2)
    assert (film.num_steps, film.num_samples, film.shape) == (3, 3, (2, 5, 7))


def test_what_the_trace_lacks_is_none():
    model = small.model(write_attention=False)
    film = film_of(model.generate(2))
    assert film.windows("write") is film.windows("read") is film.bars("kl") is None


def test_the_numbers_of_spoilt_weights_are_found():
    model = small.model()
    with torch.no_grad():
        model.write_content.bias.fill_(torch.nan)
    with np.errstate(invalid="ignore"):
        assert not film_of(model.generate(1)).is_finite
    assert film_of(small.model().generate(1)).is_finite


@pytest.mark.parametrize(
    "changes",
    [
        *({"num_steps": 4}, {"height": 6}, {"write_size": 2}, {"write_attention": False}),
        *({"z_size": 5}, {"dec_size": 9}, {"read_attention": False}, {"read_size": 3}),
    ],
)
def test_a_film_of_another_network_does_not_fit(film, changes):
    assert fitted(film, small.CONFIG) is not None
    assert fitted(film, small.config(**changes)) is None


def test_a_window_of_negative_stride_is_none_of_draw(film):
    write = film.windows("write")
    parameters = write.parameters.copy()
    parameters[0, 0, 2] = -1
    wrong = dataclasses.replace(write, parameters=parameters)
    assert (
        fitted(dataclasses.replace(film, tracks=(*film.of(Patches), wrong)), small.CONFIG) is None
    )


# ---- segments


@given(films.any_segment())
def test_a_segment_has_a_frame_for_each_step_and_the_one_it_begins_with(segment):
    for k in range(segment.num_steps + 1):
        frame = segment.frame(k)
        assert frame.dtype == np.uint8
        assert frame.shape == (segment.num_samples, *segment.shape)
    first = segment.pick(slice(1))
    assert first.num_steps == segment.num_steps
    np.testing.assert_array_equal(first.frame(1)[0], segment.frame(1)[0])


@given(films.any_raster())
def test_a_raster_paints_each_value_once_in_its_order(raster):
    painted = np.broadcast_to(raster.order, raster.final.shape[1:])
    for k in range(raster.num_steps + 1):
        now = raster.frame(k)
        np.testing.assert_array_equal(now[:, painted <= k], raster.final[:, painted <= k])
        assert (now[:, painted > k] == raster.blank).all()
        if k:
            assert (painted == k).any()
    np.testing.assert_array_equal(raster.frame(raster.num_steps), raster.final)


def test_the_canvas_may_change_its_size_midway():
    small_one = np.arange(3 * 2 * 4, dtype=np.uint8).reshape(3, 2, 1, 2, 2)
    large_one = np.arange(2 * 2 * 16, dtype=np.uint8).reshape(2, 2, 1, 4, 4)
    film = Film(
        (Frames(small_one), Frames(large_one, PLAIN)),
        (Bars("ink", np.arange(6, dtype=np.float32).reshape(3, 2), "pixels"),),
    )
    assert (film.num_steps, film.num_samples, film.shape, film.codec) == (3, 2, (1, 4, 4), PLAIN)
    for step in range(3):
        np.testing.assert_array_equal(film.frame(step), small_one[step])
    np.testing.assert_array_equal(film.frame(3), large_one[1])
    np.testing.assert_array_equal(film.before(3), large_one[0])  # of the size of step 3
    np.testing.assert_array_equal(film.before(2), small_one[1])
    np.testing.assert_array_equal(film.values(2), BERNOULLI.values[small_one[2]])
    np.testing.assert_array_equal(film.values(3), PLAIN.values[large_one[1]])
    np.testing.assert_array_equal(film.first(1).last, large_one[1, :1])
    with pytest.raises(FilmError, match="more than one kind"):
        film.frames()
    for step in (-1, 4):
        with pytest.raises(IndexError):
            film.frame(step)


@given(films.any_film(sizes=1), st.integers(1, 3))
def test_all_frames_are_the_frames_of_all_steps(film, n):
    n = min(n, film.num_samples)
    frames = film.frames(n)
    assert len(frames) == film.num_steps + 1
    for step, frame in enumerate(frames):
        np.testing.assert_array_equal(frame, film.frame(step)[:n])


@pytest.mark.parametrize(
    ("order", "why"),
    [
        (np.array([[[1, 2], [4, 5]]], np.int32), "none is left out"),
        (np.array([[[-1, 1], [2, 3]]], np.int32), "none is left out"),
        (np.array([[[2**31 - 1, 1], [2, 3]]], np.int32), "none is left out"),
        (np.zeros((1, 2, 2), np.int32), "none is left out"),
        (np.array([[[1, 2], [3, 4]]], np.int64), "int32"),
        (np.array([[[1, 2, 3], [4, 5, 6]]], np.int32), "int32"),
        (np.array([[[1, 2], [3, 4]]] * 2, np.int32), "int32"),
    ],
)
def test_an_order_that_leaves_steps_out_is_refused(order, why):
    with pytest.raises(FilmError, match=why):
        Raster(np.zeros((1, 3, 2, 2), np.uint8), order)


# ---- tracks


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.01, 20), st.integers(1, 30))
def test_the_corners_of_a_gaussian_window_enclose_its_cells(g_x, g_y, delta, points):
    parameters = np.array([[[g_x, g_y, delta, 1, 1]]], np.float32)
    corners = Windows("write", points, parameters, GAUSSIAN, "gaussian").corners()[0, 0]
    g_x, g_y, delta = (float(v) for v in parameters[0, 0, :3])
    # The outermost points lie half a stride inside the border (eqs 19, 20).
    first = g_x + (0 - (points - 1) / 2) * delta, g_y + (0 - (points - 1) / 2) * delta
    np.testing.assert_allclose(corners[0], np.subtract(first, delta / 2), atol=1e-9)
    np.testing.assert_allclose(corners.mean(axis=0), (g_x, g_y), atol=1e-9)
    np.testing.assert_allclose(corners[2] - corners[0], points * delta, atol=1e-9)
    assert corners[1, 0] > corners[0, 0]  # top right
    assert corners[3, 1] > corners[0, 1]  # bottom left


def test_the_quad_of_a_spatial_transformer_is_a_window_too():
    """Its corners are where torch's own grid samples the picture."""
    theta = torch.tensor([[[0.5, -0.2, 0.1], [0.3, 0.4, -0.25]]])
    height, width, n = 10, 20, 6
    grid = torch.nn.functional.affine_grid(theta, [1, 1, n, n], align_corners=False)[0]
    pixels = ((grid + 1) * torch.tensor([width, height]) - 1) / 2  # 0-based pixel centres
    unit = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    quad = unit @ theta[0, :, :2].T + theta[0, :, 2]
    quad = ((quad + 1) * torch.tensor([width, height]) - 1) / 2
    labels = ("a", "b", "t_x", "c", "d", "t_y")
    windows = Windows(
        "read", n, theta.reshape(1, 1, 6).numpy(), labels, None, quad[None, None].numpy()
    )
    corners = windows.corners()[0, 0]
    # Bilinearly between the corners lie the points of the grid, half a cell inside.
    share = (np.arange(n) + 0.5) / n
    for j, v in enumerate(share):
        left, right = (corners[a] + v * (corners[b] - corners[a]) for a, b in ((0, 3), (1, 2)))
        row = left + share[:, None] * (right - left)
        np.testing.assert_allclose(row, pixels[j], atol=1e-5)


def test_a_window_of_unknown_size_has_no_corners():
    windows = Windows("read", None, np.ones((1, 1, 5), np.float32), GAUSSIAN, "gaussian")
    with pytest.raises(FilmError, match="The size of the windows read is not known"):
        windows.corners()


F = np.float32
STILL = Still(np.zeros((1, 1, 2, 2), np.uint8), 2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Windows("w", 2, np.ones((1, 1, 5), F), ("a",) * 5, "gaussian"),
        lambda: Windows("w", 2, np.ones((1, 1, 5), F), GAUSSIAN, "unknown"),
        lambda: Windows("w", 2, np.ones((1, 1, 5), F), GAUSSIAN, None),
        lambda: Windows("w", 0, np.ones((1, 1, 5), F), GAUSSIAN, "gaussian"),
        lambda: Windows("w", 2, np.ones((1, 1, 1), F), ("s",), None, np.ones((1, 1, 4, 3), F)),
        lambda: Patches("p", np.ones((1, 1, 1, 2), F)),
        lambda: Bars("b", np.ones((1, 1)), "nats"),
        lambda: Words("w", np.ones((1, 1, 2), F), (("a",),)),
        lambda: Words("w", np.ones((1, 1, 1), F), (("a", "b"),)),
        lambda: Words("w", np.ones((1, 2, 1), F), (("a",),)),
        lambda: Vectors("v", np.ones((1, 1, 2), np.int32)),
        lambda: Vectors("no name", np.ones((1, 1, 2), F)),
        lambda: Still(np.zeros((1, 1, 2, 2), np.uint8), 0),
        lambda: Film(()),
        lambda: films.painted(np.zeros((2, 1, 1, 3, 3), np.uint8), np.ones((2, 1, 1, 2, 2), F)),
        lambda: Film(
            (Still(np.zeros((1, 1, 2, 2), np.uint8), 2),), (Bars("b", np.ones((2, 2), F), ""),)
        ),
    ],
)
def test_what_does_not_belong_together_is_refused_in_one_sentence(make):
    with pytest.raises(FilmError, match=r"^[A-Z'][^.]*\.$"):
        make()


def test_words_go_with_their_samples():
    weights = np.zeros((2, 2, 3), F)
    weights[:, 0] = [[1, 0, 0], [0, 0.5, 0.5]]
    weights[:, 1, 0] = 1
    words = Words("caption", weights, (("a", "red", "sun"), ("rain",)))
    film = Film((Still(np.zeros((2, 1, 2, 2), np.uint8), 2),), (words,))
    first = film.first(1).words("caption")
    assert first.texts == (("a", "red", "sun"),)
    np.testing.assert_array_equal(first.weights, weights[:, :1])


def test_the_first_samples(film):
    first = film.first(2)
    assert first.num_samples == 2
    for name, array in films.arrays(first).items():
        np.testing.assert_array_equal(array, films.arrays(film)[name][:, :2])
        assert array.flags.c_contiguous
