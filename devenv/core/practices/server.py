"""The server behind a switch: a template's instance that the switch adds, or a service that the manifest has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from devenv.core.manifest.names import service_name
from devenv.core.manifest.node import Node, quoted
from devenv.errors import Mark
from devenv.model.data import Map, text
from devenv.records import field, frozen

OWN_KEYS = ("use", "with", "service", "as")
"""What every switch takes to say which server stands behind it."""


@frozen
class Server:
    """`name` is the service's. `template` is what it is an instance of, None for a service of the manifest's own.

    `adds` are entries for `services`, by name: none where the manifest has the service already.
    """

    name: str
    template: str | None
    adds: Mapping[str, Map] = field(default_factory=dict)


def read_server(node: Node, services: Map, use: str, name: str) -> Server | None:
    """The server that the switch at `node` names; `use` and `name` are its template and its service by default.

    None, with the problem reported, when it names none that could be.
    """
    given = dict(node.children()) if isinstance(node.value, Map) else {}
    if "service" in given:
        return _existing(given, services)
    if "use" in given:
        use = given["use"].text("a template's name", f"write 'use: {use}'") or ""
    if "as" in given:
        name = given["as"].text("a name for the service") or ""
        if name and not service_name(name, given["as"], of_key=False):
            return None
    if not use or not name:
        return None
    if name in services:
        hint = f"write {{service: {name}}} to use that one, or {{as: NAME}} for another name"
        (given.get("as") or node).problem("DE221", f"there is a service {quoted(name)} already", hint)
        return None
    with_ = given["with"].mapping("a mapping of parameters") if "with" in given else Map()
    if with_ is None:
        return None
    return Server(name, template_of(use), {name: instance(node, use, with_, given.get("use"))})


def instance(node: Node, use: str, with_: Mapping[str, Any], of: Node | None = None) -> Map:
    """An entry for `services` of a template's instance, all of it marked as the switch's own."""
    mark = node.key_mark or node.mark
    entry = marked({"use": use}, (of and of.mark) or mark)
    if with_:
        put(entry, "with", with_ if isinstance(with_, Map) else marked(with_, mark), mark)
    return entry


def template_of(use: str) -> str:
    """The template that `use: NAME@VERSION` names."""
    return use.partition("@")[0]


def marked(entries: Mapping[str, Any], mark: Mark | None) -> Map:
    """A mapping, all of it with one place."""
    made = Map(mark=mark)
    for key, value in entries.items():
        put(made, key, value, mark)
    return made


def put(into: Map, key: str, value: Any, mark: Mark | None) -> None:
    """Sets `into[key]`, with its place."""
    into[key] = value
    if mark is not None:
        into.keys_at[key] = into.values_at[key] = mark


def refuse_unknown(node: Node, keys: Collection[str]) -> None:
    """Reports the keys of a switch that are none of `keys`, and those that exclude each other."""
    for key, child in node.children():
        if key not in keys and not key.startswith("x-"):
            node.unknown(key, keys)
        elif key in ("use", "with", "as") and "service" in node.value:
            message = f"'service' names one that is there, and '{key}' is about one that is added"
            child.problem("DE219", message, "keep one of them", of_key=True)


def _existing(given: Mapping[str, Node], services: Map) -> Server | None:
    name = given["service"].text("a service's name")
    if name is None:
        return None
    if name not in services:
        child = given["service"]
        child.problem("DE206", f"there is no service {quoted(name)}", child.suggest(name, services))
        return None
    entry = services[name]
    use = entry.get("use") if isinstance(entry, dict) else None
    return Server(name, template_of(text(use)) if use is not None else None)
