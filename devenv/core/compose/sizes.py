"""Sizes as Compose and people write them: `512m`, `1.5gb`, `128MiB`."""

from __future__ import annotations

import re

UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?", re.IGNORECASE)


def bytes_of(written: str) -> int | None:
    """The bytes of a size; None for any other text."""
    match = _SIZE.fullmatch(written.strip())
    return None if match is None else int(float(match[1]) * UNITS[match[2].lower()])
