"""A pretend accelerator: its tensors lie in ordinary memory, but only calls among them are taken.

Importing this module changes PyTorch for the rest of the process, so tests import it in a process
of their own, and first. What runs here moves every tensor to its device and back where a GPU needs
it; how fast a GPU is, and how it rounds, this cannot tell.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import library
from torch.utils._pytree import tree_leaves, tree_map
from torch.utils.backend_registration import _setup_privateuseone_for_python_backend

_setup_privateuseone_for_python_backend("elsewhere")
DEVICE = torch.device("elsewhere:0")
# Views of such tensors cannot be made in inference mode.
torch.inference_mode = torch.no_grad
# What a faulty device does with what it was given and what it has computed, by the call's name.
fault: Callable[[str, tuple, Any], None] | None = None
calls: list[str] = []
# What may take tensors of two devices, because it moves one.
_MOVES = ("aten._to_copy", "aten.copy_", "aten._copy_from")


class Elsewhere(torch.Tensor):
    """A tensor on the device, with what it holds in ``raw``."""

    raw: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, raw):
        layout = raw.shape, raw.stride(), raw.storage_offset()
        return cls._make_wrapper_subclass(cls, *layout, dtype=raw.dtype, device=DEVICE)

    def __init__(self, raw):
        self.raw = raw

    @classmethod
    def __torch_dispatch__(cls, op, types, args=(), kwargs=None):
        return _call(op, args, kwargs or {})

    def tolist(self):
        """PyTorch's own refuses subclasses; that of a GPU's tensor does not."""
        return self.raw.tolist()

    def numpy(self):
        """As with a GPU's tensor."""
        raise TypeError("It is not in the memory of the processor; use Tensor.cpu() first.")

    def __repr__(self):
        return f"Elsewhere({self.raw!r})"


def _call(op: Any, args: tuple, kwargs: dict) -> Any:
    """What the processor makes of it, on the device again."""
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    away = [t for t in tensors if isinstance(t, Elsewhere)]
    here = [t for t in tensors if not isinstance(t, Elsewhere)]
    moves, fused = str(op).startswith(_MOVES), "fused" in str(op)
    # As with a GPU, a single number may come from the processor, except to a fused optimiser.
    if away and not moves and any(t.dim() or fused for t in here):
        raise RuntimeError(f"{op} was given tensors of two devices.")
    known = {id(t.raw): t for t in away}

    def to_raw(leaf: Any) -> Any:
        if isinstance(leaf, Elsewhere):
            return leaf.raw
        return torch.device("cpu") if leaf == DEVICE or leaf == torch.device("elsewhere") else leaf

    def from_raw(leaf: Any) -> Any:
        if not isinstance(leaf, torch.Tensor):
            return leaf
        return known[id(leaf)] if id(leaf) in known else Elsewhere(leaf)

    raw_args = tree_map(to_raw, args)
    made = op(*raw_args, **tree_map(to_raw, kwargs))
    if away and not moves:
        calls.append(str(op))
        if fault is not None:
            fault(str(op), raw_args, made)
    target = kwargs.get("device")
    if target is not None and target.type == "cpu":
        return made
    if target is not None and moves:
        made = made.clone()  # never the memory that it came from
    return tree_map(from_raw, made)


_library = library.Library("_", "IMPL")
_library.fallback(lambda op, *args, **kwargs: _call(op, args, kwargs), "PrivateUse1")
