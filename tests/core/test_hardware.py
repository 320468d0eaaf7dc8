"""What is said of this machine."""

import pytest

from draw_core.base import hardware
from tests.support import process


@pytest.fixture(autouse=True)
def _forget():
    yield
    for cached in (hardware.processor, hardware.fast_precision, hardware.has_compiler):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("fpu avx512f avx512_bf16 vnni", "bfloat16"),
        ("fpu amx_bf16", "bfloat16"),
        ("fpu avx512f not_avx512_bf16x", "float32"),
    ],
)
def test_bfloat16_is_chosen_where_the_processor_has_it(monkeypatch, flags, precision):
    hardware.fast_precision.cache_clear()
    monkeypatch.setattr(hardware, "_cpuinfo", lambda: ["model name\t: A B", f"flags\t\t: {flags}"])
    assert hardware.fast_precision() == precision


def test_the_name_is_that_of_the_processor(monkeypatch):
    hardware.processor.cache_clear()
    monkeypatch.setattr(hardware, "_cpuinfo", lambda: ["x: y", "model name\t: A B 3 @ 2 GHz"])
    assert hardware.processor() == "A B 3 @ 2 GHz"


def test_a_job_leaves_one_core_alone(monkeypatch):
    monkeypatch.setattr(hardware, "cores", lambda: 4)
    assert hardware.job_threads() == 3
    assert hardware.job_threads(2) == 2
    monkeypatch.setattr(hardware, "cores", lambda: 1)
    assert hardware.job_threads() == 1


def test_a_compiler_is_found_where_there_is_one(monkeypatch, tmp_path):
    hardware.has_compiler.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert not hardware.has_compiler()
    compiler = tmp_path / "g++"
    compiler.write_text("#!/bin/sh\n")
    compiler.chmod(0o755)
    hardware.has_compiler.cache_clear()
    assert hardware.has_compiler()


def test_it_needs_the_standard_library_only():
    assert not process.imported("draw_core.base.hardware") & {"torch", "numpy", "streamlit"}
