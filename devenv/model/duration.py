"""Durations as Compose writes them."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:h|ms|m|s|us))+")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s|us)")
ONE_DAY = 86400
SECONDS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6}


def seconds(duration: str) -> float | None:
    """The seconds of a Compose duration (`90s`, `1m30s`, `500ms`), or None for any other text."""
    if not _DURATION.fullmatch(duration):
        return None
    return sum(float(number) * SECONDS[unit] for number, unit in _DURATION_PART.findall(duration))
