"""Certain repairs made in a manifest's text: everything else of it stays, to the byte."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from devenv.core.edit import Change, Path, change
from devenv.core.yaml.places import Place, places
from devenv.core.yaml.source import parse
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import Map, Seq
from devenv.model.lint import Fix

_BOM = "\ufeff"
_Places = dict[tuple[int, int], Path | None]


def possible(text: str, fixes: Sequence[Fix], file: str) -> set[Fix]:
    """Those of the fixes that `apply` can make in `text`: none of what an alias or `<<` has elsewhere, too, and no
    removal that would let something that `<<` brings count."""
    keys, values = _paths(text, file)
    lines, brought = _lines(text), _also_brought(text)

    def can_be(fix: Fix) -> bool:
        if _path(fix, keys, values) is None:
            return _is_text(lines, fix)
        return not _is_removal(fix) or (fix.mark.line, fix.mark.column) not in brought

    return {fix for fix in fixes if can_be(fix)}


def apply(text: str, fixes: Sequence[Fix], file: str) -> tuple[str, list[Fix], list[Problem]]:
    """`text` with the fixes made, those that were, and what kept others from being made (an anchor that is used
    elsewhere, say). Fixes of one place are made once."""
    wanted = list({(fix.mark, fix.value, fix.add): fix for fix in fixes}.values())
    lines = _lines(text)
    quoted = [fix for fix in wanted if _is_text(lines, fix)]
    others = [fix for fix in wanted if not _is_text(lines, fix)]
    keys, values = _paths(text, file)
    for fix in sorted(quoted, key=lambda fix: fix.mark[:3], reverse=True):
        _quote(lines, fix.mark, fix.value or "")
    text = (_BOM if text.startswith(_BOM) else "") + "\n".join(lines)
    changes = {fix: _changes(fix, path) for fix in others if (path := _path(fix, keys, values))}
    ordered = sorted(changes, key=_is_removal)  # last: they may leave a line without what the others look for
    try:
        return change(text, [one for fix in ordered for one in changes[fix]], file=file), [*quoted, *ordered], []
    except DevenvError:
        pass  # not all can be made: one after the other tells which
    made, problems = list(quoted), list[Problem]()
    for fix in ordered:
        try:
            text = change(text, changes[fix], file=file)
            made.append(fix)
        except DevenvError as error:
            problems += error.problems
    return text, made, problems


def _changes(fix: Fix, path: Path) -> list[Change]:
    if _is_removal(fix):
        return [Change(path, emptied=True)]
    own = [Change(path, fix.value)] if fix.value is not None else []
    return [*(Change((*path, key), value) for key, value in fix.add), *own]


def _is_removal(fix: Fix) -> bool:
    return fix.value is None and not fix.add


def _path(fix: Fix, keys: _Places, values: _Places) -> Path | None:
    return (keys if _is_removal(fix) else values).get((fix.mark.line, fix.mark.column))


def _also_brought(text: str) -> set[tuple[int, int]]:
    """The line and column of every key that `<<` would bring to its mapping, too."""
    if "<<" not in text:
        return set()
    text = text.removeprefix(_BOM)
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    found: set[tuple[int, int]] = set()
    names: dict[int, frozenset[str]] = {}  # what each value has for a `<<`
    anchored: dict[str, frozenset[str]] = {}
    for node in _inner_first(places(text)):
        own = {key.name: key for key in node.keys if not key.merges}
        merged = [value for key, value in node.entries if key.merges] or (node.values if not node.keys else [])
        brought = frozenset[str]().union(*(names[id(value)] for value in merged))
        for key in brought & own.keys():
            line = bisect_right(starts, own[key].start)
            found.add((line, own[key].start - starts[line - 1] + 1))
        names[id(node)] = anchored.get(node.name, brought) if node.kind == "alias" else brought | own.keys()
        if node.anchor is not None:
            anchored[node.anchor] = names[id(node)]
    return found


def _inner_first(root: Place | None) -> Iterator[Place]:
    """Every value of a document, in the order in which they end."""
    todo, found = [root] if root is not None else [], list[Place]()
    while todo:
        found.append(todo.pop())
        todo += found[-1].values
    return reversed(found)


def _lines(text: str) -> list[str]:
    return text.removeprefix(_BOM).split("\n")


def _is_text(lines: Sequence[str], fix: Fix) -> bool:
    """Whether a fix's value stands at its place as it is: what is to be done is to put it in quotes."""
    mark = fix.mark
    there = lines[mark.line - 1][mark.column - 1 :] if mark.line <= len(lines) else ""
    return fix.value is not None and there.startswith(fix.value)


def _quote(lines: list[str], mark: Mark, value: str) -> None:
    line, start = lines[mark.line - 1], mark.column - 1
    lines[mark.line - 1] = f'{line[:start]}"{value}"{line[start + len(value) :]}'


def _paths(text: str, file: str) -> tuple[_Places, _Places]:
    """By line and column: the paths of keys, and those of values; None for what an alias or `<<` has elsewhere, too:
    nobody can say who else should get another."""
    keys: _Places = {}
    values: _Places = {}
    todo: list[tuple[Any, Path]] = [(parse(text, file, Report()), ())]
    while todo:
        value, path = todo.pop()
        entries: list[tuple[Any, Any]] = []
        if isinstance(value, Map):
            entries = list(value.items())
            for key, mark in value.keys_at.items():
                at = mark.line, mark.column
                keys[at] = None if at in keys else (*path, key)
        elif isinstance(value, Seq):
            entries = list(enumerate(value))
        marks = value.values_at if isinstance(value, Map) else dict(enumerate(getattr(value, "items_at", ())))
        for key, one in entries:
            below = (*path, key)
            if (place := marks.get(key)) is not None:
                at = place.line, place.column
                values[at] = None if at in values else below
            todo.append((one, below))
    return keys, values
