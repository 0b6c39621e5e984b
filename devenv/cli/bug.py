"""When devenv itself is wrong: one sentence on the screen, the traceback in a file."""

from __future__ import annotations

import os
import platform
import select
import sys
import tempfile
import traceback
from datetime import datetime
from pathlib import Path
from typing import TextIO

from devenv import __version__
from devenv.errors import Problem


def bug(error: Exception, args: list[str]) -> Problem:
    """The problem to show for an exception that nobody expected; writes its traceback to a file."""
    words = " ".join(str(error).split())[:200]
    message = f"this is a bug in devenv: {type(error).__name__}{': ' if words else ''}{words}"
    path = _write(_story(error, args))
    if path is None:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return Problem("DE900", message, hint=f"please report it, with the place {last.filename}:{last.lineno}")
    return Problem("DE900", message, hint=f"please report it, with the file {path}")


def _story(error: Exception, args: list[str]) -> str:
    return "\n".join(
        [
            f"devenv {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {args!r}",
            "",
            "".join(traceback.format_exception(error)),
        ]
    )


def _write(text: str) -> Path | None:
    """Where the text now is: in the user's log folder, else in the temporary one; None when neither can be written."""
    name = f"bug-{datetime.now():%Y%m%d-%H%M%S-%f}-{os.getpid()}.log"
    for place in (_logs, tempfile.gettempdir):
        try:
            folder = Path(place())
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except (OSError, RuntimeError):  # RuntimeError: there is no home
            continue
        return folder / name
    return None


def _logs() -> str:
    import platformdirs

    return platformdirs.user_log_dir("devenv", appauthor=False)


def reader_gone(stream: TextIO) -> bool:
    """Whether a pipe's other end is closed."""
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):
        return False  # not a file of this process
    if sys.platform == "win32":
        return True
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
