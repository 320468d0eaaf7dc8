"""What must hold on a device that is not the processor; each check is a function of two folders.

``tests.core.test_device`` runs them in a process of their own, after ``tests.support.elsewhere``.
"""

import json
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
import torch
from typer.testing import CliRunner

from draw_core.base.settings import TrainConfig
from draw_core.cli import app
from draw_core.families.draw.config import DrawConfig
from draw_core.families.registry import family_of
from draw_core.learning.device import CPU
from draw_core.learning.train import TrainState, new_model, train
from draw_core.measure import bench
from draw_core.measure.evaluate import evaluate
from draw_core.runs import execution
from draw_core.runs.run import Run
from tests.support import elsewhere, small, tiny_runs
from tests.support.elsewhere import DEVICE


def _execute(run: Run, device: torch.device, until: int | None = None) -> str:
    """Trains there to the end, or until it has made so many updates."""
    observer = execution.Observer()
    if until:
        observer.trained = lambda metrics, _: metrics.step == until and run.request(stop=True)
    with mock.patch.object(execution, "pick", return_value=device):
        return execution.execute(run.folder, observer=observer).state


def a_run(mnist: Path, scratch: Path, **changes: object) -> None:
    """A whole run, with its pictures, tests and checkpoints, as on the processor."""
    here, there = (tiny_runs.new(scratch / name, mnist, **changes) for name in ("here", "there"))
    assert _execute(here, CPU) == "finished"
    assert _execute(there, DEVICE) == "finished", there.log()
    tiny_runs.same_training(here, there)
    assert here.status().test == there.status().test
    assert (here.folder / "samples.npz").read_bytes() == (there.folder / "samples.npz").read_bytes()


def a_run_without_windows(mnist: Path, scratch: Path) -> None:
    """The same with the other way to read and write, and 16-bit products."""
    plain = {"read_attention": False, "write_attention": False, "precision": "bfloat16"}
    a_run(mnist, scratch, **plain)


def a_run_that_moves(mnist: Path, scratch: Path) -> None:
    """Begun there, gone on with here, ended there."""
    here, moving = (tiny_runs.new(scratch / name, mnist) for name in ("here", "moving"))
    assert _execute(here, CPU) == "finished"
    assert _execute(moving, DEVICE, until=4) == "stopped", moving.log()
    moving.request(resume=True)
    assert _execute(moving, CPU, until=8) == "stopped"
    moving.request(resume=True)
    assert _execute(moving, DEVICE) == "finished"
    tiny_runs.same_training(here, moving)


def classifiers(mnist: Path, scratch: Path) -> None:
    """Both kinds, trained, saved, gone on with and measured."""
    for model in (tiny_runs.GLIMPSES, tiny_runs.CONVOLUTIONS):
        name = family_of(model).name
        here, there = (
            tiny_runs.new_classifier(scratch / name / place, mnist, model)
            for place in ("here", "there")
        )
        assert _execute(here, CPU) == "finished", here.log()
        assert _execute(there, DEVICE, until=4) == "stopped", there.log()
        there.request(resume=True)
        assert _execute(there, DEVICE) == "finished", there.log()
        tiny_runs.same_training(here, there)
        assert here.status().test == there.status().test


def bounds(mnist: Path, scratch: Path) -> None:
    """The test bound and the importance-weighted one."""
    images = torch.randint(0, 256, (5, 2, 5, 7), dtype=torch.uint8)
    found = [
        evaluate(small.model().to(device), images, samples=2, iwae=3) for device in (CPU, DEVICE)
    ]
    assert found[0] == found[1]


class Faulty:
    """While it is open, the device does something else than it should from some call on."""

    def __init__(self, what: Callable[[str, tuple, object], object], after: int = 0) -> None:
        self.what, self.after = what, after

    def __call__(self, op: str, taken: tuple, made: object) -> None:
        """Changes what was computed, if it is time."""
        if len(elsewhere.calls) > self.after:
            self.what(op, taken, made)

    def __enter__(self) -> None:
        elsewhere.calls.clear()
        elsewhere.fault = self

    def __exit__(self, *_: object) -> None:
        elsewhere.fault = None


def _raises(op: str, taken: tuple, made: object) -> None:
    raise RuntimeError("no kernel image is available.\nCompile with ...")


def _no_memory(op: str, taken: tuple, made: object) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.")


def _scales(name: str, by: float) -> Callable[[str, tuple, object], object]:
    def scale(op: str, taken: tuple, made: object) -> None:
        if name in op and isinstance(made, torch.Tensor):
            made.mul_(by)

    return scale


def _moves_weights(op: str, taken: tuple, made: object) -> None:
    if "fused_adam" in op:
        torch._foreach_add_(taken[0], 1e-3)


OTHER = "gives other numbers than the processor at one update"
NO_KERNEL = "fails at one update (no kernel image is available)"
NO_MEMORY = "fails at one update (CUDA out of memory. Tried to allocate 2 GiB)"
FAULTS = {
    "a kernel": (_raises, NO_KERNEL),
    "memory": (_no_memory, NO_MEMORY),
    "products": (_scales("mm", 1.01), OTHER),
    "sigmoids": (_scales("sigmoid", 0.99), OTHER),
    "zeros": (_scales("mm", 0.0), OTHER),
    "NaN": (_scales("mm", float("nan")), OTHER),
    "Adam": (_moves_weights, OTHER),
}


class Notes(execution.Observer):
    """What was said, and how many calls the device had got when training began."""

    def __init__(self) -> None:
        self.said, self.calls, self.message = [], 0, ""

    def noted(self, sentence: str) -> None:
        """Called with the sentence."""
        self.said.append(sentence)

    def begun(self, state, images: int) -> None:
        """Called before the first update."""
        self.calls = len(elsewhere.calls)

    def trained(self, metrics, status) -> None:
        """Called after each."""
        self.message = status.message


def faults(mnist: Path, scratch: Path) -> None:
    """Whatever is wrong with it, the run is trained on the processor, and says why."""
    here = tiny_runs.new(scratch / "here", mnist)
    assert _execute(here, CPU) == "finished"
    for name, (what, fault) in FAULTS.items():
        run, notes = tiny_runs.new(scratch / name, mnist), Notes()
        with Faulty(what), mock.patch.object(execution, "pick", return_value=DEVICE):
            assert execution.execute(run.folder, observer=notes).state == "finished", run.log()
        sentence = f"The device 'elsewhere' {fault}, so the processor is used."
        assert notes.said == [sentence], name
        assert sentence in run.log()
        assert notes.message == sentence  # while it trained
        assert len(elsewhere.calls) == notes.calls, name  # nothing was left to the device
        tiny_runs.same_training(run, here)


def a_sound_device_is_used(mnist: Path, scratch: Path) -> None:
    """And nothing is said."""
    for precision in ("float32", "bfloat16"):
        run, notes = tiny_runs.new(scratch / precision, mnist, precision=precision), Notes()
        elsewhere.calls.clear()
        with mock.patch.object(execution, "pick", return_value=DEVICE):
            assert execution.execute(run.folder, observer=notes).state == "finished"
        assert (notes.said, notes.message) == ([], "")
        assert len(elsewhere.calls) > notes.calls + 100


def a_device_that_fails_later(mnist: Path, scratch: Path) -> None:
    """The processor goes on from the last checkpoint."""
    here, there = (tiny_runs.new(scratch / name, mnist) for name in ("here", "there"))
    assert _execute(here, CPU) == "finished"
    notes = Notes()
    sound = tiny_runs.new(scratch / "sound", mnist)
    elsewhere.calls.clear()
    with mock.patch.object(execution, "pick", return_value=DEVICE):
        execution.execute(sound.folder, observer=notes)
        late = notes.calls + (len(elsewhere.calls) - notes.calls) // 2
        with Faulty(_no_memory, after=late):
            assert execution.execute(there.folder, observer=notes).state == "finished"
    expected = (
        "The device 'elsewhere' failed (CUDA out of memory. Tried to allocate 2 GiB), so the "
    )
    assert notes.said == [expected + "processor goes on from the last checkpoint."]
    assert notes.message == notes.said[0]
    tiny_runs.same_training(there, here)


def commands(mnist: Path, scratch: Path) -> None:
    """Those that train and measure classifiers try the device too, and say so once."""
    run = tiny_runs.new(scratch / "run", mnist)
    assert _execute(run, CPU) == "finished"
    root = ["--data-root", str(mnist)]
    small = ["--steps", "2", "--batch-size", "4", "--num-steps", "2", "--hidden-size", "5"]
    small += ["--family", "glimpse", "--data", "mnist", "--warmup-steps", "1", *root]
    for words, what in (
        (["evaluate", str(run.folder), "--json", *root], "a measurement"),
        (["train", "--run-dir", "NEW", *small], "one update"),
        (["evaluate", "cluttered-classifier", "--images", "8", *root], "a measurement"),
    ):
        found = []
        for name, place, broken in (
            ("here", CPU, None),
            ("sound", DEVICE, None),
            ("faulty", DEVICE, _scales("mm", 1.01)),
        ):
            line = [str(scratch / f"{words[1]}-{name}") if w == "NEW" else w for w in words]
            with ExitStack() as stack:
                elsewhere.calls.clear()
                if broken:
                    stack.enter_context(Faulty(broken))
                for module in ("cli.train", "cli.evaluate", "runs.execution"):
                    stack.enter_context(mock.patch(f"draw_core.{module}.pick", return_value=place))
                result = CliRunner().invoke(app, line)
            assert result.exit_code == 0, (line, result.output, result.exception)
            sentence = (
                f"The device 'elsewhere' gives other numbers than the processor at {what}, so the "
                "processor is used."
            )
            assert result.stderr.count(sentence) == (name == "faulty"), (line, result.stderr)
            assert (len(elsewhere.calls) > 50) == (place != CPU)
            found.append(result.stdout)
        assert found[0] == found[1] == found[2], words


def the_benchmark(mnist: Path, scratch: Path) -> None:
    """It trains there, and multiplies matrices there."""
    sizes = replace(small.CONFIG, channels=1)

    def ours(model: DrawConfig, config: TrainConfig, images: torch.Tensor, device: torch.device):
        return train(TrainState(new_model(model, images, seed=0).to(device), config), images)

    # PyTorch has no LSTM cell for this device, which the plain network needs.
    with mock.patch.multiple(bench, _plain=ours, _GPU_SIZE=8):
        found = bench.measure("x", sizes, 4, precision="float32", seconds=0.0, device=DEVICE)
    assert found.images_per_s > 0


def mixed_devices_are_refused(mnist: Path, scratch: Path) -> None:
    """What the other checks rest on."""
    here, there = torch.ones(2, 3), torch.ones(2, 3).to(DEVICE)
    assert there.device == (there @ there.mT).device == DEVICE
    assert there.cpu().equal(here)
    weight = torch.nn.Parameter(there)
    optimizer = torch.optim.Adam([weight], fused=True)
    moments = {"exp_avg": there.clone(), "exp_avg_sq": there.clone()}
    optimizer.state[weight] = {"step": torch.tensor(0.0), **moments}
    weight.grad = there
    for mixed in (lambda: here + there, lambda: there.copy_(here) @ here.mT, optimizer.step):
        with pytest.raises(RuntimeError, match="two devices"):
            mixed()


CHECKS = (
    a_run,
    a_run_without_windows,
    a_run_that_moves,
    a_sound_device_is_used,
    faults,
    a_device_that_fails_later,
    commands,
    classifiers,
    bounds,
    the_benchmark,
    mixed_devices_are_refused,
)


def main(mnist: str, scratch: str) -> None:
    """Runs all; prints, as JSON, the traceback of each that failed, or ""."""
    torch.set_num_threads(1)
    found = {}
    for check in CHECKS:
        try:
            check(Path(mnist), Path(scratch, check.__name__))
            found[check.__name__] = ""
        except Exception:  # noqa: BLE001 - whatever it is, the test shows it
            found[check.__name__] = traceback.format_exc()
    print(json.dumps(found))
