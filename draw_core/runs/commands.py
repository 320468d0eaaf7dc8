"""The command line that trains what a run trains. Standard library only."""

import dataclasses
from typing import Any

from draw_core.base.command_line import command
from draw_core.families.draw.presets import PRESETS
from draw_core.runs.config import RunConfig

DEFAULT_PRESET, DEFAULT_DATA = "one-minute", "strokes"


def train_command(config: RunConfig) -> str:
    """``python -m draw_core train`` with every option that differs from the preset.

    It holds no folder of this machine, so that it can be published.
    """
    preset = PRESETS.get(config.preset or "", PRESETS[DEFAULT_PRESET])
    c, h, w = config.model.channels, config.model.height, config.model.width
    options: dict[str, Any] = {"preset": preset.name, "data": config.data}
    for mine, usual in (
        (config.model, preset.model_for(c, h, w)),
        (config.training, preset.training_for(c, config.training.precision)),
    ):
        for field in dataclasses.fields(mine):
            value, default = getattr(mine, field.name), getattr(usual, field.name)
            if value != default or field.name == "precision":
                options[field.name] = 0 if value is None else value  # seconds: 0 is no limit
    return command("train", options=options | {"threads": config.threads or None})
