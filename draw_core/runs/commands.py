"""The command line that trains what a run trains. Standard library only."""

import dataclasses
from typing import Any

from draw_core.base.command_line import command
from draw_core.families.registry import DEFAULT
from draw_core.runs.config import RunConfig

DEFAULT_DATA = "strokes"


def train_command(config: RunConfig) -> str:
    """``python -m draw_core train`` with every option that differs from the preset.

    It holds no folder of this machine, so that it can be published.
    """
    family, shape = config.family, config.model.shape
    usual_one = next(iter(family.presets.values()))
    preset = family.presets.get(config.preset or "", usual_one)
    options: dict[str, Any] = {"family": family.name} if family.name != DEFAULT else {}
    options |= {"preset": preset.name, "data": config.data}
    for mine, usual in (
        (config.model, preset.model_for(*shape)),
        (config.training, preset.training_for(shape[0], config.training.precision)),
    ):
        for field in dataclasses.fields(mine):
            value, default = getattr(mine, field.name), getattr(usual, field.name)
            if value != default or field.name == "precision":
                options[field.name] = 0 if value is None else value  # seconds: 0 is no limit
    options["start_from"] = config.start_from
    return command("train", options=options | {"threads": config.threads or None})
