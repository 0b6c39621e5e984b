"""`${name.output}`: finding references in values and replacing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from devenv.core.suggest import suggest
from devenv.errors import Mark, Report
from devenv.model.data import Map, Seq, Tagged, mark_of
from devenv.records import frozen

# `$$` is consumed so that `$${db.url}` stays text; a name without a dot is Compose's and never matches.
_NAMED = r"[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)+"
_REFERENCE = re.compile(rf"\$(?:\$|\{{({_NAMED})\}})")
# `${API-v1.2}` is Compose's "API, or else v1.2" unless a service of that name says otherwise.
_COMPOSE_DEFAULT = re.compile(r"[A-Z_][A-Z0-9_]*-")

HOLDS_ONE = rf"^(?:[^$]|\$\$|\$(?!\$|\{{{_NAMED}\}}))*\$\{{{_NAMED}\}}"
"""What `found` finds something in, as a pattern that JSON Schema has, too."""

Replace = Callable[[str, Mark | None, str], str | None]
"""Takes what stands between the braces, its place and its dotted path; returns the text for it, None to leave it."""


@frozen
class Reference:
    """`${service.output}`, split."""

    service: str
    output: str


def replace(text: str, resolve: Callable[[str], str | None]) -> str:
    """`text` with each reference (given without braces) replaced; None leaves it as it is."""
    if "${" not in text:
        return text

    def one(match: re.Match[str]) -> str:
        inner = match.group(1)
        result = None if inner is None else resolve(inner)
        return match.group(0) if result is None else result

    return _REFERENCE.sub(one, text)


def found(text: str) -> list[str]:
    """The references in a text, without braces, in order."""
    return [m.group(1) for m in _REFERENCE.finditer(text) if m.group(1)] if "${" in text else []


def walk(value: Any, resolve: Replace, path: str = "", mark: Mark | None = None) -> Any:
    """`value` with the references in every string replaced, a copy where there are any; keys and marks stay."""
    if isinstance(value, str):
        if "${" not in value:
            return value
        return replace(value, lambda inner: resolve(inner, mark, path))
    if isinstance(value, Map):
        if not _refers(value):
            return value
        return Map(
            ((k, walk(v, resolve, f"{path}.{k}", mark_of(value, k))) for k, v in value.items()),
            mark=value.mark,
            keys_at=value.keys_at,
            values_at=value.values_at,
        )
    if isinstance(value, Seq):
        if not _refers(value):
            return value
        return Seq(
            (walk(v, resolve, f"{path}[{i}]", mark_of(value, i)) for i, v in enumerate(value)),
            mark=value.mark,
            items_at=value.items_at,
        )
    return value


def _refers(value: Any) -> bool:
    """Whether a reference may stand somewhere in nested data."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "${" in one and _REFERENCE.search(one):
                return True
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def strings(value: Any, mark: Mark | None = None) -> Iterator[tuple[str, Mark | None]]:
    """Every string in a value, with its place."""
    if isinstance(value, str):
        yield value, mark
    elif isinstance(value, Tagged):
        yield from strings(value.value, mark)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, mark_of(value, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from strings(item, mark_of(value, i))


class Outputs:
    """The outputs of every service in one view.

    `broken` are services that could not be read: references to them are not wrong because of that. `known` are
    outputs that exist in the other view.
    """

    def __init__(
        self,
        outputs: Mapping[str, Mapping[str, str]],
        *,
        broken: frozenset[str] = frozenset(),
        known: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._outputs = outputs
        self._broken = broken
        self._known = known or {}

    def split(self, inner: str) -> Reference | None:
        """The service and the output that a reference names; None when it is Compose's or names no service."""
        at = len(inner)
        while (at := inner.rfind(".", 0, at)) > 0:
            if inner[:at] in self._outputs:
                return Reference(inner[:at], inner[at + 1 :])
        return None

    def text(self, reference: Reference) -> str | None:
        """What the reference stands for."""
        return self._outputs[reference.service].get(reference.output)

    def explain(self, inner: str, report: Report, mark: Mark | None, path: str) -> None:
        """Adds what is wrong with a reference that stands for nothing; nothing when it may be Compose's own."""
        reference = self.split(inner)
        if reference is None:
            name = inner.partition(".")[0]
            if _COMPOSE_DEFAULT.match(inner) or name in self._broken:
                return
            hint = suggest(name, [*self._outputs, *self._broken])
            report.add("DE310", f"'${{{inner}}}': there is no service '{name}'", mark, path=path, hint=hint)
            return
        outputs = self._outputs[reference.service]
        message, hint = f"'{reference.service}' has no output '{reference.output}'", None
        if reference.output in self._known.get(reference.service, ()):
            message += " on the host, because its port is not published"
        else:
            hint = suggest(reference.output, outputs) or f"it has {', '.join(sorted(outputs))}"
        report.add("DE311", message, mark, path=path, hint=hint)


class Reader:
    """Replaces references in the values of one service (or other entry at `path`).

    `services` are those referred to, in order. Each wrong reference is told of once, at the first place.
    """

    def __init__(self, outputs: Outputs, report: Report, path: str) -> None:
        self.services: dict[str, None] = {}
        self._outputs = outputs
        self._report = report
        self._path = path
        self._told: set[str] = set()

    def value(self, value: Any, at: str = "", mark: Mark | None = None) -> Any:
        """A copy of `value` with its references replaced; `at` is its path below the reader's."""
        return walk(value, self._one, at, mark)

    def text(self, written: str, at: str = "", mark: Mark | None = None) -> str:
        """One text with its references replaced."""
        return replace(written, lambda inner: self._one(inner, mark, at))

    def _one(self, inner: str, mark: Mark | None, at: str) -> str | None:
        reference = self._outputs.split(inner)
        result = None if reference is None else self._outputs.text(reference)
        if reference is None or result is None:
            if inner not in self._told:
                self._told.add(inner)
                self._outputs.explain(inner, self._report, mark, self._path + at)
            return None
        self.services.setdefault(reference.service)
        return result
