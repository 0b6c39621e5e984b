"""Readiness of a container whose image can run no probe: asked from outside, through its published port."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from devenv.core.stack.probes import NO_PROGRAM
from devenv.model.observed import Container, ProbeResult
from devenv.model.stack import Service

_MISSING = re.compile(r"executable file not found|no such file or directory|exec format error", re.IGNORECASE)

EVERY = 0.2
"""Seconds between two probes from outside."""


def cannot_probe(probes: Sequence[ProbeResult]) -> bool:
    """Whether the health check could not even be run: no shell, or no program that could ask, in the image."""
    last = probes[-1] if probes else None
    if last is None or last.exit_code == 0:
        return False
    return NO_PROGRAM in last.output or (last.exit_code in (-1, 126, 127) and _MISSING.search(last.output) is not None)


def prober(service: Service, container: Container) -> Callable[[], bool] | None:
    """A function that asks `service` once from outside, for at most four seconds, as a probe inside does; None when
    that is not possible."""
    ready = service.ready
    if ready is None or ready.run is not None:
        return None
    address = _address(service, container)
    if address is None:
        return None
    from devenv.engine import http  # costs 30 ms to import, and few services need it

    inner, host, port = address
    if ready.http is not None:
        path = ready.http if ready.http.startswith("/") else f"/{ready.http}"
        names = (ready.port, *(p.name for p in service.ports if p.container == inner))
        scheme = "https" if "https" in names else "http"
        url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}"
        return lambda: http.request(url, timeout=4.0, limit=1).good
    return lambda: not http.connect(host, port, timeout=4.0)


def inner_port(service: Service) -> int | None:
    """The port inside the container that `ready` names, or the first one."""
    wanted = str(service.ready.port or service.ready.tcp or "") if service.ready else ""
    if wanted.isdigit():
        return int(wanted)
    ports = [p for p in service.ports if p.protocol == "tcp"]
    named = [p.container for p in ports if p.name == (wanted or "http")]
    return next(iter(named), None) if wanted else next(iter([*named, *(p.container for p in ports)]), None)


def _address(service: Service, container: Container) -> tuple[int, str, int] | None:
    """The container port that `ready` asks, and its host and port as seen from this machine."""
    number = inner_port(service)
    if number is None or (found := container.ports.get((number, "tcp"))) is None:
        return None
    host = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(found[0], found[0])  # noqa: S104 - read, not bound
    return number, host, found[1]
