"""Whether files are still what they were, by what the file system says of them: nothing is read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

Above = tuple[bool, ...]

_OWN = ".devenv"  # every run writes there: an image built from the manifest's folder would never be up to date


class Ignore(Protocol):
    """Which files of a folder do not count; see `core.compose.dockerignore`."""

    def look(self, path: str, above: Above = ()) -> tuple[bool, Above]: ...
    def hides(self, folder: str) -> bool: ...


def signature(path: Path) -> str:
    """Another text after a change of the file at `path`: of its times, size or inode. A folder is a folder whatever is
    in it; '' when there is nothing."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return ""
    if stat.S_ISDIR(found.st_mode):
        return "folder"
    return f"{_times(found)}:{found.st_size}:{found.st_ino}"


def tree(root: Path, ignore: Ignore) -> str:
    """Sixteen hexadecimal digits over names, kinds, modes, sizes and times of all that is in a folder and not ignored;
    of symbolic links, over where they lead. '' when it is no folder that can be read."""
    total = hashlib.sha256()
    try:
        for line in _lines(str(root), "", ignore, ()):
            total.update(line.encode("utf-8", "surrogateescape"))
    except OSError:
        return ""
    return total.hexdigest()[:16]


def _times(found: os.stat_result) -> str:
    """When the content changed, as the file says, and when anything did, as the file system does: whoever sets the one
    back (rsync, tar, an editor that keeps times) moves the other."""
    return f"{found.st_mtime_ns} {found.st_ctime_ns}"


def weigh(root: Path, size: int, files: int) -> tuple[int, int]:
    """Bytes and number of the files in a folder and those below; ends soon after either bound, and passes over what it
    may not read. Links are not followed."""
    total = count = 0
    for folder, _, names in os.walk(root):
        for name in names:
            try:
                total += os.lstat(f"{folder}/{name}").st_size
            except OSError:
                continue
            count += 1
        if total > size or count > files:
            break
    return total, count


def _lines(root: str, folder: str, ignore: Ignore, above: Above) -> Iterator[str]:
    with os.scandir(f"{root}/{folder}") as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        if entry.name == _OWN:
            continue
        path = f"{folder}/{entry.name}" if folder else entry.name
        out, passed = ignore.look(path, above)
        if entry.is_dir(follow_symlinks=False):
            if not out:
                yield f"{path}\0{entry.stat(follow_symlinks=False).st_mode:o}\n"
            if not out or not ignore.hides(path):
                yield from _lines(root, path, ignore, passed)
        elif entry.is_symlink():
            if not out:
                yield f"{path}\0-> {os.readlink(entry.path)}\n"  # noqa: PTH115 - the text, in a loop over many
        elif not out:
            is_ = entry.stat(follow_symlinks=False)
            yield f"{path}\0{is_.st_mode:o} {is_.st_size} {_times(is_)}\n"
