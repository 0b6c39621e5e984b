"""Patterns of parameters: only those that are matched in a moment, whatever the text.

A matcher that goes back tries every way to match the beginning of a text before it gives up. Where the next sign says
which way to go there is one way; elsewhere the ways of all parts multiply. This counts them, at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

LONGEST = 300
"""Characters of a text that is held to a pattern, and of a pattern."""

_WAYS = 4 * LONGEST  # a repeat that may end anywhere in the longest text, and a little more
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_OTHER = 128  # stands for every sign that is not ASCII
_ALL = frozenset(range(_OTHER + 1))
_NONE: frozenset[int] = frozenset()
_NUMBER_BEGINS = frozenset(map(ord, "+-.0123456789"))
_NUMBER = _NUMBER_BEGINS | frozenset(map(ord, "abcdefABCDEFoxinINnaNA"))
_EXPONENT = frozenset(map(ord, "eE"))
_CATEGORIES = {
    "CATEGORY_DIGIT": r"\d",
    "CATEGORY_NOT_DIGIT": r"\D",
    "CATEGORY_WORD": r"\w",
    "CATEGORY_NOT_WORD": r"\W",
    "CATEGORY_SPACE": r"\s",
    "CATEGORY_NOT_SPACE": r"\S",
}


def wrong_pattern(pattern: str) -> str | None:
    """Why a pattern cannot be."""
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST} characters"
    try:
        re.compile(pattern)
        parsed = _parser.parse(pattern)
        if parsed.state.flags & re.IGNORECASE:
            return "cannot ignore case: name the letters"
        slow = _ways(parsed, _NONE) > _WAYS
    except (re.error, OverflowError, RecursionError):
        return "is not a regular expression"
    return "may take for ever: it can match the beginning of a text in many ways" if slow else None


def numbers(pattern: str) -> tuple[bool, bool, bool]:
    """Of what numbers are without quotes, may the pattern match any, one below zero, and one with a fraction?

    A no is certain. The pattern is none that `wrong_pattern` objects to.
    """
    items = _parser.parse(pattern)
    first, signs = _first(items)[0], _all_signs(items)
    parts = [_first([item]) for item in items]
    any_ = bool(first & _NUMBER_BEGINS) and all(empty or begins & _NUMBER for begins, empty in parts)
    fraction = ord(".") in signs or (ord("-") in signs and bool(signs & _EXPONENT))
    return any_, any_ and ord("-") in first, any_ and fraction


def _all_signs(items: Iterable[Any]) -> frozenset[int]:
    """Every sign that a part of a sequence takes."""
    found = _NONE
    for kind, detail in items:
        if kind in _REPEATS:
            found |= _all_signs(detail[2])
        elif kind is _constants.BRANCH:
            found = found.union(*map(_all_signs, detail[1]))
        elif kind is _constants.SUBPATTERN:
            found |= _all_signs(detail[3])
        else:
            found |= _signs((kind, detail))
    return found


def _ways(items: Iterable[Any], after: frozenset[int]) -> int:
    """How many ways there are through a sequence that signs of `after` may follow (none: the end of the text)."""
    ways = 1
    for item in reversed(list(items)):
        ways = min(ways * _ways_of(item, after), _WAYS + 1)
        first, empty = _first([item])
        after = first | after if empty else first
    return ways


def _ways_of(item: Any, after: frozenset[int]) -> int:
    kind, detail = item
    if kind in _REPEATS:
        least, most, body = int(detail[0]), min(int(detail[1]), LONGEST), detail[2]
        first, empty = _first(body)
        if empty and most > 1:
            return _WAYS + 1
        ends = most - least + 1 if empty or first & after else 1
        return int(max(ends, 1) * _ways(body, first | after if most > 1 else after) ** most)
    if kind is _constants.BRANCH:
        firsts = [first | after if empty else first for first, empty in map(_first, detail[1])]
        each = [_ways(one, after) for one in detail[1]]
        apart = sum(map(len, firsts)) == len(_NONE.union(*firsts))
        return max(each) if apart else sum(each)
    if kind is _constants.SUBPATTERN:
        return _WAYS + 1 if detail[1] & re.IGNORECASE else _ways(detail[3], after)
    return 1 if kind is _constants.AT or _signs(item) else _WAYS + 1  # what looks around, or at an earlier group


def _first(items: Iterable[Any]) -> tuple[frozenset[int], bool]:
    """The signs that a sequence may begin with, and whether it may be empty."""
    found = _NONE
    for item in items:
        kind, detail = item
        empty = False
        if kind in _REPEATS:
            first, empty = _first(detail[2])
            empty = empty or int(detail[0]) == 0
        elif kind is _constants.BRANCH:
            firsts = [_first(one) for one in detail[1]]
            first, empty = _NONE.union(*(one for one, _ in firsts)), any(may_be for _, may_be in firsts)
        elif kind is _constants.SUBPATTERN:
            first, empty = _first(detail[3])
        else:
            first, empty = _signs(item), kind is _constants.AT
        found |= first
        if not empty:
            return found, False
    return found, True


def _signs(item: Any) -> frozenset[int]:
    """What a part of one sign takes; nothing for any other part."""
    kind, detail = item
    if kind is _constants.LITERAL:
        return frozenset((min(detail, _OTHER),))
    if kind is _constants.NOT_LITERAL:
        return _ALL - {detail} | {_OTHER}
    if kind is _constants.RANGE:
        return frozenset(range(min(detail[0], _OTHER), min(detail[1], _OTHER) + 1))
    if kind is _constants.CATEGORY:
        category = re.compile(_CATEGORIES[str(detail)])
        return frozenset(code for code in _ALL if code == _OTHER or category.match(chr(code)))
    if kind is _constants.IN:
        return _members(detail)
    return _ALL if kind is _constants.ANY else _NONE


def _members(members: Sequence[Any]) -> frozenset[int]:
    inverted = members[0][0] is _constants.NEGATE
    found = _NONE.union(*map(_signs, members[1:] if inverted else members))
    return _ALL - found | {_OTHER} if inverted else found
