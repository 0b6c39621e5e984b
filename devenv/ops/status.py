"""What the stack is doing, from one listing of its containers."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from devenv.engine.world import World
from devenv.errors import Report
from devenv.ops import checkouts
from devenv.ops.bringup import memory
from devenv.ops.renamed import left_behind
from devenv.ops.status_facts import ServiceFacts, facts_of
from devenv.records import frozen

if TYPE_CHECKING:
    from devenv.model.observed import Container
    from devenv.model.stack import Stack
    from devenv.ops.bringup.memory import Memory

StackState = Literal["running", "partial", "starting", "stopped", "absent", "failed"]
ServiceState = Literal[
    "running", "starting", "unhealthy", "restarting", "paused", "completed", "exited", "created", "absent"
]

_AGE = re.compile(r"\w+(?: \(-?\d+\))? (About an?|Less than a|\d+) (second|minute|hour|day|week|month|year)s?")
_STOPPED = (None, 0, 130, 137, 143)
"""Exit codes of what somebody stopped."""

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800, "month": 2592000, "year": 31536000}


@frozen
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


@frozen
class StackStatus:
    """The stack: `running` when all that is wanted is ready, `partial` when some is not, `starting`, `failed`,
    `stopped` when containers are there and none runs, `absent` when there are none. `notes` tell what is wrong with a
    manifest that cannot be used, and of what still runs under a name that it had before."""

    name: str
    project: str
    state: StackState
    services: tuple[ServiceStatus, ...]
    notes: tuple[str, ...] = ()


@frozen
class _Known:
    """What is known before containers are looked at; `stack` is None when it comes from memory and no manifest was
    read."""

    name: str
    project: str
    services: tuple[ServiceFacts, ...]
    containers: list[Container]
    stack: Stack | None = None
    notes: tuple[str, ...] = ()


def status(
    world: World, names: tuple[str, ...] = (), report: Report | None = None, recalled: Memory | None = None
) -> StackStatus:
    """The state of every service (or of `names`). `recalled` is what `memory.recall` gave, if it was asked already.
    Raises DevenvError for an unknown name, and as `stack_at_hand` does."""
    known = _known(world, report or Report(), recalled or memory.recall(world.project))
    facts = {service.name: service for service in known.services}
    if unknown := [name for name in names if name not in facts]:
        from devenv.ops.select import known as check

        check(facts, unknown)
    containers = known.containers
    wanted = _wanted(world, known)
    by_service: dict[str, list[Container]] = {}
    for container in containers:
        if not container.oneoff:
            by_service.setdefault(container.service, []).append(container)
    judge = _Judge(world, known)
    done = _done(world) if containers else set()
    services = [
        _service(world, judge, one, by_service.get(name, []), name in wanted, name in done)
        for name, one in facts.items()
    ]
    gone = [_orphan(world, name, by_service[name]) for name in by_service if name not in facts]
    chosen = [s for s in [*services, *gone] if not names or s.name in names]
    notes = (*known.notes, *left_behind(world, known.project).values())
    return StackStatus(known.name, known.project, _stack_state(services), tuple(chosen), notes)


def _known(world: World, report: Report, found: Memory | None) -> _Known:
    if found is not None:
        report.problems.extend(found.warnings)
        services = tuple(ServiceFacts.of(data) for data in found.services)
        return _Known(found.stack, found.project, services, _containers(world, found.project))
    from devenv.ops.at_hand import stack_at_hand
    from devenv.ops.bringup import recovery
    from devenv.ops.bringup.settings import project_name
    from devenv.ops.select import select

    notes: list[str] = []
    stack = stack_at_hand(world, notes.append, report)
    project = project_name(world, stack.name)
    containers = _containers(world, project)
    variables = recovery.variables(world, stack, lambda: containers)
    default = select(stack, (), None, variables)
    ending = stack.ending
    services = tuple(facts_of(s, variables, name in default, name in ending) for name, s in stack.services.items())
    return _Known(stack.name, project, services, containers, stack, tuple(notes))


def _containers(world: World, project: str) -> list[Container]:
    """This checkout's containers."""
    found = world.daemon.containers(project)
    return [] if checkouts.elsewhere(world.project, found) else found


def _wanted(world: World, known: _Known) -> set[str]:
    """What the last `up` was to bring up; before the first one, what it would."""
    last = world.project.state().get("services")
    there = {service.name for service in known.services}
    if remembered := there.intersection(last if isinstance(last, list) else ()):
        return remembered
    return {service.name for service in known.services if service.default}


def _done(world: World) -> set[str]:
    """Jobs that have succeeded, maybe in an earlier life of the stack, so that they have no container now."""
    jobs = world.project.state().get("jobs")
    return set(jobs) if isinstance(jobs, dict) else set()


def _service(
    world: World, judge: _Judge, facts: ServiceFacts, containers: list[Container], wanted: bool, done: bool
) -> ServiceStatus:
    name, urls, address, job, origin = facts.name, facts.urls, facts.address, facts.job, facts.origin
    wanted = wanted and facts.count != 0
    if not containers:
        done = done and job
        absent: ServiceState = "completed" if done else "absent"
        return ServiceStatus(name, absent, done, facts.image, urls, address, wanted=wanted, job=job, origin=origin)
    container = _worst(containers)
    state, ready, detail = judge.one(facts, container)
    ready = ready and all(judge.one(facts, c)[1] for c in containers if c is not container)
    running, due = sum(c.state == "running" for c in containers), facts.count or len(containers)
    if 0 < running < due and not job:
        state, ready = ("starting" if container.state == "created" else "running"), False
        detail = "; ".join(filter(None, [f"{running} of {due} containers run", detail]))
    return ServiceStatus(
        name=name,
        state=state,
        ready=ready,
        image=container.image,
        urls=urls,
        address=address or _published(container),
        since=_since(world, container),
        health=container.health,
        exit_code=container.exit_code,
        detail=detail,
        wanted=wanted,
        job=job,
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


class _Judge:
    """State, readiness, and in words what is wrong with a container."""

    def __init__(self, world: World, known: _Known) -> None:
        self._world, self._stack = world, known.stack

    def one(self, service: ServiceFacts, container: Container) -> tuple[ServiceState, bool, str]:
        if container.state == "running":
            if service.job:
                return "running", False, ""
            if container.health in ("none", "healthy"):
                return "running", True, ""
            return self._unready(service.name, container)
        if container.state in ("exited", "dead"):
            code = container.exit_code
            if service.job and code == 0:
                return "completed", True, ""
            return "exited", False, f"ended with {_exit_words(code)}" if code else "stopped"
        if container.state == "restarting":
            return "restarting", False, f"ended with {_exit_words(container.exit_code)}, and is started again"
        return "paused" if container.state == "paused" else "created", False, ""

    def _unready(self, name: str, container: Container) -> tuple[ServiceState, bool, str]:
        """A container that runs and is not healthy: the only case that needs another request, and the whole stack."""
        from devenv.ops.bringup import outside
        from devenv.ops.load import load_stack

        probes = self._world.daemon.probes(container.id)
        if outside.cannot_probe(probes):
            self._stack = self._stack or load_stack(self._world, Report(), paths=False).stack
            if (ask := outside.prober(self._stack.services[name], container)) is not None:
                if ask():
                    return "running", True, "asked from outside: its image has nothing to run a probe with"
                return "starting", False, "does not answer yet"
        said = [line for line in (probes[-1].output if probes else "").splitlines() if line.strip()]
        state: ServiceState = "starting" if container.health == "starting" else "unhealthy"
        return state, False, said[-1].strip()[:200] if said else ""


def _exit_words(code: int | None) -> str:
    from devenv.ops.failures.failures import exit_words  # and with it all known causes of failures

    return exit_words(code)


def _worst(containers: list[Container]) -> Container:
    """The container that says most about what is wrong."""
    order = {"dead": 0, "exited": 1, "restarting": 2, "removing": 3, "created": 4, "paused": 5, "running": 6}
    return min(containers, key=lambda c: (order[c.state], c.health in ("none", "healthy")))


def _published(container: Container) -> str:
    """Where the first of its ports is on this machine."""
    return next((f"{host}:{number}" for _, (host, number) in sorted(container.ports.items())), "")


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
