"""Which tag of a repository, or version of a template, is a newer one."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)*")

_Numbers = tuple[tuple[int, ...], ...]


def newest_like(ref: str, tags: Iterable[str]) -> str | None:
    """The tag with the highest numbers of those that are written like `ref` (`v1.2`, `v1.10`, `v2`): the same text but
    for the numbers, so that no pre-release counts. None when none is higher, or `ref` is no such tag."""
    tags = list(tags)
    if ref not in tags:
        return None
    text, here = _taken_apart(ref)
    found = [(numbers, tag) for tag in tags for like, numbers in [_taken_apart(tag)] if like == text]
    highest, tag = max(found)
    return tag if highest > here else None


def newest_version(version: str, versions: Iterable[str]) -> str | None:
    """The newest of a template's versions, if it is newer than `version`: 4.1 is newer than 4.0, and no other than 4,
    which moves."""
    newest = newest_like(version, versions)
    return newest if newest is not None and not newest.startswith(f"{version}.") else None


def _taken_apart(tag: str) -> tuple[str, _Numbers]:
    """A tag's text with its numbers left out, and these."""
    return _NUMBER.sub("#", tag), tuple(tuple(map(int, one.split("."))) for one in _NUMBER.findall(tag))
