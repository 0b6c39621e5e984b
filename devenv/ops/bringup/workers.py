"""Threads for what takes time while a stack comes up: requests to the engine, looks at services, explanations."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Semaphore, Thread

_AT_ONCE = 12


class Workers:
    """Runs each piece of work in a thread of its own, twelve at once; `failed` hears of what one raises.

    The standard library's pool would do the same, but takes 10 ms to import, and at the end waits for what runs.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._places = Semaphore(_AT_ONCE)
        self._closed = Event()

    def submit(self, work: Callable[..., None], *arguments: object) -> None:
        def guarded() -> None:
            try:
                with self._places:
                    if not self._closed.is_set():
                        work(*arguments)
            except BaseException as error:
                self._failed(error)

        Thread(target=guarded, name="devenv-start", daemon=True).start()

    def close(self) -> None:
        """Begins nothing more; what runs is left to itself."""
        self._closed.set()
