"""Old containers that take long to stop before new ones take their places: who waits for one is told so."""

from __future__ import annotations

from devenv.events import Phase, ServiceChanged, Sink
from devenv.model.observed import ContainerChange
from devenv.ops.bringup.progress import Progress

_LONG = 1.0
"""Seconds that a container may take to stop without a word."""


class Replacing:
    """Hears the engine's changes, and counts those of containers whose services are to get new ones."""

    def __init__(self, progress: Progress, sink: Sink) -> None:
        self._progress, self._sink = progress, sink
        self._stopping: dict[str, tuple[str, float]] = {}

    def hear(self, change: ContainerChange, now: float) -> None:
        """Takes a change: that the engine has sent a container a signal, or that one has ended."""
        if change.action == "kill" and self._progress.pending(change.service):
            self._stopping.setdefault(change.container_id, (change.service, now + _LONG))
        elif change.action == "die":
            self._stopping.pop(change.container_id, None)

    def tell(self, now: float) -> None:
        """Says of every service whose container is still stopping that it waits for that."""
        for container_id, (service, due) in [*self._stopping.items()]:
            if due <= now:
                del self._stopping[container_id]
                text = "waiting for the old container to stop"
                self._sink(ServiceChanged(service=service, phase=Phase.CREATING, detail=text))

    def times(self) -> tuple[float, ...]:
        """When to look at the clock again."""
        return tuple(due for _, due in self._stopping.values())
