"""What is unwise about a DRAW network that can work, with the reason. Standard library only."""

from collections.abc import Iterator

from draw_core.families.draw.config import DrawConfig
from draw_core.families.draw.published import DRAW, WITHOUT_ATTENTION


def advice(model: DrawConfig) -> Iterator[str]:
    """Each in one sentence, in Markdown, with its reason and what to do."""
    yield from _about_network(model)
    yield from _about_windows(model)


def _about_network(model: DrawConfig) -> Iterator[str]:
    latents = model.num_steps * model.z_size
    pixels = model.channels * model.height * model.width
    if model.num_steps == 1:
        yield (
            "With **T = 1** the network paints a single stroke: it is a plain variational "
            "autoencoder, and nothing is drawn step by step."
        )
    if model.z_size < 4 and model.num_steps < 16:
        yield (
            f"**z = {model.z_size}** with T = {model.num_steps} gives only {latents} random "
            "numbers for a whole image: samples will be blurred and alike."
        )
    # The paper's largest: T z = 64 * 200 for 3072 colour pixels.
    if latents > 8 * pixels + 2000:
        yield (
            f"**T × z = {latents:,}** random numbers for {pixels:,} pixels: most will carry "
            "nothing but cost time. Lower z or T."
        )
    if model.z_size > model.dec_size:
        yield (
            f"**z = {model.z_size}** is larger than the decoder's {model.dec_size} units, which "
            "cannot hold so much. Lower z, or raise h_dec."
        )


def _about_windows(model: DrawConfig) -> Iterator[str]:
    shortest = min(model.height, model.width)
    for on, name, size, verb in (
        (model.read_attention, "N_read", model.read_size, "reads"),
        (model.write_attention, "N_write", model.write_size, "writes"),
    ):
        if on and size > shortest * 2 // 3:
            yield (
                f"**{name} = {size}** is nearly the {shortest} pixels of the image: a window as "
                f"wide as that has its points {(shortest - 1) / (size - 1):.1f} pixels apart, and "
                f"hardly chooses where it {verb}. Lower it, or switch the window off."
            )
    if model.write_attention and model.write_size == 2:
        yield (
            "**N_write = 2** paints with four dots: strokes are blobs, and many steps are needed. "
            "The paper writes with 5."
        )
    if not model.write_attention and not model.read_attention:
        yield (
            "**Without both windows** the network has no pen that you could watch. The paper "
            f"reaches {WITHOUT_ATTENTION.value:.2f} nats this way instead of {DRAW.value:.2f}."
        )
