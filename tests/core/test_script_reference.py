"""The numbers that the scripts of the pages are held against are PyTorch's."""

import json

import numpy as np

from tests.support.windows import REFERENCE, reference


def test_the_reference_of_the_scripts_is_true():
    kept, now = json.loads(REFERENCE.read_text(encoding="utf-8")), reference()
    assert kept.keys() == now.keys()
    for name, rows in now.items():
        np.testing.assert_allclose(kept[name], rows, rtol=1e-9, atol=1e-12)
