"""Everything a rollout computed, step by step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from jaxtyping import Float
from torch import Tensor

from draw_core.attention import AttentionParams

if TYPE_CHECKING:
    from draw_core.model import DrawState


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

        def stack(field: Callable[["DrawState"], Tensor | None]) -> Tensor | None:
            values = [field(state) for state in steps]
            return None if values[0] is None else torch.stack(values)  # type: ignore[arg-type]

        def windows(
            field: Callable[["DrawState"], AttentionParams | None],
        ) -> AttentionParams | None:
            values = [field(state) for state in steps]
            if values[0] is None:
                return None
            return AttentionParams(*(torch.stack(p) for p in zip(*values, strict=True)))  # type: ignore[arg-type]

        reconstructs = steps[0].kl is not None
        return cls(
            canvases=torch.stack([state.canvas for state in states]),
            read_params=windows(lambda s: s.read_params),
            write_params=windows(lambda s: s.write_params),
            read_patches=stack(lambda s: s.read_patch),
            write_patches=stack(lambda s: s.write_patch),
            z=stack(lambda s: s.z),
            mu=stack(lambda s: s.mu),
            log_sigma=stack(lambda s: s.log_sigma),
            kl=stack(lambda s: s.kl),
            h_enc=stack(lambda s: s.h_enc) if reconstructs else None,
            h_dec=stack(lambda s: s.h_dec),
        )
