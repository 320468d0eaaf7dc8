"""Networks that run in the browser compute what PyTorch computes, here in Node."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from safetensors.torch import save_file

from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.film import film_of
from draw_core.families.draw.model import DRAW
from draw_core.film.description import describe
from draw_core.nets.attention import write_patch
from draw_core.nets.losses import bernoulli_nll
from draw_core.store.checkpoint import WEIGHTS, load_checkpoint
from tests.support import process, small
from ui.models.catalogue import shipped

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not at hand")

SEED = 5
LOGITS, PIXELS = 1e-3, 1e-4  # how far a logit and the place of a window may be off
# Rounded to bytes: one that lies between two may be either.
ROUNDED = {"canvases", "memory"}
Live = Callable[..., tuple[dict[str, np.ndarray], dict[str, Any]]]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Runs a network of these weights for a seed, as :func:`trace` of ui/live/trace.js does."""
    out = tmp_path_factory.mktemp("live")
    script = process.ROOT / "tests" / "scripts" / "live.js"
    with subprocess.Popen(
        ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:

        def run(
            network: DRAW,
            weights: Path,
            batch: int,
            images: torch.Tensor | None = None,
            edits: tuple[dict[str, Any], ...] = (),
        ) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
            if images is not None:
                images.numpy().tofile(out / "images")
            asked = {
                "config": network.config.to_dict(),
                "weights": str(weights),
                "batch": batch,
                "seed": SEED,
                "images": images is not None and str(out / "images"),
                "edits": edits,
                "out": str(out),
            }
            assert node.stdin
            assert node.stdout
            print(json.dumps(asked), file=node.stdin, flush=True)
            answer = json.loads(node.stdout.readline())
            bytes_of = {name: (out / name).read_bytes() for name in answer["names"]}
            kinds = {name: np.uint8 if name in ROUNDED else np.float32 for name in bytes_of}
            arrays = {n: np.frombuffer(b, kinds[n]) for n, b in bytes_of.items()}
            return arrays, answer

        yield run
        assert node.stdin
        node.stdin.close()


def compare(live: Live, network: DRAW, weights: Path, batch: int, *, rebuild: bool) -> None:
    """Holds all arrays of a rollout against those of PyTorch."""
    source = torch.Generator().manual_seed(SEED)
    with torch.inference_mode():
        if rebuild:
            images = small.pixels(batch, network)
            noise = network.noise(batch, source)
            made = network(images, noise=noise)
        else:
            images = None
            made = network.generate(batch, source)
    arrays, told = live(network, weights, batch, images)
    expected, description = describe(film_of(made, whole=rebuild))
    _holds(told["description"], json.loads(json.dumps(description)))
    if images is not None:
        assert made.kl is not None
        nll = bernoulli_nll(made.canvases[-1], images).sum().item()
        assert told["nll"] == pytest.approx(nll, rel=1e-4, abs=1e-3)
        assert told["latentLoss"] == pytest.approx(made.kl.sum().item(), rel=1e-4, abs=1e-3)
    canvases = made.canvases.numpy()
    np.testing.assert_allclose(arrays.pop("logits").reshape(canvases.shape), canvases, atol=LOGITS)
    assert arrays.keys() == expected.keys()
    for name, array in expected.items():
        ours = arrays[name].reshape(array.shape)
        if name in ROUNDED:
            assert np.abs(ours.astype(int) - array.astype(int)).max() <= 1, name
        elif name.endswith("params"):
            np.testing.assert_allclose(ours[..., :3], array[..., :3], atol=PIXELS, err_msg=name)
            np.testing.assert_allclose(ours[..., 3:], array[..., 3:], rtol=1e-3, err_msg=name)
        else:
            np.testing.assert_allclose(ours, array, atol=LOGITS, rtol=1e-4, err_msg=name)


def _holds(ours: dict[str, Any], expected: dict[str, Any]) -> None:
    """A description says what the server's does; a browser leaves out what is nothing."""
    for kind in ("segments", "tracks"):
        for one, other in zip(ours[kind], expected[kind], strict=True):
            assert one == {name: value for name, value in other.items() if name in one}
            assert not any(value for name, value in other.items() if name not in one)


DRAWS = [n for n, m in shipped().models.items() if isinstance(m.config, DrawConfig)]


@pytest.mark.parametrize("name", DRAWS)
@pytest.mark.parametrize("rebuild", [False, True])
def test_shipped_models_compute_what_they_compute_in_pytorch(live, name, rebuild):
    folder = shipped().models[name].folder
    network, _ = load_checkpoint(folder)
    compare(live, network, folder / WEIGHTS, 3 if rebuild else 64, rebuild=rebuild)


@settings(max_examples=40)
@given(
    changes=st.fixed_dictionaries(
        {
            "height": st.integers(2, 9),
            "width": st.integers(2, 9),
            "channels": st.sampled_from([1, 3]),
            "num_steps": st.integers(1, 4),
            "z_size": st.integers(1, 9),
            "enc_size": st.integers(1, 9),
            "dec_size": st.integers(1, 9),
            "read_attention": st.booleans(),
            "write_attention": st.booleans(),
            "initial_canvas": st.sampled_from(["blank", "data_mean"]),
        }
    ),
    sizes=st.tuples(st.integers(2, 4), st.integers(2, 4)),
    bound=st.sampled_from([None, 0.3, 1.0]),
    batch=st.sampled_from([1, 2, 8, 9]),
    rebuild=st.booleans(),
)
def test_networks_of_all_sizes_do(live, tmp_path_factory, changes, sizes, bound, batch, rebuild):
    longest = max(changes["height"], changes["width"])
    read, write = (min(size, longest) for size in sizes)
    changes |= {"read_size": read, "write_size": write}
    changes["max_write_side"] = bound if changes["write_attention"] else None
    network = small.model(**changes)
    weights = tmp_path_factory.mktemp("small") / WEIGHTS
    save_file(network.state_dict(), weights)
    compare(live, network, weights, batch, rebuild=rebuild)


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_hand_changes_what_it_changes_in_pytorch(live, monkeypatch, rebuild):
    folder = shipped().models["mnist-pen"].folder
    network, _ = load_checkpoint(folder)
    edits = (
        {"step": 3, "gX": 5.0, "delta": 2.0, "sigma": 0.7},
        {"step": 5, "turn": 1, "gamma": 0.5},
        {"step": 6, "how": "silence"},
        {"step": 9, "how": "hold"},
    )
    images = small.pixels(2, network) if rebuild else None
    untouched, _ = live(network, folder / WEIGHTS, 2, images)
    arrays, _ = live(network, folder / WEIGHTS, 2, images, edits)
    of_step = {edit["step"]: edit for edit in edits}
    written: list[tuple[Any, torch.Tensor]] = []
    real = network._write

    def write(products, h_dec):
        """What is written in a step, in the hand."""
        params, patch, _ = real(products, h_dec)
        edit = of_step.get(len(written) + 1, {})
        if edit.get("how") == "hold":
            params, patch = written[-1]
        if edit.get("how") == "silence":
            patch = torch.zeros_like(patch)
        patch = torch.rot90(patch, -edit.get("turn", 0), (-2, -1))
        for name, field, power in (("gX", "g_x", 1), ("delta", "delta", 1), ("sigma", "sigma2", 2)):
            if name in edit:
                value = torch.full_like(params.g_x, edit[name] ** power)
                params = params._replace(**{field: value})
        if "gamma" in edit:
            params = params._replace(gamma=torch.full_like(params.gamma, edit["gamma"]))
        written.append((params, patch))
        return params, patch, write_patch(patch, params, 28, 28)

    monkeypatch.setattr(network, "_write", write)
    source = torch.Generator().manual_seed(SEED)
    with torch.inference_mode():
        if images is None:
            made = network.generate(2, source)
        else:
            made = network(images, noise=network.noise(2, source))
    canvases = made.canvases.numpy()
    ours = arrays["logits"].reshape(canvases.shape)
    np.testing.assert_allclose(ours, canvases, atol=LOGITS)
    before = untouched["logits"].reshape(canvases.shape)
    assert (ours[:3] == before[:3]).all()  # up to the first change
    assert np.abs(ours[3:] - before[3:]).max(axis=(2, 3, 4)).min() > 0.1
    # A network that generates never looks at its canvas: later windows are as they were.
    later = [a["write_params"].reshape(28, 2, 5)[9:] for a in (arrays, untouched)]
    assert np.array_equal(*later) != rebuild
