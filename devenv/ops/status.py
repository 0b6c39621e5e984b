"""What the stack is doing, from one listing of its containers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from devenv.engine.world import World
from devenv.errors import Report
from devenv.model.observed import Container
from devenv.model.stack import Service, Stack
from devenv.ops import applied, outside
from devenv.ops.failures import exit_words
from devenv.ops.load import load_stack
from devenv.ops.select import known, select
from devenv.ops.settings import elsewhere, project_name
from devenv.ops.urls import address_of, urls_of

StackState = Literal["running", "partial", "starting", "stopped", "absent", "failed"]
ServiceState = Literal[
    "running", "starting", "unhealthy", "restarting", "paused", "completed", "exited", "created", "absent"
]

_AGE = re.compile(r"\w+(?: \(-?\d+\))? (About an?|Less than a|\d+) (second|minute|hour|day|week|month|year)s?")
_STOPPED = (None, 0, 130, 137, 143)
"""Exit codes of what somebody stopped."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """One service. `ready` is True for what is healthy (or runs without a health check) and for jobs that are done.

    `since` is when it got into its state, as exactly as the engine's listing tells; `address` host and port on this
    machine; `detail` says in words what is wrong; `wanted` whether the last `up` brought it up.
    """

    name: str
    state: ServiceState
    ready: bool
    image: str = ""
    urls: tuple[str, ...] = ()
    address: str = ""
    since: datetime | None = None
    health: str = "none"
    exit_code: int | None = None
    detail: str = ""
    wanted: bool = True
    job: bool = False
    origin: str = ""


@dataclass(frozen=True, slots=True)
class StackStatus:
    """The stack: `running` when all that is wanted is ready, `partial` when some is not, `starting`, `failed`,
    `stopped` when containers are there and none runs, `absent` when there are none."""

    name: str
    project: str
    state: StackState
    services: tuple[ServiceStatus, ...]


def status(world: World, names: tuple[str, ...] = (), report: Report | None = None) -> StackStatus:
    """The state of every service (or of `names`). Raises DevenvError for an unknown name, and as loading does."""
    stack = load_stack(world, report or Report(), paths=False).stack
    known(stack.services, names)
    variables = world.project.environment()
    project = project_name(world, stack.name)
    containers = world.daemon.containers(project)
    if elsewhere(world, containers):
        containers = []
    wanted, done = _wanted(world, stack, variables), applied.read(world.project).jobs
    by_service: dict[str, list[Container]] = {}
    for container in containers:
        if not container.oneoff:
            by_service.setdefault(container.service, []).append(container)
    services = [
        _service(world, service, by_service.get(name, []), variables, name in wanted, bool(containers) and name in done)
        for name, service in stack.services.items()
    ]
    gone = [_orphan(world, name, by_service[name]) for name in by_service if name not in stack.services]
    chosen = [s for s in [*services, *gone] if not names or s.name in names]
    return StackStatus(stack.name, project, _stack_state(services), tuple(chosen))


def _wanted(world: World, stack: Stack, variables: dict[str, str]) -> set[str]:
    """What the last `up` was to bring up; before the first one, what it would."""
    if remembered := {name for name in applied.read(world.project).services if name in stack.services}:
        return remembered
    return set(select(stack, (), None, variables))


def _service(
    world: World,
    service: Service,
    containers: list[Container],
    variables: dict[str, str],
    wanted: bool,
    succeeded: bool,
) -> ServiceStatus:
    """`succeeded`: the service is a job that has done its work in an earlier life of the stack."""
    urls = tuple(url for _, url in urls_of(service, variables))
    address, origin = address_of(service, variables), str(service.origin)
    if not containers:
        image, done = service.image or "", service.job and succeeded
        state: ServiceState = "completed" if done else "absent"
        return ServiceStatus(
            service.name, state, done, image, urls, address, wanted=wanted, job=service.job, origin=origin
        )
    container = _worst(containers)
    state, ready, detail = _judge(world, service, container)
    return ServiceStatus(
        name=service.name,
        state=state,
        ready=ready and all(_judge(world, service, c)[1] for c in containers if c is not container),
        image=container.image,
        urls=urls,
        address=address,
        since=_since(world, container),
        health=container.health,
        exit_code=container.exit_code,
        detail=detail,
        wanted=wanted,
        job=service.job,
        origin=origin,
    )


def _orphan(world: World, name: str, containers: list[Container]) -> ServiceStatus:
    container = _worst(containers)
    state: ServiceState = "running" if container.state == "running" else "exited"
    return ServiceStatus(
        name=name,
        state=state,
        ready=False,
        image=container.image,
        since=_since(world, container),
        health=container.health,
        exit_code=container.exit_code,
        detail="no longer in the manifest; `devenv down` removes it",
        wanted=False,
    )


def _judge(world: World, service: Service, container: Container) -> tuple[ServiceState, bool, str]:
    """State, readiness, and in words what is wrong."""
    if container.state == "running":
        if service.job:
            return "running", False, ""
        if container.health in ("none", "healthy"):
            return "running", True, ""
        return _unready(world, service, container)
    if container.state in ("exited", "dead"):
        code = container.exit_code
        if service.job and code == 0:
            return "completed", True, ""
        return "exited", False, f"ended with {exit_words(code)}" if code else "stopped"
    if container.state == "restarting":
        return "restarting", False, f"ended with {exit_words(container.exit_code)}, and is started again"
    return "paused" if container.state == "paused" else "created", False, ""


def _unready(world: World, service: Service, container: Container) -> tuple[ServiceState, bool, str]:
    """A container that runs and is not healthy: the only case that needs another request."""
    probes = world.daemon.probes(container.id)
    if outside.cannot_probe(probes) and (ask := outside.prober(service, container)) is not None:
        if ask():
            return "running", True, "asked from outside: its image has nothing to run a probe with"
        return "starting", False, "does not answer yet"
    said = [line for line in (probes[-1].output if probes else "").splitlines() if line.strip()]
    return "starting" if container.health == "starting" else "unhealthy", False, said[-1].strip()[:200] if said else ""


def _worst(containers: list[Container]) -> Container:
    """The container that says most about what is wrong."""
    order = {"dead": 0, "exited": 1, "restarting": 2, "removing": 3, "created": 4, "paused": 5, "running": 6}
    return min(containers, key=lambda c: (order[c.state], c.health in ("none", "healthy")))


def _since(world: World, container: Container) -> datetime | None:
    """When the present state began, from the listing's words (`Up 2 hours`): as exact as these are."""
    found = _AGE.match(container.status)
    if found is None:
        return container.created_at
    number = int(found[1]) if found[1].isdigit() else 1
    since = world.now() - timedelta(seconds=number * _SECONDS[found[2]])
    return max(since, container.created_at) if container.created_at else since


def _stack_state(services: list[ServiceStatus]) -> StackState:
    there = [s for s in services if s.state != "absent"]
    wanted = [s for s in services if s.wanted]
    if not there:
        return "absent"
    if all(s.ready for s in wanted) and any(s.ready for s in there):
        return "running"
    alive = [s for s in there if s.state in ("running", "starting", "unhealthy", "restarting", "paused")]
    if any(s.state == "exited" and (s.job or alive) and s.exit_code not in _STOPPED for s in wanted):
        return "failed"
    if not alive:
        return "stopped"
    waiting = [s for s in wanted if not s.ready]
    return "starting" if all(_on_its_way(s) for s in waiting) else "partial"


def _on_its_way(service: ServiceStatus) -> bool:
    return service.state in ("starting", "restarting", "created") or (service.job and service.state == "running")
