"""Asks the world what a plan must know, and no more than that: a stack that runs costs one listing, two with jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from devenv.core.compose.interpolate import interpolate
from devenv.core.planning.definition import shared, volume_names
from devenv.core.planning.plan import plan
from devenv.core.stack.graph import derived
from devenv.engine.world import World
from devenv.model.plan import Action, Facts, JobRun, Plan
from devenv.model.stack import Service, Stack
from devenv.ops.bringup import applied, begun, memory
from devenv.ops.bringup.budget import restarts
from devenv.ops.bringup.settings import Settings, variables_with
from devenv.ops.bringup.sharing import left_behind
from devenv.records import replace


def draw(
    world: World,
    stack: Stack,
    wanted: Sequence[str],
    settings: Settings,
    forced: Iterable[str] = (),
    *,
    fresh: bool = False,
) -> tuple[Plan, Facts]:
    """The plan for bringing up `wanted` with `settings`, and the facts that it rests on; nothing is written.

    `forced` jobs run whatever they did before. `fresh` asks for the images of all services, which were just built.
    """
    facts = gather(world, stack, wanted, settings, forced, fresh=fresh)
    jobs = any(stack.services[name].job for name in wanted)
    found = plan(stack, wanted, facts) if not jobs else None
    if found is None or not found.empty or found.shared:  # what becomes of data matters
        facts = replace(facts, volumes=world.daemon.volume_times(settings.project))
        found = plan(stack, wanted, facts)
    if found.of(Action.START) and (cut_off := _cut_off(world, facts)):
        facts = replace(facts, cut_off=cut_off)
        found = plan(stack, wanted, facts)
    return found, facts


def _cut_off(world: World, facts: Facts) -> frozenset[str]:
    """Containers whose network somebody has removed."""
    there = world.daemon.network_ids()
    return frozenset(c.id for c in facts.containers if c.state != "running" and not there.issuperset(c.networks))


def gather(
    world: World, stack: Stack, wanted: Sequence[str], settings: Settings, forced: Iterable[str], *, fresh: bool
) -> Facts:
    """What is known without asking for volumes."""
    before = applied.read(world.project)
    variables = variables_with(world, settings)
    services = [stack.services[name] for name in wanted]
    sharing = {service.name for service in services if any(derived(service.compose))}
    orphaned, stranded = left_behind(world.daemon, settings.containers, sharing)
    return Facts(
        made=before.made if before.project == settings.project else {},
        declared=shared(stack, variables),
        containers=tuple(settings.containers),
        applied=before.values,
        current=applied.values(world.project, stack, wanted, variables),
        images=_images(world, stack, services, settings, variables, fresh),
        names={s.name: volume_names(stack, s, settings.project, variables) for s in services},
        runs={name: run for name, run in before.jobs.items() if name in stack.services},
        begun=_begun(world, settings),
        inputs={s.name: {path: world.project.digest(path) for path in s.inputs} for s in services if s.job},
        forced=frozenset(forced),
        displaced=settings.displaced,
        restarted=_restarted(world, stack, settings),
        orphaned=orphaned,
        stranded=stranded,
        unfinished=before.unfinished if before.project == settings.project else frozenset(),
    )


def _restarted(world: World, stack: Stack, settings: Settings) -> frozenset[str]:
    """Containers that run now, and may be dying again and again: only these are asked how often they were restarted."""
    services = stack.services
    doubtful = [c.id for c in settings.containers if memory.young(c) and c.service in services]
    policed = {c.id for c in settings.containers if c.service in services and restarts(services[c.service], 1)}
    return frozenset(at for at in doubtful if at in policed and (c := world.daemon.inspect(at)) and c.restarts)


def _begun(world: World, settings: Settings) -> dict[str, JobRun]:
    """What is remembered of the starts of containers that are still there."""
    there = {c.id for c in settings.containers}
    return {key: run for key, run in begun.read(world.project).items() if key in there}


def _images(
    world: World,
    stack: Stack,
    services: Sequence[Service],
    settings: Settings,
    variables: Mapping[str, str],
    fresh: bool,
) -> dict[str, str]:
    """The ids of images that may be others than those that containers were made from.

    The engine's listing names a container's image by its id once its name stands for another image; jobs that have no
    container any more are compared with what they ran with.
    """
    moved = {c.service for c in settings.containers if c.image_id and c.image == c.image_id}
    there = {c.service for c in settings.containers if not c.oneoff}
    known: dict[str, str] = {}
    found = {}
    for service in services:
        gone = service.job and service.name not in there
        if not (fresh or gone or service.name in moved):
            continue
        name = reference(stack, service, variables)
        if name not in known:
            image = world.daemon.image(name) if name else None
            known[name] = image.id if image is not None else ""
        found[service.name] = known[name]
    return found


def reference(stack: Stack, service: Service, variables: Mapping[str, str]) -> str:
    """The image's name as Compose sees it; a built service without one is called after project and service."""
    written = service.compose.get("image")
    if written:
        return interpolate(str(written), variables)
    return f"{variables.get('COMPOSE_PROJECT_NAME') or stack.name}-{service.name}" if service.build else ""
