"""Certain repairs made in a manifest's text: everything else of it stays, to the byte."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devenv.core.edit import Path, put, remove
from devenv.core.yaml.source import parse
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import Map, Seq
from devenv.model.lint import Fix

_BOM = "\ufeff"
_Places = dict[tuple[int, int], Path]


def apply(text: str, fixes: Sequence[Fix], file: str) -> tuple[str, list[Fix], list[Problem]]:
    """`text` with the fixes made, those that were, and what kept others from being made (an anchor that is used
    elsewhere, say). Fixes of one place are made once."""
    wanted = list({(fix.mark, fix.value, fix.add): fix for fix in fixes}.values())
    quoted = [fix for fix in wanted if fix.value is not None and _text_at(text, fix.mark, fix.value)]
    keys, values = _paths(text, file)
    for fix in sorted(quoted, key=lambda fix: fix.mark[:3], reverse=True):
        text = _quote(text, fix.mark, fix.value or "")
    made, problems = list(quoted), list[Problem]()
    removals = []
    for fix in wanted:
        at = (fix.mark.line, fix.mark.column)
        path = (keys if fix.value is None and not fix.add else values).get(at)
        if fix in quoted or path is None:
            continue
        if fix.value is None and not fix.add:
            removals.append((path, fix))  # last: they may leave a line without what the others look for
            continue
        try:
            for key, value in fix.add:
                text = put(text, (*path, key), value, file=file)
            text = put(text, path, fix.value, file=file) if fix.value is not None else text
            made.append(fix)
        except DevenvError as error:
            problems += error.problems
    for path, fix in removals:
        try:
            text = remove(text, path, file=file, emptied=True)
            made.append(fix)
        except DevenvError as error:
            problems += error.problems
    return text, made, problems


def _text_at(text: str, mark: Mark, value: str) -> bool:
    """Whether the text `value` stands at a place as it is: what is to be done is to put it in quotes."""
    lines = text.removeprefix(_BOM).split("\n")
    return mark.line <= len(lines) and lines[mark.line - 1][mark.column - 1 :].startswith(value)


def _quote(text: str, mark: Mark, value: str) -> str:
    bom = _BOM if text.startswith(_BOM) else ""
    lines = text.removeprefix(_BOM).split("\n")
    line, start = lines[mark.line - 1], mark.column - 1
    lines[mark.line - 1] = f'{line[:start]}"{value}"{line[start + len(value) :]}'
    return bom + "\n".join(lines)


def _paths(text: str, file: str) -> tuple[_Places, _Places]:
    """By line and column: the paths of keys, and those of values. What an alias or `<<` repeats is where it was written
    first."""
    keys: _Places = {}
    values: _Places = {}
    todo: list[tuple[Any, Path]] = [(parse(text, file, Report()), ())]
    while todo:
        value, path = todo.pop(0)
        entries: list[tuple[Any, Any]] = []
        if isinstance(value, Map):
            entries = list(value.items())
            for key, mark in value.keys_at.items():
                keys.setdefault((mark.line, mark.column), (*path, key))
        elif isinstance(value, Seq):
            entries = list(enumerate(value))
        at = value.values_at if isinstance(value, Map) else dict(enumerate(getattr(value, "items_at", ())))
        for key, one in entries:
            below = (*path, key)
            if (place := at.get(key)) is not None:
                values.setdefault((place.line, place.column), below)
            todo.append((one, below))
    return keys, values
