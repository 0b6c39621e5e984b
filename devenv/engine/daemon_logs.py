"""What containers print, as lines with their times."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Protocol

from devenv.engine.daemon_answers import moment

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ")

_LONGEST = 1 << 20
"""Bytes of a line that are held: what goes on without an end is handed out in parts."""


class Pieces(Protocol):
    """An open answer of the engine: it ends, and raises nothing, when the connection does."""

    def __iter__(self) -> Iterator[bytes]: ...
    def close(self) -> None: ...


def lines(stream: Pieces) -> Generator[tuple[datetime, str]]:
    """Whole lines with their times from the engine's pieces: a long line comes in several, each with its time.
    One of more than a MiB becomes several."""
    pending, at = b"", datetime.fromtimestamp(0, UTC)
    try:
        for piece in stream:
            stamp = _STAMP.match(piece)
            pending += piece[stamp.end() :] if stamp and pending else piece
            *whole, pending = pending.split(b"\n")
            for line in whole:
                at, text = _stamped(line, at)
                yield at, text
            if len(pending) > _LONGEST:
                at, text = _stamped(pending, at)
                yield at, text
                pending = b""
        if pending:
            yield _stamped(pending, at)
    finally:
        stream.close()


def _stamped(line: bytes, before: datetime) -> tuple[datetime, str]:
    stamp = _STAMP.match(line)
    at = moment(stamp[1].decode()) if stamp else None
    text = line[stamp.end() :] if stamp else line
    return at or before, text.decode("utf-8", "replace").rstrip("\r")
