"""Independent streams of random numbers from one seed."""

import torch

from draw_core.base import seeds
from draw_core.base.seeds import Stream


def test_every_seed_stream_and_index_has_its_own_numbers():
    derived = {
        seeds.derive(seed, stream, index)
        for seed in range(4)
        for stream in Stream
        for index in range(20)
    }
    assert len(derived) == 4 * len(Stream) * 20


def test_derived_seeds_never_change():
    # Checkpoints and resumed runs rely on these numbers.
    assert [int(stream) for stream in Stream] == [0, 1, 2, 3, 4, 5]
    assert seeds.derive(0, Stream.WEIGHTS) == 7896617691693857887
    assert seeds.derive(3, Stream.TEST_NOISE, 5) == 7178667128109471427


def test_generators_repeat_and_leave_the_global_one_alone():
    before = torch.get_rng_state()
    first = torch.rand(3, generator=seeds.generator(1, Stream.ORDER, 2))
    second = torch.rand(3, generator=seeds.generator(1, Stream.ORDER, 2))
    assert torch.equal(first, second)
    assert torch.equal(before, torch.get_rng_state())
