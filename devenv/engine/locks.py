"""Locks on files, which the system takes back however a process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def take(path: Path, *, make: bool = True) -> int | None:
    """Locks the file at `path`, which is made if it is not there and `make` says so: a descriptor that gives the lock
    back when it is closed; None when another process has the lock. Raises OSError for a file that cannot be opened."""
    flags = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    file = os.open(path, flags | (os.O_CREAT if make else 0), 0o644)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        os.close(file)
        return None
    except BaseException:
        os.close(file)
        raise
    return file


def free(path: Path) -> bool:
    """Whether nobody holds the lock at `path`."""
    try:
        file = take(path, make=False)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    if file is not None:
        os.close(file)
    return file is not None
