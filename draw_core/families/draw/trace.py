"""Everything a rollout computed, step by step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from draw_core.nets.attention import AttentionParams

if TYPE_CHECKING:
    from draw_core.families.draw.model import DrawState


@dataclass(frozen=True)
class DrawTrace:
    """An immutable record of a rollout, steps first.

    What does not exist is None: windows where attention is off, and everything of the encoder
    when generating. Without attention a patch is the whole image.
    """

    canvases: Float[Tensor, "S B C H W"]  # S = T + 1, logits, c_0 first
    read_params: AttentionParams | None  # of [T, B]
    write_params: AttentionParams | None  # of [T, B]
    read_patches: Float[Tensor, "T B 2 C N M"] | None  # of x, then of x_hat
    write_patches: Float[Tensor, "T B C K L"]
    z: Float[Tensor, "T B Z"]
    mu: Float[Tensor, "T B Z"] | None
    log_sigma: Float[Tensor, "T B Z"] | None
    kl: Float[Tensor, "T B"] | None  # nats
    h_enc: Float[Tensor, "T B E"] | None
    h_dec: Float[Tensor, "T B D"]

    @classmethod
    def from_states(cls, states: Sequence["DrawState"]) -> "DrawTrace":
        """Stacks the states of steps 0..T, of which the first is the initial one."""
        steps = states[1:]
        reconstructs = steps[0].kl is not None
        return cls(
            canvases=torch.stack([s.canvas for s in states]),
            read_params=_stack_windows(s.read_params for s in steps),
            write_params=_stack_windows(s.write_params for s in steps),
            read_patches=_stack(s.read_patch for s in steps),
            write_patches=torch.stack([s.write_patch for s in steps if s.write_patch is not None]),
            z=torch.stack([s.z for s in steps if s.z is not None]),
            mu=_stack(s.mu for s in steps),
            log_sigma=_stack(s.log_sigma for s in steps),
            kl=_stack(s.kl for s in steps),
            h_enc=torch.stack([s.h_enc for s in steps]) if reconstructs else None,
            h_dec=torch.stack([s.h_dec for s in steps]),
        )


def _stack(values: Iterable[Tensor | None]) -> Tensor | None:
    """What the steps made of one quantity, which exists at every step or at none."""
    existing = [value for value in values if value is not None]
    return torch.stack(existing) if existing else None


def _stack_windows(values: Iterable[AttentionParams | None]) -> AttentionParams | None:
    existing = [value for value in values if value is not None]
    return AttentionParams(*map(torch.stack, zip(*existing, strict=True))) if existing else None
