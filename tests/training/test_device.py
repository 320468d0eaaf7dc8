"""Where networks are trained: which device is chosen, and that no tensor stays behind."""

import json
import subprocess
import sys

import pytest
import torch
from torch.utils import backend_registration
from typer.testing import CliRunner

from draw_core.base.hardware import fast_precision, processor
from draw_core.cli import app
from draw_core.learning import device
from tests.support import process


def test_numbers_next_to_0_are_0_while_that_is_asked():
    tiny = torch.full((100,), 2e-38)
    with device.tiny_as_zero():
        assert not (tiny / 4).any()
    assert (tiny / 4).all()


CHECKS = [
    "a_run",
    "a_run_without_windows",
    "a_run_that_moves",
    "a_sound_device_is_used",
    "faults",
    "a_device_that_fails_later",
    "commands",
    "classifiers",
    "bounds",
    "the_benchmark",
    "mixed_devices_are_refused",
]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory, mnist_root):
    """What came of the checks on a pretend device."""
    if not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"):
        pytest.skip("This PyTorch cannot have a device made in Python.")
    code = (
        "import sys, tests.support.elsewhere; "
        "from tests.support import elsewhere_checks; elsewhere_checks.main(*sys.argv[1:])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, mnist_root, tmp_path_factory.mktemp("elsewhere")],
        env=process.ENVIRONMENT,
        cwd=process.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert list(found) == CHECKS
    return found


@pytest.mark.parametrize("check", CHECKS)
def test_on_another_device(elsewhere, check):
    assert elsewhere[check] == ""


class Gpu:
    """What PyTorch says of a GPU, and what comes of using it."""

    def __init__(self, monkeypatch, fault=None) -> None:
        self.fault = fault
        monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA Test 100")
        monkeypatch.setattr(torch, "ones", self.ones)

    def ones(self, *size, device):
        """Instead of :func:`torch.ones`."""
        assert device == "cuda"
        if self.fault:
            raise RuntimeError(self.fault)
        return torch.zeros(*size)


@pytest.fixture
def unset(monkeypatch):
    """As on a machine whose owner has said nothing."""
    monkeypatch.delenv("DRAW_DEVICE")


def test_the_processor_where_there_is_no_gpu(unset, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert device.pick() == device.pick("cpu") == torch.device("cpu")
    with pytest.raises(
        ValueError, match=r"^PyTorch finds no GPU .* Set --device to cpu or auto\.$"
    ):
        device.pick("cuda")


def test_a_gpu_where_there_is_one(unset, monkeypatch):
    Gpu(monkeypatch)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    assert device.pick() == device.pick("cuda") == torch.device("cuda")
    assert not torch.backends.cudnn.allow_tf32
    assert device.pick("cpu") == torch.device("cpu")
    name = device.describe_hardware(torch.device("cuda"))
    assert name.startswith(f"NVIDIA Test 100 with {processor()}, ")


def test_a_gpu_that_does_not_work_is_left_alone(unset, monkeypatch):
    Gpu(monkeypatch, fault="CUDA error: no kernel image is available.\nCompile with ...")
    assert device.pick() == torch.device("cpu")
    with pytest.raises(
        ValueError,
        match=r"^The GPU does not work \(CUDA error: no kernel image is available\)\. Set --device",
    ):
        device.pick("cuda")


def test_the_owner_of_the_machine_decides_where_nobody_else_does(monkeypatch):
    Gpu(monkeypatch)
    monkeypatch.setenv("DRAW_DEVICE", "cpu")
    assert device.pick() == torch.device("cpu")
    assert device.pick("cuda") == torch.device("cuda")
    monkeypatch.setenv("DRAW_DEVICE", "cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match=r"finds no GPU .* Set DRAW_DEVICE to cpu or auto\.$"):
        device.pick()
    monkeypatch.setenv("DRAW_DEVICE", "gpu")
    with pytest.raises(ValueError, match=r"^DRAW_DEVICE is 'gpu'; set it to auto, cpu, cuda\.$"):
        device.pick()


@pytest.mark.parametrize("native", [True, False])
def test_a_gpu_multiplies_16_bits_where_it_can(monkeypatch, native):
    def supported(*, including_emulation):
        return native or including_emulation

    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    expected = "bfloat16" if native else "float32"
    assert device.fast_precision(torch.device("cuda")) == expected
    assert device.fast_precision(torch.device("cpu")) == fast_precision()


def test_places_are_named_once():
    places = ("first; then second", "first", "third")
    assert device.one_after_the_other(places) == "first; then second; then third"


@pytest.mark.parametrize(
    "command",
    [
        ["train", "--run-dir", "RUN"],
        ["train", "--family", "glimpse", "--run-dir", "RUN"],
        ["evaluate", "strokes-attention"],
        ["evaluate", "cluttered-classifier"],
        ["bench"],
    ],
)
def test_a_gpu_that_is_not_there_is_one_sentence(tmp_path, monkeypatch, command):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    words = [str(tmp_path / "run") if word == "RUN" else word for word in command]
    result = CliRunner().invoke(app, [*words, "--device", "cuda"])
    assert result.exit_code == 1
    assert result.stderr.strip() == (
        "Error: PyTorch finds no GPU that it can use. Set --device to cpu or auto."
    )
    assert not (tmp_path / "run").exists()
