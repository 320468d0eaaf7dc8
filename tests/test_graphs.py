"""CUDA graphs, with a recorder that repeats calls on the same memory in the place of a GPU's."""

import contextlib

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from draw_core import graphs, train
from draw_core.classify import train as classify_train
from draw_core.classify.config import ClassifierTraining, ConvConfig, GlimpseConfig
from draw_core.config import TrainConfig
from draw_core.data.composites import Composer, Recipe
from tests import small


class Recorder(TorchDispatchMode):
    """Remembers every call and the tensors it took and made, as a CUDA graph does."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = []

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        if op is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError("operation not permitted when stream is capturing")
        made = op(*args, **(kwargs or {}))
        self.calls.append((op, args, kwargs or {}, made))
        return made

    @torch.no_grad()
    def replay(self) -> None:
        """Computes everything anew, from what is in the memory now, into the same memory."""
        for op, args, kwargs, made in self.calls:
            again = op(*args, **kwargs)
            taken = {t.untyped_storage().data_ptr() for t in _tensors((args, kwargs))}
            for old, new in zip(_tensors(made), _tensors(again), strict=True):
                if old.untyped_storage().data_ptr() not in taken:  # neither view nor in place
                    old.copy_(new)


def _tensors(values):
    return [leaf for leaf in tree_leaves(values) if isinstance(leaf, torch.Tensor)]


class Stream:
    """There is one, and all waits for it."""

    def wait_stream(self, other: "Stream") -> None:
        """Has nothing to wait for."""


@pytest.fixture
def gpu(monkeypatch):
    """Lets graphs be made on the processor; returns those that were."""
    made = []

    def new():
        made.append(Recorder())
        return made[-1]

    monkeypatch.setattr(torch.cuda, "CUDAGraph", new)
    monkeypatch.setattr(torch.cuda, "graph", lambda recorder: recorder)
    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", Stream)
    monkeypatch.setattr(torch.cuda, "stream", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(graphs, "DEVICE_TYPE", "cpu")
    return made


def _trained(model, **changes):
    images = torch.randint(
        0, 256, (30, 2, 5, 7), dtype=torch.uint8, generator=torch.Generator().manual_seed(3)
    )
    config = TrainConfig.from_dict({**small.TRAINING.to_dict(), **changes})
    state = train.TrainState(small.model(**model), config)
    return [m.loss for m in train.train(state, images)], state.tensors()


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("model", [{}, {"read_attention": False, "write_attention": False}])
def test_a_training_by_graph_is_the_same_training(gpu, monkeypatch, model, precision):
    losses, tensors = _trained(model, precision=precision)
    assert len(gpu) == 1
    assert len(gpu[0].calls) > 100
    monkeypatch.setattr(graphs, "DEVICE_TYPE", "cuda")
    expected, expected_tensors = _trained(model, precision=precision)
    assert len(gpu) == 1
    assert losses == expected
    for name, value in tensors.items():
        assert name == "seconds" or torch.equal(value, expected_tensors[name]), name


@pytest.mark.parametrize(
    "config",
    [
        GlimpseConfig(height=30, width=30, num_steps=2, hidden_size=5, read_size=3),
        ConvConfig(height=30, width=30, filters_1=2, filters_2=3, stride=1),
    ],
)
def test_so_is_that_of_a_classifier(gpu, monkeypatch, config):
    digits = np.random.default_rng(2).integers(0, 256, (12, 1, 28, 28), dtype=np.uint8)
    composer = Composer(Recipe(side=30, digits=1, pieces=1), digits, np.arange(12) % 10, "train")
    found = []
    for kind in ("cpu", "cuda"):
        monkeypatch.setattr(graphs, "DEVICE_TYPE", kind)
        training = ClassifierTraining(steps=5, batch_size=4, learning_rate=0.01, warmup_steps=2)
        model = classify_train.new_classifier(config, 1)
        state = classify_train.ClassifierState(model, training)
        losses = [m.loss for m in classify_train.train(state, composer, 12)]
        found.append((losses, state.tensors()))
    assert len(gpu) == 1
    (losses, tensors), (expected, expected_tensors) = found
    assert losses == expected
    for name, value in tensors.items():
        assert name == "seconds" or torch.equal(value, expected_tensors[name]), name


def _linear(*, looks=False, counts=False):
    """A function with a gradient, and its model; it may look at a value, or count its calls."""
    model = torch.nn.Linear(3, 1)
    calls = []

    def add(x, weight):
        calls.append(1)
        loss = (model(x)[:, 0] * weight).square().mean() * (len(calls) if counts else 1)
        if looks:
            loss.item()
        loss.backward()
        return loss.detach()

    return add, model


@pytest.mark.parametrize("fault", ["looks", "counts"])
def test_what_cannot_be_recorded_is_called(gpu, fault):
    torch.manual_seed(0)
    x, weight = torch.randn(4, 3), torch.randn(4)
    add, model = _linear(**{fault: True})
    assert graphs.graphed(add, model, lambda: (x, weight)) is add
    assert all(parameter.grad is None for parameter in model.parameters())


def test_on_the_processor_nothing_is_recorded():
    add, model = _linear()
    assert graphs.graphed(add, model, pytest.fail) is add
