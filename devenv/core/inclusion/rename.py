"""The names in an included file, made those of the whole stack. What it names and does not have stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devenv.core.compose.keys import like, like_list
from devenv.core.stack import references
from devenv.core.stack.variables import shout
from devenv.model.data import Map, mark_of, meant, text

RESOURCES = ("networks", "volumes", "configs", "secrets", "models")
_SERVICE_SPACES = ("network_mode", "ipc", "pid")
_MOUNTED_AT = {"secrets": "", "configs": "/"}
"""Where a secret or config is in a container that does not say: its own name, after this."""

Table = Mapping[str, str]


class Names:
    """What to call things: `services` and, by kind, `resources`, each from the file's own name to the stack's."""

    def __init__(self, services: Table, resources: Mapping[str, Table]) -> None:
        self.services = {name: full for name, full in services.items() if name != full}
        self.resources = {
            kind: {name: full for name, full in table.items() if name != full} for kind, table in resources.items()
        }
        self._split = references.Outputs({name: {} for name in services})

    def service(self, name: Any) -> str:
        """A service's name in the stack."""
        return self.services.get(text(name), text(name))

    def text(self, written: str) -> str:
        """A text with the references in it renamed."""
        return references.replace(written, self._reference)

    def value(self, value: Any) -> Any:
        """Any value with the references in it renamed."""
        return references.walk(value, lambda inner, *_: self._reference(inner))

    def _reference(self, inner: str) -> str | None:
        found = self._split.split(inner)
        if found is None or found.service not in self.services:
            return None
        return f"${{{self.services[found.service]}.{found.output}}}"


def rename_service(service: Map, names: Names) -> Map:
    """A service's definition with every name in it renamed; variables, host names and files keep what they are called
    for the service itself."""
    result = names.value(service)
    for key, change in _CHANGES.items():
        if key in result:
            result[key] = change(result[key], names)
    for key in _SERVICE_SPACES:
        kind, colon, name = text(result.get(key)).partition(":")
        if kind == "service" and colon:
            result[key] = f"service:{names.service(name)}"
    for kind in ("networks", "models"):
        if kind in result:
            result[kind] = _used(result[kind], kind, names.resources.get(kind, {}))
    for kind, folder in _MOUNTED_AT.items():
        if kind in result:
            result[kind] = _files(result[kind], names.resources.get(kind, {}), folder)
    return result  # type: ignore[no-any-return]


def rename_resource(kind: str, name: str, definition: Any) -> Any:
    """A volume, network, config or secret that gets another name, in which what it stands for outside stays: something
    external is found by the name that the file gives it."""
    if isinstance(definition, dict) and meant(definition.get("external")) is True and "name" not in definition:
        return like(definition, [*definition.items(), ("name", name)])
    return definition


def _used(value: Any, kind: str, table: Table) -> Any:
    """`networks` and `models` of a service: a list of names, or a mapping by name."""
    if isinstance(value, dict):
        return _keys(value, lambda name: table.get(name, name))
    if isinstance(value, list) and kind == "models" and any(text(name) in table for name in value):
        # A model's variables are called after it.
        entries = Map()
        for i, name in enumerate(value):
            prefix = shout(text(name))
            entry = Map({"endpoint_var": f"{prefix}_URL", "model_var": f"{prefix}_MODEL"})
            _set(entries, table.get(text(name), text(name)), entry, mark_of(value, i))
        return entries
    return _names(value, lambda name: table.get(name, name))


def _files(value: Any, table: Table, folder: str) -> Any:
    """`configs` and `secrets` of a service: where they are in the container stays."""

    def one(entry: Any) -> Any:
        if not isinstance(entry, dict):
            name = text(entry)
            return Map({"source": table[name], "target": folder + name}) if name in table else entry
        name = text(entry.get("source"))
        if name not in table:
            return entry
        changed = {**entry, "source": table[name]}
        changed.setdefault("target", folder + name)
        return like(entry, changed.items())

    return like_list(value, map(one, value)) if isinstance(value, list) else value


def _volumes(value: Any, names: Names) -> Any:
    table = names.resources.get("volumes", {})

    def one(entry: Any) -> Any:
        if isinstance(entry, dict):
            name = text(entry.get("source"))
            if entry.get("type") == "volume" and name in table:
                return like(entry, {**entry, "source": table[name]}.items())
            return entry
        source, colon, rest = text(entry).partition(":")
        return f"{table[source]}:{rest}" if colon and source in table else entry

    return like_list(value, map(one, value)) if isinstance(value, list) else value


def _needs(value: Any, names: Names) -> Any:
    """`needs`: the variables of a service that is renamed are still called as its user calls it."""
    if isinstance(value, list) and not any(text(name) in names.services for name in value):
        return value
    entries = Map(mark=getattr(value, "mark", None))
    for i, name in enumerate(value if isinstance(value, dict | list) else ()):
        entry = value[name] if isinstance(value, dict) else None
        renamed = text(name) in names.services
        if renamed and (entry is None or (isinstance(entry, dict) and entry.get("env") in (None, True))):
            entry = like(entry or Map(), {**(entry or {}), "env": shout(text(name))}.items())
        key = text(name) if isinstance(value, dict) else i
        _set(entries, names.service(name), entry, mark_of(value, key, of_key=True))
    return entries if isinstance(value, dict | list) else value


def _depends_on(value: Any, names: Names) -> Any:
    return _keys(value, names.service) if isinstance(value, dict) else _names(value, names.service)


def _links(value: Any, names: Names) -> Any:
    """A link without an alias is reached by the name that is written."""

    def one(written: str) -> str:
        name, colon, alias = written.partition(":")
        return f"{names.service(name)}:{alias if colon else name}" if name in names.services else written

    return _names(value, one)


def _volumes_from(value: Any, names: Names) -> Any:
    def one(written: str) -> str:
        name, colon, mode = written.partition(":")
        return written if name == "container" else f"{names.service(name)}{colon}{mode}"

    return _names(value, one)


def _extends(value: Any, names: Names) -> Any:
    if isinstance(value, dict):
        own = "file" not in value and "service" in value
        return like(value, {**value, "service": names.service(value["service"])}.items()) if own else value
    return names.service(value) if value is not None else value


def _build(value: Any, names: Names) -> Any:
    if not isinstance(value, dict):
        return value
    result = like(value, value.items())
    if "secrets" in result:
        result["secrets"] = _files(result["secrets"], names.resources.get("secrets", {}), "")
    contexts = result.get("additional_contexts")
    if isinstance(contexts, dict):
        result["additional_contexts"] = like(contexts, ((k, _context(v, names)) for k, v in contexts.items()))
    elif isinstance(contexts, list):
        pairs = (text(entry).partition("=") for entry in contexts)
        renamed = (f"{name}{equals}{_context(given, names)}" for name, equals, given in pairs)
        result["additional_contexts"] = like_list(contexts, renamed)
    return result


def _context(value: Any, names: Names) -> Any:
    kind, colon, name = text(value).partition(":")
    return f"service:{names.service(name)}" if colon and kind == "service" else value


def _names(value: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(value, list):
        return value
    return like_list(value, (change(text(item)) if isinstance(item, str) else item for item in value))


def _keys(value: dict[str, Any], change: Callable[[str], str]) -> Map:
    """A mapping whose keys are names, with its places."""
    result = Map(mark=getattr(value, "mark", None))
    for key, entry in value.items():
        result[change(key)] = entry
        for marks, of_key in ((result.keys_at, True), (result.values_at, False)):
            if (mark := mark_of(value, key, of_key=of_key)) is not None:
                marks[change(key)] = mark
    return result


def _set(into: Map, key: str, value: Any, mark: Any) -> None:
    into[key] = value
    if mark is not None:
        into.keys_at[key] = into.values_at[key] = mark


renamed_keys = _keys

_CHANGES: dict[str, Callable[[Any, Names], Any]] = {
    "needs": _needs,
    "depends_on": _depends_on,
    "links": _links,
    "volumes_from": _volumes_from,
    "volumes": _volumes,
    "extends": _extends,
    "build": _build,
}
