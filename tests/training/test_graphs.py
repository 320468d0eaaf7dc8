"""CUDA graphs, with a recorder that repeats calls on the same memory in the place of a GPU's."""

import contextlib
import gc
import weakref
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

from draw_core.base.settings import TrainConfig
from draw_core.data.composed.composites import Composer, Recipe
from draw_core.data.composed.composites_tensor import ComposedImages
from draw_core.families.conv.config import ConvConfig
from draw_core.families.glimpse.config import GlimpseConfig
from draw_core.families.registry import family_of
from draw_core.learning import graphs, train
from tests.support import small


class Recorder(TorchDispatchMode):
    """Remembers every call and the tensors it took and made, as a CUDA graph does.

    As a graph, it keeps no memory that was there before, only knows where it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls, self.replays = [], 0
        self._made = set()

    def __torch_dispatch__(self, op, types, args=(), kwargs=None):
        if op is torch.ops.aten._local_scalar_dense.default:
            raise RuntimeError("operation not permitted when stream is capturing")
        made = op(*args, **(kwargs or {}))
        self._made |= {id(tensor) for tensor in _tensors(made)}
        self.calls.append((op, *tree_map(self._place, (args, kwargs or {})), made))
        return made

    def _place(self, leaf):
        if not isinstance(leaf, torch.Tensor) or id(leaf) in self._made:
            return leaf
        storage = weakref.ref(leaf.untyped_storage())
        return Place(storage, leaf.dtype, leaf.storage_offset(), leaf.shape, leaf.stride())

    @torch.no_grad()
    def replay(self) -> None:
        """Computes everything anew, from what is in the memory now, into the same memory."""
        self.replays += 1
        for op, args, kwargs, made in self.calls:
            taken_args, taken_kwargs = tree_map(_tensor, (args, kwargs))
            again = op(*taken_args, **taken_kwargs)
            taken = {t.untyped_storage().data_ptr() for t in _tensors((taken_args, taken_kwargs))}
            for old, new in zip(_tensors(made), _tensors(again), strict=True):
                if old.untyped_storage().data_ptr() not in taken:  # neither view nor in place
                    old.copy_(new)


@dataclass(frozen=True)
class Place:
    """Where a tensor is that was there before the recording."""

    storage: weakref.ref
    dtype: torch.dtype
    offset: int
    shape: torch.Size
    stride: tuple[int, ...]


def _tensor(leaf):
    if not isinstance(leaf, Place):
        return leaf
    storage = leaf.storage()
    assert storage is not None, "the graph uses memory that was given back"
    tensor = torch.empty(0, dtype=leaf.dtype)
    return tensor.set_(storage, leaf.offset, leaf.shape, leaf.stride)


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
    monkeypatch.setattr(torch.cuda, "graph", lambda recorder, **_: recorder)
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
    assert [graph.replays for graph in gpu] == [1 + len(losses)]  # the first compares
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
    images, labels = ComposedImages.of(composer, 12), torch.arange(12) % 10
    found = []
    for kind in ("cpu", "cuda"):
        monkeypatch.setattr(graphs, "DEVICE_TYPE", kind)
        how = {"steps": 5, "batch_size": 4, "learning_rate": 0.01, "warmup_steps": 2}
        training = family_of(config).training(**how)
        state = train.TrainState(train.new_model(config, images, 1), training)
        losses = [m.loss for m in train.train(state, images, labels)]
        found.append((losses, state.tensors()))
    assert [graph.replays for graph in gpu] == [1 + 5]
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
        return loss.detach(), loss.detach()[None]

    return add, model


@pytest.mark.parametrize("fault", ["looks", "counts"])
def test_what_cannot_be_recorded_is_called(gpu, caplog, fault):
    torch.manual_seed(0)
    x, weight = torch.randn(4, 3), torch.randn(4)
    add, model = _linear(**{fault: True})
    assert graphs.graphed(add, model, lambda: (x, weight)) is add
    why = {"looks": "operation not permitted", "counts": "it gives other gradients"}[fault]
    assert why in caplog.text
    assert all(parameter.grad is None for parameter in model.parameters())


def test_the_memory_that_a_graph_uses_is_kept(gpu):
    """Memory of an object whose method was recorded, which nobody else holds."""

    class Adds:
        def __init__(self):
            self.model, self.scale = torch.nn.Linear(3, 1), torch.full((4,), 2.0)

        def add(self, x, weight):
            loss = (self.model(x)[:, 0] * weight * self.scale).square().mean()
            loss.backward()
            return loss.detach(), loss.detach()[None]

    adds = Adds()
    model, scale = adds.model, weakref.ref(adds.scale)
    graph = graphs.graphed(adds.add, model, lambda: (torch.randn(4, 3), torch.randn(4)))
    assert isinstance(graph, graphs.Graph)
    del adds
    gc.collect()
    assert scale() is not None
    assert graph(torch.ones(4, 3), torch.ones(4))[0] == (2 * model(torch.ones(3))).square()


def test_a_gradient_that_differs_is_noticed_with_the_loss(gpu):
    model = torch.nn.Linear(3, 1)
    calls = []

    def add(x, weight):
        loss = (model(x)[:, 0] * weight).square().mean()
        loss.backward()
        calls.append(1)
        return loss.detach() * len(calls), loss.detach()[None]

    assert graphs.graphed(add, model, lambda: (torch.randn(4, 3), torch.randn(4))) is add


def test_nothing_is_recorded_for_a_training_that_is_done(gpu):
    state = train.TrainState(small.model(), small.TRAINING)
    state.step = small.TRAINING.steps
    images = torch.zeros(8, 2, 5, 7, dtype=torch.uint8)
    assert list(train.train(state, images)) == []
    assert gpu == []


def test_on_the_processor_nothing_is_recorded():
    add, model = _linear()
    assert graphs.graphed(add, model, pytest.fail) is add
