"""What included files bring, put together: one name from two places is told with both; a mode's part is cut out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.compose.keys import like
from devenv.core.inclusion.rename import RESOURCES
from devenv.core.stack import references
from devenv.core.stack.graph import derived
from devenv.core.stack.resources import used
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, mark_of, text
from devenv.model.manifest import Included
from devenv.records import field, mutable

KINDS = ("services", "checks", *RESOURCES)
_ONE = {
    "services": "service",
    "checks": "check",
    "networks": "network",
    "volumes": "volume",
    "configs": "config",
    "secrets": "secret",
    "models": "model",
}


@mutable
class Part:
    """The named things of one file and of those that it includes, under their names in the stack. `facts` are about
    services; `compose` are the names of files that are plain Compose."""

    named: dict[str, Map] = field(default_factory=lambda: {kind: Map() for kind in KINDS})
    modes: Map = field(default_factory=Map)
    facts: dict[str, Included] = field(default_factory=dict)
    compose: set[str] = field(default_factory=set)

    @property
    def services(self) -> Map:
        return self.named["services"]

    def add(self, other: Part, report: Report) -> None:
        """Takes in what another file brings. The same thing by two ways is one; different things of one name, and a
        service from two files, are DE341 with both places."""
        self.compose |= other.compose
        for kind, things in other.named.items():
            own = self.named[kind]
            for name, thing in things.items():
                if name not in own:
                    put(own, name, thing, things)
                    if kind == "services" and name in other.facts:
                        self.facts[name] = other.facts[name]
                elif not self._same(kind, name, things):
                    _tell(kind, name, own, things, report)
        for name, members in other.modes.items():
            before = self.modes.get(name)
            if isinstance(before, list) and isinstance(members, list):
                self.modes[name] = _union(before, members)
            else:
                put(self.modes, name, members, other.modes)

    def _same(self, kind: str, name: str, things: Map) -> bool:
        own = self.named[kind]
        if own[name] != things[name]:
            return False
        first, second = mark_of(own, name, of_key=True), mark_of(things, name, of_key=True)
        if first == second or kind not in ("services", "checks"):
            return True
        return first is not None and second is not None and {first.file, second.file} <= self.compose

    def keep(self, wanted: Mapping[str, None]) -> None:
        """Leaves out all services but these, and the checks and modes that would miss one."""
        gone = {name for name in self.services if name not in wanted}
        split = references.Outputs({name: {} for name in self.services})
        for name in gone:
            _drop(self.services, name)
            self.facts.pop(name, None)
        for name, check in list(self.named["checks"].items()):
            if gone & set(_mentioned(check, split)) or (isinstance(check, dict) and text(check.get("service")) in gone):
                _drop(self.named["checks"], name)
        for name, members in list(self.modes.items()):
            if isinstance(members, list) and gone & set(map(text, members)):
                _drop(self.modes, name)

    def closure(self, names: list[str]) -> dict[str, None]:
        """These services and all that they need, as far as they come from here."""
        split = references.Outputs({name: {} for name in self.services})
        found: dict[str, None] = {}
        todo = [name for name in reversed(names) if name in self.services]
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = None
                todo += [one for one in self._needs(name, split) if one in self.services]
        return found

    def _needs(self, name: str, split: references.Outputs) -> Iterator[str]:
        service, facts = self.services[name], self.facts.get(name)
        if facts is not None and facts.server:
            yield facts.server
        if not isinstance(service, Map):
            return
        for key in ("needs", "depends_on"):
            value = service.get(key)
            yield from map(text, value) if isinstance(value, dict | list) else ()
        yield from derived(service)
        extends = service.get("extends")
        yield text(extends.get("service") if isinstance(extends, dict) else extends)
        yield from _mentioned(service, split)
        for config, _ in used(service, "configs"):
            yield from _mentioned(self.named["configs"].get(config), split)


def put(into: Map, name: str, value: Any, source: Map, old: str | None = None) -> None:
    """Sets an entry, with the places that `source` has for it (under the name `old`)."""
    into[name] = value
    key = name if old is None else old
    for marks, of_key in ((into.keys_at, True), (into.values_at, False)):
        if (mark := mark_of(source, key, of_key=of_key)) is not None:
            marks[name] = mark


def place(mark: Mark | None) -> str:
    """A place as it stands in a message."""
    return f"{mark.file}:{mark.line}" if mark is not None else "elsewhere"


def _tell(kind: str, name: str, own: Map, things: Map, report: Report) -> None:
    first, second = mark_of(own, name, of_key=True), mark_of(things, name, of_key=True)
    hint = f"give one of the includes a 'prefix', or change one of the two: {place(first)}, {place(second)}"
    what = _ONE[kind]
    message = f"the {what} '{name}' comes from two places: {place(first)} and {place(second)}"
    report.add("DE341", message, second, path=f"{kind}.{name}", hint=hint)


def _mentioned(value: Any, split: references.Outputs) -> Iterator[str]:
    """The services that references in a value name."""
    for written, _ in references.strings(value):
        for inner in references.found(written):
            if (reference := split.split(inner)) is not None:
                yield reference.service


def _union(one: list[Any], other: list[Any]) -> Seq:
    items = [(item, mark_of(one, i)) for i, item in enumerate(one)]
    there = {text(item) for item, _ in items}
    items += [(item, mark_of(other, i)) for i, item in enumerate(other) if text(item) not in there]
    marks = [mark for _, mark in items if mark is not None]
    return Seq((item for item, _ in items), items_at=marks if len(marks) == len(items) else [])


def _drop(mapping: Map, name: str) -> None:
    mapping.pop(name)
    mapping.keys_at.pop(name, None)
    mapping.values_at.pop(name, None)


def with_parts(data: Map, part: Part) -> Map:
    """A manifest's data with all that its includes bring."""
    result = like(data, data.items())
    for kind, things in (*part.named.items(), ("modes", part.modes)):
        if things or kind in result:
            put(result, kind, things if things else result[kind], data if kind in data else Map(mark=data.mark))
    return result
