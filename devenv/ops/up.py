"""Brings a stack up: the whole pipeline, as the body of one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress

from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.events import Finished, Phase, ServiceChanged, Sink, Started, one_at_a_time
from devenv.model.plan import Action, Facts, Plan
from devenv.model.stack import Stack
from devenv.ops import renamed, schema
from devenv.ops.bringup import beforehand
from devenv.ops.bringup.begun import Beginnings
from devenv.ops.bringup.carry_out import clear, create, remember_files, remember_jobs
from devenv.ops.bringup.execute import execute
from devenv.ops.bringup.facts import draw
from devenv.ops.bringup.network import Ahead
from devenv.ops.bringup.recording import recorded
from devenv.ops.bringup.remembering import remember, settled
from devenv.ops.bringup.results import Outcome, UpResult
from devenv.ops.bringup.settings import Settings, prepare
from devenv.ops.bringup.supply import Supply, choice_of, save_chosen
from devenv.ops.bringup.witness import Witness
from devenv.ops.enforce import refuse
from devenv.ops.images import contexts
from devenv.ops.images.images import Consent, ensure_images
from devenv.ops.images.trees import Tree
from devenv.ops.load import COMPOSE_FILE, load_stack
from devenv.ops.select import choose
from devenv.ops.urls import everywhere
from devenv.records import replace


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

    An image that cannot be had is the failure of its services (DE5xx); containers that they have stay as they are.
    Raises DevenvError for whatever keeps it from starting anything: the manifest (DE1xx to DE3xx), a policy that
    refuses it (DE810), the engine (DE4xx), Compose (DE6xx), another devenv at work (DE702).
    """
    begun = world.clock()
    report = Report() if report is None else report
    witness = Witness(world.project)
    world = replace(world, project=witness.as_project)
    with world.project.lock(), recorded(world.project, sink) as recording, Ahead(world) as network:
        sink = one_at_a_time(recording)
        loaded = load_stack(world, report)
        refuse(world, loaded, report)
        if loaded.sources.lock.images:
            from devenv.ops.locking.wanted import tell_missing  # with what reads Dockerfiles and asks Git

            tell_missing(world, loaded, report)
        whole = loaded.stack
        wanted, forced = choose(world, loaded.stack, names, mode, setups)
        loaded = replace(loaded, stack=loaded.stack.among(wanted))
        stack = loaded.stack
        sink(Started(operation="up", stack=stack.name, services=_graph(stack, wanted)))
        beforehand.warn(world.project, loaded, wanted, sink)
        settings = prepare(world, stack, wanted, sink, text=loaded.text)
        if not settings.containers:
            network.make(stack, wanted, settings.project)
        written = world.project.write(COMPOSE_FILE, loaded.text)
        with suppress(DevenvError):  # only editors read it, and it is by far the largest file
            schema.keep(world.project, loaded.catalog, whole, closely=written)
        world.project.save_settings(settings.values)
        renamed.keep(world.project, settings.former)
        drawn = draw(world, stack, wanted, settings, forced)
        folders: dict[Tree, str] = {}
        built_from = contexts.digests(world.project, stack, wanted, world.project.environment(), folders)
        rebuild = list(built_from) if build else contexts.changed(world, stack, built_from, drawn[0])
        lacking: dict[str, DevenvError] = {}
        todo, facts = _rebuilt(world, stack, drawn, settings, sink, consent, rebuild, lacking) if rebuild else drawn
        contexts.remember(world, stack, {name: built_from[name] for name in rebuild if name not in lacking})
        clear(world, todo, settings.project, sink)
        beginnings = Beginnings(world, stack, facts, settings.project)
        outcome = _bring_up(world, stack, todo, settings, sink, consent, timeout, lacking, beginnings, facts.restarted)
        remember_files(world, stack, todo)
        remember_jobs(world, stack, todo, facts, settings.project, outcome.phases, beginnings.runs)
        contexts.remember(world, stack, {name: built_from[name] for name in built_from if _good(outcome, name)})
        if outcome.ok and not setups:
            remember(world, witness, loaded, names, mode, (todo, facts), settings.project, folders, report)
    up_now = [name for name in wanted if _good(outcome, name)]
    urls = everywhere((stack.services[name] for name in up_now), world.project.environment())
    seconds = world.clock() - begun
    sink(Finished(operation="up", ok=outcome.ok, seconds=seconds, urls=urls))
    return UpResult(outcome.ok, stack.name, settings.project, outcome.phases, outcome.failures, urls, seconds)


def _graph(stack: Stack, wanted: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((name, tuple(n.service for n in stack.services[name].needs)) for name in wanted)


def _good(outcome: Outcome, name: str) -> bool:
    return outcome.phases.get(name, Phase.FAILED) not in (Phase.FAILED, Phase.SKIPPED)


def _rebuilt(
    world: World,
    stack: Stack,
    drawn: tuple[Plan, Facts],
    settings: Settings,
    sink: Sink,
    consent: Consent,
    names: Sequence[str],
    lacking: dict[str, DevenvError],
) -> tuple[Plan, Facts]:
    """Builds the images of `names` anew; the plan with these in mind: only now is known which containers can stay.
    Adds to `lacking` the services whose image could not be built, and why."""
    todo, facts = drawn
    wanted = [step.service for step in todo.steps]
    users = [name for name in wanted if (stack.services[name].setup_of or name) in names]
    choice = choice_of(world)
    chosen = ensure_images(world, stack, users, sink, lacking, choice=choice, build=True, consent=consent)
    save_chosen(world, settings.values, chosen, choice)
    return draw(world, stack, wanted, settings, facts.forced, fresh=True)


def _bring_up(
    world: World,
    stack: Stack,
    todo: Plan,
    settings: Settings,
    sink: Sink,
    consent: Consent,
    timeout: float | None,
    lacking: Mapping[str, DevenvError],
    beginnings: Beginnings,
    restarted: frozenset[str],
) -> Outcome:
    """Starts what does not run and waits for all, while what is missing is still being made; without anything to do it
    asks the engine nothing more. `lacking` are the services that have failed already, and why."""
    missing = [step.service for step in todo.of(Action.CREATE, Action.RECREATE) if step.service not in lacking]
    if not missing:
        create(world, stack, todo, (), settings.project, sink)
    if settled(todo) and not lacking:
        for step in todo.steps:
            sink(ServiceChanged(service=step.service, phase=Phase.KEPT, detail=step.reason))
        return Outcome({step.service: Phase.KEPT for step in todo.steps})

    def make(names: Sequence[str], without: Sequence[str]) -> None:
        create(world, stack, todo, names, settings.project, sink, without)

    fresh = [step.service for step in todo.of(Action.CREATE)]
    supply = None
    if missing or lacking:
        supply = Supply(world, stack, missing, settings.values, sink, consent, make, fresh, lacking)
    done = {step.service: step.reason for step in todo.of(Action.DONE)}
    services = [stack.services[step.service] for step in todo.steps]
    return execute(
        world,
        settings.project,
        services,
        sink,
        done=done,
        stopped=frozenset(step.service for step in todo.steps if step.stops),
        timeout=timeout,
        neighbours=stack.services,
        supply=supply,
        beginnings=beginnings,
        restarted=restarted,
    )
