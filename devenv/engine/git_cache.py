"""Where the files of remote commits are kept on this machine, so that each is fetched once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from devenv.engine.answers import RemoteTree
from devenv.engine.signatures import Above, tree
from devenv.engine.unwritable import unwritable
from devenv.engine.user_folders import user_folder
from devenv.errors import DevenvError

_NOTE = "content.json"
_NEW = ".new-"
_OLD = 86400.0  # seconds, longer than any fetch takes


class Store:
    """One tree's place in the cache: the files of `commit` of the repository at `address`, or of its folder `path`."""

    def __init__(self, cache: Path, address: str, commit: str, path: str) -> None:
        self._home = cache / _short(address)
        self._at = self._home / (f"{commit}-{_short(path)[:8]}" if path else commit)

    def find(self) -> RemoteTree | None:
        """What is kept; None when there is nothing, or when somebody has changed it, which is then thrown away."""
        try:
            note = json.loads((self._at / _NOTE).read_text("utf-8"))
            found = RemoteTree(self._at / "tree", note["content"], tuple(note["left_out"]))
            whole = note["signature"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if tree(found.folder, _Everything()) == whole:
            return found
        _remove(self._at)
        return None

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A folder to work in, gone afterwards. Raises DevenvError DE701 when the cache cannot be written."""
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._clear()
            staging = Path(tempfile.mkdtemp(prefix=_NEW, dir=self._home))
        except OSError as error:
            raise unwritable(f"the cache {self._home}", self._home, error) from error
        try:
            yield staging
        finally:
            _remove(staging)

    def _clear(self) -> None:
        """Removes what runs that were killed have left."""
        for left in self._home.glob(f"{_NEW}*"):
            with suppress(OSError):
                if time.time() - left.stat().st_mtime > _OLD:
                    _remove(left)

    def keep(self, staging: Path, content: str, left_out: Sequence[str]) -> RemoteTree:
        """Puts a staged `tree` in its place, all or nothing; another run may have been first, and then its is kept."""
        note = {"content": content, "left_out": list(left_out), "signature": tree(staging / "tree", _Everything())}
        try:
            (staging / _NOTE).write_text(json.dumps(note), "utf-8")
            ready = staging.with_name(staging.name + ".ready")
            staging.rename(ready)
            with suppress(OSError):  # it is there by now
                ready.rename(self._at)
            _remove(ready)
        except OSError as error:
            raise unwritable(f"the cache {self._home}", self._home, error) from error
        found = self.find()
        if found is None:
            raise DevenvError.of("DE701", f"the cache {self._at} is changed by another program")
        return found


def default() -> Path:
    """The folder of this user's cache."""
    return user_folder("cache") / "git"


class _Everything:
    def look(self, path: str, above: Above = ()) -> tuple[bool, Above]:
        return False, ()

    def hides(self, folder: str) -> bool:
        return False


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:20]


def _remove(folder: Path) -> None:
    if os.path.lexists(folder):
        shutil.rmtree(folder, ignore_errors=True)
