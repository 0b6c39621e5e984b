"""One run at a time changes a stack: a lock file, and beside it a note of who holds it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

from devenv.engine import locks
from devenv.engine.unwritable import unwritable
from devenv.errors import DevenvError

STAGED = ".new"
"""How the names of files end that are written beside the one that they are to replace."""

_MOMENT = 0.3
"""Seconds in which somebody may hold the lock only to see whether it is free (see `locks.free`)."""

_PAUSE = 0.1
"""Seconds between two attempts."""


@contextmanager
def held(lock_file: Path, wait: float) -> Iterator[None]:
    """Holds the lock; `wait` is how many seconds to wait for another run to finish. The system gives it back however a
    process ends. Raises DevenvError DE702, naming the other's process id and command, or DE701."""
    holder = lock_file.with_name(f"{lock_file.name}.holder")
    end = monotonic() + max(_MOMENT, wait)
    try:
        while (file := locks.take(lock_file)) is None:
            if monotonic() >= end:
                raise _busy(holder)
            sleep(_PAUSE)
    except OSError as error:
        raise unwritable(lock_file, lock_file, error) from error
    try:
        _sign(holder)
        _sweep(lock_file.parent)
        yield
    finally:
        os.close(file)


def _sign(holder: Path) -> None:
    """Says who has the lock. On a full disk nobody is told: what takes no space can be done all the same."""
    try:
        with suppress(FileNotFoundError):
            holder.unlink()  # a link in its place is not written through
        holder.write_text(json.dumps({"pid": os.getpid(), "command": _command()}), "utf-8")
    except OSError:
        with suppress(OSError):
            holder.unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Takes away what a run that was killed had written, and not yet put into place."""
    below = [one for one in folder.iterdir() if one.is_dir() and not one.is_symlink()]
    for staged in (staged for one in (folder, *below) for staged in one.glob(f".*{STAGED}")):
        with suppress(OSError):
            staged.unlink()


def _busy(holder: Path) -> DevenvError:
    try:
        found = json.loads(holder.read_text("utf-8"))
        who = f"process {int(found['pid'])} ({found['command']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return DevenvError.of("DE702", f"{who} is at work on this stack", hint="wait until it has ended, or end it")


def _command() -> str:
    """This process's own command line, as people type it, short."""
    return " ".join(["devenv", *sys.argv[1:]])[:200]
