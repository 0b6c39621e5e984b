"""Patterns of parameters and of policies: only those that are matched in a moment, whatever the text.

A matcher that goes back tries every way to match the beginning of a text before it gives up. Where the next sign says
which way to go there is one way; elsewhere the ways of all parts multiply. This counts them, at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

LONGEST = 300
"""Characters of a text that is held to a pattern, and of a pattern."""

_WAYS = 4 * LONGEST  # a repeat that may end anywhere in the longest text, and a little more
_WAYS_OF_A_POLICY = (LONGEST + 1) ** 2  # two such repeats: a policy has few patterns, and no stranger writes it
_TOO_MANY = _WAYS_OF_A_POLICY + 1
_REPEATS = (_constants.MAX_REPEAT, _constants.MIN_REPEAT)
_LOOKS = (_constants.ASSERT, _constants.ASSERT_NOT)
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
    """Why a parameter cannot have a pattern."""
    if len(pattern) > LONGEST:
        return f"is longer than {LONGEST} characters"
    try:
        re.compile(pattern)
        parsed = _parser.parse(pattern)
        if parsed.state.flags & re.IGNORECASE:
            return "cannot ignore case: name the letters"
        slow = not all(map(_is_simple, _parts(parsed))) or _ways(parsed, _NONE) > _WAYS
    except (re.error, OverflowError, RecursionError):
        return "is not a regular expression"
    return SLOW if slow else None


def wrong_pattern_of_policy(pattern: str) -> str | None:
    """Why a policy cannot have a pattern: it may match in more ways than a parameter's, ignore case, look around, and
    back at a group."""
    try:
        re.compile(pattern)
        parsed = _parser.parse(pattern)
        slow = _ways(parsed, _NONE, fold=bool(parsed.state.flags & re.IGNORECASE)) > _WAYS_OF_A_POLICY
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    return SLOW if slow else None


SLOW = "may take for ever: it can match the beginning of a text in many ways"


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches the whole of a text; one that is longer than LONGEST it never does."""
    return len(text) <= LONGEST and re.fullmatch(pattern, text) is not None


def numbers(pattern: str) -> tuple[bool, bool, bool]:
    """Of what numbers are without quotes, may the pattern match any, one below zero, and one with a fraction?

    A no is certain. The pattern is none that `wrong_pattern` objects to.
    """
    items = _parser.parse(pattern)
    first, signs = _first(items)[0], _NONE.union(*map(_signs, _parts(items)))
    parts = [_first([item]) for item in items]
    any_ = bool(first & _NUMBER_BEGINS) and all(empty or begins & _NUMBER for begins, empty in parts)
    fraction = ord(".") in signs or (ord("-") in signs and bool(signs & _EXPONENT))
    return any_, any_ and ord("-") in first, any_ and fraction


def _parts(items: Iterable[Any]) -> Iterator[Any]:
    """Every part of a sequence, and what these are made of."""
    for item in items:
        yield item
        for inner in _inner(item):
            yield from _parts(inner)


def _inner(item: Any) -> Sequence[Iterable[Any]]:
    """The sequences that a part is made of."""
    kind, detail = item
    if kind in _REPEATS:
        return (detail[2],)
    if kind is _constants.SUBPATTERN:
        return (detail[3],)
    if kind in _LOOKS:
        return (detail[1],)
    return detail[1] if kind is _constants.BRANCH else ()


def _is_simple(item: Any) -> bool:
    """Whether a part neither looks around, or back at a group, nor ignores case."""
    kind, detail = item
    if kind is _constants.SUBPATTERN:
        return not detail[1] & re.IGNORECASE
    return kind in (*_REPEATS, _constants.BRANCH, _constants.AT) or bool(_signs(item))


def _ways(items: Iterable[Any], after: frozenset[int], fold: bool = False) -> int:
    """How many ways there are through a sequence that signs of `after` may follow (none: the end of the text). `fold`
    says that it ignores case."""
    ways = 1
    beyond = _NONE  # what may follow the next part, where that is one sign
    for item in reversed(list(items)):
        ways = min(ways * _ways_of(item, after, beyond, fold), _TOO_MANY)
        first, empty = _first([item], fold)
        beyond = after if _signs(item) else _NONE
        after = first | after if empty else first
    return ways


def _ways_of(item: Any, after: frozenset[int], beyond: frozenset[int], fold: bool) -> int:
    kind, detail = item
    if kind in _REPEATS:
        least, most, body = int(detail[0]), min(int(detail[1]), LONGEST), detail[2]
        first, empty = _first(body, fold)
        if empty and most > 1:
            return _TOO_MANY
        open_ = empty or (first & after and not _ends_at_last(body, first, after, beyond))
        ends = most - least + 1 if open_ else 1
        return int(max(ends, 1) * _ways(body, first | after if most > 1 else after, fold) ** most)
    if kind is _constants.BRANCH:
        firsts = [first | after if empty else first for first, empty in (_first(one, fold) for one in detail[1])]
        each = [_ways(one, after, fold) for one in detail[1]]
        apart = sum(map(len, firsts)) == len(_NONE.union(*firsts))
        return max(each) if apart else sum(each)
    if kind is _constants.SUBPATTERN:
        return _ways(detail[3], after, fold or bool(detail[1] & re.IGNORECASE))
    if kind in _LOOKS:
        return _ways(detail[1], _ALL, fold)
    return 1 if kind in (_constants.AT, _constants.GROUPREF) or _signs(item) else _TOO_MANY


def _ends_at_last(body: Any, first: frozenset[int], after: frozenset[int], beyond: frozenset[int]) -> bool:
    """Whether a repeat of one sign, before one that it takes as well, goes on to the last: what follows that one
    (`beyond`) it does not take, as in `[a-z-]*[a-z]` before a dot."""
    one_sign = len(body) == 1 and bool(_signs(body[0]))
    return one_sign and bool(beyond) and after <= first and not first & beyond


def _first(items: Iterable[Any], fold: bool = False) -> tuple[frozenset[int], bool]:
    """The signs that a sequence may begin with, and whether it may be empty."""
    found = _NONE
    for item in items:
        kind, detail = item
        empty = False
        if kind in _REPEATS:
            first, empty = _first(detail[2], fold)
            empty = empty or int(detail[0]) == 0
        elif kind is _constants.BRANCH:
            firsts = [_first(one, fold) for one in detail[1]]
            first, empty = _NONE.union(*(one for one, _ in firsts)), any(may_be for _, may_be in firsts)
        elif kind is _constants.SUBPATTERN:
            first, empty = _first(detail[3], fold or bool(detail[1] & re.IGNORECASE))
        elif kind is _constants.GROUPREF:
            first, empty = _ALL, True
        else:
            first, empty = _signs(item), kind is _constants.AT or kind in _LOOKS
            first = _folded(first) if fold else first
        found |= first
        if not empty:
            return found, False
    return found, True


def _folded(signs: frozenset[int]) -> frozenset[int]:
    """Signs and their other case; some letters have one beyond ASCII."""
    letters = {chr(sign) for sign in signs if sign < _OTHER and chr(sign).isalpha()}
    return signs | {ord(letter.swapcase()) for letter in letters} | ({_OTHER} if letters else _NONE)


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
