"""Asks services that are starting whether they are ready, where the engine's probes cannot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Note, Phase, Sink
from devenv.model.observed import Container
from devenv.model.stack import Service
from devenv.ops.bringup import outside
from devenv.ops.bringup.progress import Progress
from devenv.ops.failures.failures import Cause, Failure

_EVERY = 1.0
"""Seconds between two runs of a health check that the engine runs too seldom."""


class Asking:
    """What is heard goes to `inbox`, as calls for the thread that `progress` belongs to. The public methods may take
    their time and are called from other threads; those that ask for long have threads of their own, until `closed`."""

    def __init__(
        self, world: World, progress: Progress, inbox: SimpleQueue[Callable[[], None]], closed: Flag, sink: Sink
    ) -> None:
        self._world, self._progress, self._inbox, self._closed, self._sink = world, progress, inbox, closed, sink
        self._outside: set[str] = set()
        self.said: dict[str, str] = {}
        """What the health check of a container said last when it was run from here, by the container's id."""

    def anew(self, service: str, ids: Sequence[str]) -> None:
        """Runs the health checks of containers that ran before, until they succeed: the engine runs them at the
        interval of what has long started."""
        for container_id in ids:
            arguments = (service, container_id)
            Thread(target=self._inside, args=arguments, name="devenv-probe", daemon=True).start()

    def for_check(self, ids: Sequence[str]) -> None:
        """Tells of containers without a health check; one may stand in the image, so only the engine knows."""
        for container_id in ids:
            container = self._world.daemon.inspect(container_id)
            if container is not None and container.health == "none":
                self._inbox.put(partial(self._progress.checked, container_id, "none", self._world.clock()))

    def look(self, service: Service, ids: Sequence[str]) -> None:
        """Why is it not ready yet? A probe that cannot run in its image is run from outside."""
        self.for_check(ids)
        for container_id in ids:
            if outside.cannot_probe(self._world.daemon.probes(container_id)):
                container = self._world.daemon.inspect(container_id)
                if container is not None and service.ready is not None and service.ready.run is None:
                    self._inbox.put(partial(self._from_outside, service, container))

    def _inside(self, service: str, container_id: str) -> None:
        while self._progress.phases.get(service) is Phase.STARTING and not self._closed.is_set():
            try:
                result = self._world.daemon.probe(container_id)
            except DevenvError:
                result = None  # it has ended, or the engine has: both are told by events
            if result is not None and result.exit_code == 0:
                self._inbox.put(partial(self._progress.checked, container_id, "healthy", self._world.clock()))
                return
            if result is not None:
                self.said[container_id] = result.output
            self._closed.wait(_EVERY)

    def _from_outside(self, service: Service, container: Container) -> None:
        if container.id in self._outside or service.name not in self._progress.awaited():
            return
        self._outside.add(container.id)
        ask = outside.prober(service, container)
        if ask is None:
            failure = Failure(service.name, Cause.UNPROBED, container.id)
            self._progress.refused(failure, self._world.clock())
            return
        self._sink(
            Note(text=f"{service.name}: its image has nothing to run a probe with, so devenv asks it from outside.")
        )

        def asking() -> None:
            while self._progress.phases.get(service.name) is Phase.STARTING and not self._closed.is_set():
                if ask():
                    self._inbox.put(partial(self._answered, container.id))
                    return
                self._closed.wait(outside.EVERY)

        Thread(target=asking, name="devenv-ask", daemon=True).start()

    def _answered(self, container_id: str) -> None:
        self._outside.discard(container_id)
        self._progress.checked(container_id, "healthy", self._world.clock())
