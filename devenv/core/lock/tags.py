"""Which tag of a repository is a newer one."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBERED = re.compile(r"(.*?)([0-9]+(?:\.[0-9]+)*)")


def newest_like(ref: str, tags: Iterable[str]) -> str | None:
    """The tag with the highest number of those that are written like `ref` (`v1.2`, `v1.10`, `v2`): the same text
    before the numbers, and nothing behind them, so that no pre-release counts. None when none is higher, or `ref` is no
    such tag."""
    tags = list(tags)
    if ref not in tags or (here := _numbers(ref)) is None:
        return None
    found = [(numbers[1], tag) for tag in tags if (numbers := _numbers(tag)) is not None and numbers[0] == here[0]]
    highest, tag = max(found)
    return tag if highest > here[1] else None


def _numbers(tag: str) -> tuple[str, tuple[int, ...]] | None:
    match = _NUMBERED.fullmatch(tag)
    return None if match is None else (match[1], tuple(map(int, match[2].split("."))))
