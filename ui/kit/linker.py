"""The script of a browser component: ES modules, linked into the one script that Streamlit runs.

A component's script cannot import. So the modules that it is made of are laid one after the other,
each after those that it imports, without comments and without the words that import and export.
What is left is one scope: a name at the top of a module must be its only one in all of them.
"""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Comments on lines of their own, and JSDoc before what stands on the same line.
_JSDOC = r"/\*\*(?:[^*]|\*(?!/))*\*/"
_COMMENT = re.compile(rf"^[ \t]*(?://.*|{_JSDOC}[ \t]*)\n|{_JSDOC} ?", re.MULTILINE)
_IMPORT = re.compile(r'^import \{([\w\s,$]+)\} from "(\.[\w./]+\.js)";\n', re.MULTILINE)
_TOP = re.compile(
    r"^(?P<export>export )?(?:(?:async )?function\*?|class|const|let)\b ?(?P<name>[\w$]*)",
    re.MULTILINE,
)
_SEVERAL = re.compile(
    r"^(?:export )?(?:const|let) [\w$]+(?: = [^;\n({\[`]*)?, ?[\w$]+(?: =|,|;).*", re.MULTILINE
)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_STRAY = re.compile(r"^(?:import|export(?! default )|var)\b.*", re.MULTILINE)


class LinkError(Exception):
    """Modules that cannot be one script; the message names their files."""


@dataclass(frozen=True)
class Module:
    """A script of the folder ``ui``.

    Attributes:
        path: of the file, from that folder.
        imports: the names that it wants, by the path of the module that has them.
        names: all that are declared at its top.
        exports: those of them that others may import.
        has_default: whether it is the script of a component.
        body: its text, without comments, imports and the word export.
    """

    path: str
    imports: dict[str, tuple[str, ...]]
    names: tuple[str, ...]
    exports: frozenset[str]
    has_default: bool
    body: str


def linked(entry: str) -> str:
    """One script of a module and all that it imports.

    Args:
        entry: the path of a module in the folder ``ui`` whose default export is the component.

    Raises:
        LinkError: if a module or a name is missing or declared twice, if modules import each other
            in a circle, or if a module says something that the linker does not know.
    """
    order: dict[str, Module] = {}
    _visit(entry, order, ())
    if not order[entry].has_default:
        raise LinkError(f"{entry} has no default export, so it is no component")
    _check_names(order.values(), entry)
    return "".join(module.body for module in order.values())


def _visit(path: str, order: dict[str, Module], above: tuple[str, ...]) -> None:
    """Puts what a module imports, and then itself, into the order."""
    if path in above:
        circle = " -> ".join((*above[above.index(path) :], path))
        raise LinkError(f"modules import each other: {circle}")
    if path in order:
        return
    if not (ROOT / path).is_file():
        raise LinkError(f"there is no {path}" + (f", which {above[-1]} imports" if above else ""))
    module = read(path)
    for other, names in module.imports.items():
        _visit(other, order, (*above, path))
        if unknown := sorted(set(names) - order[other].exports):
            raise LinkError(f"{path} imports {', '.join(unknown)}, which {other} does not export")
    order[path] = module


def _check_names(modules: Iterable[Module], entry: str) -> None:
    owners: dict[str, str] = {}
    for module in modules:
        if module.has_default and module.path != entry:
            raise LinkError(f"{module.path} is a component; {entry} cannot import it")
        for name in module.names:
            if name in owners:
                raise LinkError(f"{name} is declared in {owners[name]} and in {module.path}")
            owners[name] = module.path


@cache
def read(path: str) -> Module:
    """A module as its file in the folder ``ui`` has it; many components share it.

    Raises:
        LinkError: if something in it cannot be linked.
    """
    text = _without_comments(path, (ROOT / path).read_text(encoding="utf-8"))
    imports: dict[str, tuple[str, ...]] = {}
    for match in _IMPORT.finditer(text):
        names = tuple(name.strip() for name in match[1].split(",") if name.strip())
        imports[_resolve(path, match[2])] = names
    body = _IMPORT.sub("", text)
    tops = list(_TOP.finditer(body))
    several = _SEVERAL.search(body) or next((top for top in tops if not top["name"]), None)
    if several:
        raise LinkError(f"{path} declares several names at once: {several[0]}")
    body = _TOP.sub(lambda top: top[0].removeprefix("export "), body)
    if stray := _STRAY.search(body):
        raise LinkError(f"{path} says what the linker does not know: {stray[0]}")
    return Module(
        path=path,
        imports=imports,
        names=tuple(top["name"] for top in tops),
        exports=frozenset(top["name"] for top in tops if top["export"]),
        has_default=bool(_DEFAULT.search(body)),
        body=body.strip() + "\n",
    )


def _without_comments(path: str, text: str) -> str:
    kept = ""
    for part in _COMMENT.split(text):
        if kept.count("`") % 2:
            after = kept.rstrip().splitlines()[-1].strip()
            raise LinkError(f"{path} has what looks like a comment in a template, after: {after}")
        kept += part
    return kept


def _resolve(path: str, to: str) -> str:
    """The path from the folder ``ui`` of a module that is named from another one."""
    found = posixpath.normpath(posixpath.join(posixpath.dirname(path), to))
    if found.startswith("../"):
        raise LinkError(f"{path} imports {to}, which lies outside")
    return found
