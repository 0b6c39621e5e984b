"""Progress as plain lines, one an event: for logs, for pipes, for ears."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from threading import Lock
from types import TracebackType

from devenv.events import Event, Finished, Note, Output, Phase, ServiceChanged, ServiceFailed, Started, Transfer
from devenv.model.image_name import short_digests
from devenv.ui.board import GOT, Pull, detail_of, word
from devenv.ui.console import Console, paint
from devenv.ui.failures import format_failure
from devenv.ui.progress_end import end_text, urls_table
from devenv.ui.text import duration, plural, printable_lines, visible

_PULL_EVERY = 5.0
"""Seconds between two lines about one image."""


class PlainProgress:
    """Lines on stderr, the final URLs on stdout; `quiet`: only failures; `verbose`: also other programs' output."""

    def __init__(self, console: Console, *, verbose: bool = False, quiet: bool = False) -> None:
        self._console = console
        self._verbose = verbose
        self._quiet = quiet
        self._lock = Lock()
        self._pulls: dict[str, tuple[float, Pull]] = {}
        self._last: dict[str, str] = {}

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def suspended(self) -> AbstractContextManager[None]:
        return nullcontext()

    def __call__(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, ServiceFailed):
                self._say(format_failure(event, colour=self._console.colour_err, width=self._console.width_err))
            elif not self._quiet:
                self._show(event)

    def _show(self, event: Event) -> None:
        match event:
            case Started():
                count = f": {plural(len(event.services), 'service')}" if event.services else ""
                self._say(visible(f"{event.operation} {event.stack}".strip() + count))
            case ServiceChanged():
                self._changed(event)
            case Transfer():
                self._transfer(event)
            case Note():
                self._note(event)
            case Output() if self._verbose:
                for line in printable_lines(event.text):
                    self._say(f"{visible(event.source)} | {line}")
            case Finished():
                self._finish(event)

    def _changed(self, event: ServiceChanged) -> None:
        if event.phase is Phase.FAILED and not event.detail:
            return  # the failure itself tells more
        line = f"{event.service}: {change(event)}"
        if self._last.get(event.service) != line:
            self._last[event.service] = line
            self._say(visible(line))

    def _transfer(self, event: Transfer) -> None:
        at, pull = self._pulls.get(event.image, (event.clock, Pull()))
        pull.update(event)
        if event.clock - at >= _PULL_EVERY:
            self._say(visible(short_digests(f"{event.image}: {pull.text()}")))
            at = event.clock
        self._pulls[event.image] = (at, pull)

    def _note(self, event: Note) -> None:
        warning = event.level == "warning"
        kind = paint("warning", "bold yellow", self._console.colour_err) if warning else "note"
        self._say(f"{kind}: {visible(event.text)}")

    def _finish(self, event: Finished) -> None:
        if event.longest:
            self._say(visible(f"longest path: {', '.join(event.longest)}"))
        self._say(end_text(event, colour=self._console.colour_err))
        if event.urls:
            self._console.print(urls_table(event, colour=self._console.colour_out))

    def _say(self, text: str) -> None:
        self._console.say(text)


def change(event: ServiceChanged) -> str:
    """A change of phase as a clause: `ready after 2.1 s`, `waiting for db`."""
    detail = detail_of(event)
    if event.seconds is not None and event.phase in GOT:
        return f"{' '.join(filter(None, (GOT[event.phase], detail)))} in {duration(event.seconds)}"
    took = f" after {duration(event.seconds)}" if event.seconds is not None else ""
    if detail:
        object_of_it = event.phase in (Phase.PULLING, Phase.BUILDING) or detail.startswith("for ")
        detail = (" " if object_of_it else ", ") + detail
    return word(event.phase) + took + detail
