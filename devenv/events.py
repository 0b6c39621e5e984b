"""What happens during an operation, as frozen records. Operations emit them; views consume them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from threading import RLock
from time import monotonic, time
from typing import Literal

from devenv.records import field, frozen


class Phase(StrEnum):
    """Where a service is on its way to being ready."""

    WAITING = "waiting"  # for its needs
    PULLING = "pulling"
    BUILDING = "building"
    CREATING = "creating"
    STARTING = "starting"  # container started, not yet ready
    READY = "ready"
    COMPLETED = "completed"  # a job that exited 0
    KEPT = "kept"  # was already as wanted
    FAILED = "failed"
    SKIPPED = "skipped"  # a need of it failed
    STOPPING = "stopping"
    STOPPED = "stopped"
    REMOVED = "removed"


@frozen(kw_only=True)
class Event:
    """Anything that happens; `at` is Unix time in seconds, `clock` monotonic seconds."""

    at: float = field(default_factory=time)
    clock: float = field(default_factory=monotonic)


@frozen(kw_only=True)
class Started(Event):
    """An operation begins: its name (`up`), the stack, and its services in start order with their needs."""

    operation: str
    stack: str
    services: tuple[tuple[str, tuple[str, ...]], ...] = ()


@frozen(kw_only=True)
class ServiceChanged(Event):
    """A service entered a phase. `detail` is for people (`waiting for db, broker`; `step 3/7 RUN …`);
    `seconds` is how long what ended well took: set with READY and COMPLETED, and with a PULLING or BUILDING that says
    that the service's image is there now."""

    service: str
    phase: Phase
    detail: str = ""
    seconds: float | None = None


@frozen(kw_only=True)
class Transfer(Event):
    """Progress of an image pull, in bytes; `total` is 0 while unknown."""

    image: str
    services: tuple[str, ...]
    current: int
    total: int


@frozen(kw_only=True)
class Note(Event):
    """One sentence for people: a decision that they should know of (an image built because no registry answered)."""

    text: str
    level: Literal["info", "warning"] = "info"


@frozen(kw_only=True)
class Output(Event):
    """A line that another program printed (a build, an installer); shown dimmed, or on failure."""

    source: str
    text: str


@frozen(kw_only=True)
class ServiceFailed(Event):
    """Why a service is not ready: a code of `devenv.codes`, the reason, and the evidence.

    `cause` is the name of a cause that is known (`windows-line-ends`); `state` is the container's, `since` when in
    Unix time; `log` is the tail of the container's log; `probe` the last output of its health check;
    `blocked` the services that waited for it; `steps` at most three things to do next.
    """

    service: str
    code: str
    reason: str
    cause: str = ""
    state: str = ""
    since: float | None = None
    log: tuple[str, ...] = ()
    probe: str = ""
    blocked: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()


@frozen(kw_only=True)
class Finished(Event):
    """An operation ended; `urls` are (service, name, URL) to show; `seconds` is the whole time.

    `longest` are the services of the longest path in order, when there was one: what the time consists of.
    """

    operation: str
    ok: bool
    seconds: float
    urls: tuple[tuple[str, str, str], ...] = ()
    longest: tuple[str, ...] = ()


Sink = Callable[[Event], None]
"""Takes every event of an operation, in order, possibly from several threads one at a time."""


def one_at_a_time(sink: Sink) -> Sink:
    """A sink that may be called from several threads, for one that takes one event after the other."""
    lock = RLock()

    def take(event: Event) -> None:
        with lock:
            sink(event)

    return take
