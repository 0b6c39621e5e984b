"""What belongs to this machine: secrets, numbers, free host ports and the project's name, kept in `.devenv/.env`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from devenv.core.compose.paths import moved_variables
from devenv.core.lock.state import locked_variables
from devenv.core.stack import ports, tenants
from devenv.core.stack.render import OUR_FOLDER
from devenv.core.stack.variables import SECRET
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.events import Note, Sink
from devenv.model.lock import LOCKED
from devenv.model.observed import Container
from devenv.model.stack import Stack
from devenv.ops import checkouts, renamed
from devenv.ops.bringup import applied, recovery
from devenv.ops.failures.failures import free_words, holder_words
from devenv.records import frozen, replace

_PROJECT = "COMPOSE_PROJECT_NAME"
_PORT = "DEVENV_PORT_"
_DERIVED = ("DEVENV_PATH_", "DEVENV_MOUNT_", LOCKED)
_OWN = ("DEVENV_", _PROJECT)


@frozen
class Settings:
    """`values` for `.devenv/.env`, the Compose `project`, the containers that it has on the engine, the ids of those
    that have other ports than `values` say, and the names of earlier projects that still have containers."""

    values: dict[str, str]
    project: str
    containers: list[Container]
    displaced: frozenset[str] = frozenset()
    former: tuple[str, ...] = ()


def secrets(world: World) -> set[str]:
    """The values of this machine's secrets, which programs may print."""
    return {value for name, value in world.project.settings().items() if name.startswith(SECRET) and value}


def project_name(world: World, stack_name: str) -> str:
    """The Compose project of this checkout: the remembered name, or the stack's own."""
    return world.project.settings().get(_PROJECT) or stack_name


def prepare(world: World, stack: Stack, services: Sequence[str], sink: Sink, *, text: str = "") -> Settings:
    """Settles name, secrets, numbers, paths and ports for bringing up `services` of a stack with the Compose file
    `text`; one listing of containers, nothing is written.

    Tells people of every port that moved, and of what still runs under a name that the stack had before.
    Raises DevenvError DE602 for a port that no free number is left for.
    """
    values = world.project.settings()
    project, containers = _project(world, stack, values, sink)
    former = renamed.left_behind(world, project)
    for said in former.values():
        sink(Note(text=said, level="warning"))
    remembered = applied.read(world.project).values
    recovery.secrets(world, stack, values, remembered, project, containers, sink)
    generated(world, stack, values)
    derived(world, stack, text, values)
    places = recovery.ports_of(world, stack, containers, remembered)
    for container, variable, _, number in places:
        if container.service not in remembered:
            values.setdefault(variable, str(number))
    own = {held for c in containers for held in _held(c)}

    def busy(port: int, host_ip: str, protocol: str) -> bool:
        what = f"port {port}/{protocol}"
        if (port, protocol) in own or world.project.claimed(what):
            return False
        # Claimed first: what was seen to be free before may be another run's by the time that it is claimed.
        return not world.project.claim(what) or world.ports.busy(port, host_ip, protocol)

    for protocol, number in (held for name in services for held in ports.fixed(stack.services[name])):
        world.project.claim(f"port {number}/{protocol}")  # another run, whose port may be any, chooses another one
    assigned = ports.assign(stack, values, busy, services)
    if assigned.taken:
        raise DevenvError(*(_taken(world, taken) for taken in assigned.taken))
    for moved in assigned.moved:
        who = moved.by or holder_words(world.ports.holder(moved.wanted))
        by = f" by {who}" if who else ""
        text = f"port {moved.wanted} is taken{by}, so {moved.service} ({moved.name}) is on port {moved.port}"
        sink(Note(text=text))
    kept = {name: value for name, value in values.items() if not name.startswith(_PORT)}
    now = kept | assigned.settings
    displaced = {c.id for c, variable, default, number in places if now.get(variable, str(default)) != str(number)}
    return Settings(now, project, containers, frozenset(displaced), tuple(former))


def variables_with(world: World, settings: Settings) -> dict[str, str]:
    """What Compose interpolates with once `settings` are saved."""
    found = world.project.environment()
    kept = {name: value for name, value in found.items() if not name.startswith(_OWN)}
    return {**settings.values, **kept, **{n: v for n, v in settings.values.items() if n.startswith(_OWN)}}


def generated(world: World, stack: Stack, values: dict[str, str]) -> None:
    """Adds every secret and every part's number that `values` lacks. What is there is kept, also of services that are
    gone: their data may come back."""
    for secret in stack.secrets:
        if not values.get(secret.variable):
            values[secret.variable] = world.random(secret.length)
    values.update(tenants.numbers(stack, values))


def derived(world: World, stack: Stack, text: str, values: dict[str, str]) -> None:
    """Sets what follows from other variables: what those that paths start with are, seen from the generated file's
    folder, and the bytes that the lock has for images whose names hold some."""
    for name in [name for name in values if name.startswith(_DERIVED)]:
        del values[name]
    variables = world.project.environment()
    values.update(moved_variables(text, variables, OUR_FOLDER))
    values.update(locked_variables(stack.written_images, stack.digests, variables))


def outdated(world: World, stack: Stack, text: str) -> dict[str, str | None]:
    """What is kept, or None, of the values that follow from other variables and would be others now."""
    kept = world.project.settings()
    now = dict(kept)
    derived(world, stack, text, now)
    return {name: kept.get(name) for name in {**kept, **now} if kept.get(name) != now.get(name)}


def tell_outdated(world: World, stack: Stack, text: str, report: Report) -> None:
    """Warns of kept digests that are of other images: plain `docker compose` goes by them, whatever `.env` says now."""
    for name, value in outdated(world, stack, text).items():
        if name.startswith(LOCKED) and value and name in text:
            message = f"{OUR_FOLDER}/.env still names {value.partition('@')[0]}, while variables say another image now"
            hint = "plain `docker compose` would use it; `devenv generate` or `devenv up` writes the file anew"
            report.add("DE786", message, hint=hint, warning=True)


def _project(world: World, stack: Stack, values: dict[str, str], sink: Sink) -> tuple[str, list[Container]]:
    """The Compose project for this checkout, and its containers. Another checkout's name is never taken."""
    remembered = values.pop(_PROJECT, None)
    if remembered and (remembered == stack.name or remembered.startswith(f"{stack.name}-")):
        values[_PROJECT] = project = remembered
    else:  # nothing remembered, or the stack was renamed
        project = stack.name
    containers = world.daemon.containers(project)
    if project == stack.name and (other := elsewhere(world, containers)):
        values[_PROJECT] = project = f"{stack.name}-{_short_hash(world)}"
        sink(Note(text=f"'{stack.name}' is up from {other} already, so this checkout is called '{project}'"))
        containers = world.daemon.containers(project)
    name = f"name {project}"
    if project == stack.name and not (containers or world.project.claimed(name) or world.project.claim(name)):
        values[_PROJECT] = project = f"{stack.name}-{_short_hash(world)}"
        text = f"'{stack.name}' is being brought up from another folder, so this checkout is called '{project}'"
        sink(Note(text=text))
        containers = world.daemon.containers(project)
    if stack.name_written is not None:
        values[_PROJECT] = project  # the file's own name depends on variables
    here = checkouts.home(world.project)
    # Containers that were made for a folder that is gone mount what is no longer there: they are made anew.
    return project, [c if c.labels.get(checkouts.FOLDER, here) == here else _stale(c) for c in containers]


def elsewhere(world: World, containers: Sequence[Container]) -> str | None:
    """See `checkouts.elsewhere`."""
    return checkouts.elsewhere(world.project, containers)


def _short_hash(world: World) -> str:
    return hashlib.sha256(str(world.project.root).encode()).hexdigest()[:4]


def _stale(container: Container) -> Container:
    return replace(container, labels={**container.labels, "dev.devenv.hash": ""})


def _held(container: Container) -> list[tuple[int, str]]:
    return [(number, protocol) for (_, protocol), (_, number) in container.ports.items()]


def _taken(world: World, taken: ports.Taken) -> Problem:
    holder = world.ports.holder(taken.port)
    who = holder_words(holder)
    message = f"port {taken.port} of {taken.service} is taken" + (f" by {who}" if who else "")
    freed = free_words(holder) or "end what holds it"
    hint = f"{freed}, or drop `publish` from the port so that devenv finds a free one"
    return Problem("DE602", message, path=f"services.{taken.service}.ports.{taken.name}", hint=hint)
