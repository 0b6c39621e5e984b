"""The beginning of one file from the tar stream in which the engine hands out a container's files."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Callable, Iterator

CHUNK = 16 << 10
"""Bytes that are asked for at a time."""

_LIMIT = 4 << 10
_LINKS = 8


def beginning(path: str, archive: Callable[[str], Iterator[bytes]]) -> bytes | None:
    """The first 4 KiB of the file at an absolute `path`; None when it is not there or not a file.

    `archive` gives the engine's stream for a path, which is left before its end: nothing is read that is not needed.
    """
    for _ in range(_LINKS):
        member, data = _first(archive(path))
        if member is None:
            return None
        if not (member.issym() or member.islnk()):
            return data if member.isfile() else None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), member.linkname))
    return None


def _first(stream: Iterator[bytes]) -> tuple[tarfile.TarInfo | None, bytes]:
    """The first entry of a tar stream, and the beginning of its data."""
    got = b""
    for chunk in stream:
        got += chunk
        if len(got) >= CHUNK:
            break
    try:
        with tarfile.open(fileobj=io.BytesIO(got), mode="r|") as tar:
            member = tar.next()
            if member is None:
                return None, b""
            return member, got[member.offset_data :][: min(member.size, _LIMIT)]
    except tarfile.TarError:
        return None, b""
