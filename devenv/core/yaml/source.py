"""YAML 1.2 text → data with positions, without recursion and within bounds; and `dump` back to text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml import events as ev

from devenv.core.yaml.emit import dump
from devenv.core.yaml.errors import explain
from devenv.core.yaml.scalars import read_plain
from devenv.errors import Mark, Report
from devenv.model.data import Data, Map, Seq, Tagged, meant

__all__ = ["dump", "parse"]

MAX_BYTES = 4 * 1024 * 1024
MAX_NODES = 200_000
MAX_DEPTH = 100

_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_STANDARD = "tag:yaml.org,2002:"
_MERGE = _STANDARD + "merge"
_COMPOSE_TAGS = ("!reset", "!override")
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # only its parser; the pure one where libyaml is missing


def parse(text: str, file: str, report: Report) -> Data:
    """The data of one YAML document, with marks that carry `file`; None when it is empty or cannot be read.

    Registers the text with `report` and adds what is wrong as DE103 to DE112. Data with duplicate keys,
    unknown tags or keys that are not text is returned without them, so that later steps can go on looking.
    """
    start = Mark(file, 1, 1)
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        report.add("DE103", f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB", start)
        return None
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    report.source(file, text)
    if bad := _UNREADABLE.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        at = Mark(file, line, bad.start() - text.rfind("\n", 0, bad.start()))
        report.add("DE104", f"the character U+{ord(bad[0]):04X} is not text", at, hint="save the file as UTF-8 text")
        return None
    builder = _Builder(file, text.split("\n"), report)
    try:
        return builder.build(_events(text))
    except _Stop:
        return None
    except yaml.YAMLError as error:
        line, column, message, hint = explain(error, builder.lines)
        if "undefined tag handle" in str(error):
            report.add("DE109", "this tag is not known", Mark(file, line, column), hint=_TAG_HINT)
        else:
            report.add("DE105", message, Mark(file, line, column), hint=hint)
        return None


_TAG_HINT = "put a value that starts with '!' in quotes; the tags that are read are YAML's own, !reset and !override"


class _Stop(Exception):
    """The rest of the file cannot be read; the problem is in the report."""


def _events(text: str) -> Iterator[Any]:
    parser = _Parser(text)
    try:
        while (event := parser.get_event()) is not None:
            yield event
    finally:
        parser.dispose()


class _Frame:
    """A mapping or sequence that is being read."""

    __slots__ = ("anchor", "height", "key", "key_mark", "merges", "node", "nodes_before", "skip", "tag")

    def __init__(self, node: Map | Seq, tag: str | None, anchor: str | None, nodes_before: int) -> None:
        self.node = node
        self.tag = tag
        self.anchor = anchor
        self.nodes_before = nodes_before
        self.height = 1
        self.key: str | None = None
        self.key_mark: Mark | None = None
        self.skip = False
        self.merges: list[Map] | None = None


class _Builder:
    """Turns the parser's events into data, one at a time."""

    def __init__(self, file: str, lines: list[str], report: Report) -> None:
        self.file = file
        self.lines = lines
        self.report = report
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[Any, Mark, int, int]] = {}
        self.open_anchors: list[str] = []
        self.nodes = 0
        self.root: Data = None

    def build(self, events: Iterator[Any]) -> Data:
        documents = 0
        for event in events:
            kind = type(event)
            if kind is ev.ScalarEvent:
                self.scalar(event)
            elif kind is ev.MappingStartEvent or kind is ev.SequenceStartEvent:
                self.start(event, Map() if kind is ev.MappingStartEvent else Seq())
            elif kind is ev.MappingEndEvent or kind is ev.SequenceEndEvent:
                self.end()
            elif kind is ev.AliasEvent:
                self.alias(event)
            elif kind is ev.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    message = "a second YAML document starts here"
                    self.report.add("DE110", message, self.mark(event, 3), hint="keep one document in the file")
                    raise _Stop
        return self.root

    def mark(self, event: Any, width: int | None = None) -> Mark:
        start, end = event.start_mark, event.end_mark
        line, column = start.line, start.column
        if width is None:
            to = end.column if end.line == line else len(self.lines[line])
            width = max(to - column, 1)
        return Mark(self.file, line + 1, column + 1, width)

    def count(self, at: Mark, more: int, *, alias: bool = False) -> None:
        self.nodes += more
        if self.nodes > MAX_NODES:
            if alias:
                self.report.add("DE107", f"with its aliases the file has more than {MAX_NODES:,} values", at)
            else:
                self.report.add("DE103", f"the file has more than {MAX_NODES:,} values", at)
            raise _Stop

    def scalar(self, event: Any) -> None:
        at = self.mark(event)
        self.count(at, 1)
        tag, value = event.tag, event.value
        if tag is None and event.implicit[0]:
            value = read_plain(value)
        elif tag is not None and tag != "!":
            value = self.tagged_scalar(tag, value, at)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, at, 1, 0)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and type(frame.node) is Map and frame.key is None and not frame.skip:
            is_merge = value == "<<" and (tag == _MERGE or (event.implicit[0] and tag is None))
            self.set_key(frame, value, at, is_merge)
        else:
            self.place(value, at)

    def tagged_scalar(self, tag: str, text: str, at: Mark) -> Any:
        if tag in _COMPOSE_TAGS:
            return Tagged(tag, read_plain(text))
        value = read_plain(text)
        plain = meant(value)
        name = tag.removeprefix(_STANDARD)
        if tag == _STANDARD + "str" or (tag == _MERGE and text == "<<"):
            return text
        if tag in (_STANDARD + "int", _STANDARD + "float", _STANDARD + "bool", _STANDARD + "null"):
            if name == "float" and isinstance(plain, int) and not isinstance(plain, bool):
                return float(plain)
            if type(plain).__name__ == {"null": "NoneType"}.get(name, name):
                return value
            self.report.add("DE109", f"{text!r} is not what its tag !!{name} says", at)
        else:
            self.unknown_tag(tag, at)
        return value

    def unknown_tag(self, tag: str, at: Mark) -> None:
        shown = "!!" + tag.removeprefix(_STANDARD) if tag.startswith(_STANDARD) else tag
        self.report.add("DE109", f"the tag {shown} is not known", at, hint=_TAG_HINT)

    def start(self, event: Any, node: Map | Seq) -> None:
        at = self.mark(event, 1)
        self.count(at, 1)
        tag = event.tag
        if tag in (None, "!", _STANDARD + ("map" if type(node) is Map else "seq")):
            tag = None
        elif tag not in _COMPOSE_TAGS:
            self.unknown_tag(tag, at)
            tag = None
        if len(self.stack) >= MAX_DEPTH:
            self.too_deep(at)
        node.mark = at
        self.stack.append(_Frame(node, tag, event.anchor, self.nodes - 1))
        if event.anchor is not None:
            self.open_anchors.append(event.anchor)

    def too_deep(self, at: Mark) -> None:
        self.report.add("DE108", f"the data is nested more than {MAX_DEPTH} levels deep", at)
        raise _Stop

    def end(self) -> None:
        frame = self.stack.pop()
        node = frame.node
        at = node.mark
        assert at is not None
        if frame.merges:
            assert isinstance(node, Map)
            self.merge_into(node, frame.merges)
        if frame.anchor is not None:
            self.open_anchors.pop()
            self.anchors[frame.anchor] = (node, at, self.nodes - frame.nodes_before, frame.height)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, frame.height + 1)
        self.place(node if frame.tag is None else Tagged(frame.tag, node), at)

    def alias(self, event: Any) -> None:
        at = self.mark(event)
        name = event.anchor
        known = self.anchors.get(name)
        if known is None or name in self.open_anchors:
            if name in self.open_anchors:
                self.report.add("DE112", f"the alias *{name} refers to the value that contains it", at)
            else:
                hint = "put a value that starts with '*' in quotes"
                self.report.add("DE112", f"no anchor &{name} stands before the alias *{name}", at, hint=hint)
            self.place(None, at)
            return
        value, there, nodes, height = known
        self.count(at, nodes, alias=True)
        if len(self.stack) + height > MAX_DEPTH:
            self.too_deep(at)
        if self.stack:
            self.stack[-1].height = max(self.stack[-1].height, height + 1)
        self.place(_copy(value), there)

    def place(self, value: Any, at: Mark) -> None:
        """Puts a finished value where it belongs."""
        if not self.stack:
            self.root = value
            return
        frame = self.stack[-1]
        node = frame.node
        if type(node) is Seq:
            node.append(value)
            node.items_at.append(at)
            return
        assert isinstance(node, Map)
        key = frame.key
        if frame.skip:
            frame.skip = False
            if key == "<<":
                self.add_merge(frame, value, at)
            frame.key = None
        elif key is None:
            self.set_key(frame, value, at, False)
        else:
            node[key] = value
            node.values_at[key] = at
            frame.key = None

    def set_key(self, frame: _Frame, key: Any, at: Mark, is_merge: bool) -> None:
        node = frame.node
        assert isinstance(node, Map)
        if isinstance(key, bool | int | float):
            key = "true" if key is True else "false" if key is False else str(key)
        if not isinstance(key, str):
            what = "empty" if key is None else "not text"
            self.report.add("DE111", f"the key is {what}", at, hint=_KEY_HINT if key is not None else None)
            frame.skip = True
            return
        key = str(key)
        if is_merge and frame.merges is None:
            frame.merges = []
            frame.skip = True
            frame.key = key
            frame.key_mark = at
        elif is_merge or key in node:
            first = frame.key_mark if is_merge else node.keys_at[key]
            place = f" (first in line {first.line})" if first is not None else ""
            hint = "merge both: `<<: [*ONE, *OTHER]`" if is_merge else "keep one of the two"
            self.report.add("DE106", f"the key {key!r} stands twice{place}", at, hint=hint)
            frame.skip = True
        else:
            frame.key = key
            node.keys_at[key] = at

    def add_merge(self, frame: _Frame, value: Any, at: Mark) -> None:
        assert frame.merges is not None
        for one in value if isinstance(value, Seq) else [value]:
            if isinstance(one, Map):
                frame.merges.append(one)
            else:
                self.report.add("DE112", "'<<' takes a mapping or a list of mappings", at)

    @staticmethod
    def merge_into(node: Map, merges: list[Map]) -> None:
        """Adds the entries of `<<`, before the mapping's own; its own win, then the earlier of several."""
        own = Map(node, keys_at=dict(node.keys_at), values_at=dict(node.values_at))
        node.clear()
        node.keys_at.clear()
        node.values_at.clear()
        for source in [own, *merges]:
            for key in source:
                if key not in node:
                    node[key] = source[key]
                    node.keys_at[key] = source.keys_at[key]
                    node.values_at[key] = source.values_at[key]
        inherited = [key for key in node if key not in own]
        for key in [*inherited, *own]:
            node[key] = node.pop(key)


_KEY_HINT = "put a key that starts with '{' or '[' in quotes"


def _copy(value: Any) -> Any:
    """An alias's value, so that no two places share one object. Depth is bounded before."""
    if type(value) is Map:
        items = ((key, _copy(one)) for key, one in value.items())
        return Map(items, mark=value.mark, keys_at=dict(value.keys_at), values_at=dict(value.values_at))
    if type(value) is Seq:
        return Seq((_copy(one) for one in value), mark=value.mark, items_at=list(value.items_at))
    if type(value) is Tagged:
        return Tagged(value.tag, _copy(value.value))
    return value
