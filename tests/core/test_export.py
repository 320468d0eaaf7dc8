"""Films as files: what other programs read in them is what the film holds."""

import csv
import io
import subprocess
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from imageio_ffmpeg import get_ffmpeg_exe
from PIL import Image

from draw_core.export import pictures
from draw_core.export.drawing import svg
from draw_core.export.kinds import KINDS, Wanted, encode
from draw_core.export.pictures import gif, png
from draw_core.families.draw.engine import ENGINE
from draw_core.film.files import load_film
from draw_core.film.film import Film
from draw_core.film.montage import montage
from draw_core.film.segments import Raster
from tests.support import films, small

LINE = 64  # grey between samples: 255 / 4
SVG = "{http://www.w3.org/2000/svg}"


def _film(samples: int, channels: int = 1, steps: int = 4) -> Film:
    shape = (steps + 1, samples, channels, 3, 5)
    canvases = np.random.default_rng(0).integers(60, 200, shape).astype(np.uint8)
    return films.painted(canvases)


def _grey(film: Film, step: int, sample: int) -> np.ndarray:
    return np.rint(255 * film.values(step)[sample]).transpose(1, 2, 0)


@pytest.fixture(scope="module")
def whole() -> Film:
    """A reconstruction of two pictures with all that belongs to one."""
    network = small.model(channels=1)
    x = small.pixels(2, network)
    noise = network.noise(2, small.seeded(3))
    return ENGINE.inside(network, x, noise)[1]


def test_png_shows_the_last_step_and_repeats_pixels():
    film = _film(2)
    picture = np.asarray(Image.open(io.BytesIO(png(film, 3))))
    np.testing.assert_array_equal(picture[:9, :15:3], _grey(film, 4, 0)[..., 0].repeat(3, axis=0))
    np.testing.assert_array_equal(picture[::3, ::3], montage(film, 4)[..., 0])


def test_png_of_a_single_sample_shows_all_its_steps():
    film = _film(1)
    picture = np.asarray(Image.open(io.BytesIO(png(film, 1))))
    assert picture.shape == (2 * 4 - 1, 3 * 6 - 1)
    for step in range(5):
        top, left = 4 * (step // 3), 6 * (step % 3)
        shown = picture[top : top + 3, left : left + 5]
        np.testing.assert_array_equal(shown, _grey(film, step, 0)[..., 0])


def test_gif_shows_every_step_with_its_own_values():
    film = _film(2)
    picture = Image.open(io.BytesIO(gif(film, 1)))
    assert picture.n_frames == 5
    for step in range(5):
        picture.seek(step)
        np.testing.assert_array_equal(picture.convert("L"), montage(film, step)[..., 0])


@pytest.mark.parametrize("channels", [1, 3])
def test_mp4_shows_every_step_and_stays_at_the_last(tmp_path, channels):
    film = _film(2, channels)
    path = tmp_path / "film.mp4"
    path.write_bytes(encode(film, ".mp4", Wanted(scale=8)))
    height, width = (2 * -(-8 * side // 2) for side in montage(film, 0).shape[:2])
    told = [get_ffmpeg_exe(), "-i", path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    content = subprocess.run(told, capture_output=True, check=True).stdout
    frames = np.frombuffer(content, np.uint8).reshape(-1, height, width, 3)
    assert len(frames) == 5 + 12
    for step, frame in [*enumerate(frames[:5]), (4, frames[-1])]:
        expected = montage(film, step).repeat(8, axis=0).repeat(8, axis=1)
        middle = frame[4 : expected.shape[0] : 8, 4 : expected.shape[1] : 8]
        # A video keeps colours at half the size, and rounds.
        tolerance = 12 if channels == 1 else 90
        assert np.abs(middle.astype(int) - expected[4::8, 4::8]).max() < tolerance


def test_a_gif_of_very_many_steps_shows_some_of_them_evenly():
    order = np.arange(1, 785, dtype=np.int32).reshape(1, 28, 28)
    final = np.random.default_rng(0).integers(100, 256, (2, 1, 28, 28)).astype(np.uint8)
    film = Film((Raster(final, order),))
    picture = Image.open(io.BytesIO(gif(film, 1)))
    assert 100 <= picture.n_frames <= 120
    painted, seconds = [], 0.0
    for frame in range(picture.n_frames):
        picture.seek(frame)
        painted.append(int((np.asarray(picture.convert("L"))[:, :28] > LINE).sum()))
        seconds += picture.info["duration"] / 1000
    assert (painted[0], painted[-1]) == (0, 784)
    assert {6, 7} == set(np.diff(painted))
    assert 8 < seconds < 20


def test_what_moves_takes_a_bounded_memory(monkeypatch):
    monkeypatch.setattr(pictures, "_MOST_BYTES", 3 * 11 * 3)
    picture = Image.open(io.BytesIO(gif(_film(2, steps=9), 1)))
    assert picture.n_frames == 3


def test_a_drawing_has_the_window_where_the_film_has_it(whole):
    root = ET.fromstring(svg(whole, 1, 2))
    assert root.get("viewBox") == "-0.5 -0.5 7 5"
    for name in ("write", "read"):
        windows = whole.windows(name)
        group = next(g for g in root.iter(f"{SVG}g") if g.get("id") == name)
        corners = [place.split(",") for place in group.find(f"{SVG}polygon").get("points").split()]
        expected = windows.corners()[1, 1]
        np.testing.assert_allclose(np.array(corners, float), expected, rtol=1e-4)
        circles = list(group.iter(f"{SVG}circle"))
        assert len(circles) == windows.points**2
        g_x, g_y, delta, sigma2, _ = windows.parameters[1, 1]
        first = [float(circles[0].get(name)) for name in ("cx", "cy", "r")]
        back = (windows.points - 1) / 2 * delta
        np.testing.assert_allclose(first, [g_x - back, g_y - back, sigma2**0.5], rtol=1e-3)
        way = group.find(f"{SVG}polyline").get("points").split()
        np.testing.assert_allclose(
            np.array([place.split(",") for place in way], float),
            windows.parameters[:2, 1, :2],
            rtol=1e-4,
        )
    assert [g.get("id") for g in root.iter(f"{SVG}g") if g.get("id")] == ["read", "write"]
    assert not list(ET.fromstring(svg(whole, 0, 0)).iter(f"{SVG}circle"))


def test_a_table_has_every_number(whole):
    rows = list(csv.DictReader(io.StringIO(encode(whole, ".csv").decode(), newline="")))
    assert len(rows) == whole.num_steps * whole.num_samples
    for row in rows:
        b, t = int(row["sample"]) - 1, int(row["step"]) - 1
        for name in ("write", "read"):
            windows = whole.windows(name)
            found = [float(row[f"{name}_{label}"]) for label in windows.labels]
            np.testing.assert_allclose(found, windows.parameters[t, b], rtol=1e-6)
        for name in ("z", "mu", "log_sigma"):
            found = [float(row[f"{name}_{k + 1}"]) for k in range(small.CONFIG.z_size)]
            np.testing.assert_allclose(found, whole.vectors(name).values[t, b], rtol=1e-6)
        np.testing.assert_allclose(float(row["kl"]), whole.bars("kl").values[t, b], rtol=1e-6)
        change = whole.values(t + 1)[b] - whole.values(t)[b]
        moved = float(row["ink_added"]) - float(row["ink_removed"])
        np.testing.assert_allclose(moved, change.sum(), atol=1e-5)
        assert float(row["ink_added"]) >= 0 <= float(row["ink_removed"])


def test_arrays_come_back(whole, tmp_path):
    path = tmp_path / "film.npz"
    path.write_bytes(encode(whole, ".npz", Wanted(sample=1)))
    film = load_film(path)
    np.testing.assert_array_equal(film.frames(), whole.frames()[:, 1:2])
    np.testing.assert_array_equal(film.vectors("z").values, whole.vectors("z").values[:, 1:2])


@given(film=films.any_film())
@settings(max_examples=25, deadline=None)
def test_every_film_becomes_a_table_and_arrays(film):
    rows = encode(film, ".csv").decode().splitlines()
    assert len(rows) == 1 + film.num_steps * film.num_samples
    assert len({row.count(",") for row in rows}) == 1
    assert encode(film, ".npz", Wanted(sample=film.num_samples - 1))


def test_what_cannot_be_made_is_refused(monkeypatch):
    with pytest.raises(ValueError, match=r"\.bmp is none of \.gif, \.mp4"):
        encode(_film(1), ".bmp")
    for kind in (".png", ".gif", ".mp4", ".svg"):
        with pytest.raises(ValueError, match="one or three channels"):
            encode(_film(1, channels=2), kind)
    for kind in KINDS:
        with pytest.raises(ValueError, match="no sample 3 in a film of 2"):
            encode(_film(2), kind, Wanted(sample=3))
    with pytest.raises(ValueError, match="no step 5 in a film of 4"):
        encode(_film(2), ".svg", Wanted(step=5))
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere")
    with pytest.raises(ValueError, match="No MP4 can be made on this machine"):
        encode(_film(1), ".mp4")
