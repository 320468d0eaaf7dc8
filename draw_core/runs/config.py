"""What a run is to do (``run.json``) and how far it is (``status.json``). No torch."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Literal, get_args

from draw_core.base.fields import MACHINE, check, check_types, setting
from draw_core.base.settings import TrainConfig
from draw_core.families.family import Family, NetworkConfig
from draw_core.families.registry import DEFAULT, family_of, find

RunState = Literal["queued", "starting", "running", "paused", "finished", "stopped", "failed"]
# A run in one of these states has more to do, or may have when the user says so.
UNFINISHED: tuple[RunState, ...] = ("queued", "starting", "running", "paused")
_FORMAT = "draw-run/1"
_MAX_NAME = 80


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides how a run goes.

    Attributes:
        name: for people, at most 80 characters.
        data: name of the data set in the registry.
        model, training: the network and how it is trained.
        threads: CPU threads; 0 for one fewer than there are cores, at least one.
        preset: name of the preset that the settings were taken from, or None.
        owner: an opaque token of who began it, for quotas; None for the command line.
        created: seconds since 1970.
        restart_of: id of the run whose settings and seed it repeats, or None.
        data_root: folder of the data sets, or None for the default one.
        kept: whether a person has named it, so that it is never pruned.
        start_from: name of the shipped checkpoint whose weights it begins with; None: fresh ones.
        shared: whether others may see the network though its images are only for its owner.

    Raises:
        ValueError: on a value that cannot work; the message says what to change.
    """

    name: str
    data: str
    model: NetworkConfig
    training: TrainConfig
    threads: int = setting(
        0,
        "threads",
        "Processor cores for this training. 0 takes all but one, so that the pages stay quick.",
        group=MACHINE,
        limits=(0, 1024),
    )
    preset: str | None = None
    owner: str | None = None
    created: float = 0.0
    restart_of: str | None = None
    data_root: str | None = None
    kept: bool = False
    start_from: str | None = None
    shared: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        check(self)

    @property
    def family(self) -> Family:
        """The kind of network that it trains."""
        return family_of(self.model)

    def to_json(self) -> str:
        """The configuration as JSON text."""
        about = {"format": _FORMAT, "family": self.family.name}
        return json.dumps(about | dataclasses.asdict(self), indent=2, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "RunConfig":
        """The inverse of :meth:`to_json`.

        Raises:
            ValueError: if the text is no such configuration or a value cannot work.
        """
        values = _parse(text)
        if values.pop("format", None) != _FORMAT:
            raise ValueError(f'it is no run: its "format" is not "{_FORMAT}"')
        try:
            family = find(values.pop("family", DEFAULT))
            model = family.config.from_dict(values.pop("model"))
            training = family.training.from_dict(values.pop("training"))
            check_types(cls, values)
            return cls(model=model, training=training, **values)
        except KeyError as error:
            raise ValueError(f"it lacks {error}") from error
        except TypeError as error:
            raise ValueError(f"its fields are not those of a run ({error})") from error


@dataclass(frozen=True)
class Status:
    """How far a run is.

    Attributes:
        state: ``queued`` waits for a worker; ``starting`` loads its data; ``paused`` and
            ``stopped`` wait for the user; ``finished`` and ``failed`` have ended.
        step: weight updates made.
        seconds: time spent on updates.
        elapsed_s: time at work, with loading, pictures, evaluation and saving, without pauses.
        images_per_s: images trained on per second of ``seconds``, lately; None before it is known.
        left_s: estimated time until the run ends; None before it is known.
        message: one sentence for the user, or "".
        retries: how often its worker died and it was taken up again from its last checkpoint.
        updated: seconds since 1970 of this report.
        loss: nats, mean over the latest steps; None before the first.
        test: latest result on test images, in the unit of the family's objective; None before.
        queued: seconds since 1970 when it was put in the queue, which orders the queue; None for a
            run of the command line.
        worker: ``host:pid`` of the process at work on it; None when none is. What a dead process
            leaves behind is told by it.
        deaths: workers that died since a checkpoint was last saved.
        gave_way: whether it waits because it left its worker to the runs of others when its turn
            was over. It is saved then, and goes on by itself.
    """

    state: RunState
    step: int = 0
    seconds: float = 0.0
    elapsed_s: float = 0.0
    images_per_s: float | None = None
    left_s: float | None = None
    message: str = ""
    retries: int = 0
    updated: float = 0.0
    loss: float | None = None
    test: float | None = None
    queued: float | None = None
    worker: str | None = None
    deaths: int = 0
    gave_way: bool = False

    def to_json(self) -> str:
        """The status as JSON text."""
        return json.dumps(dataclasses.asdict(self), indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Status":
        """The inverse of :meth:`to_json`; fields of a later version are left out.

        Raises:
            ValueError: if the text is no status.
        """
        values = _parse(text)
        known = {field.name for field in dataclasses.fields(cls)}
        values = {name: value for name, value in values.items() if name in known}
        if values.get("state") not in get_args(RunState):
            raise ValueError("its state is none that a run can be in")
        check_types(cls, values)
        return cls(**values)


def check_name(name: str) -> None:
    """Makes sure that a name can be shown.

    Raises:
        ValueError: if it is empty, too long, or holds characters that cannot be shown.
    """
    if not name.strip():
        raise ValueError("The name is empty; give the run a name.")
    if len(name) > _MAX_NAME:
        raise ValueError(f"The name is longer than {_MAX_NAME} characters; shorten it.")
    if not name.isprintable():  # also none that hide or turn the text around them
        raise ValueError("The name holds characters that cannot be shown; leave them out.")


def _parse(text: str) -> dict[str, Any]:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not valid JSON ({error})") from error
    if not isinstance(values, dict):
        raise ValueError("it is no JSON object")
    return values
