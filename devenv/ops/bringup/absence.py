"""An engine that goes away while a stack comes up: it is waited for, and what it ended is told as its doing."""

from __future__ import annotations

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Note, Sink
from devenv.ops.failures.failures import Cause, Failure
from devenv.records import replace

_PATIENCE = 15.0
"""Seconds that the engine is waited for: one that was killed takes 11 s to be there again."""

_BLIP = 0.5
"""Seconds in which a broken connection is there again, but no engine that has stopped."""


class Absence:
    """`since` is when the engine went away, None while it answers. The loop calls everything but `blamed`."""

    def __init__(self, world: World, project: str, sink: Sink) -> None:
        self._world, self._project, self._sink = world, project, sink
        self._told = False
        self._signalled: set[str] = set()
        self.since: float | None = None

    def begin(self, now: float) -> None:
        """The event stream has ended, or the engine is about to end it."""
        self.since = now if self.since is None else self.since

    def lasts(self, now: float) -> bool:
        """Whether it is more than a broken connection."""
        return self.since is not None and now >= self.since + _BLIP

    def bear(self, now: float) -> None:
        """Says that the engine is waited for. Raises DevenvError DE401 when it has been for long enough."""
        if self.lasts(now) and not self._told:
            self._told = True
            text = f"the Docker engine does not answer; it is waited for up to {_PATIENCE:g} s"
            self._sink(Note(text=text, level="warning"))
        if self.since is not None and now >= self.since + _PATIENCE:
            self._world.daemon.containers(self._project)
            self.end()

    def end(self) -> None:
        """The engine answers."""
        if self._told:
            self._sink(Note(text="the Docker engine answers again"))
        self.since, self._told = None, False

    def times(self) -> tuple[float, ...]:
        """When to look at the clock again."""
        return () if self.since is None else (self.since + _BLIP, self.since + _PATIENCE)

    def signalled(self, container_id: str) -> None:
        """The engine has sent a container a signal, as it does before it stops itself, too."""
        self._signalled.add(container_id)

    def blamed(self, failure: Failure) -> Failure:
        """The failure as the engine's doing, if it ended the container and takes no more questions: it tells of what it
        ends before it goes."""
        if failure.exit_code is not None and failure.container in self._signalled:
            try:
                self._world.daemon.containers(self._project)
            except DevenvError:
                return replace(failure, cause=Cause.ENGINE)
        return failure
