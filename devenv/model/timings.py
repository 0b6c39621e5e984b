"""How long a bring-up took: a record per run of `up`, the longest path through it, and what became slower."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from devenv.records import frozen

Outcome = Literal["ready", "failed", "interrupted"]
Ending = Literal["ready", "completed", "kept", "failed", "skipped", "unfinished"]


class Kind(StrEnum):
    """What a service was busy with, in the order in which it usually comes."""

    PULL = "pull"
    BUILD = "build"
    CREATE = "create"
    WAIT = "wait"  # for its needs, or for the images of others
    START = "start"  # from the start of its container until it is ready or, a job, done


@frozen
class Span:
    """A stretch of time of one kind; `start` and `end` in seconds since the run began."""

    kind: Kind
    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@frozen
class Timeline:
    """One service in a run: its spans in order, and how it ended. Without spans there was nothing to do for it."""

    service: str
    needs: tuple[str, ...]
    spans: tuple[Span, ...]
    ending: Ending

    @property
    def end(self) -> float:
        """When its last span ended; 0 without one."""
        return self.spans[-1].end if self.spans else 0.0

    def took(self, kind: Kind) -> float:
        """Seconds in all spans of a kind."""
        return sum(span.seconds for span in self.spans if span.kind is kind)


@frozen
class Record:
    """One run of `up` that had something to do. `number` counts such runs of a checkout from 1; `at` is the Unix time
    of its beginning, `seconds` its length; `code` is the first problem's code when it failed. `services` are in start
    order."""

    number: int
    at: float
    stack: str
    outcome: Outcome
    seconds: float
    code: str
    services: tuple[Timeline, ...]


@frozen
class Idle:
    """A run of `up` in which nothing happened to any service: all was as it should be or, with a `code`, something
    failed before."""

    at: float
    stack: str
    outcome: Outcome
    seconds: float
    code: str


@frozen
class Leg:
    """A part of the longest path: a span of a service, without the waiting that earlier parts explain."""

    service: str
    span: Span


@frozen
class Change:
    """A phase of one service, or of several that went through it together, in this run and before.

    `seconds` is this run's, `before` the median of `runs` earlier comparable runs (None without any); `slower` says
    whether the difference is worth a word. Without services it is the whole run.
    """

    kind: Kind | None
    services: tuple[str, ...]
    seconds: float
    before: float | None
    runs: int
    slower: bool

    @property
    def loss(self) -> float:
        """Seconds more than before; negative when it became faster, 0 when there is nothing to compare with."""
        return 0.0 if self.before is None else self.seconds - self.before


@frozen
class Comparison:
    """A run against earlier ones: the whole, and every phase of every service, the greatest loss first."""

    runs: int
    total: Change
    changes: tuple[Change, ...]

    @property
    def slower(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.slower)


@frozen
class Timings:
    """What `devenv timings` shows: a run, its longest path, the idle runs since, and the comparison when asked for."""

    record: Record
    path: tuple[Leg, ...]
    idle: tuple[Idle, ...] = ()
    comparison: Comparison | None = None
