"""What the shipped networks compute, and what a first few updates of training do, as records."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch

from draw_core.data.composed.composites import open_composer
from draw_core.data.datasets import load
from draw_core.data.drawn import strokes
from draw_core.data.intake.intake import fit
from draw_core.families.classifier_config import ClassifierTraining
from draw_core.families.conv.config import ConvConfig
from draw_core.families.draw.engine import ENGINE
from draw_core.families.draw.presets import PRESETS
from draw_core.families.glimpse.config import GlimpseConfig, GlimpseTraining
from draw_core.learning.device import tiny_as_zero
from draw_core.learning.train import TrainState, new_model, train
from draw_core.measure.error_rate import as_input, classifier_of, error_rate
from draw_core.measure.evaluate import evaluate
from draw_core.store.checkpoint import load_checkpoint
from tests.support import small
from tests.support.records import of_array, of_number

SHIPPED = Path(__file__).resolve().parents[2] / "checkpoints"
MODELS = ("mnist-pen", "mnist-attention", "mnist-attention-short", "mnist-no-attention")
MODELS += ("mnist-attention-32", "mnist-two-digits", "strokes-attention", "cifar-colour")
CLASSIFIER, BASELINE = "cluttered-classifier", "cluttered-baseline"
SAMPLES, IMAGES, PAGES, UPDATES = 16, 100, 24, 3
# Sizes that make a network small; whether it has windows, and all else, is as a preset has it.
SIZES = {"num_steps": 4, "z_size": 5, "enc_size": 24, "dec_size": 20}


def drawn(count: int, channels: int = 1, height: int = 28, width: int = 28) -> torch.Tensor:
    """Drawn strokes in the shape of any network; they need no data set."""
    images = strokes.make("test", count)[0]
    fitted = [fit(image, channels, height, width) for image in images]
    return torch.from_numpy(np.stack(fitted))


def model(name: str) -> dict[str, Any]:
    """A shipped network's samples of seed 0 and what drawn strokes cost it."""
    network, card = load_checkpoint(SHIPPED / name)
    c = card.config
    images = drawn(IMAGES, c.channels, c.height, c.width)
    with tiny_as_zero():  # as the app paints and a training measures
        film = ENGINE.generate(network, SAMPLES, 0)
        bound = evaluate(network, images, binarisation=card.training.binarisation, iwae=2)
    terms = {part: of_number(getattr(bound, part)) for part in ("nll_bound", "L_x", "L_z", "iwae")}
    return {"canvases": of_array(film.frames()), "z": of_array(film.vectors("z").values), **terms}


def classifier() -> dict[str, Any]:
    """What the shipped classifier and its baseline make of some composed pages."""
    composer, numbers = open_composer("cluttered:strokes", "test"), np.arange(PAGES)
    images, labels = map(torch.from_numpy, (composer.images(numbers), composer.labels(numbers)))
    networks = {
        part: load_checkpoint(SHIPPED / name)[0]
        for part, name in (("model", CLASSIFIER), ("baseline", BASELINE))
    }
    seen = classifier_of(networks["model"]).look(networks["model"], as_input(images))
    found: dict[str, Any] = {
        "params": of_array(seen.windows("read").parameters),
        "patches": of_array(seen.patches("read").values),
        "belief": of_array(seen.vectors("belief").values),
    }
    for part, network in networks.items():
        rate = error_rate(network, images, labels)
        found[part] = {"error": of_number(rate.error), "loss": of_number(rate.loss)}
    return found


def models() -> dict[str, Any]:
    """Everything that is shipped, by name."""
    return {**{name: model(name) for name in MODELS}, CLASSIFIER: classifier()}


def trained(config: Any, training: Any, images: torch.Tensor) -> list[dict[str, str]]:
    """The first updates of a network of the family DRAW."""
    training = replace(training, steps=UPDATES, seconds=None, batch_size=8)
    state = TrainState(new_model(config, images, training.seed), training)
    return [
        {name: of_number(getattr(update, name)) for name in ("nll", "latent_loss", "grad_norm")}
        for update in islice(train(state, images), UPDATES)
    ]


def classifier_trained(config: Any, training: Any) -> list[dict[str, str]]:
    """The first updates of a classifier."""
    images, labels = load("cluttered:strokes", "train")
    state = TrainState(new_model(config, images, training.seed), training)
    return [
        {"loss": of_number(update.loss), "grad_norm": of_number(update.grad_norm)}
        for update in islice(train(state, images, labels), UPDATES)
    ]


def trainings() -> Iterator[tuple[str, Any]]:
    """The first updates of every preset, of colour, and of both classifiers."""
    for name, preset in PRESETS.items():
        for precision in ("float32", "bfloat16"):
            config, training = replace(preset.model, **SIZES), preset.training_for(1, precision)
            yield f"{name} {precision}", trained(config, training, drawn(40))
    colour = replace(small.TRAINING, binarisation="grey")
    yield "two channels, grey", trained(small.CONFIG, colour, small.byte_images(20))
    whole = small.config(read_attention=False, write_attention=False)
    yield "no windows", trained(whole, small.TRAINING, small.byte_images(20))
    page = {"height": 100, "width": 100}
    glimpses = GlimpseConfig(**page, num_steps=3, hidden_size=9, read_size=4)
    whole = ConvConfig(**page, filters_1=2, filters_2=2)
    for config, how in ((glimpses, GlimpseTraining), (whole, ClassifierTraining)):
        training = how(
            steps=UPDATES,
            batch_size=8,
            learning_rate=2e-3,
            warmup_steps=200,
            grad_clip=1.0,
            digits=40,
        )
        yield type(config).__name__, classifier_trained(config, training)
