"""Two values in words for people: of long ones only what differs, of secrets only that they do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher, unified_diff
from itertools import zip_longest
from typing import Any

from devenv.core.provenance import paths
from devenv.model import secrecy
from devenv.model.difference import Difference, Why

ABSENT = object()
CONTENT = "(content)"

_LONG = 160
_BEFORE = 20  # characters of a long text that are shown before what differs
_LINES = 20
# A machine's own port is shown as its default, a machine's own secret without the default that nobody uses.
_OF_A_MACHINE = re.compile(r"\$\{(?:DEVENV_PORT_\w+:-(\d+)|(DEVENV_SECRET_\w+):-[^{}]*)\}")


def words(key: str, value: Any) -> str:
    """A value for people: a text in quotes, a long one only named."""
    said = _said(key, value)
    if said != secrecy.HIDDEN and _is_long(said):
        return CONTENT
    return _quoted(value, said)


def difference(key: str, one: Any, other: Any, whys: tuple[Why, ...]) -> Difference:
    """Two values that differ, of which one may be ABSENT. Of texts of several lines the lines that differ are told, as
    a unified diff has them; of other long ones the parts around what differs."""
    if not isinstance(one, str) or not isinstance(other, str):
        old, new = (None if value is ABSENT else words(key, value) for value in (one, other))
        return Difference(key, old, new, whys)
    before, after = _said(key, one), _said(key, other)
    if before == after or not (_is_long(before) or _is_long(after)):
        return Difference(key, words(key, one), words(key, other), whys)
    if "\n" in before + after:
        return Difference(key, CONTENT, CONTENT, whys, tuple(_lines(before, after)))
    differs = next((i for i, (was, now) in enumerate(zip(before, after, strict=False)) if was != now), len(before))
    start = max(0, min(differs, len(after)) - _BEFORE)
    return Difference(key, _quoted(one, _part(before, start)), _quoted(other, _part(after, start)), whys)


def is_short_command(path: paths.Path, one: list[Any], other: list[Any]) -> bool:
    """Whether lists are commands that can be shown as a whole."""
    return paths.is_whole(path) and not any(_is_long(_said(paths.shown(path), command)) for command in (one, other))


def pairs(path: paths.Path, one: list[Any], other: list[Any]) -> list[tuple[int | None, int | None]]:
    """The items of two lists that differ, by their places in both: one that goes and one that comes in its place are
    one change. Only the words of commands have an order; where nothing but that differs in other lists, none."""
    if not paths.is_whole(path):
        less = [i for i, item in enumerate(one) if not any(same(item, o) for o in other)]
        more = [i for i, item in enumerate(other) if not any(same(item, o) for o in one)]
        return list(zip_longest(less, more))
    before, after = ([json.dumps(item, default=str) for item in items] for items in (one, other))
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = [(range(i, i_end), range(j, j_end)) for kind, i, i_end, j, j_end in codes if kind != "equal"]
    return [pair for less, more in changed for pair in zip_longest(less, more)]


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same to Compose: a number and its text are not."""
    return bool(one == other) and isinstance(one, str) == isinstance(other, str)


def _said(key: str, value: Any) -> str:
    return _OF_A_MACHINE.sub(lambda m: m[1] if m[1] else f"${{{m[2]}}}", secrecy.shown(key, value))


def _quoted(value: Any, said: str) -> str:
    whole = isinstance(value, Mapping | list) or said == secrecy.HIDDEN
    return str(said) if whole else json.dumps(said, ensure_ascii=False)


def _is_long(said: str) -> bool:
    return len(said) > _LONG or "\n" in said


def _part(said: str, start: int) -> str:
    rest = said[start:]
    return "…" * bool(start) + (rest if len(rest) <= _LONG // 2 else rest[: _LONG // 2] + "…")


def _lines(one: str, other: str) -> Iterator[str]:
    found = list(unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=1))[2:]
    for line in found[:_LINES]:
        yield line if len(line) <= _LONG else line[:_LONG] + "…"
    if len(found) > _LINES:
        yield f"… and {len(found) - _LINES} more lines"
