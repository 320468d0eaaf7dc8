"""``python -m draw_core train``."""

import dataclasses
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from draw_core.base.command_line import command
from draw_core.base.fields import form
from draw_core.cli.common import (
    DataRoot,
    Download,
    OnDevice,
    as_path,
    as_typed,
    messages,
    named_as_typed,
)
from draw_core.cli.progress import ProgressObserver, stop_on_interrupt
from draw_core.cli.settings import chosen, with_settings
from draw_core.data.registry import DATASETS, describe, pinned
from draw_core.families.family import Family
from draw_core.families.registry import DEFAULT, FAMILIES, family_of, find
from draw_core.learning.device import fast_precision, pick
from draw_core.runs.commands import DEFAULT_DATA
from draw_core.runs.config import RunConfig, Status
from draw_core.runs.execution import execute
from draw_core.runs.extension import extend
from draw_core.runs.files import replace_file
from draw_core.runs.registry import create_run
from draw_core.runs.run import CONFIG, TRAINING, Run, RunError

_PRESETS = "; ".join(f"{f.name}: {', '.join(f.presets)}" for f in FAMILIES.values())


@with_settings(*(c for f in FAMILIES.values() for c in (f.config, f.training)))
def train(
    run_dir: Annotated[
        Path | None,
        typer.Option(
            parser=as_path,
            help="Folder of the run, which must not exist. Default: a new one in $DRAW_RUNS_DIR, "
            "else runs/.",
            show_default=False,
        ),
    ] = None,
    family: Annotated[
        str | None,
        typer.Option(
            help=f"The kind of network: {', '.join(FAMILIES)}. Default: {DEFAULT}.",
            show_default=False,
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help=f"Where the settings come from. {_PRESETS}. Default: the first.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help=f"Data set: {', '.join(DATASETS)} or folder:ID. Default: {DEFAULT_DATA}.",
            show_default=False,
        ),
    ] = None,
    data_root: DataRoot = None,
    download: Download = False,
    name: Annotated[
        str | None, typer.Option(help="What the application's list calls the run.")
    ] = None,
    start_from: Annotated[
        str | None,
        typer.Option(
            help="A shipped checkpoint whose weights the training begins with. The network must "
            "have the same settings but for the number of steps. Default: fresh weights.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on with the run in --run-dir; its own settings hold, not the options. With "
            "--steps it is trained for more updates than were planned, and with --data besides on "
            "another data set from then on.",
        ),
    ] = False,
    threads: Annotated[
        int, typer.Option(min=0, help="CPU threads; 0 is one fewer than there are cores.")
    ] = 0,
    device: OnDevice = "auto",
    **settings: Any,
) -> None:
    """Train a network and save it as a checkpoint, in a run folder that the application lists.

    The preset gives every setting for which there is no option. Ctrl-C saves and stops; the same
    command with --resume goes on where it was; with a limit of updates, not of seconds, and on a
    processor, it gives the weights that an uninterrupted run would have given. When training ends,
    the bound (of a classifier: the error) over the whole test set is written to card.json, and 64
    samples of a network that paints to preview.npz.
    """
    options = {k: v for k, v in locals().items() if k != "settings"} | settings
    console = messages()
    if family not in (None, *FAMILIES):
        raise ValueError(f"There is no --family {family!r}; choose one of {', '.join(FAMILIES)}.")
    where = pick(device)  # before a folder is made
    try:
        if resume:
            run = _existing(options, settings)
        else:
            if run_dir is not None and (run_dir / CONFIG).exists():
                raise ValueError(
                    f"{run_dir} already holds a run. Add --resume to go on with it, or choose "
                    "another --run-dir."
                )
            with named_as_typed(options):
                if settings["precision"] is None:
                    settings["precision"] = fast_precision(where)
                config = _config(
                    find(family or DEFAULT),
                    *(preset, data or DEFAULT_DATA, data_root, download, name, threads),
                    settings,
                    start_from,
                )
            run = create_run(config, folder=run_dir)
        with ProgressObserver(console, run) as observer, stop_on_interrupt() as stopped:
            target: Literal["stopped"] = "stopped"
            status = execute(
                run.folder,
                download=download,
                device=device,
                leave=lambda: target if stopped() else None,
                observer=observer,
            )
    except RunError as error:
        raise ValueError(str(error)) from error
    _report(run, status, console, new=not resume, options=as_typed(train, options, "device"))


def _require_known(family: Family, settings: dict[str, Any]) -> None:
    """Makes sure that no setting is given that networks of a family do not have.

    Raises:
        ValueError: if one is.
    """
    known = form(family.config, family.training)
    for name, value in settings.items():
        if value is not None and name not in known:
            raise ValueError(f"{name} is no setting of a {family.title}; leave it out.")


def _require_same(run: Run, options: dict[str, Any], settings: dict[str, Any]) -> None:
    """Makes sure that no setting is given that the run does not have.

    Raises:
        ValueError: if one is.
    """
    config = run.config()
    family = family_of(config.model)
    with named_as_typed(options):
        _require_known(family, settings)
    if options["preset"] is not None:
        raise ValueError("A run that goes on has its settings; leave out --preset.")
    own = {
        "name": config.name,
        "start_from": config.start_from or "not given",
        "family": family.name,
        **config.model.to_dict(),
        **config.training.to_dict(),
    }
    for name in own.keys() - {"steps"}:
        own[name] = 0 if own[name] is None else own[name]  # as it is typed
        given = options.get(name)
        if given not in (None, own[name]):
            raise ValueError(
                f"--{name.replace('_', '-')} is {own[name]} in this run and cannot be changed; "
                "leave it out, or start a new run."
            )


def _existing(options: dict[str, Any], settings: dict[str, Any]) -> Run:
    """The run to go on with, made longer if it is to be."""
    run_dir, steps, data = (options[name] for name in ("run_dir", "steps", "data"))
    if run_dir is None:
        raise ValueError("Say with --run-dir which run to go on with.")
    run = Run(run_dir)
    if not (run_dir / CONFIG).exists():
        raise ValueError(f"There is no run in {run_dir}. Leave out --resume to start one.")
    _require_same(run, options, settings)
    config = run.config()
    new_root: Path | None = options["data_root"]
    root = new_root or (Path(config.data_root) if config.data_root else None)
    if data in (None, config.data.partition(":")[0]):  # the name may leave its digits open
        data = config.data
    data = pinned(data, root, prefer_mnist=options["download"])
    if data != config.data and steps is None:
        raise ValueError("Say with --steps for how many updates in all to go on with --data.")
    if new_root is not None:
        config = dataclasses.replace(config, data_root=str(new_root.resolve()))
        replace_file(run_dir / CONFIG, config.to_json().encode())
    if steps is not None:
        extend(run_dir, steps, data)
    run.request(resume=True)
    return run


def _config(
    family: Family,
    preset_name: str | None,
    data: str,
    data_root: Path | None,
    download: bool,
    name: str | None,
    threads: int,
    settings: dict[str, Any],
    start_from: str | None = None,
) -> RunConfig:
    """The preset with the user's options."""
    preset_name = preset_name or next(iter(family.presets))
    if preset_name not in family.presets:
        known = ", ".join(family.presets)
        raise ValueError(f"There is no preset {preset_name!r}; choose one of {known}.")
    preset = family.presets[preset_name]
    data = pinned(data, data_root, prefer_mnist=download)
    dataset = describe(data, data_root)
    _require_known(family, settings)
    ours, training = chosen(family.config, settings), chosen(family.training, settings)
    usual = preset.training_for(dataset.shape[0], training.get("precision", "float32"))
    return RunConfig(
        name=name or f"{preset.title} on {dataset.title}"[:80],
        data=data,
        model=dataclasses.replace(
            preset.model_for(*dataset.shape).answering(len(dataset.classes)), **ours
        ),
        training=dataclasses.replace(usual, **training),
        threads=threads,
        preset=preset_name,
        data_root=str(data_root.resolve()) if data_root else None,
        kept=True,
        start_from=start_from,
    )


def _report(
    run: Run, status: Status, console: Console, new: bool, options: dict[str, object]
) -> None:
    """Says how it ended, and by which command with which further options it goes on."""
    where = run.folder
    if status.state == "failed":
        if new and run.folder.is_dir() and not (run.folder / TRAINING).exists():
            run.delete()  # it never began
        raise ValueError(status.message)
    if status.state == "stopped":
        again = {"resume": True, "run_dir": where, **options}
        console.print(
            f"Stopped and saved after update {status.step:,}. Go on with: "
            f"{command('train', options=again, here=True)}",
            soft_wrap=True,
        )
    elif status.state == "finished":
        from draw_core.store.checkpoint import load_card

        card = load_card(run.folder)
        test, what = card.test, card.objective
        assert test is not None  # of a finished run
        parts = f" (L_x {test['L_x']:.2f} + L_z {test['L_z']:.2f})" if "L_x" in test else ""
        console.print(
            f"Test {what.name} {what.said(what.of(test), 2)}{parts} over {test['images']:,} "
            f"images, in {where}",
            soft_wrap=True,
        )
        console.print(card.protocol(), soft_wrap=True)
