"""The shipped networks and the first updates of a training are what they were, bit for bit.

So much holds on the kind of machine that made the record; see :mod:`tests.support.records`.
"""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.support import measured
from tests.support.records import Record, of_array, of_number, require_same


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


def _found(picture: int, weight: float) -> dict:
    """A picture of one level and an array of one number, as they are recorded."""
    arrays = np.full((2, 8, 8), picture, np.uint8), np.full((3, 9), weight, np.float32)
    return {"canvases": of_array(arrays[0]), "w": [of_array(arrays[1])], "nll": of_number(weight)}


def test_a_record_tells_the_last_bit_here_and_a_real_change_anywhere():
    then, next_weight = _found(100, 1.5), float(np.nextafter(np.float32(1.5), np.float32(2)))
    for exact in (True, False):
        require_same(_found(100, 1.5), then, exact=exact)
        for change in (_found(102, 1.5), _found(100, 1.6)):
            with pytest.raises(AssertionError):
                require_same(change, then, exact=exact)
        with pytest.raises(AssertionError):
            require_same({**then, "more": 1}, then, exact=exact)
    for change in (_found(101, 1.5), _found(100, next_weight)):
        require_same(change, then, exact=False)
        with pytest.raises(AssertionError):
            require_same(change, then, exact=True)


@pytest.mark.parametrize("name", measured.MODELS)
def test_the_samples_of_seed_0_and_the_bound(models, name):
    models.compare(name, measured.model(name))


def test_the_glimpses_and_the_errors_of_the_classifier(models):
    models.compare(measured.CLASSIFIER, measured.classifier())


@pytest.mark.trains
def test_the_first_updates_of_a_training(trainings):
    for name, updates in measured.trainings():
        trainings.compare(name, updates)
