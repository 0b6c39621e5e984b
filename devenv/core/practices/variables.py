"""The variables that a switch gives to every service of one's own; what a service sets itself wins."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from devenv.core.compose.keys import like
from devenv.core.manifest.node import Node, quoted
from devenv.core.practices.server import put
from devenv.errors import Mark
from devenv.model.data import Map, Seq, text
from devenv.records import frozen

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@frozen
class Given:
    """`variables` says what the service of a name gets; those in `without` get nothing."""

    variables: Callable[[str], Mapping[str, str]]
    without: frozenset[str] = frozenset()


def read_variables(node: Node | None) -> dict[str, str]:
    """Further variables that the switch itself names; references in them are resolved like any others."""
    if node is None or node.mapping("a mapping of variables") is None:
        return {}
    found = {}
    for name, child in node.children():
        if not _NAME.fullmatch(name):
            message = f"{quoted(name)} is no name of a variable"
            child.problem("DE205", message, "use letters, digits and '_'", of_key=True)
        if child.value is None or isinstance(child.value, dict | list):
            child.wrong_kind("text")
        else:
            found[name] = text(child.value)
    return found


def read_except(node: Node | None, services: Collection[str]) -> frozenset[str]:
    """The services that the switch leaves alone."""
    names = node.names("a list of services") if node is not None else None
    for name, item in names or []:
        if name not in services:
            item.problem("DE206", f"there is no service {quoted(name)}", item.suggest(name, services))
    return frozenset(name for name, _ in names or [])


def with_variables(entry: Map, variables: Mapping[str, str], mark: Mark | None) -> Map:
    """A service's entry with `variables` in its `environment`, in the form in which it is written; a new one.

    A variable that the entry names is left as it is, without a value, too; so is a wrong `environment`.
    """
    written = entry.get("environment")
    if written is not None and not isinstance(written, dict | list):
        return entry
    result = like(entry, entry.items())
    if isinstance(written, list):
        result["environment"] = _listed(written, variables, mark)
    elif written is not None:
        result["environment"] = _mapped(written, variables, mark)
    else:
        put(result, "environment", _mapped({}, variables, mark), mark)
    return result


def _mapped(written: dict[str, Any], variables: Mapping[str, str], mark: Mark | None) -> Map:
    environment = like(written, written.items())
    environment.mark = environment.mark or mark
    for name, value in variables.items():
        if name not in environment:
            put(environment, name, value, mark)
    return environment


def _listed(written: list[Any], variables: Mapping[str, str], mark: Mark | None) -> Seq:
    named = {text(item).partition("=")[0] for item in written if not isinstance(item, dict | list)}
    added = [f"{name}={value}" for name, value in variables.items() if name not in named]
    at = list(getattr(written, "items_at", ()))
    marks = [*at, *([mark] * len(added))] if mark is not None and len(at) == len(written) else []
    return Seq([*written, *added], mark=getattr(written, "mark", None), items_at=marks)
