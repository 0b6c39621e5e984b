"""What containers and volumes tell of `.devenv/.env` when that was taken away: secrets and ports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from devenv.core.compose.interpolate import solve
from devenv.core.compose.keys import as_mapping
from devenv.core.planning.definition import volume_names
from devenv.core.stack import ports
from devenv.engine.world import World
from devenv.events import Note, Sink
from devenv.model.data import text
from devenv.model.observed import Container
from devenv.model.stack import SecretVariable, Service, Stack
from devenv.ops.bringup import applied


def secrets(
    world: World,
    stack: Stack,
    values: dict[str, str],
    remembered: Collection[str],
    project: str,
    containers: Sequence[Container],
    sink: Sink,
) -> None:
    """Puts into `values` every secret that one of the project's `containers` was made with, where `values` lacks it or
    `.devenv` has not `remembered` its service, and it may have been made anew since: data was made with it, too. Tells
    people of what differs, and of volumes that were made with one that nothing tells any more. Nothing is asked when
    nothing is in doubt."""
    doubtful = {
        secret.variable: secret
        for secret in stack.secrets
        if not values.get(secret.variable) or secret.service not in remembered
    }
    if not doubtful:
        return
    told: dict[str, dict[str, str]] = {}
    for container in containers:
        service = stack.services.get(container.service)
        if service is not None and not container.oneoff:
            told.setdefault(service.name, {}).update(_told(world, service, container, doubtful))
    for variable, secret in doubtful.items():
        known = (told.get(secret.service, {}), *told.values())  # the server itself knows best
        found = next((one[variable] for one in known if one.get(variable)), "")
        if found and values.get(variable, found) != found:
            said = f"{secret.service} keeps the {secret.name} of its containers; the new one in .devenv/.env is dropped"
            sink(Note(text=said))
        if found:
            values[variable] = found
    if lost := [secret for secret in doubtful.values() if not values.get(secret.variable)]:
        _tell(world, stack, lost, project, sink)


def _told(world: World, service: Service, container: Container, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    """Variables among `wanted` that a container's environment tells, and what they are."""
    written = as_mapping(service.compose.get("environment"))
    if not any(variable in text(value) for value in written.values() for variable in wanted):
        return
    given = world.daemon.environment(container.id)
    for name, value in written.items():
        if (found := solve(text(value), given.get(name, ""))) and found[0] in wanted:
            yield found


def _tell(world: World, stack: Stack, lost: Sequence[SecretVariable], project: str, sink: Sink) -> None:
    there = world.daemon.volume_times(project)
    variables = world.project.environment()
    for name in dict.fromkeys(secret.service for secret in lost):
        if name not in stack.services:
            continue
        volumes = volume_names(stack, stack.services[name], project, variables).values()
        if left := " ".join(volume for volume in volumes if volume in there):
            what = " and ".join(secret.name for secret in lost if secret.service == name)
            said = (
                f"{name} gets a new {what}, but has data already ({left}), and most servers keep what they began with. "
                f"If logins are refused: `devenv down && docker volume rm {left}` deletes the data, and `devenv up` "
                "begins anew"
            )
            sink(Note(text=said, level="warning"))


def variables(world: World, stack: Stack, containers: Callable[[], Sequence[Container]]) -> dict[str, str]:
    """What Compose interpolates with, and the ports of the stack's `containers` of which `.devenv` remembers nothing.
    These are asked for only if there may be such."""
    found = world.project.environment()
    remembered = applied.read(world.project).values
    if any(name not in remembered and ports.moving(service.ports) for name, service in stack.services.items()):
        for container, variable, _, number in ports_of(world, stack, containers(), remembered):
            if container.service not in remembered:
                found.setdefault(variable, str(number))
    return found


def ports_of(
    world: World, stack: Stack, containers: Sequence[Container], remembered: Collection[str]
) -> list[tuple[Container, str, int, int]]:
    """Where the ports of containers are that devenv may move: (container, variable, default, number). The listing does
    not tell of one that does not run; it is asked itself if it is not `remembered`, for `.devenv` was taken away."""
    found = []
    for container in containers:
        service = stack.services.get(container.service)
        moving = ports.moving(service.ports) if service else []
        held = container.ports
        if moving and container.state != "running" and not held and container.service not in remembered:
            looked_at = world.daemon.inspect(container.id)
            held = looked_at.ports if looked_at else {}
        for port in moving:
            if place := held.get((port.container, port.protocol)):
                found.append((container, port.variable, port.default or 0, place[1]))
    return found
