"""Certain repairs made in a manifest's text: everything else of it stays, to the byte."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from devenv.core.edit import Change, Path, change, remove
from devenv.core.yaml.places import places
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
    lines, beside = _lines(text), _beside_merges(text)

    def can_be(fix: Fix) -> bool:
        path = _path(fix, keys, values)
        if path is None or not _is_removal(fix):
            return path is not None or _is_text(lines, fix)
        return (fix.mark.line, fix.mark.column) not in beside or _goes(text, path, file)

    return {fix for fix in fixes if can_be(fix)}


def apply(text: str, fixes: Sequence[Fix], file: str) -> tuple[str, list[Fix], list[Problem]]:
    """`text` with the fixes made, those that were, and what kept others from being made (an anchor that is used
    elsewhere, say). Fixes of one place are made once."""
    wanted = list({(fix.mark, fix.value, fix.add): fix for fix in fixes}.values())
    lines = _lines(text)
    quoted = [fix for fix in wanted if _is_text(lines, fix)]
    keys, values = _paths(text, file)
    for fix in sorted(quoted, key=lambda fix: fix.mark[:3], reverse=True):
        text = _quote(text, fix.mark, fix.value or "")
    changes = {fix: _changes(fix, path) for fix in wanted if (path := _path(fix, keys, values)) and fix not in quoted}
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


def _goes(text: str, path: Path, file: str) -> bool:
    try:
        return bool(remove(text, path, file=file, emptied=True))
    except DevenvError:
        return False


def _beside_merges(text: str) -> set[tuple[int, int]]:
    """The line and column of every key that stands in a mapping with `<<`."""
    if "<<" not in text:
        return set()
    text = text.removeprefix(_BOM)
    starts = list(accumulate((len(line) + 1 for line in text.split("\n")), initial=0))
    found: set[tuple[int, int]] = set()
    todo = [places(text)]
    while todo:
        if (node := todo.pop()) is None:
            continue
        todo += node.values
        if any(key.merges for key in node.keys):
            for key in node.keys:
                line = bisect_right(starts, key.start)
                found.add((line, key.start - starts[line - 1] + 1))
    return found


def _lines(text: str) -> list[str]:
    return text.removeprefix(_BOM).split("\n")


def _is_text(lines: Sequence[str], fix: Fix) -> bool:
    """Whether a fix's value stands at its place as it is: what is to be done is to put it in quotes."""
    mark = fix.mark
    there = lines[mark.line - 1][mark.column - 1 :] if mark.line <= len(lines) else ""
    return fix.value is not None and there.startswith(fix.value)


def _quote(text: str, mark: Mark, value: str) -> str:
    bom = _BOM if text.startswith(_BOM) else ""
    lines = _lines(text)
    line, start = lines[mark.line - 1], mark.column - 1
    lines[mark.line - 1] = f'{line[:start]}"{value}"{line[start + len(value) :]}'
    return bom + "\n".join(lines)


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
