"""Whether somebody holds a lock file, without the library that takes locks, whose import takes 30 ms."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def free(path: Path) -> bool:
    """Whether nobody holds the lock at `path`. False, too, where that cannot be told so easily (Windows)."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # given back when the file is closed
    except OSError:
        return False
    finally:
        os.close(file)
    return True
