"""Options of the command line that are made from the fields of configurations."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, get_type_hints

import typer

from draw_core.base.fields import Field, described

Command = Callable[..., None]
_MORE = {"precision": " Default: bfloat16 where the processor multiplies it faster."}


def with_settings(*configs: type) -> Callable[[Command], Command]:
    """Gives a command an option for each setting of these configurations, which ``**`` takes.

    A setting that several have is one option. None of them has a default: a preset gives it.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        options: dict[str, inspect.Parameter] = {}
        for config in configs:
            types = get_type_hints(config)
            for field in described(config):
                if field.group and field.name not in options:
                    options[field.name] = _option(field, types[field.name])
        parameters = [*own, *options.values()]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


def _option(field: Field, kind: Any) -> inspect.Parameter:
    name = f"{field.symbol}, {field.label}" if field.symbol else field.label
    about = typer.Option(
        help=f"{name}: {field.meaning}{_MORE.get(field.name, '')}",
        min=field.low if field.without else None,
        show_default=False,
    )
    annotation = Annotated[kind | None, about]
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(field.name, keyword, default=None, annotation=annotation)


def chosen(config: type, options: dict[str, Any]) -> dict[str, Any]:
    """The options that are settings of a configuration; 0 is no bound where there may be none."""
    fields = {field.name: field for field in described(config) if field.group}
    return {
        name: None if fields[name].without and value == 0 else value
        for name, value in options.items()
        if name in fields and value is not None
    }
