"""Which releases of devenv a lock is for: those that generate the same from it."""

from __future__ import annotations

import re

_BOUND = re.compile(r"\s*(>=|<)\s*([0-9]+(?:\.[0-9]+)*)\s*")


def range_of(version: str) -> str:
    """The range that a release writes into a lock: up to the next release that may generate other bytes."""
    major, minor = (*_numbers(version), 0, 0)[:2]
    return f">={major}.{minor}, <{major + 1}" if major else f">=0.{minor}, <0.{minor + 1}"


def within(version: str, wanted: str) -> bool:
    """Whether a release is in a range such as `>=0.1, <0.2`. Raises ValueError for a text that is none."""
    here = _numbers(version)
    for part in wanted.split(","):
        bound = _BOUND.fullmatch(part)
        if bound is None:
            raise ValueError(f"'{wanted}' is no range of releases such as '>=0.1, <0.2'")
        than = _numbers(bound[2])
        length = max(len(here), len(than))
        left, right = ((*numbers, *[0] * (length - len(numbers))) for numbers in (here, than))
        if (left < right) if bound[1] == ">=" else (left >= right):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"[0-9]+", re.split(r"[^0-9.]", version, maxsplit=1)[0]))
