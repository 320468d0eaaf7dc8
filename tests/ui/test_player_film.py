"""Films on the wire: what the players are sent is the film, and pixel by pixel stays small."""

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from safetensors.numpy import load

from draw_core.data.binarise import binarise
from draw_core.data.datasets import load as load_data
from draw_core.data.registry import is_available
from draw_core.film.description import describe, restore
from draw_core.film.film import Film
from draw_core.film.segments import Raster
from draw_core.film.tracks import Bars, Words
from tests.support import films, process, small
from ui.kit.view import View
from ui.kit.wire import told
from ui.player.film import pack

SAMPLES = 64


def unpacked(data: bytes, prefix: str = "") -> Film:
    """The film of that prefix, as a player reads it."""
    arrays = {
        name.removeprefix(prefix): array
        for name, array in load(data).items()
        if name.startswith(prefix)
    }
    return restore(arrays, told(data)["films"][prefix])


@given(films.any_film(), st.sampled_from(["", "a.", "12."]))
def test_a_film_comes_out_as_it_went_in(film, prefix):
    found = unpacked(pack({prefix: film}, {}), prefix)
    (arrays, description), (others, another) = describe(film), describe(found)
    assert json.dumps(description) == json.dumps(another)
    for name, array in arrays.items():
        assert array.dtype == others[name].dtype
        np.testing.assert_array_equal(array, others[name])


@given(films.any_film(sizes=1), films.any_film(sizes=1))
def test_two_films_do_not_mix_and_the_same_is_sent_once(one, other):
    data = pack({"a.": one, "b.": other}, {})
    for prefix, film in (("a.", one), ("b.", other)):
        found = unpacked(data, prefix)
        assert found.num_steps == film.num_steps
        np.testing.assert_array_equal(found.last, film.last)
    twice = pack({"a.": one, "b.": one}, {})
    assert told(twice)["films"]["b."] == "a."
    assert not [name for name in load(twice) if name.startswith("b.")]


def test_the_same_pictures_have_one_name_whatever_is_told():
    film = films.painted(np.zeros((3, 2, 1, 4, 4), np.uint8))
    name = told(pack({"": film}, {"looks": []}))["id"]
    again = pack({"": film}, {"looks": ["x"]}, view=View(1, 0), link={"model": "m"})
    assert told(again)["id"] == name
    assert (told(again)["step"], told(again)["sample"]) == (1, 0)
    assert told(again)["link"] == {"model": "m"}
    assert told(pack({"": film}, {}, named=["other"]))["id"] != name
    assert told(pack({"a": film}, {}))["id"] != name
    assert told(pack({"": film.first(1)}, {}))["id"] != name


def digits() -> np.ndarray:
    """64 digits, black or white: real ones where they are at hand, else drawn ones."""
    name = "mnist" if is_available("mnist") else "strokes"
    images = load_data(name, "test").images[:SAMPLES]
    seen = binarise(images, small.seeded(0), "bernoulli")
    assert set(np.unique(seen)) == {0, 1}
    return (255 * seen).to(torch.uint8).numpy()


def in_order(channels: int, height: int, width: int, *, each: bool) -> np.ndarray:
    """The order of the raster: row by row, and each channel by itself or all at once."""
    if not each:
        return np.arange(1, height * width + 1, dtype=np.int32).reshape(1, height, width)
    order = np.arange(1, channels * height * width + 1, dtype=np.int32)
    return np.ascontiguousarray(order.reshape(height, width, channels).transpose(2, 0, 1))


@pytest.mark.parametrize("with_nats", [False, True])
def test_64_digits_pixel_by_pixel_travel_in_less_than_200_kb(with_nats):
    images = digits()
    assert images.shape == (SAMPLES, 1, 28, 28)
    film = Film((Raster(images, in_order(1, 28, 28, each=False)),))
    assert film.num_steps == 784
    if with_nats:  # of each pixel, to half precision
        nats = np.random.default_rng(0).exponential(size=(784, SAMPLES)).astype(np.float16)
        film = Film(film.segments, (Bars("nats", nats, "nats"),))
    data = pack({"": film}, {"looks": ["looks like a 6"] * SAMPLES}, link={})
    assert len(data) < 200_000
    found = unpacked(data)
    for step in (0, 1, 300, 784):
        np.testing.assert_array_equal(found.frame(step), film.frame(step))


def test_64_colour_pictures_value_by_value_travel_in_less_than_2_mb():
    images = np.random.default_rng(0).integers(0, 256, (SAMPLES, 3, 32, 32)).astype(np.uint8)
    film = Film((Raster(images, in_order(3, 32, 32, each=True)),))
    assert film.num_steps == 3072
    nats = np.zeros((3072, SAMPLES), np.float32)
    film = Film(film.segments, (Bars("nats", nats, "nats"),))
    data = pack({"": film}, {}, link={})
    assert len(data) < 2_000_000
    np.testing.assert_array_equal(unpacked(data).frame(1500), film.frame(1500))


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not at hand")
def test_the_browser_shows_the_same_film(tmp_path):
    count = itertools.count()

    @settings(max_examples=40)
    @given(films.any_film())
    def write(film: Film) -> None:
        path = tmp_path / f"{next(count)}.film"
        path.write_bytes(pack({"a.": film}, {}))
        frames = [film.frame(step) for step in range(film.num_steps + 1)]
        tracks = {
            f"{type(track).__name__.lower()} {track.name}": getattr(
                track, "parameters", getattr(track, "values", None)
            )
            for track in film.tracks
            if not isinstance(track, Words)
        }
        shown = {
            "steps": film.num_steps,
            "samples": film.num_samples,
            "frames": [[sample.ravel().tolist() for sample in frame] for frame in frames],
            "tracks": {name: array.ravel().tolist() for name, array in tracks.items()},
        }
        Path(f"{path}.json").write_text(json.dumps(shown))

    write()
    run = subprocess.run(
        ["node", "--test", str(process.ROOT / "tests" / "scripts" / "film.test.js")],
        env={**os.environ, "DRAW_FILMS": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "# skipped 0" in run.stdout
