"""Brings a stack up: the whole pipeline, as the body of one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from devenv.core.interpolate import interpolate
from devenv.core.plan import plan
from devenv.engine.world import World
from devenv.errors import Report
from devenv.events import Finished, Note, Output, Phase, ServiceChanged, ServiceFailed, Sink, Started
from devenv.model.plan import Action, Plan
from devenv.model.stack import Stack
from devenv.ops import applied
from devenv.ops.execute import Outcome, execute
from devenv.ops.images import Consent, ensure_images
from devenv.ops.load import COMPOSE_FILE, load_stack
from devenv.ops.recording import recorded
from devenv.ops.select import select
from devenv.ops.settings import Settings, prepare
from devenv.ops.urls import everywhere


@dataclass(frozen=True, slots=True)
class UpResult:
    """How `up` went: `phases` is where each wanted service ended, `failed` why some are not ready."""

    ok: bool
    stack: str
    project: str
    phases: dict[str, Phase]
    failed: tuple[ServiceFailed, ...]
    urls: tuple[tuple[str, str, str], ...]
    seconds: float


def up(
    world: World,
    sink: Sink,
    *,
    names: Sequence[str] = (),
    mode: str | None = None,
    build: bool = False,
    timeout: float | None = None,
    consent: Consent = lambda question: False,
    report: Report | None = None,
) -> UpResult:
    """Brings up the services `names`, those of `mode`, or all, with everything they need, and waits for them.

    `build` builds images again that are there already; `timeout` bounds the waiting, in seconds; `consent` is asked
    before anything is installed on this machine. Warnings about the manifest go to `report`.

    Raises DevenvError for whatever keeps it from starting anything: the manifest (DE1xx to DE3xx), the engine (DE4xx),
    images (DE5xx), Compose (DE6xx), another devenv at work (DE702).
    """
    begun = world.clock()
    with world.project.lock(), recorded(world.project, sink) as sink:
        loaded = load_stack(world, report or Report())
        stack = loaded.stack
        wanted = select(stack, names, mode, world.project.environment())
        sink(Started(operation="up", stack=stack.name, services=_graph(stack, wanted)))
        settings = prepare(world, stack, wanted, sink)
        world.project.write(COMPOSE_FILE, loaded.text)
        world.project.save_settings(settings.values)
        todo = _plan(world, stack, wanted, settings)
        todo = _images(world, stack, todo, settings, sink, build, consent)
        _create(world, stack, todo, settings, sink)
        outcome = _bring_up(world, stack, todo, settings, sink, timeout)
    up_now = [name for name in wanted if outcome.phases.get(name) not in (Phase.FAILED, Phase.SKIPPED)]
    urls = everywhere((stack.services[name] for name in up_now), world.project.environment())
    seconds = world.clock() - begun
    sink(Finished(operation="up", ok=outcome.ok, seconds=seconds, urls=urls))
    return UpResult(outcome.ok, stack.name, settings.project, outcome.phases, outcome.failures, urls, seconds)


def _graph(stack: Stack, wanted: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(n.service for n in stack.services[name].needs)) for name in wanted)


def _plan(
    world: World, stack: Stack, wanted: Sequence[str], settings: Settings, images: Mapping[str, str] | None = None
) -> Plan:
    """What is to be done, from the one listing of containers that `prepare` has made."""
    before = applied.read(world.project).digests
    now = applied.digests(world.project, stack, wanted)
    return plan(stack, wanted, settings.containers, before, now, images)


def _images(
    world: World, stack: Stack, todo: Plan, settings: Settings, sink: Sink, build: bool, consent: Consent
) -> Plan:
    """Makes the images of what is to be created present; the plan with those that were built again in mind."""
    wanted = [step.service for step in todo.steps]
    names = wanted if build else [step.service for step in todo.of(Action.CREATE, Action.RECREATE)]
    if not names:
        return todo
    chosen = ensure_images(world, stack, names, sink, build=build, consent=consent)
    if chosen:
        world.project.save_settings(settings.values | chosen)
    if not build:
        return todo
    variables = world.project.environment()
    built = {name: str(stack.services[name].compose.get("image", "")) for name in names if stack.services[name].build}
    found = {name: world.daemon.image(interpolate(reference, variables)) for name, reference in built.items()}
    return _plan(world, stack, wanted, settings, {name: image.id for name, image in found.items() if image})


def _create(world: World, stack: Stack, todo: Plan, settings: Settings, sink: Sink) -> None:
    """Creates what is missing or outdated, and remembers with which values."""
    names = [step.service for step in todo.of(Action.CREATE, Action.RECREATE)]
    for step in todo.of(Action.CREATE, Action.RECREATE):
        sink(ServiceChanged(service=step.service, phase=Phase.CREATING, detail=step.reason))
    if names:
        world.compose.create(names, on_line=lambda line: sink(Output(source="compose", text=line)))
    before = applied.read(world.project)
    wanted = [step.service for step in todo.steps]
    now = applied.digests(world.project, stack, wanted)
    kept = {name: digest for name, digest in before.digests.items() if name in stack.services}
    digests = now | kept | {name: now[name] for name in names}
    services = {*wanted, *(name for name in before.services if name in stack.services)}
    applied.write(world.project, applied.Applied(settings.project, tuple(services), digests))
    if todo.orphans:
        orphans = ", ".join(todo.orphans)
        sink(Note(text=f"{orphans}: no longer in the manifest, but still there; `devenv down` removes what is left"))


def _bring_up(world: World, stack: Stack, todo: Plan, settings: Settings, sink: Sink, timeout: float | None) -> Outcome:
    """Starts what does not run and waits for all; without anything to do it asks the engine nothing more."""
    if todo.empty and all(step.ready or step.action is Action.DONE for step in todo.steps):
        for step in todo.steps:
            sink(ServiceChanged(service=step.service, phase=Phase.KEPT, detail=step.reason))
        return Outcome({step.service: Phase.KEPT for step in todo.steps})
    done = frozenset(step.service for step in todo.of(Action.DONE))
    services = [stack.services[step.service] for step in todo.steps]
    return execute(world, settings.project, services, sink, done=done, timeout=timeout)
