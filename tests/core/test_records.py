"""The shipped networks and the first updates of a training are what they were, bit for bit.

So much holds on the kind of machine that made the record; see :mod:`tests.support.records`.
"""

from collections.abc import Iterator

import pytest

from tests.support import measured
from tests.support.records import Record


@pytest.fixture(scope="module")
def models(request: pytest.FixtureRequest) -> Iterator[Record]:
    record = Record("models", renew=request.config.getoption("record"))
    yield record
    record.close()


@pytest.fixture(scope="module")
def trainings(request: pytest.FixtureRequest) -> Iterator[Record]:
    record = Record("trainings", renew=request.config.getoption("record"))
    yield record
    record.close()


@pytest.mark.parametrize("name", measured.MODELS)
def test_the_samples_of_seed_0_and_the_bound(models, name):
    models.compare(name, measured.model(name))


def test_the_glimpses_and_the_errors_of_the_classifier(models):
    models.compare(measured.CLASSIFIER, measured.classifier())


def test_the_first_updates_of_a_training(trainings):
    for name, updates in measured.trainings():
        trainings.compare(name, updates)
