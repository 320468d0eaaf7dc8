"""See ``GUESSES`` of :mod:`tests.support.toy_families`."""

import torch
import torch.nn.functional as F
from torch import nn

from draw_core.families.classifier import Classifier, of_belief
from draw_core.families.engine import Terms
from draw_core.film.codecs import encode_values
from draw_core.film.film import Film
from draw_core.film.segments import Still

BASELINE = 0.5


class Guesses(nn.Module):
    """One layer."""

    def __init__(self, config) -> None:
        super().__init__()
        self.config = config
        self.scores = nn.Linear(config.pixels, config.classes)

    def forward(self, x):
        """Scores before the softmax."""
        return self.scores(x.flatten(1))


class GuessesEngine(Classifier[Guesses]):
    """Learns from a reward alone."""

    network = Guesses

    def given(self, model, x, labels, source=None):
        """The right answers, and the dice by which it guesses."""
        right = super().given(model, x, labels, source)
        return torch.cat([right.float(), torch.rand(1, len(x), generator=source).to(x.device)])

    def terms(self, model, x, given, dtype=None) -> Terms:
        """The surprise is reported; the reward is what is learned from."""
        log_p, (right, dice) = model(x).log_softmax(dim=1), given
        guess = (log_p.exp().cumsum(dim=1) < dice[:, None]).sum(dim=1).clamp(max=log_p.shape[1] - 1)
        reward = (guess == right.long()).float()
        surprise = F.nll_loss(log_p, right.long(), reduction="none")
        surrogate = (BASELINE - reward) * log_p.gather(1, guess[:, None])[:, 0]
        return Terms(surprise, x.new_zeros(0, len(x)), surrogate, (reward,))

    def answers(self, model, x):
        """Its scores."""
        return model(x)[None]

    @torch.inference_mode()
    def look(self, model, x) -> Film:
        """The image, and what it believes."""
        return Film((Still(encode_values(x.numpy()), 1),), of_belief(self.answers(model, x)))


def fitted(film, config) -> Film | None:
    """The film, if it is of one look at such images."""
    return film if film.shape == config.shape and film.num_steps == 1 else None


ENGINE = GuessesEngine()
