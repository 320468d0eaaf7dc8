"""The error of a classifier, counted image by image and known in advance."""

import math

import numpy as np
import pytest
import torch

from draw_core.families.conv.config import ConvConfig
from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.learning.train import new_model
from draw_core.measure import error_rate as module
from draw_core.measure.error_rate import error_rate
from tests.support import small

SIDE, KINDS = 12, 10
TINY = GlimpseConfig(height=SIDE, width=SIDE, num_steps=3, hidden_size=5, read_size=3)
CONV = ConvConfig(height=SIDE, width=SIDE, filters_1=1, filters_2=1, kernel=2, stride=1)


def _images(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    source = small.seeded(2)
    images = torch.randint(0, 256, (count, 1, SIDE, SIDE), dtype=torch.uint8, generator=source)
    return images, torch.randint(0, KINDS, (count,), generator=source)


def _always(answer: int) -> torch.nn.Module:
    """A network that believes the same of every image: e times as likely as each other kind."""
    network = new_model(CONV, _images(1)[0], seed=0)
    with torch.no_grad():
        network.answer.weight.zero_()
        network.answer.bias.copy_(torch.eye(KINDS)[answer])
    return network


def test_the_error_is_the_share_of_wrong_answers(monkeypatch):
    monkeypatch.setattr(module, "BATCH_SIZE", 8)
    images, labels = _images(60)
    network, done = new_model(TINY, images, seed=5), []
    with torch.no_grad():
        network.answer.weight.mul_(30)
    found = error_rate(network, images, labels, done.append)
    wrong, loss = np.zeros(3), 0.0
    for image, label in zip(images, labels.tolist(), strict=True):
        logits = network(image[None] / 255).logits[:, 0]
        wrong += [int(row.argmax()) != label for row in logits]
        loss -= logits[-1].log_softmax(dim=0)[label].item() / 60
    assert found.after_glimpse == pytest.approx(100 * wrong / 60)
    assert found.error == pytest.approx(100 * wrong[-1] / 60)
    assert 0 < wrong[-1] < 60
    p = wrong[-1] / 60
    assert found.standard_error == pytest.approx(100 * math.sqrt(p * (1 - p) / 60))
    assert found.loss == pytest.approx(loss, rel=1e-5)
    assert (found.images, done) == (60, [8] * 7 + [4])
    with pytest.raises(ValueError, match="no images"):
        error_rate(network, images[:0], labels[:0])


def test_an_error_known_in_advance():
    # A network that always answers 4 is wrong wherever there is another kind.
    images, labels = _images(46)
    found = error_rate(_always(4), images, labels)
    right = (labels == 4).double().mean().item()
    assert 0 < right < 1
    assert found.error == pytest.approx(100 * (1 - right))
    assert found.loss == pytest.approx(math.log(math.e + KINDS - 1) - right, rel=1e-5)  # nats
    assert found.after_glimpse == ()
    assert found.first_1000 is None


def test_the_first_thousand_images_have_an_error_of_their_own():
    images, labels = _images(1100)
    found = error_rate(_always(4), images, labels)
    wrong = (labels != 4).double()
    assert found.error == pytest.approx(100 * wrong.mean().item())
    assert found.first_1000 == pytest.approx(100 * wrong[:1000].mean().item())
    assert found.first_1000 != pytest.approx(found.error, abs=0.01)
