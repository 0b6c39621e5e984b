"""The files of a remote commit, for reading; and a copy of them for the engine to build from."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from devenv.errors import DevenvError

_LIMIT = 4 << 20


class RemoteFiles:
    """What lies in `folder`, by paths relative to it. Nothing outside of it is read, whatever links say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    def file(self, path: str, names: Sequence[str]) -> str:
        """The file at a path: itself, or the first of `names` in the folder that it is. Raises DevenvError DE340."""
        for candidate in (path, *(os.path.normpath(f"{path}/{name}") for name in names)):
            if self.exists(candidate):
                return candidate
        raise DevenvError.of("DE340", f"the repository has no file '{path}', and no manifest in such a folder")

    def exists(self, path: str) -> bool:
        """Whether a regular file is there."""
        at = self._at(path)
        return at is not None and at.is_file()

    def read(self, path: str) -> str:
        """The text of a file. Raises DevenvError: DE102 not there, DE103 too large, DE104 no UTF-8."""
        at = self._at(path)
        if at is None or not at.is_file():
            raise DevenvError.of("DE102", f"the repository has no file '{path}'")
        data = at.read_bytes()
        if len(data) > _LIMIT:
            raise DevenvError.of("DE103", f"{path} is larger than 4 MiB")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DevenvError.of("DE104", f"{path} is not UTF-8 text") from error

    def _at(self, path: str) -> Path | None:
        try:
            real = (self.folder / path).resolve()
        except (OSError, RuntimeError, ValueError):
            return None
        return real if real.is_relative_to(self.folder) else None


def copy_once(folder: Path, target: Path) -> None:
    """Makes `target` a copy of `folder`, all of it or nothing; one that is there stays. Raises OSError."""
    if target.is_dir():
        return
    import shutil

    target.parent.mkdir(parents=True, exist_ok=True)
    staged = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.rmtree(staged, ignore_errors=True)
    try:
        shutil.copytree(folder, staged, symlinks=True)
        for where, folders, files in os.walk(staged):
            for name in (*folders, *files):
                _writable(Path(where) / name)
        _writable(staged)
        with suppress(OSError):  # another run was first
            staged.rename(target)
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _writable(path: Path) -> None:
    """The modes that a checkout has: what is kept in the cache is for reading only."""
    mode = path.lstat().st_mode
    if not stat.S_ISLNK(mode):
        path.chmod(0o755 if stat.S_ISDIR(mode) or mode & 0o100 else 0o644)
