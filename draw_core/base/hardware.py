"""What this machine is and can do. Standard library only."""

import functools
import os
import platform
import shutil
from pathlib import Path

from draw_core.base.fields import Precision

_GPU_DEVICES = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")  # CUDA, also in WSL, and ROCm
# Processors with these multiply bfloat16 several times as fast as float32.
_BFLOAT16_FLAGS = ("avx512_bf16", "amx_bf16")


@functools.cache
def processor() -> str:
    """Its name, for cards and tables."""
    for line in _cpuinfo():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def job_threads(asked: int = 0) -> int:
    """Threads of a training: as many as asked for, or with 0 one fewer than there are cores.

    Threads wait for each other by spinning: beside one busy core, as many threads as cores can be
    slower than one.
    """
    return asked or max(1, cores() - 1)


@functools.cache
def fast_precision() -> Precision:
    """``"bfloat16"`` where the processor multiplies it faster than float32."""
    fast = any(flag in line.split() for line in _cpuinfo() for flag in _BFLOAT16_FLAGS)
    return "bfloat16" if fast else "float32"


def has_gpu() -> bool:
    """Whether there seems to be a GPU for PyTorch, working or not; costs a look at files."""
    return any(Path(device).exists() for device in _GPU_DEVICES)


@functools.cache
def has_compiler() -> bool:
    """Whether there is a C++ compiler, which ``torch.compile`` needs."""
    names = (os.environ.get("CXX"), "g++", "c++", "clang++")
    return any(name and shutil.which(name) for name in names)


@functools.cache
def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
