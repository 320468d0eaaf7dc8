"""An uploaded file becomes the picture that a network takes, each step visible."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from draw_core.data.intake.format import IntakeError
from draw_core.data.intake.open_picture import fitting, open_upload

SHOWN_SIDE = 256  # pixels of a step's picture


@dataclass(frozen=True)
class IntakeStep:
    """One step on the way from the file to the network.

    Attributes:
        title: a few words.
        words: what was done and why, in a sentence or more.
        pixels: the picture after it; of the last step exactly what the network gets, of the others
            scaled down to at most ``SHOWN_SIDE`` pixels a side.
    """

    title: str
    words: str
    pixels: UInt8[np.ndarray, "C H W"]


def for_digits(content: bytes, height: int, width: int) -> list[IntakeStep]:
    """Turns a written digit into bright ink on black, sized and centred as in MNIST.

    Args:
        height, width: of the network's picture, in pixels.

    Returns:
        The steps; the last one's pixels are ``[1, height, width]``.

    Raises:
        IntakeError: as :func:`open_upload`, and if there is no ink to find.
    """
    # Not before a digit is looked for: SciPy takes half a second.
    from draw_core.data.intake import ink as intake_ink, lines as intake_lines

    upload = open_upload(content)
    colour = upload.pixels.transpose(2, 0, 1)
    steps = [IntakeStep("As uploaded", upload.words, _shown(colour))]

    grey = _luma(colour)
    words = "Colours are left out: the network knows one channel, how bright a pixel is."
    if _is_grey(colour):
        words = "It has no colours already, and one channel, how bright a pixel is, is enough."
    steps.append(IntakeStep("Grey", words, _shown(grey)))

    paper = intake_ink.look_at_paper(grey[0].astype(np.float32))
    if paper.contrast < intake_ink.LEAST_CONTRAST:
        raise _no_ink()
    if paper.is_light:
        grey = 255 - grey
        words = (
            f"The paper at the border (grey level {paper.level:.0f} of 255) is lighter than what "
            "is on it, and the network knows bright ink on black: light and dark change places."
        )
        steps.append(IntakeStep("Inverted", words, _shown(grey)))

    ink = intake_ink.stretch(intake_ink.flatten(grey[0].astype(np.float32), paper))
    if ink is None:
        raise _no_ink()
    words = "The paper becomes 0 and full ink 255."
    if paper.is_uneven:
        words = (
            "The light on the paper is uneven, so each place is compared with the paper around "
            f"it. {words}"
        )
    if not paper.is_light:
        words = f"The border is darker than the ink already, so nothing is inverted. {words}"
    without_lines = intake_lines.without_lines(ink)
    if without_lines is not ink:
        ink = without_lines
        words = f"{words} Printed lines on the paper are fainter than the ink, and are left out."
    ink = intake_ink.without_dirt(ink, paper)
    if not ink.any():
        raise _no_ink()
    steps.append(IntakeStep("Paper black, ink white", words, _shown(ink[None])))

    whole, is_in_place = ink, intake_ink.is_in_place(ink, height, width)
    ink = intake_ink.crop(ink)
    words = (
        f"The smallest rectangle with all ink in it: {ink.shape[1]:,} x {ink.shape[0]:,} pixels."
    )
    steps.append(IntakeStep("Cropped to the ink", words, _shown(ink[None])))

    if is_in_place:
        words = f"Size and place are as in MNIST already, so all {width} x {height} pixels stay."
        return [*steps, IntakeStep("Scaled and centred", words, whole[None])]
    ink, is_broadened = intake_ink.scale(ink, height, width)
    words = (
        f"Scaled to {ink.shape[1]} x {ink.shape[0]} pixels, with a margin as in MNIST, and moved "
        f"until the centre of mass of the ink is in the middle of {width} x {height}."
    )
    if is_broadened:
        words = f"So thin a line would fade when it is scaled, so the pen is made broader. {words}"
    picture = intake_ink.centre(ink, height, width)[None]
    return [*steps, IntakeStep("Scaled and centred", words, picture)]


def for_scene(content: bytes, channels: int, height: int, width: int) -> list[IntakeStep]:
    """Cuts a photo to the middle and scales it to the network's size.

    Args:
        channels: 1 for grey, 3 for RGB.
        height, width: in pixels.

    Returns:
        The steps; the last one's pixels are ``[channels, height, width]``.

    Raises:
        IntakeError: as :func:`open_upload`.
    """
    upload = open_upload(content)
    picture = upload.pixels.transpose(2, 0, 1)
    steps = [IntakeStep("As uploaded", upload.words, _shown(picture))]
    if channels == 1:
        picture = _luma(picture)
        words = "Colours are left out: the network knows one channel, how bright a pixel is."
        steps.append(IntakeStep("Grey", words, _shown(picture)))
    part = _middle(picture, height, width)
    words = f"The middle, as wide to high as {width} to {height}, the shape the network knows."
    if part.shape == picture.shape:
        words = f"It is as wide to high as {width} to {height} already, so nothing is cut off."
    steps.append(IntakeStep("Cut to the middle", words, _shown(part)))
    words = f"Scaled to the network's {width} x {height} pixels."
    return [*steps, IntakeStep("Scaled", words, fit(part, channels, height, width))]


def for_window(content: bytes, largest: int = 100) -> list[IntakeStep]:
    """Scales a picture down for the attention window, keeping its proportions.

    Args:
        largest: of the longer side in the end, in pixels.

    Returns:
        The steps; the last one's pixels are ``[3, H, W]``, or ``[1, H, W]`` if there is no colour
        in it. No side is shorter than ``MIN_SIDE``.

    Raises:
        IntakeError: as :func:`open_upload`.
    """
    upload = open_upload(content)
    picture = upload.pixels.transpose(2, 0, 1)
    steps = [IntakeStep("As uploaded", upload.words, _shown(picture))]
    if _is_grey(picture):
        picture = picture[:1]
    words = f"It is small enough: no side has more than {largest} pixels."
    if max(picture.shape) > largest:
        picture = _within(picture, largest)
        words = f"Scaled to {picture.shape[2]} x {picture.shape[1]} pixels, nothing is cut off."
    if len(picture) == 1:
        words += " It has no colours, so one channel is enough."
    return [*steps, IntakeStep("Scaled", words, np.ascontiguousarray(picture))]


def fit(
    pixels: UInt8[np.ndarray, "C H W"], channels: int, height: int, width: int
) -> UInt8[np.ndarray, "C2 H2 W2"]:
    """A picture in a network's shape: its middle, scaled; colours by luma, grey in all channels.

    A picture of the right shape is returned as it is.

    Raises:
        ValueError: if it has, or should have, other than 1 or 3 channels.
    """
    if channels not in (1, 3) or len(pixels) not in (1, 3):
        raise ValueError(f"channels must be 1 or 3, not {len(pixels)} and {channels}")
    if len(pixels) > channels:
        pixels = _luma(pixels)
    if pixels.shape[1:] != (height, width):
        pixels = _resized(_middle(pixels, height, width), height, width)
    return np.repeat(pixels, channels, axis=0) if len(pixels) < channels else pixels


def _no_ink() -> IntakeError:
    return IntakeError(
        "There is no ink to find: the picture is all of one colour, or nearly; choose one with "
        "a clearly visible digit."
    )


def _image(pixels: UInt8[np.ndarray, "C H W"]) -> Image.Image:
    return Image.fromarray(pixels[0] if len(pixels) == 1 else pixels.transpose(1, 2, 0).copy())


def _array(image: Image.Image) -> UInt8[np.ndarray, "C H W"]:
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _luma(pixels: UInt8[np.ndarray, "C H W"]) -> UInt8[np.ndarray, "1 H W"]:
    return _array(_image(pixels).convert("L"))


def _is_grey(pixels: UInt8[np.ndarray, "C H W"]) -> bool:
    return bool((pixels == pixels[:1]).all())


def _resized(
    pixels: UInt8[np.ndarray, "C H W"], height: int, width: int
) -> UInt8[np.ndarray, "C H2 W2"]:
    return _array(_image(pixels).resize((width, height), Image.Resampling.LANCZOS))


def _within(pixels: UInt8[np.ndarray, "C H W"], largest: int) -> UInt8[np.ndarray, "C H2 W2"]:
    width, height = fitting(pixels.shape[2], pixels.shape[1], largest)
    return _resized(pixels, height, width)


def _shown(pixels: UInt8[np.ndarray, "C H W"]) -> UInt8[np.ndarray, "C H2 W2"]:
    return _within(pixels, SHOWN_SIDE) if max(pixels.shape) > SHOWN_SIDE else pixels


def _middle(
    pixels: UInt8[np.ndarray, "C H W"], height: int, width: int
) -> UInt8[np.ndarray, "C h w"]:
    """The largest part around the middle that is as wide to high as the two."""
    _, own_height, own_width = pixels.shape
    tall = min(own_height, max(1, round(own_width * height / width)))
    wide = min(own_width, max(1, round(own_height * width / height)))
    top, left = (own_height - tall) // 2, (own_width - wide) // 2
    return np.ascontiguousarray(pixels[:, top : top + tall, left : left + wide])
