"""A short part of the hostile inputs that the benchmark feeds."""

import warnings

from benchmarks.hostile import measure


def test_every_door_takes_or_refuses_what_is_hostile():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tallies = measure(60, seed=1)
    assert len(tallies) == 9
    for name, one in tallies.items():
        assert one.faults == [], name
        assert one.counts["taken"] + one.counts["refused"] == one.counts["inputs"] >= 6
        assert one.longest < 30
    assert all(tallies[name].counts["taken"] for name in ("folder", "archive, imported"))
