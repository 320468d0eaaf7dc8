"""On a GPU, one call for all the kernels of an update: CUDA graphs.

The matrices of DRAW are so small that a GPU waits for the thousands of calls that start its
kernels. A graph records them once and starts them all together.
"""

import logging
from collections.abc import Callable

import torch
from torch import Tensor, nn

from draw_core.families.engine import Gradients

DEVICE_TYPE = "cuda"
_log = logging.getLogger(__name__)
_WARM_UP = 3  # PyTorch chooses algorithms and allocates workspaces before it can record
_LARGEST_DIFFERENCE = 1e-2  # of what is found and of gradients, as a share of their norm


def graphed(
    add_gradients: Gradients, model: nn.Module, example: Callable[[], tuple[Tensor, Tensor]]
) -> Gradients:
    """The same function as a graph, on a GPU, where ``grad`` is overwritten instead of added to.

    Where no graph can be made, or only one that gives something else, it is the function itself,
    and the log says why.

    Args:
        add_gradients: takes two tensors of always the same shapes, returns what it finds, and adds
            the gradient to ``grad`` of all parameters. It must not decide anything by values.
        model: whose parameters stay where they are in memory.
        example: gives two such tensors [B, ...], on the device of the model.
    """
    parameters = list(model.parameters())
    if parameters[0].device.type != DEVICE_TYPE:
        return add_gradients
    x, other = example()
    graph, fault = None, "it gives other gradients"
    try:
        with torch.cuda.stream(torch.cuda.current_stream()):  # which a failure may leave changed
            graph = Graph(add_gradients, parameters, x, other)
            if not _agree(graph, add_gradients, parameters, x.roll(1, dims=0), other):
                graph = None
    except RuntimeError as error:  # something in it cannot be recorded
        graph, fault = None, str(error).partition("\n")[0]
    _forget(parameters)
    if graph is None:
        _log.warning("No CUDA graph can be used, so the GPU waits for each call: %s", fault)
        return add_gradients
    return graph


class Graph:
    """The kernels of one call, recorded, with the memory that they read and write."""

    def __init__(
        self, add_gradients: Gradients, parameters: list[nn.Parameter], x: Tensor, other: Tensor
    ) -> None:
        # With the memory of its object, which the graph reads and writes but does not keep.
        self.add_gradients: Gradients = add_gradients
        self.parameters = parameters
        self.x, self.other = x.clone(), other.clone()
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(_WARM_UP):
                add_gradients(self.x, self.other)
        torch.cuda.current_stream().wait_stream(aside)
        # So that the recorded call makes gradients, instead of adding to those of the warm-up.
        _forget(parameters)
        self.graph = torch.cuda.CUDAGraph()
        # Other threads may use the GPU meanwhile.
        with torch.cuda.graph(self.graph, capture_error_mode="thread_local"):
            self.found = add_gradients(self.x, self.other)
        self.gradients = [parameter.grad for parameter in parameters]

    def __call__(self, x: Tensor, other: Tensor) -> tuple[Tensor, ...]:
        """What the recorded function would find in these two tensors, and its gradients."""
        self.x.copy_(x)
        self.other.copy_(other)
        self.graph.replay()
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.grad = gradient
        return tuple(part.clone() for part in self.found)  # which the next call does not overwrite


def _agree(
    graph: Gradients,
    add_gradients: Gradients,
    parameters: list[nn.Parameter],
    x: Tensor,
    other: Tensor,
) -> bool:
    """Whether both find the same, and give the same gradients."""

    def parts(call: Gradients) -> list[Tensor]:
        _forget(parameters)
        nll, kl, *_ = call(x, other)
        gradients = [p.grad.flatten() for p in parameters if p.grad is not None]
        return [torch.cat([nll[None], kl]), torch.cat(gradients)]

    return all(
        a.shape == b.shape and bool((a - b).norm() <= _LARGEST_DIFFERENCE * b.norm())
        for a, b in zip(parts(graph), parts(add_gradients), strict=True)
    )


def _forget(parameters: list[nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None
