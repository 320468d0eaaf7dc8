"""All kinds of networks: one line each. No torch."""

from typing import TYPE_CHECKING, Any

from draw_core.families import conv, draw, glimpse, vae
from draw_core.families.family import Family, NetworkConfig

if TYPE_CHECKING:
    from draw_core.families.engine import Engine

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        draw.FAMILY,
        vae.FAMILY,
        glimpse.FAMILY,
        conv.FAMILY,
    )
}
DEFAULT = draw.FAMILY.name


class UnknownFamily(ValueError):
    """A file is of a kind of network that this version does not know."""


def unusual_kind(family: Family) -> str:
    """What to call a family where the usual one needs no word; "" for the usual one."""
    return "" if family.name == DEFAULT else family.title


def find(name: object) -> Family:
    """The family of this name.

    Raises:
        UnknownFamily: if there is none.
    """
    family = FAMILIES.get(name) if isinstance(name, str) else None
    if family is None:
        raise UnknownFamily(
            f"it is of the kind {str(name)[:40]!r}, which this version does not know; those that "
            f"it knows are {', '.join(FAMILIES)}"
        )
    return family


def family_of(config: NetworkConfig) -> Family:
    """The family that a configuration belongs to."""
    return next(family for family in FAMILIES.values() if type(config) is family.config)


def engine_of(config: NetworkConfig) -> "Engine[Any]":
    """What computes with such networks. Imports torch."""
    return family_of(config).load_engine()
