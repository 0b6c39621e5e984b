"""YAML text → where each value stands in it: the map that edits cut along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Literal

import yaml
from yaml import events as ev

from devenv.records import field, mutable

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PROPERTY = re.compile(r"[&!]\S*\s+(?:#[^\n]*\n\s*)*")
_KEEP = re.compile(r"[|>](?:\d?\+|\+\d?)")

Kind = Literal["scalar", "map", "seq", "alias"]


@mutable
class Place:
    """A value in a text: `start` and `end` are offsets of what is written for it, without comments that follow.

    `body` is where it starts behind its anchor and tag. `flow` collections are written in braces or brackets. A
    mapping's keys stand in `keys`, beside `values`; a sequence has `values` alone. `quote` is a scalar's style.
    """

    kind: Kind
    start: int
    end: int
    body: int
    flow: bool = False
    quote: str = ""
    name: str = ""
    anchor: str | None = None
    keys: list[Place] = field(default_factory=list)
    values: list[Place] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether nothing is written: the value of `key:`."""
        return self.kind == "scalar" and self.start == self.end

    @property
    def merges(self) -> bool:
        """Whether it is the key `<<`, by which entries come that are written elsewhere."""
        return self.name == "<<" and not self.quote

    @property
    def block(self) -> bool:
        """Whether it is a collection in block style."""
        return self.kind in ("map", "seq") and not self.flow

    @property
    def below(self) -> list[Place]:
        """What it consists of, in the order of the text."""
        return [part for entry in self.entries for part in entry] or self.values

    @property
    def entries(self) -> Iterator[tuple[Place, Place]]:
        """A mapping's keys, each with its value."""
        return zip(self.keys, self.values, strict=False)

    def find(self, key: str) -> int | None:
        """Which entry of a mapping has that key as its own; what `<<` brings is not its own."""
        return self._numbers.get(key)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        entries = reversed([*enumerate(self.keys)])  # of two alike, the first counts
        return {place.name: number for number, place in entries if place.kind == "scalar"}


def places(text: str) -> Place | None:
    """The places of a document that `core.yaml.source.parse` reads without a problem; None when it is empty."""
    parser = _Parser(text)
    try:
        return _Reader(text).read(iter(parser.get_event, None))
    finally:
        parser.dispose()


def content(text: str) -> int:
    """Where a document's content begins: behind directives and `---`, or at 0 where there is none of these."""
    parser = _Parser(text)
    try:
        parser.get_event()
        start = parser.get_event()
        mark: Any = start.end_mark if isinstance(start, ev.DocumentStartEvent) and start.explicit else None
        return mark.index if mark else 0
    finally:
        parser.dispose()


class _Reader:
    """Puts the parser's events together, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[tuple[Place, list[Place]]] = []
        self.root: Place | None = None

    def read(self, events: Iterator[Any]) -> Place | None:
        for event in events:
            kind = type(event)
            if kind in (ev.MappingStartEvent, ev.SequenceStartEvent):
                self.open.append((self.collection(event), []))
            elif kind in (ev.MappingEndEvent, ev.SequenceEndEvent):
                self.close(event)
            elif kind is ev.ScalarEvent:
                self.add(self.scalar(event))
            elif kind is ev.AliasEvent:
                at = event.start_mark.index
                self.add(Place("alias", at, event.end_mark.index, at, name=event.anchor))
        return self.root

    def collection(self, event: Any) -> Place:
        kind: Kind = "map" if type(event) is ev.MappingStartEvent else "seq"
        start, end = event.start_mark.index, event.end_mark.index
        return Place(kind, start, end, self.behind(event, start), flow=bool(event.flow_style), anchor=event.anchor)

    def scalar(self, event: Any) -> Place:
        start, end = event.start_mark.index, event.end_mark.index
        body = self.behind(event, start)
        if event.style in ("|", ">") and not _KEEP.match(self.text, body):
            end = body + len(self.text[body:end].rstrip())
        quote = event.style or ""
        return Place("scalar", start, end, min(body, end), quote=quote, name=event.value, anchor=event.anchor)

    def behind(self, event: Any, start: int) -> int:
        """Where the value itself starts, behind its anchor and tag."""
        for _ in range((event.anchor is not None) + (event.tag is not None)):
            found = _PROPERTY.match(self.text, start)
            start = found.end() if found else start
        return start

    def close(self, event: Any) -> None:
        place, inside = self.open.pop()
        if place.kind == "map":
            place.keys, place.values = inside[::2], inside[1::2]
        else:
            place.values = inside
        if place.flow:
            place.end = event.end_mark.index
        else:
            place.end = max((one.end for one in place.below), default=place.end)
        self.add(place)

    def add(self, place: Place) -> None:
        if self.open:
            self.open[-1][1].append(place)
        else:
            self.root = place
