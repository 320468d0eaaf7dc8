"""Films as files: there and back, files from before films described themselves, hostile ones."""

import io
import json
import random
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st

from draw_core.families.draw.film import film_of, fitted
from draw_core.film import files as film_files
from draw_core.film.arrays import FilmError
from draw_core.film.description import describe, restore
from draw_core.film.files import load_film, to_npz
from draw_core.film.film import Film
from draw_core.film.segments import Raster, Still
from draw_core.store.checkpoint import checkpoint_root, load_card
from tests.support import films, process, small


@pytest.fixture(scope="module")
def film() -> Film:
    model = small.model()
    return film_of(model(small.pixels(3, model), small.seeded(0)))


def same(one: Film, other: Film) -> None:
    """Fails unless both films are the same, number by number."""
    (arrays, description), (others, another) = describe(one), describe(other)
    assert description == another
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        assert array.dtype == others[name].dtype
        np.testing.assert_array_equal(array, others[name])


@pytest.mark.parametrize("generated", [True, False])
@pytest.mark.parametrize("changes", [{}, {"write_attention": False}, {"read_attention": False}])
def test_a_film_of_draw_there_and_back(tmp_path, generated, changes):
    model = small.model(**changes)
    trace = model.generate(2) if generated else model(small.pixels(2, model))
    film = film_of(trace)
    (tmp_path / "f.npz").write_bytes(to_npz(film))
    loaded = load_film(tmp_path / "f.npz")
    same(loaded, film)
    assert fitted(loaded, model.config)


@settings(max_examples=30)
@given(films.any_film())
def test_any_film_there_and_back(tmp_path_factory, film):
    path = tmp_path_factory.mktemp("films") / "f.npz"
    path.write_bytes(to_npz(film))
    loaded = load_film(path)
    same(loaded, film)
    for step in range(film.num_steps + 1):
        np.testing.assert_array_equal(loaded.frame(step), film.frame(step))


def test_the_file_is_the_same_each_time(film):
    assert to_npz(film) == to_npz(film)


# ---- from before films described themselves


def old_arrays(film: Film) -> dict[str, np.ndarray]:
    """What was stored then: the same arrays without their description."""
    return describe(film)[0]


@pytest.mark.parametrize("changes", [{}, {"write_attention": False}, {"read_attention": False}])
def test_an_old_file_is_the_same_film(tmp_path, changes):
    model = small.model(**changes)
    film = film_of(model(small.pixels(2, model)))
    np.savez_compressed(tmp_path / "old.npz", **old_arrays(film))
    old = load_film(tmp_path / "old.npz")
    if film.windows("read"):
        assert old.windows("read").points is None  # which only the network knows
    read, written = describe(fitted(old, model.config)), describe(film)
    for kind, parts in read[1].items():
        key = lambda part: (part["kind"], part.get("name", ""))  # noqa: E731
        assert sorted(parts, key=key) == sorted(written[1][kind], key=key)
    for name, array in written[0].items():
        np.testing.assert_array_equal(read[0][name], array)


def test_an_old_reconstruction_keeps_its_original(film, tmp_path):
    original = np.arange(70, dtype=np.uint8).reshape(2, 5, 7)
    one = film.first(1)
    np.savez(tmp_path / "old.npz", original=original, **old_arrays(one))
    np.testing.assert_array_equal(load_film(tmp_path / "old.npz").original, original[None])


@pytest.mark.parametrize("name", ["mnist-pen", "mnist-no-attention", "cifar-colour"])
def test_shipped_previews_are_read(name):
    folder = checkpoint_root() / name
    film = fitted(load_film(folder / "preview.npz"), load_card(folder).config)
    assert film.num_samples == 64
    with np.load(folder / "preview.npz") as archive:
        np.testing.assert_array_equal(film.frames(), archive["canvases"])
        np.testing.assert_array_equal(film.vectors("z").values, archive["z"])


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("canvases", lambda a: a.astype(np.float32)),
        ("canvases", lambda a: a[:1]),
        ("canvases", lambda a: a[:, :0]),
        ("canvases", lambda a: a[..., 0]),
        ("write_patches", lambda a: a[:-1]),
        ("write_patches", lambda a: a[:, :, :1]),
        ("write_patches", lambda a: a.astype(np.float64)),
        ("write_params", lambda a: a[..., :4]),
        ("write_params", lambda a: a * np.nan),
        ("read_params", lambda a: a[:, :1]),
        ("kl", lambda a: a[:-1]),
        ("kl", lambda a: a * np.inf),
        ("z", lambda a: a[:, 0]),
        ("z", lambda a: a[:-1]),
        ("memory", lambda a: a[..., None]),
    ],
)
@pytest.mark.parametrize("described", [True, False])
def test_arrays_of_another_shape_type_or_value_are_refused(film, tmp_path, name, change, described):
    arrays, description = describe(film)
    arrays[name] = change(arrays[name])
    np.savez(tmp_path / "f.npz", **arrays)
    if described:
        with zipfile.ZipFile(tmp_path / "f.npz", "a") as archive:
            archive.writestr("film.json", json.dumps(description))
    with pytest.raises(FilmError, match=r"f\.npz holds arrays of unexpected shape"):
        load_film(tmp_path / "f.npz")


# ---- hostile files


def test_any_damage_is_a_film_error_or_harmless(film, tmp_path):
    content, path = to_npz(film), tmp_path / "f.npz"
    rng = random.Random(0)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        if rng.random() < 0.5:
            damaged = damaged[: rng.randrange(len(damaged))]
        else:
            for _ in range(3):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            load_film(path)
        except FilmError:
            refused += 1
    assert refused > 250


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(data=st.data())
def test_any_description_is_refused_or_describes(film, data):
    arrays, description = describe(film)
    description = json.loads(json.dumps(description))
    part = data.draw(st.sampled_from(description["segments"] + description["tracks"]))
    if data.draw(st.booleans()):
        part[data.draw(st.sampled_from([*part, "codec", "more"]))] = data.draw(ODD)
    else:
        part["arrays"][data.draw(st.sampled_from([*part["arrays"], "more"]))] = data.draw(
            st.sampled_from([*arrays]) | st.text()
        )
    try:
        found = restore(arrays, description)
    except FilmError:
        return
    assert found.num_samples == film.num_samples
    describe(found.first(1))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"segments": []}', "[" * 100_000])
def test_a_description_that_is_none_is_refused(film, tmp_path, text):
    np.savez(tmp_path / "f.npz", **describe(film)[0])
    with zipfile.ZipFile(tmp_path / "f.npz", "a") as archive:
        archive.writestr("film.json", text)
    with pytest.raises(FilmError, match=r"^f\.npz (is damaged|holds arrays)"):
        load_film(tmp_path / "f.npz")


def _npy_header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["canvases", "kl"])
@pytest.mark.parametrize(
    "member", [b"no array at all", _npy_header((10**5, 10**5, 10**5)), _npy_header((10**30,)), b""]
)
def test_members_that_are_no_arrays_are_refused(film, tmp_path, name, member):
    with zipfile.ZipFile(tmp_path / "f.npz", "w") as archive:
        for key, value in old_arrays(film).items():
            buffer = io.BytesIO()
            np.save(buffer, value)
            archive.writestr(f"{key}.npy", member if key == name else buffer.getvalue())
    with pytest.raises(FilmError):
        load_film(tmp_path / "f.npz")


def test_missing_and_foreign_files_are_refused(tmp_path):
    with pytest.raises(FilmError, match=r"^f\.npz is missing\.$"):
        load_film(tmp_path / "f.npz")
    path = tmp_path / "f.npz"
    np.savez(path, something=np.zeros(3))
    with pytest.raises(FilmError, match=r"^f\.npz is damaged or is no stored film\.$"):
        load_film(path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(FilmError, match="no stored film"):
        load_film(path)
    torch.save({"canvases": torch.zeros(1)}, path)
    with pytest.raises(FilmError, match="no stored film"):
        load_film(path)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(film_files, "_MAX_BYTES", 10_000)
    np.savez_compressed(tmp_path / "bomb.npz", canvases=np.zeros((2, 1, 1, 100, 100), np.uint8))
    with pytest.raises(FilmError, match=r"bomb\.npz is too large"):
        load_film(tmp_path / "bomb.npz")


def test_a_description_that_unpacks_to_too_much_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("film.json", b" " * (5 << 20))
    with pytest.raises(FilmError, match=r"bomb\.npz describes more than a film can hold"):
        load_film(tmp_path / "bomb.npz")


@pytest.mark.parametrize("module", ["draw_core.film.files", "draw_core.families.draw.film"])
def test_films_do_not_import_torch(module):
    assert "torch" not in process.imported(module)


def test_two_arrays_of_one_name_are_refused(film):
    twice = Film(film.segments, (film.bars("kl"), films.vectors("kl", film.vectors("z").values)))
    with pytest.raises(FilmError, match="Two arrays would be called kl"):
        to_npz(twice)


def test_other_segments_are_stored_too(tmp_path):
    order = np.array([[[0, 1], [2, 3]]], np.int32)
    final = np.arange(8, dtype=np.uint8).reshape(2, 1, 2, 2)
    film = Film((Raster(final, order, blank=9), Still(final, 4)))
    (tmp_path / "f.npz").write_bytes(to_npz(film))
    loaded = load_film(tmp_path / "f.npz")
    assert (loaded.num_steps, loaded.num_samples) == (7, 2)
    np.testing.assert_array_equal(loaded.frame(1)[1, 0], [[4, 5], [9, 9]])
    np.testing.assert_array_equal(loaded.frame(5), final)
