"""Composite images as a tensor that holds none of them: each is composed when it is asked for.

Six hundred thousand pages of 60 x 60 would fill two gigabytes, and a page takes 15 microseconds to
compose. So what trains on them may index them like any other images, and pays for what it takes.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from draw_core.data.composed.composites import Composer

# So many images, spread over all, tell the mean of all to about half a grey level.
_MEAN_OF = 20_000
_CHUNK = 1000


class ComposedImages(Tensor):
    """``uint8 [N, 1, H, W]`` of which only the shape is stored.

    It knows its shape and its type, can be indexed by a number, a slice or a tensor of numbers,
    which gives ordinary tensors, and knows its mean image. Anything else is refused, because it
    would be asked of images that are not there.
    """

    composer: Composer

    @staticmethod
    def of(composer: Composer, count: int) -> "ComposedImages":
        """The first ``count`` images that the composer makes."""
        side = composer.recipe.side
        stored = torch.zeros(1, dtype=torch.uint8).expand(count, 1, side, side)
        images = stored.as_subclass(ComposedImages)
        images.composer = composer
        return images

    def __getitem__(self, index: Any) -> UInt8[Tensor, "*B 1 H W"]:
        """The images of these numbers; negative ones count from the end.

        Raises:
            IndexError: if there is no such image.
            TypeError: if it is indexed by anything else.
        """
        count = len(self)
        if isinstance(index, int):
            return self[index : index + 1 or None][0] if -count <= index < count else _none(index)
        if isinstance(index, slice):
            numbers = np.arange(count)[index]
        elif isinstance(index, Tensor) and index.dtype == torch.int64 and index.ndim == 1:
            numbers = index.cpu().numpy()
            numbers = np.where(numbers < 0, numbers + count, numbers)
            if len(numbers) and not 0 <= numbers.min() <= numbers.max() < count:
                _none(index)
        else:
            raise TypeError("Composed images are indexed by a number, a slice or a tensor of them.")
        return torch.from_numpy(self.composer.images(numbers))

    def mean_image(self) -> Float[Tensor, "1 H W"]:
        """The mean grey value of every pixel, 0 to 255, estimated from 20,000 images."""
        count = min(len(self), _MEAN_OF)
        numbers = np.linspace(0, len(self), count, endpoint=False).astype(np.int64)
        total = np.zeros(self.shape[1:], np.int64)
        for start in range(0, count, _CHUNK):
            total += self.composer.images(numbers[start : start + _CHUNK]).sum(axis=0, dtype=int)
        return torch.from_numpy(total / count).float()

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """Lets through what concerns the shape, the type and the place, and nothing else."""
        if func not in _OF_SHAPE:
            name = getattr(func, "__name__", "this")
            raise TypeError(f"{name} needs images that are not composed yet; index them first.")
        return super().__torch_function__(func, types, args, kwargs)  # type: ignore[no-untyped-call]


def _none(index: object) -> Any:
    raise IndexError(f"There is no composite image {index}.")


_OF_SHAPE = {
    # What PyTorch calls the reading of an attribute.
    *(getattr(Tensor, name).__get__ for name in ("shape", "dtype", "device", "ndim")),
    Tensor.dim,
    Tensor.size,
    Tensor.__len__,
    Tensor.numel,
}
