"""What the events so far amount to: one row a service, in start order. Views draw it; nothing here draws."""

from __future__ import annotations

import re
from collections import deque

from devenv.events import Event, Finished, Note, Output, Phase, ServiceChanged, ServiceFailed, Started, Transfer
from devenv.model.image_name import short_digests
from devenv.records import field, mutable
from devenv.ui.text import duration, size

ENDED = frozenset({Phase.READY, Phase.COMPLETED, Phase.KEPT, Phase.FAILED, Phase.SKIPPED, Phase.STOPPED, Phase.REMOVED})
GOOD = frozenset({Phase.READY, Phase.COMPLETED, Phase.KEPT, Phase.STOPPED, Phase.REMOVED})

WORDS = {Phase.COMPLETED: "done", Phase.KEPT: "unchanged"}
"""Phases that people know under another name."""

GOT = {Phase.PULLING: "pulled", Phase.BUILDING: "built"}
"""What these are called when they have ended, while others are still at it."""

_SPEED_WINDOW = 3.0
"""Seconds over which a pull's speed is measured."""


def word(phase: Phase) -> str:
    """The phase's name for people."""
    return WORDS.get(phase, phase.value)


def detail_of(event: ServiceChanged) -> str:
    """An event's detail without the phase's name that it may begin with: `for db, broker`."""
    for name in {event.phase.value, word(event.phase)}:
        if event.detail == name:
            return ""
        if event.detail.startswith(name + " "):
            return event.detail[len(name) + 1 :]
    return short_digests(event.detail)


_STEP = re.compile(r"#\d+ (\d+\.\d+ )?")
"""BuildKit's number of a step, and its clock, before each line."""


@mutable
class Pull:
    """Progress of the images that one service waits for; speed comes from the last seconds."""

    current: int = 0
    total: int = 0
    seen: deque[tuple[float, int]] = field(default_factory=deque)

    def update(self, event: Transfer) -> None:
        self.current, self.total = event.current, event.total
        self.seen.append((event.clock, event.current))
        while len(self.seen) > 2 and event.clock - self.seen[0][0] > _SPEED_WINDOW:
            self.seen.popleft()

    def text(self) -> str:
        """`12.3/40.0 MB 5.2 MB/s`; without a total only what has come."""
        done = size(self.current)
        if self.total:
            number, unit = done.split(" ")
            whole = size(self.total)
            done = f"{number}/{whole}" if whole.endswith(" " + unit) else f"{done} of {whole}"
        (first, before), (last, after) = self.seen[0], self.seen[-1]
        if last - first >= 0.2 and after > before:
            done += f" {size((after - before) / (last - first))}/s"
        return done


@mutable
class Row:
    """A service on its way. `since` is the clock when its phase began."""

    service: str
    needs: tuple[str, ...] = ()
    phase: Phase = Phase.WAITING
    detail: str = ""
    since: float = 0.0
    seconds: float | None = None
    pull: Pull | None = None

    @property
    def ended(self) -> bool:
        return self.phase in ENDED

    @property
    def got(self) -> bool:
        """Whether its image is there, and it waits for those of others."""
        return self.phase in GOT and self.seconds is not None

    @property
    def word(self) -> str:
        """What people call the state that it is in."""
        return GOT[self.phase] if self.got else word(self.phase)

    def elapsed(self, now: float) -> str:
        """How long the phase has lasted, or took; empty where nobody asks (waiting, unchanged)."""
        if self.seconds is not None:
            return duration(self.seconds)
        if self.ended or self.phase is Phase.WAITING:
            return ""
        return duration(max(0.0, now - self.since))


class Board:
    """Folds events, in order, into rows, failures and the end. Not thread-safe: its view holds the lock."""

    def __init__(self) -> None:
        self.operation = ""
        self.stack = ""
        self.began: float | None = None
        self.rows: dict[str, Row] = {}
        self.failures: list[ServiceFailed] = []
        self.finished: Finished | None = None

    def apply(self, event: Event) -> None:
        """Takes the next event."""
        if self.began is None:
            self.began = event.clock
        match event:
            case Started():
                self.operation, self.stack = event.operation, event.stack
                for name, needs in event.services:
                    self._row(name, event.clock).needs = needs
            case ServiceChanged():
                self._change(event)
            case Transfer():
                for name in event.services:
                    row = self._row(name, event.clock)
                    row.pull = row.pull or Pull()
                    row.pull.update(event)
            case Output() if event.source in self.rows and self.rows[event.source].phase is Phase.BUILDING:
                self.rows[event.source].detail = _STEP.sub("", event.text, count=1)
            case ServiceFailed():
                self.failures.append(event)
                row = self._row(event.service, event.clock)
                row.phase, row.detail, row.since, row.seconds = Phase.FAILED, event.reason, event.clock, None
            case Finished():
                self.finished = event
            case Note() | _:
                pass

    def about(self, row: Row) -> str:
        """What stands beside the phase's name; of the needs that a service waits for, those that are still open."""
        if row.phase is Phase.PULLING and row.pull is not None and not row.got:
            return row.pull.text()
        if row.phase is Phase.WAITING and row.detail.startswith("for "):
            unmet = [name for name in row.needs if name in self.rows and self.rows[name].phase not in GOOD]
            return f"for {', '.join(unmet)}" if unmet else row.detail
        return row.detail

    def good(self) -> int:
        """How many services are as they should be."""
        return sum(row.phase in GOOD for row in self.rows.values())

    def _row(self, name: str, clock: float) -> Row:
        return self.rows.setdefault(name, Row(name, since=clock))

    def _change(self, event: ServiceChanged) -> None:
        row = self._row(event.service, event.clock)
        if row.phase is not event.phase:
            row.since = event.clock
        if event.phase is Phase.FAILED and row.phase is Phase.FAILED and not event.detail:
            return  # the reason that came before says more
        row.phase, row.detail, row.seconds = event.phase, detail_of(event), event.seconds
