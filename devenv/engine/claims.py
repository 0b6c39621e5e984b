"""What runs of devenv on this machine have taken for themselves before the engine knows of it: names and ports.

Between the choice of a port and the start of its container a second run could choose it, too. Claims are locks on
single bytes of one file, so that nothing is left to clean up: they end with the process, however it ends.
"""

from __future__ import annotations

import os
from pathlib import Path
from zlib import crc32

from devenv.engine.user_folders import user_folder


class Claims:
    """The claims of this process. `file` is the same for all runs of one person; where it cannot be written, or on
    Windows, everything may be claimed."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._descriptor: int | None = None

    def take(self, what: str) -> bool:
        """Claims `what`; False when another process has. What this process has already, it may take again."""
        try:
            import fcntl

            fcntl.lockf(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, crc32(what.encode()))
        except (BlockingIOError, PermissionError):
            return self._descriptor is None
        except (ImportError, OSError):
            return True
        return True

    def taken(self, what: str) -> bool:
        """Whether another process has claimed `what`. Nothing is claimed."""
        try:
            os.lseek(self._open(), crc32(what.encode()), os.SEEK_SET)
            os.lockf(self._open(), os.F_TEST, 1)
        except (BlockingIOError, PermissionError):
            return self._descriptor is not None
        except (AttributeError, OSError):  # Windows has no lockf
            return False
        return False

    def release(self) -> None:
        """Gives everything back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        if self._descriptor is None:
            file = self._file or user_folder("state") / "claims"
            file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        return self._descriptor
