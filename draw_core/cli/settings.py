"""Options of the command line that are made from the fields of configurations."""

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any, get_type_hints

import typer

from draw_core.base.fields import Field, described

Command = Callable[..., None]
_MORE = {"precision": " Default: bfloat16 where the processor multiplies it faster."}


def with_settings(*configs: type) -> Callable[[Command], Command]:
    """Gives a command an option for each setting of these configurations, which ``**`` takes.

    A setting that several have is one option, and of one type; each says what it means to it. None
    has a default: a preset gives it.

    Raises:
        TypeError: if a setting has the name of another option, or is of another type elsewhere.
    """

    def decorate(command: Command) -> Command:
        signature = inspect.signature(command)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        found: dict[str, list[Field]] = {}
        types: dict[str, Any] = {p.name: None for p in own}
        for config in configs:
            hints = get_type_hints(config)
            for field in (field for field in described(config) if field.group):
                if types.setdefault(field.name, hints[field.name]) != hints[field.name]:
                    raise TypeError(
                        f"{field.name} of {config.__name__} needs another name: it is an option of "
                        f"{command.__name__} already, of another type."
                    )
                found.setdefault(field.name, []).append(field)
        options = [_option(fields, types[name]) for name, fields in found.items()]
        parameters = [*own, *options]
        command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {p.name: p.annotation for p in parameters}
        return command

    return decorate


def _option(fields: Sequence[Field], kind: Any) -> inspect.Parameter:
    field = fields[0]
    told = dict.fromkeys(
        f"{f'{one.symbol}, ' if one.symbol else ''}{one.label}: {one.meaning}" for one in fields
    )
    about = typer.Option(
        help=" Or, ".join(told) + _MORE.get(field.name, ""),
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
