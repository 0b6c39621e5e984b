"""The engine's event stream for one project, kept alive: reconnects, marks the gap, ends when told to."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Protocol

from devenv.engine import daemon_answers
from devenv.errors import DevenvError
from devenv.model.observed import ContainerChange

ACTIONS = (
    "create", "start", "die", "oom", "stop", "kill", "restart", "pause", "unpause", "destroy", "health_status",
)  # fmt: skip
"""What is subscribed to. A probe makes three exec events each: those stay away."""

_OPENED = 2.0  # seconds that entering waits for the engine to confirm (Podman may do so only with the first event)
_PAUSES = (0.1, 0.2, 0.5, 1.0, 2.0)  # seconds between attempts to reconnect; the last one repeats


class Stream(Protocol):
    """An open event stream: it ends, and raises nothing, when the connection does."""

    def __iter__(self) -> Iterator[Mapping[str, Any]]: ...
    def close(self) -> None: ...


class Subscribe(Protocol):
    """Opens the stream: from `since` on (the engine's clock, seconds and nine decimals), else from now on."""

    def __call__(self, since: str | None) -> Stream: ...


class Watch:
    """A context manager whose value iterates over the changes of a project's containers.

    Entering returns once the engine has accepted the subscription, so that whatever is started afterwards is seen.
    A thread reads the stream; leaving ends the iterator at once, from whichever thread. When the engine goes away
    a change with `away` set says so; the stream is opened again from the last event's time on, and a change with `lost`
    set comes first.
    """

    def __init__(self, subscribe: Subscribe) -> None:
        self._subscribe = subscribe
        self._changes: SimpleQueue[ContainerChange | None] = SimpleQueue()
        self._opened = threading.Event()
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._stream: Stream | None = None
        self._error: DevenvError | None = None
        self._last_ns: int | None = None

    def __enter__(self) -> Iterator[ContainerChange]:
        """Raises DevenvError DE401 when the engine cannot be reached now."""
        threading.Thread(target=self._read, name="devenv-events", daemon=True).start()
        self._opened.wait(_OPENED)
        if self._error is not None:
            raise self._error
        return self._iterate()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        with self._lock:
            stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
        self._changes.put(None)

    def _iterate(self) -> Iterator[ContainerChange]:
        while (change := self._changes.get()) is not None and not self._closed.is_set():
            yield change

    def _read(self) -> None:
        """Runs in its own thread until the watch is closed."""
        try:
            stream = self._open(None)
        except DevenvError as error:
            self._error = error
            return
        finally:
            self._opened.set()
        failures = 0
        while not self._closed.is_set():
            if stream is not None:
                failures = 0 if self._forward(stream) else failures
                self._changes.put(ContainerChange("", "", "away", (self._last_ns or 0) / 1e9, away=True))
            if self._closed.wait(_PAUSES[min(failures, len(_PAUSES) - 1)]):
                return
            failures += 1
            stream = self._reopen()

    def _open(self, since: str | None) -> Stream | None:
        """The open stream; None when the watch was closed meanwhile."""
        stream = self._subscribe(since)
        with self._lock:
            if not self._closed.is_set():
                self._stream = stream
                return stream
        stream.close()
        return None

    def _reopen(self) -> Stream | None:
        since = None
        if self._last_ns is not None:
            seconds, rest = divmod(self._last_ns + 1, 10**9)
            since = f"{seconds}.{rest:09d}"
        try:
            stream = self._open(since)
        except DevenvError:
            return None  # the next attempt comes after a pause
        if stream is not None:
            at = (self._last_ns or 0) / 1e9
            self._changes.put(ContainerChange("", "", "lost", at, lost=True))
        return stream

    def _forward(self, stream: Stream) -> bool:
        """Hands on what the stream says until it ends; returns whether it said anything."""
        said = False
        for event in stream:
            said = True
            at = event.get("timeNano")
            if isinstance(at, int):
                self._last_ns = max(at, self._last_ns or 0)
            if (change := daemon_answers.change(event)) is not None:
                self._changes.put(change)
        return said
