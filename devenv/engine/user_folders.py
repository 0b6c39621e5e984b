"""Folders for what devenv keeps of a user, outside of projects."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

_ON_LINUX = {"cache": ".cache", "config": ".config", "state": ".local/state"}


def user_folder(kind: Literal["cache", "config", "state"]) -> Path:
    """Where this user's files of a kind stand; the folder need not be there.

    On Linux that is what the XDG base directories say, which platformdirs would say, too, but takes 4 ms to import.
    """
    if sys.platform.startswith("linux"):
        given = Path(os.environ.get(f"XDG_{kind.upper()}_HOME", ""))
        return (given if given.is_absolute() else Path("~", _ON_LINUX[kind]).expanduser()) / "devenv"
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("devenv", appauthor=False))
