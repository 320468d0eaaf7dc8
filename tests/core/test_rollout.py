"""Rollouts as arrays: canvas bytes, the npz file, and refusal of damaged ones."""

import io
import random
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from draw_core.film.rollout import (
    BYTE_LOGITS,
    BYTE_PROBABILITIES,
    Rollout,
    RolloutError,
    encode_canvas,
)
from tests.support import process, small

ARRAYS = ("canvases", "write_patches", "write_params", "read_params", "kl", "z")


@pytest.fixture(scope="module")
def rollout() -> Rollout:
    model = small.model()
    return Rollout.from_trace(model(small.pixels(3, model), small.seeded(0)))


@given(st.floats(-10, 10))
def test_a_canvas_byte_keeps_probability_and_logit(logit):
    byte = encode_canvas(np.array([logit]))[0]
    assert abs(BYTE_PROBABILITIES[byte] - 1 / (1 + np.exp(-logit))) <= 1 / 255
    # Half a level of the halved sigmoid: its slope is s (1 - s) / 2 per unit of logit.
    s = 1 / (1 + np.exp(-(abs(logit) + 0.5) / 2))
    assert abs(BYTE_LOGITS[byte] - logit) <= 0.5 / 255 / (s * (1 - s) / 2) + 1e-3


def test_canvas_bytes_by_hand():
    logits = np.array([-np.inf, -1e4, -4, 0, 4, 1e4, np.inf], np.float32)
    # 255 sigmoid(-2) = 30.4, and 127.5 goes to the even neighbour.
    assert encode_canvas(logits).tolist() == [0, 0, 30, 128, 225, 255, 255]


def test_every_byte_decodes_to_itself_and_to_a_finite_logit():
    assert encode_canvas(BYTE_LOGITS).tolist() == list(range(256))
    np.testing.assert_allclose(BYTE_PROBABILITIES, 1 / (1 + np.exp(-BYTE_LOGITS)), rtol=1e-6)
    assert np.isfinite(BYTE_LOGITS).all()
    assert (np.diff(BYTE_LOGITS) > 0).all()


def test_it_holds_the_numbers_of_the_trace():
    model = small.model()
    trace = model(small.pixels(3, model), small.seeded(0))
    rollout = Rollout.from_trace(trace)
    np.testing.assert_array_equal(rollout.canvases, encode_canvas(trace.canvases.detach().numpy()))
    np.testing.assert_array_equal(rollout.write_patches, trace.write_patches.detach())
    np.testing.assert_array_equal(rollout.kl, trace.kl.detach())
    np.testing.assert_array_equal(rollout.z, trace.z.detach())
    for stacked, params in (
        (rollout.write_params, trace.write_params),
        (rollout.read_params, trace.read_params),
    ):
        for index, name in enumerate(("g_x", "g_y", "delta", "sigma2", "gamma")):
            np.testing.assert_array_equal(stacked[..., index], getattr(params, name).detach())
    assert (rollout.num_steps, rollout.num_samples) == (3, 3)


def test_what_the_trace_lacks_is_none():
    model = small.model(write_attention=False)
    rollout = Rollout.from_trace(model.generate(2))
    assert rollout.write_params is rollout.read_params is rollout.kl is None


@pytest.mark.parametrize("generated", [True, False])
def test_file_there_and_back(tmp_path, generated):
    model = small.model()
    trace = model.generate(2) if generated else model(small.pixels(2, model))
    rollout = Rollout.from_trace(trace)
    (tmp_path / "r.npz").write_bytes(rollout.to_npz())
    loaded = Rollout.load(tmp_path / "r.npz")
    for name in ARRAYS:
        written, read = getattr(rollout, name), getattr(loaded, name)
        assert (written is None) == (read is None)
        if written is not None:
            assert written.dtype == read.dtype
            np.testing.assert_array_equal(written, read)


def test_the_first_samples(rollout):
    first = rollout.first(2)
    assert first.num_samples == 2
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(first, name), getattr(rollout, name)[:, :2])
        assert getattr(first, name).flags.c_contiguous


def test_any_damage_is_a_rollout_error_or_harmless(rollout, tmp_path):
    content, path = rollout.to_npz(), tmp_path / "r.npz"
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
            Rollout.load(path)
        except RolloutError:
            refused += 1
    assert refused > 250


def _arrays(rollout: Rollout) -> dict[str, np.ndarray]:
    return {name: getattr(rollout, name) for name in ARRAYS}


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
    ],
)
def test_arrays_of_another_shape_type_or_value_are_refused(rollout, tmp_path, name, change):
    arrays = _arrays(rollout)
    arrays[name] = change(arrays[name])
    np.savez(tmp_path / "r.npz", **arrays)
    with pytest.raises(RolloutError, match=r"r\.npz holds arrays of unexpected shape"):
        Rollout.load(tmp_path / "r.npz")


def _npy_header(shape: tuple[int, ...]) -> bytes:
    buffer = io.BytesIO()
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["canvases", "kl"])
@pytest.mark.parametrize(
    "member", [b"no array at all", _npy_header((10**5, 10**5, 10**5)), _npy_header((10**30,)), b""]
)
def test_members_that_are_no_arrays_are_refused(rollout, tmp_path, name, member):
    with zipfile.ZipFile(tmp_path / "r.npz", "w") as archive:
        for key, value in _arrays(rollout).items():
            buffer = io.BytesIO()
            np.save(buffer, value)
            archive.writestr(f"{key}.npy", member if key == name else buffer.getvalue())
    with pytest.raises(RolloutError):
        Rollout.load(tmp_path / "r.npz")


def test_missing_and_foreign_files_are_refused(tmp_path):
    with pytest.raises(RolloutError, match=r"r\.npz is missing"):
        Rollout.load(tmp_path / "r.npz")
    path = tmp_path / "f.npz"
    np.savez(path, something=np.zeros(3))
    with pytest.raises(RolloutError, match=r"f\.npz is damaged or is no stored rollout"):
        Rollout.load(path)
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(RolloutError, match="no stored rollout"):
        Rollout.load(path)
    torch.save({"canvases": torch.zeros(1)}, path)
    with pytest.raises(RolloutError, match="no stored rollout"):
        Rollout.load(path)


def test_the_module_does_not_import_torch():
    assert "torch" not in process.imported("draw_core.film.rollout")


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("draw_core.film.rollout._MAX_BYTES", 10_000)
    np.savez_compressed(tmp_path / "bomb.npz", canvases=np.zeros((2, 1, 1, 100, 100), np.uint8))
    with pytest.raises(RolloutError, match=r"bomb\.npz is too large"):
        Rollout.load(tmp_path / "bomb.npz")
