"""Does to containers what a plan says, before any is started, and remembers it; nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from devenv.core.planning import definition, jobs
from devenv.core.stack import resources
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Note, Output, Phase, ServiceChanged, Sink
from devenv.model.plan import Action, Facts, JobRun, Leaves, Plan, Resource, Step
from devenv.model.stack import Stack
from devenv.ops.bringup import applied, mounted
from devenv.records import replace


def clear(world: World, todo: Plan, project: str, sink: Sink) -> None:
    """Removes what the manifest no longer has and the networks that are made anew, and says what will be made anew and
    which jobs run, and why. Raises DevenvError as `on_renewed` does, before anything is removed."""
    renewed = on_renewed(world, todo, project)
    for step in todo.removals:
        for container in step.containers:
            world.daemon.delete(container)
        sink(Note(text="; ".join([f"{step.service}: removed, {step.reason}", *step.data])))
    for name in todo.strangers:
        sink(Note(text=f"{name}: not made from this manifest, so it is left alone; `devenv down` removes it"))
    for one in todo.shared:
        more = [*map(str, one.changes[:3]), *filter(None, [one.advice])]
        level: Literal["info", "warning"] = "warning" if one.action is Action.KEEP else "info"
        what = one.reason if one.action is Action.KEEP else f"made anew, {one.reason}"
        sink(Note(text=f"{one.title}: {what}: {'; '.join(more)}", level=level))
    if running := sorted({service for services in renewed.values() for service in services}):
        for name in running:
            sink(ServiceChanged(service=name, phase=Phase.STOPPING, detail="its network is made anew"))
        world.compose.stop(running, lambda line: sink(Output(source="compose", text=line)))
    for name in renewed:
        world.daemon.delete_network(project, name)
    if again := [step for step in todo.steps if step.stops]:
        for step in again:
            sink(ServiceChanged(service=step.service, phase=Phase.STOPPING, detail=step.reason))
        world.compose.stop([step.service for step in again], lambda line: sink(Output(source="compose", text=line)))
    for step in todo.of(Action.CREATE, Action.RECREATE):
        sink(ServiceChanged(service=step.service, phase=Phase.CREATING, detail=_why(step)))
    for step in todo.of(Action.START):
        if step.job:
            sink(Note(text=f"{step.service}: {step.reason}"))


def on_renewed(world: World, todo: Plan, project: str) -> dict[str, list[str]]:
    """The networks that are made anew, with the services that run on each and have to be stopped. Raises DevenvError
    DE607 for one that something else is on."""
    names = [one.resource[1] for one in todo.shared if one.action is Action.RECREATE]
    if not names:
        return {}
    anew = {step.service for step in todo.of(Action.RECREATE)}
    containers = {c.id: c.service for c in world.daemon.containers(project) if c.service in anew and not c.oneoff}
    removed = {container for step in todo.removals for container in step.containers}
    found = {}
    for name in names:
        attached = {at: called for at, called in world.daemon.attached(project, name).items() if at not in removed}
        if others := [called for at, called in attached.items() if at not in containers]:
            message = f"the network {name} cannot be made anew while something else is on it: {', '.join(others)}"
            hint = f"stop {others[0]}, or take it off the network with `docker network disconnect`"
            raise DevenvError.of("DE607", message, hint=hint)
        found[name] = [containers[at] for at in attached]
    return found


def create(
    world: World,
    stack: Stack,
    todo: Plan,
    names: Sequence[str],
    project: str,
    sink: Sink,
    without: Sequence[str] = (),
) -> None:
    """Makes the containers of `names` as the plan says, and remembers with which values; those that stay keep theirs.
    `names` are all that the plan creates, or those whose images are there; `without` see `Compose.create`.

    This may end at any moment, so it is written down before Compose is called: what is made first can have no other
    values than these, and what is made anew is unfinished, with the values of before."""
    wanted = [step.service for step in todo.steps]
    calls = {
        action: chosen
        for action in (Action.RECREATE, Action.CREATE)
        if (chosen := [step.service for step in todo.of(action) if step.service in names])
    }
    before = applied.read(world.project)
    now = applied.values(world.project, stack, wanted, world.project.environment())
    kept = {name: found for name, found in before.values.items() if name in stack.services}
    services = {*wanted, *(name for name in before.services if name in stack.services)}
    made = _made(world, stack, todo, before.made if before.project == project else {})
    fresh = {name: now[name] for name in calls.get(Action.CREATE, ())}
    anew = {name: now[name] for name in calls.get(Action.RECREATE, ())}
    unfinished = before.unfinished.difference(fresh)
    after = applied.Applied(project, tuple(services), now | kept | fresh, before.jobs, made, unfinished.union(anew))
    applied.write(world.project, after)
    for action, chosen in calls.items():
        world.compose.create(
            chosen,
            lambda line: sink(Output(source="compose", text=line)),
            recreate=action is Action.RECREATE,
            without=without,
        )
    if anew:
        done = {**after.values, **anew}
        applied.write(world.project, replace(after, values=done, unfinished=unfinished.difference(anew)))


def remember_files(world: World, stack: Stack, todo: Plan) -> None:
    """Keeps also the mounted files that were not there before the new containers were made, and are now: what ran
    before these wrote them, so their containers see them."""
    before, variables = applied.read(world.project), world.project.environment()
    values = dict(before.values)
    for step in todo.of(Action.CREATE, Action.RECREATE):
        if step.service in values:
            now = mounted.leaves(world.project, stack, stack.services[step.service], variables)
            values[step.service] = {**now, **values[step.service]}
    if values != before.values:
        applied.write(world.project, replace(before, values=values))


def _made(world: World, stack: Stack, todo: Plan, before: Mapping[Resource, Leaves]) -> dict[Resource, Leaves]:
    """What networks and volumes are made with now: as they are declared, but for what stays as it was, and for what
    only services use that are not in the plan."""
    declared = definition.shared(stack, world.project.environment())
    stays = {one.resource for one in todo.shared if one.action is Action.KEEP}
    used: set[Resource] = set()
    for service in (stack.services[step.service] for step in todo.steps):
        used.update(("network", name) for name in definition.networks(service))
        used.update(("volume", name) for name, _ in resources.used(service.compose, "volumes"))
    return declared | {key: before[key] for key in declared if key in before and (key in stays or key not in used)}


def _why(step: Step) -> str:
    return f"{step.reason}: {'; '.join(map(str, step.changes[:3]))}" if step.changes else step.reason


def remember_jobs(
    world: World,
    stack: Stack,
    todo: Plan,
    facts: Facts,
    project: str,
    phases: Mapping[str, Phase],
    started: Mapping[str, JobRun],
) -> None:
    """Keeps with what each job has succeeded, and forgets the success of one that has failed now. `started` are the
    jobs that this run has started; of one that it found ended or running, what it was started with counts, too."""
    before = applied.read(world.project)
    runs = {name: run for name, run in before.jobs.items() if phases.get(name) is not Phase.FAILED}
    completed = {name for name, phase in phases.items() if phase is Phase.COMPLETED}
    ended = {
        step.service: step.container_id
        for step in todo.steps
        if step.job and (step.service in completed or (step.action is Action.DONE and step.container_id))
    }
    known = {name: runs[name] for name in ended if name in runs and name not in completed}
    known |= {name: facts.begun[at] for name, at in ended.items() if at and at in facts.begun}
    known |= {name: run for name, run in started.items() if name in ended}
    runs |= known
    if others := ended.keys() - known:
        containers = tuple(world.daemon.containers(project))
        names = [step.service for step in todo.steps]
        current = applied.values(world.project, stack, names, world.project.environment())
        volumes = world.daemon.volume_times(project)
        now = replace(facts, containers=containers, current=current, volumes=volumes)
        images = {c.service: c.image_id for c in containers if not c.oneoff}
        runs |= {name: jobs.run_of(stack, name, now, {}, images.get(name, "")) for name in others}
    if runs != before.jobs:
        applied.write(world.project, replace(before, jobs=runs))
