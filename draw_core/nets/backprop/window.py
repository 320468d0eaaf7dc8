"""The window of one step and its gradient, by hand (eqs 19-29)."""

import torch
from jaxtyping import Float
from torch import Tensor

from draw_core.nets.attention import MAX_DISTANCE, MIN_SIGMA2

_softmax_backward = torch.ops.aten._softmax_backward_data


class Frame:
    """What all windows of one kind share: the image, the grid, and constants made once."""

    def __init__(
        self, height: int, width: int, size: int, like: Tensor, max_delta: float | None = None
    ) -> None:
        def constant(*values: float) -> Tensor:
            return torch.tensor(values, dtype=like.dtype).to(like.device)

        self.height, self.width, self.size = height, width, size
        self.half = constant((width + 1) / 2, (height + 1) / 2)[:, None]  # [2, 1]
        self.stride = (max(height, width) - 1) / (size - 1)
        # Of sigma^2 and delta.
        self.bounds = None if max_delta is None else constant(max_delta**2, max_delta)
        steps = torch.arange(max(size, height, width), dtype=like.dtype, device=like.device)
        self.offsets = steps[:size] - (size - 1) / 2
        # Axes of equal length share every call.
        self.axes = (
            [(slice(0, 2), steps[:width])]
            if height == width
            else [(slice(0, 1), steps[:width]), (slice(1, 2), steps[:height])]
        )


class Window:
    """Where a batch of windows looks, their filters, and the way back to the raw numbers.

    Beyond the bounds of :func:`draw_core.nets.attention.filterbank` the filters no longer
    change, so the bounds need no gradient of their own.
    """

    def __init__(self, frame: Frame, raw: Float[Tensor, "B 5"]) -> None:
        self.frame = frame
        centre = torch.addcmul(frame.half - 1, raw[:, :2].T, frame.half)  # eqs 22, 23: [2, B]
        centre.clamp_(-MAX_DISTANCE, MAX_DISTANCE)
        if frame.bounds is None:
            sigma2, delta, self.gamma = raw[:, 2:].exp().unbind(dim=1)
            self.delta = (delta * frame.stride).clamp_(max=MAX_DISTANCE)  # eq 24
        else:
            self.shares = raw[:, 2:4].sigmoid()  # of the bounds
            sigma2, self.delta = (self.shares * frame.bounds).unbind(dim=1)
            self.gamma = raw[:, 4].exp()
        mu = torch.addcmul(centre[..., None], frame.offsets, self.delta[:, None])  # eqs 19, 20
        self.scale = -0.5 / sigma2.clamp_min(MIN_SIGMA2)  # [B]
        self.distances = [pixels - mu[axis, ..., None] for axis, pixels in frame.axes]
        self.banks = [  # eqs 25, 26: [1 or 2, B, N, pixels]
            d.square().mul_(self.scale[:, None, None]).softmax(dim=-1) for d in self.distances
        ]
        self.f_x, self.f_y = self.banks[0][0], self.banks[-1][-1]

    def backward(
        self,
        g_f_x: Float[Tensor, "B N W"],
        g_f_y: Float[Tensor, "B N H"],
        g_log_gamma: Float[Tensor, " B"],
        out: Float[Tensor, "B 5"],
    ) -> None:
        """Writes the gradient with respect to the raw numbers to ``out``."""
        both = len(self.banks) == 1
        g_banks = [torch.stack([g_f_x, g_f_y])] if both else [g_f_x[None], g_f_y[None]]
        g_mu, g_scale = [], []
        for g_bank, bank, d in zip(g_banks, self.banks, self.distances, strict=True):
            slope = _softmax_backward(g_bank, bank, -1, bank.dtype).mul_(d)
            g_mu.append(slope.sum(dim=-1))
            g_scale.append(slope.mul_(d).sum(dim=(0, 2, 3)))
        g_grid = (g_mu[0] if both else torch.cat(g_mu)).mul_(-2 * self.scale[:, None])  # [2, B, N]
        torch.mul(g_grid.sum(dim=-1), self.frame.half, out=out[:, :2].T)
        torch.mul(sum(g_scale[1:], g_scale[0]), -self.scale, out=out[:, 2])
        torch.mul(g_grid.sum(dim=0) @ self.frame.offsets, self.delta, out=out[:, 3])
        if self.frame.bounds is not None:
            out[:, 2:4] *= 1 - self.shares
        out[:, 4] = g_log_gamma


class Reading:
    """gamma F_y v F_x^T of images v, and its gradient (eq 27).

    The filters are rounded as the images are. Each product makes a wide result of narrow factors:
    the other order takes up to four times as long. For this the channels stand between the rows and
    the columns.
    """

    def __init__(self, window: Window, images: Float[Tensor, "B H C W"]) -> None:
        self.window, self.images = window, images.flatten(2)
        batch, _, channels, width = images.shape
        n = window.frame.size
        self.f_x, self.f_y = window.f_x.to(images.dtype), window.f_y.to(images.dtype)
        self.rows = torch.bmm(self.f_y, self.images).view(batch, n * channels, width)
        patch = window.gamma[:, None, None] * torch.bmm(self.rows, self.f_x.mT)
        self.patch = patch.view(batch, n, channels, n)

    def backward(
        self, g_patch: Float[Tensor, "B N C N"], g_raw: Float[Tensor, "B 5"]
    ) -> Float[Tensor, "B N V"]:
        """Writes the gradient of the window to ``g_raw``; returns that of F_y v."""
        window, (batch, n, channels, _) = self.window, g_patch.shape
        g_log_gamma = (g_patch * self.patch).sum(dim=(1, 2, 3))
        g_seen = (g_patch * window.gamma[:, None, None, None]).reshape(batch, n * channels, n)
        g_seen = g_seen.to(self.images.dtype)
        g_rows = torch.bmm(g_seen, self.f_x).view(batch, n, -1)
        g_f_x = torch.bmm(g_seen.mT, self.rows).to(g_patch.dtype)
        g_f_y = torch.bmm(g_rows, self.images.mT).to(g_patch.dtype)
        window.backward(g_f_x, g_f_y, g_log_gamma, g_raw)
        return g_rows

    def images_backward(
        self, g_rows: Float[Tensor, "B N V"], channel: int
    ) -> Float[Tensor, "B H K W"]:
        """The gradient of the images, from this channel on, of that of F_y v."""
        width = self.window.frame.width
        g_images = torch.bmm(self.f_y.mT, g_rows[..., channel * width :])
        return g_images.view(*g_images.shape[:2], -1, width)


class Writing:
    """(1/gamma) F_y^T w F_x of patches w, and its gradient (eq 29)."""

    def __init__(self, window: Window, patches: Float[Tensor, "B N C N"]) -> None:
        self.window, self.shape = window, patches.shape
        batch, n, channels, _ = patches.shape
        faint = patches / window.gamma[:, None, None, None]
        self.faint = faint.reshape(batch, n * channels, n)
        self.rows = torch.bmm(self.faint, window.f_x).view(batch, n, -1)
        stroke = torch.bmm(window.f_y.mT, self.rows)
        self.stroke = stroke.view(batch, -1, channels, window.frame.width)

    def backward(
        self, g_stroke: Float[Tensor, "B H C W"], g_raw: Float[Tensor, "B 5"]
    ) -> Float[Tensor, "B N C N"]:
        """Writes the gradient of the window to ``g_raw``; returns that of the patches."""
        window, g_stroke = self.window, g_stroke.flatten(2)
        g_rows = torch.bmm(window.f_y, g_stroke)
        g_f_y = torch.bmm(self.rows, g_stroke.mT)
        g_rows = g_rows.view(*self.faint.shape[:2], window.frame.width)
        g_faint = torch.bmm(g_rows, window.f_x.mT)
        g_f_x = torch.bmm(self.faint.mT, g_rows)
        window.backward(g_f_x, g_f_y, -(g_faint * self.faint).sum(dim=(1, 2)), g_raw)
        return g_faint.div_(window.gamma[:, None, None]).view(self.shape)
