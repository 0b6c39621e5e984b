"""Asks services that are starting directly, between the engine's own probes.

A health check is a process in the container, several times a second at most. A connection costs nothing, so it can be
tried all the time, and what needs the service starts up to a probe's interval earlier. Whether the service *is* healthy
stays the engine's word: `up` ends only with it.
"""

from __future__ import annotations

from collections.abc import Callable

from devenv.engine import reach
from devenv.model.observed import Container
from devenv.model.stack import Service
from devenv.ops.bringup.outside import inner_port

_FIRST, _LAST = 0.02, 0.05
"""Seconds between two tries, at first and at most."""

_PART = 0.1
"""A try waits for this part of the time that the service has already taken."""


def pause(waited: float) -> float:
    """Seconds until the next try, after `waited` seconds: what is quick is asked often, what is slow seldom."""
    return min(_LAST, max(_FIRST, _PART * waited))


def asker(service: Service, container: Container) -> Callable[[], bool] | None:
    """A function that asks once whether a container does what its `ready` wants; None when only the engine can tell."""
    ready = service.ready
    port = inner_port(service)
    if ready is None or ready.run is not None or port is None or "healthcheck" not in service.compose:
        return None
    address, gateway = next(((a, g) for a, g in container.addresses if reach.is_ours(g)), ("", ""))
    if not address:
        return None
    if ready.http is None:
        return lambda: reach.accepts(address, port, gateway)
    path = ready.http if ready.http.startswith("/") else f"/{ready.http}"
    return lambda: reach.answers(address, port, path, gateway)
