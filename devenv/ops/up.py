"""Brings a stack up: the whole pipeline, as the body of one function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from devenv.engine.world import World
from devenv.errors import Report
from devenv.events import Finished, Phase, ServiceChanged, ServiceFailed, Sink, Started
from devenv.model.plan import Action, Facts, Plan
from devenv.model.stack import Stack
from devenv.ops.carry_out import clear, create, remember_jobs
from devenv.ops.execute import Outcome, execute
from devenv.ops.facts import draw
from devenv.ops.images import Consent, ensure_images
from devenv.ops.load import COMPOSE_FILE, load_stack
from devenv.ops.recording import recorded
from devenv.ops.select import choose
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
    setups: Sequence[str] = (),
    build: bool = False,
    timeout: float | None = None,
    consent: Consent = lambda question: False,
    report: Report | None = None,
) -> UpResult:
    """Brings up the services `names`, those of `mode`, or all, with everything they need, and waits for them.

    `setups` names jobs, or services with a `setup`, that run whether they succeeded before or not.
    `build` builds images again that are there already; `timeout` bounds the waiting, in seconds; `consent` is asked
    before anything is installed on this machine. Warnings about the manifest go to `report`.

    Raises DevenvError for whatever keeps it from starting anything: the manifest (DE1xx to DE3xx), the engine (DE4xx),
    images (DE5xx), Compose (DE6xx), another devenv at work (DE702).
    """
    begun = world.clock()
    with world.project.lock(), recorded(world.project, sink) as sink:
        loaded = load_stack(world, report or Report())
        stack = loaded.stack
        wanted, forced = choose(stack, names, mode, setups, world.project.environment())
        sink(Started(operation="up", stack=stack.name, services=_graph(stack, wanted)))
        settings = prepare(world, stack, wanted, sink)
        world.project.write(COMPOSE_FILE, loaded.text)
        world.project.save_settings(settings.values)
        drawn = draw(world, stack, wanted, settings, forced)
        todo, facts = _images(world, stack, drawn, settings, sink, build, consent)
        clear(world, todo, sink)
        made = [step.service for step in todo.of(Action.CREATE, Action.RECREATE)]
        create(world, stack, todo, made, settings.project, sink)
        outcome = _bring_up(world, stack, todo, settings, sink, timeout)
        remember_jobs(world, stack, todo, facts, settings.project, outcome.phases)
    up_now = [name for name in wanted if outcome.phases.get(name) not in (Phase.FAILED, Phase.SKIPPED)]
    urls = everywhere((stack.services[name] for name in up_now), world.project.environment())
    seconds = world.clock() - begun
    sink(Finished(operation="up", ok=outcome.ok, seconds=seconds, urls=urls))
    return UpResult(outcome.ok, stack.name, settings.project, outcome.phases, outcome.failures, urls, seconds)


def _graph(stack: Stack, wanted: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(n.service for n in stack.services[name].needs)) for name in wanted)


def _images(
    world: World, stack: Stack, drawn: tuple[Plan, Facts], settings: Settings, sink: Sink, build: bool, consent: Consent
) -> tuple[Plan, Facts]:
    """Makes the images of what is to be created present; the plan with those that were built again in mind."""
    todo, facts = drawn
    wanted = [step.service for step in todo.steps]
    names = wanted if build else [step.service for step in todo.of(Action.CREATE, Action.RECREATE)]
    if not names:
        return drawn
    chosen = ensure_images(world, stack, names, sink, build=build, consent=consent)
    if chosen:
        settings = replace(settings, values=settings.values | chosen)
        world.project.save_settings(settings.values)
    return draw(world, stack, wanted, settings, facts.forced, fresh=True) if build else drawn


def _bring_up(world: World, stack: Stack, todo: Plan, settings: Settings, sink: Sink, timeout: float | None) -> Outcome:
    """Starts what does not run and waits for all; without anything to do it asks the engine nothing more."""
    if todo.empty and all(step.ready or step.action is Action.DONE for step in todo.steps):
        for step in todo.steps:
            sink(ServiceChanged(service=step.service, phase=Phase.KEPT, detail=step.reason))
        return Outcome({step.service: Phase.KEPT for step in todo.steps})
    done = frozenset(step.service for step in todo.of(Action.DONE))
    services = [stack.services[step.service] for step in todo.steps]
    return execute(
        world, settings.project, services, sink, done=done, timeout=timeout, neighbours=stack.services
    )
