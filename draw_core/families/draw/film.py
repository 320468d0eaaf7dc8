"""From a trace of DRAW to a film, and whether a film is one of DRAW. No torch at import."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from draw_core.families.draw.config import DrawConfig
from draw_core.film.codecs import encode_logits
from draw_core.film.film import Film
from draw_core.film.rules import RULES
from draw_core.film.segments import Frames
from draw_core.film.tracks import Patches, Track, Vectors, Windows, information

if TYPE_CHECKING:
    from torch import Tensor

    from draw_core.families.draw.trace import DrawTrace
    from draw_core.nets.attention import AttentionParams


def film_of(trace: "DrawTrace", *, whole: bool = False) -> Film:
    """Keeps of a trace what a person looks at.

    Its tracks are the windows ``write`` and ``read`` where there are such, the patches ``write``
    (logits before they are placed; without write attention as large as the canvas), the bars ``kl``
    in nats when it reconstructs, and the vectors ``z`` and ``memory``, h_dec as bytes.

    Args:
        whole: whether to add what only a network that sees an image computes: the vectors ``mu``
            and ``log_sigma`` of the posterior Q(Z_t | h_enc_t) (eqs 1, 2), the hidden states
            ``h_enc`` and ``h_dec`` in (-1, 1) (eqs 5, 7), and where there is a window to read the
            patches ``read`` of x and ``error`` of the error image (eq 27).
    """
    tracks: list[Track] = [Patches("write", _floats(trace.write_patches))]
    for name, params, patches in (
        ("write", trace.write_params, trace.write_patches),
        ("read", trace.read_params, trace.read_patches),
    ):
        if params is not None and patches is not None:
            tracks.append(_windows(name, params, patches.shape[-1]))
    if trace.kl is not None:
        tracks.append(information(_floats(trace.kl)))
    tracks.append(Vectors("z", _floats(trace.z)))
    memory = np.rint(128 + 127 * trace.h_dec.detach().cpu().float().numpy()).astype(np.uint8)
    tracks.append(Vectors("memory", memory))
    if whole:
        if trace.read_params is not None and trace.read_patches is not None:
            seen = zip(("read", "error"), trace.read_patches.unbind(2), strict=True)
            tracks += [Patches(name, _floats(patches)) for name, patches in seen]
        inner = ("mu", "log_sigma", "h_enc", "h_dec")
        tracks += [Vectors(name, _floats(getattr(trace, name))) for name in inner]
    canvases = encode_logits(trace.canvases.detach().cpu().numpy())
    return Film((Frames(canvases),), tuple(tracks))


def fitted(film: Film, config: DrawConfig) -> Film | None:
    """The film, if a network of this configuration can have painted it.

    Windows whose number of points its file did not say have the network's.
    """
    c, steps = config, (film.num_steps, film.num_samples)
    patches, z, memory = film.patches("write"), film.vectors("z"), film.vectors("memory")
    write, read = film.windows("write"), film.windows("read")
    side = (c.write_size, c.write_size) if c.write_attention else (c.height, c.width)
    ok = (
        film.num_steps == c.num_steps
        and [type(segment) for segment in film.segments] == [Frames]
        and film.shape == (c.channels, c.height, c.width)
        and (patches is not None and patches.values.shape[3:] == side)
        and (write is not None) == c.write_attention
        and (read is None or c.read_attention)
        and (z is None or z.values.shape == (*steps, c.z_size))
        and (memory is None or memory.values.shape == (*steps, c.dec_size))
        and (memory is None or memory.values.dtype == np.uint8)
        and all(_acts(w, n) for w, n in ((write, c.write_size), (read, c.read_size)) if w)
    )
    if not ok or not read:
        return film if ok else None
    rest = tuple(track for track in film.tracks if track is not read)
    return replace(film, tracks=(*rest, replace(read, points=c.read_size)))


def _acts(windows: Windows, points: int) -> bool:
    """Whether these are windows of DRAW of so many points.

    Their stride, variance and intensity are exponentials (eqs 21, 24).
    """
    positive = windows.rule == "gaussian" and bool((windows.parameters[..., 2:] > 0).all())
    return positive and windows.points in (points, None)


def _windows(name: str, params: "AttentionParams", points: int) -> Windows:
    stacked = np.stack([_floats(p) for p in params], axis=-1)
    return Windows(name, points, stacked, RULES["gaussian"].labels, "gaussian")


def _floats(tensor: "Tensor") -> NDArray[np.float32]:
    return tensor.detach().cpu().numpy().astype(np.float32)
