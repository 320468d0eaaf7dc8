"""Presets: what they promise, and that their networks fit any image."""

import pytest

from draw_core.families.draw.model import DRAW
from draw_core.families.draw.presets import PRESETS
from tests.support import process


def test_the_paper_preset_is_the_network_of_the_paper():
    c = PRESETS["paper"].model
    assert (c.num_steps, c.enc_size, c.dec_size, c.z_size) == (64, 256, 256, 100)
    assert (c.read_size, c.write_size) == (2, 5)
    assert c.read_attention
    assert c.write_attention
    assert PRESETS["paper"].training.seconds is None


@pytest.mark.parametrize(("name", "seconds"), [("one-minute", 60), ("ten-minutes", 600)])
def test_a_preset_with_a_time_ends_by_the_clock(name, seconds):
    training = PRESETS[name].training
    assert training.seconds == seconds
    # A thousand updates each second are more than any machine makes.
    assert training.steps >= 1000 * seconds


def test_colour_images_keep_their_values():
    preset = PRESETS["one-minute"]
    assert preset.training_for(1, "float32") == preset.training
    colour = preset.training_for(3, "bfloat16")
    assert (colour.binarisation, colour.precision) == ("grey", "bfloat16")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 4, 9), (3, 128, 128)])
def test_its_network_fits_any_image(preset, shape):
    config = preset.model_for(*shape)
    assert (config.channels, config.height, config.width) == shape
    network = DRAW(config)
    assert sum(p.numel() for p in network.parameters()) == sum(config.count_parameters().values())


def test_they_need_the_standard_library_only():
    assert not process.imported("draw_core.families.draw.presets") & {"torch", "numpy", "streamlit"}
