"""Asks services that are starting whether they are ready: beside the engine's probes, or in their place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread

from devenv.engine.world import World
from devenv.events import Note, Phase, Sink
from devenv.model.observed import Container
from devenv.model.stack import Service
from devenv.ops.bringup import direct, outside
from devenv.ops.bringup.progress import Progress
from devenv.ops.failures.failures import Cause, Failure


class Asking:
    """What is heard goes to `inbox`, as calls for the thread that `progress` belongs to. The public methods may take
    their time and are called from other threads; those that ask for long have threads of their own, until `closed`."""

    def __init__(
        self, world: World, progress: Progress, inbox: SimpleQueue[Callable[[], None]], closed: Flag, sink: Sink
    ) -> None:
        self._world, self._progress, self._inbox, self._closed, self._sink = world, progress, inbox, closed, sink
        self._outside: set[str] = set()

    def directly(self, service: Service, ids: Sequence[str]) -> None:
        """Lets what needs the service start as soon as it answers, not at the engine's next probe."""
        for container_id in ids:
            container = self._world.daemon.inspect(container_id)
            if container is not None and (ask := direct.asker(service, container)) is not None:
                reached = partial(self._progress.reached, container_id)
                self._keep(service.name, ask, direct.pause, reached)

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
        self._keep(service.name, ask, outside.pause, partial(self._answered, container.id))

    def _answered(self, container_id: str) -> None:
        self._outside.discard(container_id)
        self._progress.checked(container_id, "healthy", self._world.clock())

    def _keep(
        self, name: str, ask: Callable[[], bool], pause: Callable[[float], float], then: Callable[[], None]
    ) -> None:
        """Asks until the answer is yes, in a thread of its own."""

        def asking() -> None:
            begun = self._world.clock()
            while self._progress.phases.get(name) is Phase.STARTING and not self._closed.is_set():
                if ask():
                    self._inbox.put(then)
                    return
                self._closed.wait(pause(self._world.clock() - begun))

        Thread(target=asking, name="devenv-ask", daemon=True).start()
