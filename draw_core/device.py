"""Where a network is trained and measured: on the processor, or on a GPU through CUDA or ROCm.

Random numbers are drawn on the processor in either case, so the same seed means the same images and
the same noise on both; results differ by rounding.
"""

import os
from typing import cast, get_args

import torch

from draw_core.config import Device
from draw_core.hardware import processor

CPU = torch.device("cpu")


def pick(asked: Device = "auto") -> torch.device:
    """The device to compute on.

    ``"auto"`` is what ``DRAW_DEVICE`` says, else a GPU if there is one that works.

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
        return torch.device("cuda")
    if asked == "auto":
        return CPU
    raise ValueError(f"{fault} Set {where} to cpu or auto.")


def describe_hardware(device: torch.device = CPU) -> str:
    """The GPU if it is one, the processor and its threads, for cards and tables."""
    threads = torch.get_num_threads()
    of_processor = f"{processor()}, {threads} CPU thread{'s' if threads > 1 else ''}"
    if device.type != "cuda":
        return of_processor
    return f"{torch.cuda.get_device_name(device)} with {of_processor}"


def _preferred() -> Device:
    """What the environment wants."""
    value = os.environ.get("DRAW_DEVICE") or "auto"
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
