"""Ctrl-C: once to stop in good order, twice to stop at once."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from time import monotonic
from types import FrameType
from typing import NoReturn

_ONE_PRESS = 0.05
"""Seconds within which a second signal is the same key, passed on by a wrapper as well."""

_SHOW_CURSOR = b"\x1b[?25h\n"

_first: float = 0.0


def listen() -> None:
    """From now on the first interrupt or termination raises KeyboardInterrupt, and the second ends the process with
    130, whatever is being tidied up. Programs that devenv waits for notice when their pipes close."""
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)  # ends programs that we started, as Ctrl-C does


def _stop(number: int, frame: FrameType | None) -> None:
    global _first
    _first = monotonic()
    signal.signal(signal.SIGINT, _stop_at_once)
    signal.signal(signal.SIGTERM, _stop_at_once)
    raise KeyboardInterrupt


def _stop_at_once(number: int, frame: FrameType | None) -> None:
    if monotonic() - _first >= _ONE_PRESS:
        _end()


def _end() -> NoReturn:
    with suppress(OSError):
        if os.isatty(2):  # a view that is drawn hides the cursor, and is not asked any more
            os.write(2, _SHOW_CURSOR)
    os._exit(130)
