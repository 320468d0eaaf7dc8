"""Where a network is trained and measured: on the processor, or on a GPU through CUDA or ROCm.

Random numbers are drawn on the processor in either case, so the same seed means the same images and
the same noise on both; results differ by rounding.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import cast, get_args

import torch

from draw_core.base import hardware
from draw_core.base.environment import variable
from draw_core.base.fields import Device, Precision

CPU = torch.device("cpu")
_THEN = "; then "


@contextmanager
def tiny_as_zero() -> Iterator[None]:
    """Takes numbers nearer to 0 than 1e-38 as 0, in this thread and with PyTorch on the processor.

    The far ends of the Gaussian filters are full of them, and a processor multiplies them many
    times slower than others: networks whose windows are small train and paint in two thirds of the
    time (benchmarks/tiny.py).
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def pick(asked: Device = "auto") -> torch.device:
    """The device to compute on.

    ``"auto"`` is what ``DRAW_DEVICE`` says, else a GPU if there is one that works. If it is a GPU,
    convolutions of 32-bit numbers are made of all 32 bits from then on.

    Raises:
        ValueError: if a GPU is asked for and there is none that works, or if ``DRAW_DEVICE`` names
            no device.
    """
    where = "--device"
    if asked == "auto":
        where, asked = "DRAW_DEVICE", _preferred()
    if asked == "cpu":
        return CPU
    fault = _fault_of_gpu()
    if fault is None:
        torch.backends.cudnn.allow_tf32 = False
        return torch.device("cuda")
    if asked == "auto":
        return CPU
    raise ValueError(f"{fault} Set {where} to cpu or auto.")


def fast_precision(device: torch.device) -> Precision:
    """``"bfloat16"`` where the device multiplies it faster than float32."""
    if device.type != "cuda":
        return hardware.fast_precision()
    return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"


def one_after_the_other(places: Iterable[str]) -> str:
    """Several descriptions of hardware as one, each different one once, in their order."""
    return _THEN.join(dict.fromkeys(part for place in places for part in place.split(_THEN)))


def describe_hardware(device: torch.device = CPU) -> str:
    """The GPU if it is one, the processor and its threads, for cards and tables."""
    threads = torch.get_num_threads()
    of_processor = f"{hardware.processor()}, {threads} CPU thread{'s' if threads > 1 else ''}"
    if device.type != "cuda":
        return of_processor
    return f"{torch.cuda.get_device_name(device)} with {of_processor}"


def _preferred() -> Device:
    """What the environment wants."""
    value = variable("DRAW_DEVICE") or "auto"
    if value in get_args(Device):
        return cast(Device, value)
    raise ValueError(f"DRAW_DEVICE is {value!r}; set it to {', '.join(get_args(Device))}.")


def _fault_of_gpu() -> str | None:
    """What keeps a GPU from being used, if anything does."""
    if not torch.cuda.is_available():
        return "PyTorch finds no GPU that it can use."
    try:
        torch.ones(2, device="cuda").sum().item()
    except RuntimeError as error:  # a GPU older than this PyTorch, or one whose memory is full
        return f"The GPU does not work ({str(error).splitlines()[0].rstrip('.')})."
    return None
