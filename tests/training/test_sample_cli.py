"""``python -m draw_core sample``: what it writes, and what it says is wrong."""

import numpy as np
import pytest
from PIL import Image

import draw_core
from draw_core.export.kinds import KINDS, Wanted, encode
from draw_core.film.codecs import BERNOULLI, encode_logits
from draw_core.film.files import load_film
from draw_core.store.checkpoint import load_checkpoint, save_checkpoint
from tests.support import small
from tests.support.command_lines import ask, fails


@pytest.fixture
def painter(tmp_path):
    """A checkpoint whose steps all differ."""
    model = small.model(channels=1)
    save_checkpoint(tmp_path / "painter", model, small.card(config=model.config), None)
    return tmp_path / "painter"


def test_sample_png_holds_the_means_of_the_last_canvas(painter, tmp_path):
    out = tmp_path / "new" / "samples.png"
    result = ask("sample", painter, "--n", 5, "--seed", 4, "--out", out, "--scale", 1)
    assert result.exit_code == 0, result.output
    model, _ = load_checkpoint(painter)
    canvas = model.generate(5, small.seeded(4)).canvases[-1, :, 0]
    # The file format keeps a canvas in one byte, so a mean is right to a grey level or two.
    grey = np.rint(255 * BERNOULLI.values[encode_logits(canvas.numpy())])
    np.testing.assert_allclose(grey, 255 * canvas.sigmoid(), atol=1.6)
    picture = np.asarray(Image.open(out))
    assert picture.shape == (2 * 6 - 1, 3 * 8 - 1)
    for index in range(5):
        top, left = 6 * (index // 3), 8 * (index % 3)
        np.testing.assert_array_equal(picture[top : top + 5, left : left + 7], grey[index])


def test_sample_gif_has_a_frame_for_every_step_and_the_blank_canvas(painter, tmp_path):
    out = tmp_path / "samples.gif"
    assert ask("sample", painter, "--n", 1, "--out", out, "--scale", 2).exit_code == 0
    model, _ = load_checkpoint(painter)
    canvases = model.generate(1, small.seeded(0)).canvases[:, 0, 0].numpy()
    with Image.open(out) as picture:
        assert picture.n_frames == model.config.num_steps + 1
        for step, canvas in enumerate(canvases):
            picture.seek(step)
            grey = np.rint(255 * BERNOULLI.values[encode_logits(canvas)])
            np.testing.assert_array_equal(np.asarray(picture.convert("L"))[::2, ::2], grey)


@pytest.mark.parametrize("ending", list(KINDS))
def test_sample_makes_every_kind_of_file(ending, painter, tmp_path):
    out = tmp_path / f"film{ending}"
    assert ask("sample", painter, "--n", 3, "--seed", 4, "--only", 2, "--out", out).exit_code == 0
    film = draw_core.generate(draw_core.load(painter), 3, 4)
    if ending != ".npz":  # an archive holds the time
        assert out.read_bytes() == encode(film, ending, Wanted(sample=1, scale=4))
    else:
        np.testing.assert_array_equal(load_film(out).frames(), film.frames()[:, 1:2])


def test_sample_repeats_with_its_seed(painter, tmp_path):
    pictures = []
    for index, seed in enumerate((1, 1, 2)):
        out = tmp_path / f"{index}.png"
        assert ask("sample", painter, "--n", 2, "--seed", seed, "--out", out).exit_code == 0
        pictures.append(out.read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "x.bmp"], r"Error: --out is x\.bmp; let it end in \.gif, \.mp4, \.png, \.svg"),
        (["--out", "x.svg", "--step", "99"], "Error: There is no step 99 in a film of 3"),
        (["--out", "x.csv", "--n", "2", "--only", "3"], "Error: --only is 3, but there are 2"),
        (["--out", "x.png", "--temperature", "inf"], "Error: temperature is inf"),
        (["--out", "/proc/none/x.png"], "Error: .*/proc/none"),
    ],
)
def test_sample_says_what_is_wrong(painter, options, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fails(ask("sample", painter, *options), message)
