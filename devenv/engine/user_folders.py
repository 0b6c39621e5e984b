"""Folders of a user: the home, and those for what devenv keeps outside of projects."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from devenv.errors import DevenvError

_ON_LINUX = {"cache": ".cache", "config": ".config", "state": ".local/state"}


def home(environ: Mapping[str, str]) -> Path:
    """Raises DevenvError DE102 where nothing names it: neither the environment nor the system's list of users."""
    try:
        return Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())
    except RuntimeError as error:
        raise DevenvError.of("DE102", "nothing says which folder is this user's home", hint="set HOME") from error


def expanded(path: str) -> Path:
    """A path that may begin with `~`; of a user whom nobody knows, a folder of that name, as a shell has it."""
    return Path(os.path.expanduser(path))  # noqa: PTH111  # pathlib's raises RuntimeError


def user_folder(kind: Literal["cache", "config", "state"]) -> Path:
    """Where this user's files of a kind stand; the folder need not be there.

    On Linux that is what the XDG base directories say, which platformdirs would say, too, but takes 4 ms to import.
    """
    if sys.platform.startswith("linux"):
        given = Path(os.environ.get(f"XDG_{kind.upper()}_HOME", ""))
        return (given if given.is_absolute() else home(os.environ) / _ON_LINUX[kind]) / "devenv"
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("devenv", appauthor=False))
