"""Private keys in what programs print: over several lines, among others, and cut anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from devenv.model.secret_forms import KNOWN

_MARK = re.compile(r"-----(BEGIN|END) (?:[A-Z]+ )*PRIVATE KEY-----")
_WHOLE = re.compile(KNOWN["a private key"])
_WORD = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]+={0,2}(?=[^A-Za-z0-9+/=]*$)")
_LONG = 40
_FULL = (64, 70, 76)  # characters of a line of a key, as those who write keys break them


def parts(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """What of a program's lines is of a private key: a line's number, and from where to where in it.

    From a key's first line to its last, or to where the log is cut, it is the last word of each line that is long, or
    stands in the column of that line and is no plain word; elsewhere one that is as long as lines of keys are.
    """
    near = {number: column for first, last, column in _keys(lines) for number in range(first, last + 1)}
    for number, line in enumerate(lines):
        if whole := _WHOLE.search(line):
            yield number, *whole.span()
        elif not _MARK.search(line) and (word := _WORD.search(line)) and _is_part(word, near.get(number)):
            yield number, *word.span()


def _keys(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """From which line to which keys may go, and in which column they stand."""
    start, begun = 0, None
    for number, mark in ((n, mark) for n, line in enumerate(lines) for mark in _MARK.finditer(line)):
        if mark[1] == "BEGIN":
            start, begun = number, mark.start()
        else:
            yield start, number, mark.start()
            start, begun = number + 1, None
    if begun is not None:
        yield start, len(lines) - 1, begun


def _is_part(found: re.Match[str], column: int | None) -> bool:
    word = found[0]
    is_mixed = word.lower() != word != word.upper()
    if column is None:
        return len(word) in _FULL and is_mixed and not word.isalpha()
    is_plain = word.isalpha() and (word[1:].islower() or word.isupper())
    return (len(word) >= _LONG and is_mixed) or word.endswith("=") or (found.start() == column and not is_plain)
