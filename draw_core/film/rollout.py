"""A rollout as plain NumPy arrays: what is stored, sent and shown. Never imports torch at import.

Canvas bytes hold ``round(255 * sigmoid(c / 2))`` of a logit c. Halving the logit spends more of the
256 levels on nearly black and nearly white pixels: a probability is right to 1/255, and logits are
told apart as far as +-10, so one byte serves both views.
"""

import io
import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from draw_core.families.draw.config import DrawConfig

if TYPE_CHECKING:
    from draw_core.families.draw.trace import DrawTrace
    from draw_core.nets.attention import AttentionParams

_MAX_BYTES = 512 << 20  # unpacked

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]

_HALF_SIGMOID = np.clip(np.arange(256), 0.25, 254.75) / 255
# What a canvas byte means, as logit and as probability.
BYTE_LOGITS: Floats = (2 * np.log(_HALF_SIGMOID / (1 - _HALF_SIGMOID))).astype(np.float32)
BYTE_PROBABILITIES: Floats = (1 / (1 + np.exp(-BYTE_LOGITS))).astype(np.float32)


def encode_canvas(logits: NDArray[np.floating]) -> Bytes:
    """Logits of any shape to canvas bytes (see the module's text)."""
    with np.errstate(over="ignore"):
        return np.rint(255 / (1 + np.exp(-logits / 2))).astype(np.uint8)


class RolloutError(Exception):
    """A stored rollout cannot be used; the message says why."""


@dataclass(frozen=True)
class Rollout:
    """The steps of some samples, ready to be shown.

    Attributes:
        canvases: ``uint8 [T+1, B, C, H, W]``, canvas bytes, c_0 first.
        write_patches: ``float32 [T, B, C, N, N]``, w_t before it is placed (logits); without
            write attention ``[T, B, C, H, W]``.
        write_params, read_params: ``float32 [T, B, 5]`` as (g_x, g_y, delta, sigma2, gamma), or
            None where that attention is off or nothing was read.
        kl: ``float32 [T, B]`` nats, or None when generating.
        z: ``float32 [T, B, Z]``, the latents that steered the decoder.
        memory: ``uint8 [T, B, D]``, ``round(128 + 127 h_dec)`` of the decoder's hidden units, each
            between -1 and 1; None in what was stored before this was kept.
    """

    canvases: Bytes
    write_patches: Floats
    write_params: Floats | None = None
    read_params: Floats | None = None
    kl: Floats | None = None
    z: Floats | None = None
    memory: Bytes | None = None

    @property
    def num_steps(self) -> int:
        """T; there are T + 1 canvases."""
        return len(self.canvases) - 1

    @property
    def num_samples(self) -> int:
        """B."""
        return int(self.canvases.shape[1])

    def first(self, n: int) -> "Rollout":
        """The first n samples."""
        return Rollout(**{k: np.ascontiguousarray(v[:, :n]) for k, v in self._arrays().items()})

    @classmethod
    def from_trace(cls, trace: "DrawTrace") -> "Rollout":
        """Keeps of a trace what a person looks at."""
        return cls(
            canvases=encode_canvas(trace.canvases.detach().cpu().numpy()),
            write_patches=trace.write_patches.detach().cpu().numpy().astype(np.float32),
            write_params=_stack_params(trace.write_params),
            read_params=_stack_params(trace.read_params),
            kl=None if trace.kl is None else trace.kl.detach().cpu().numpy().astype(np.float32),
            z=trace.z.detach().cpu().numpy().astype(np.float32),
            memory=np.rint(128 + 127 * trace.h_dec.detach().cpu().float().numpy()).astype(np.uint8),
        )

    def to_npz(self) -> bytes:
        """The arrays as a compressed NumPy archive."""
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **self._arrays())
        return buffer.getvalue()

    @classmethod
    def load(cls, path: Path) -> "Rollout":
        """Reads what :meth:`to_npz` wrote.

        Raises:
            RolloutError: if the file is missing, broken, or holds other arrays.
        """
        try:
            # From memory: given a path, NumPy leaves the file of a broken archive open.
            content = path.read_bytes()
            with zipfile.ZipFile(io.BytesIO(content)) as members:
                if sum(member.file_size for member in members.infolist()) > _MAX_BYTES:
                    raise RolloutError(f"{path.name} is too large.")
            with np.load(io.BytesIO(content), allow_pickle=False) as archive:
                names = {f.name for f in fields(cls)} & set(archive.files)
                rollout = cls(**{name: np.asarray(archive[name]) for name in names})
        except FileNotFoundError as error:
            raise RolloutError(f"{path.name} is missing.") from error
        except RolloutError:
            raise
        except Exception as error:
            # Damage can surface anywhere in zip, zlib or NumPy's header parser.
            raise RolloutError(f"{path.name} is damaged or is no stored rollout.") from error
        rollout._check(path.name)
        return rollout

    def _check(self, name: str) -> None:
        ok = (
            self.canvases.ndim == 5
            and self.canvases.dtype == np.uint8
            and self.canvases.shape[0] >= 2
            and self.canvases.shape[1] >= 1
        )
        if ok:
            steps = (self.num_steps, self.num_samples)
            ok = (
                self.write_patches.ndim == 5
                and self.write_patches.shape[:3] == (*steps, self.canvases.shape[2])
                and all(p is None or p.shape == (*steps, 5) for p in self._params())
                and (self.kl is None or self.kl.shape == steps)
                and all(
                    a is None or (a.ndim == 3 and a.shape[:2] == steps)
                    for a in (self.z, self.memory)
                )
                and (self.memory is None or self.memory.dtype == np.uint8)
                and all(
                    a is None or (a.dtype == np.float32 and bool(np.isfinite(a).all()))
                    for a in (self.write_patches, *self._params(), self.kl, self.z)
                )
            )
        if not ok:
            raise RolloutError(f"{name} holds arrays of unexpected shape, type or value.")

    def fits(self, config: DrawConfig) -> bool:
        """Whether a network of this configuration can have painted these samples."""
        c, steps = config, (self.num_steps, self.num_samples)
        patch = (c.write_size, c.write_size) if c.write_attention else (c.height, c.width)
        return (
            self.num_steps == c.num_steps
            and self.canvases.shape[2:] == (c.channels, c.height, c.width)
            and self.write_patches.shape[3:] == patch
            and (self.write_params is not None) == c.write_attention
            and (self.read_params is None or c.read_attention)
            and (self.z is None or self.z.shape == (*steps, c.z_size))
            and (self.memory is None or self.memory.shape == (*steps, c.dec_size))
            # stride, variance and intensity are exponentials (eqs 21, 24)
            and all(p is None or bool((p[..., 2:] > 0).all()) for p in self._params())
        )

    def _arrays(self) -> dict[str, Any]:
        """The arrays that exist, by name."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: array for name, array in arrays.items() if array is not None}

    def _params(self) -> tuple[Floats | None, Floats | None]:
        return self.write_params, self.read_params


def _stack_params(params: "AttentionParams | None") -> Floats | None:
    if params is None:
        return None
    stacked = np.stack([p.detach().cpu().numpy() for p in params], axis=-1)
    return stacked.astype(np.float32)
