"""Writes down what an `up` rested on, for `ops.bringup.memory` to check before the next one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from devenv.core.compose.dockerignore import Ignore
from devenv.core.compose.interpolate import interpolate, variables_of
from devenv.core.planning.definition import env_files, sources
from devenv.core.stack.graph import joined
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.model.plan import Action, Facts, Plan
from devenv.model.stack import Service, Stack
from devenv.ops.bringup import memory
from devenv.ops.bringup.budget import restarts
from devenv.ops.bringup.facts import draw
from devenv.ops.bringup.memory import Memory, Run
from devenv.ops.bringup.settings import Settings
from devenv.ops.bringup.witness import Witness
from devenv.ops.images import contexts
from devenv.ops.images.trees import Tree
from devenv.ops.load import COMPOSE_FILE, Loaded
from devenv.ops.select import select
from devenv.ops.status_facts import facts_of
from devenv.ops.urls import everywhere
from devenv.records import replace

_WRITTEN = (COMPOSE_FILE, ".devenv/.env")


def settled(todo: Plan) -> bool:
    """Whether nothing is to be done and nothing is awaited."""
    return todo.empty and all(step.ready or step.action is Action.DONE for step in todo.steps)


def remember(
    world: World,
    witness: Witness,
    loaded: Loaded,
    names: Sequence[str],
    mode: str | None,
    drawn: tuple[Plan, Facts],
    project: str,
    seen: Mapping[Tree, str],
    report: Report,
) -> None:
    """Keeps what the next `up` with these arguments would find, if that is nothing to do. `drawn` is the plan that was
    carried out; after any change another one is drawn. `seen` is what stood for folders of builds before they began."""
    stack, (todo, facts) = loaded.stack, drawn
    wanted = [step.service for step in todo.steps]
    if not settled(todo):
        settings = Settings(world.project.settings(), project, world.daemon.containers(project))
        todo, facts = draw(world, stack, wanted, settings)
    if not settled(todo) or todo.strangers or not _pinned(stack, todo, facts, world.project.environment()):
        return
    before = memory.recall(world.project)
    now = _memory(world, witness, loaded, project, report)
    run = _run(world.project, stack, todo, facts, seen)
    if before is not None and replace(before, seen=now.seen, runs={}) == replace(now, runs={}):
        now = replace(now, runs=before.runs)
    memory.save(world.project, replace(now, runs=now.with_run(names, mode, run)))


def _memory(world: World, witness: Witness, loaded: Loaded, project: str, report: Report) -> Memory:
    stack, variables = loaded.stack, world.project.environment()
    witness.watch(_WRITTEN)
    folders = catalog_folders(loaded)
    names = sorted(_names(world.project, stack, loaded.text))
    default, ending = select(stack, (), None, variables), stack.ending
    return Memory(
        stack.name,
        project,
        witness.seen,
        {folder: world.project.tree(folder, Ignore()) for folder in folders},
        tuple(names),
        memory.environment(world.project, names),
        tuple(report.warnings),
        tuple(facts_of(s, variables, name in default, name in ending).written() for name, s in stack.services.items()),
        {},
    )


def catalog_folders(loaded: Loaded) -> list[str]:
    """The folders whose files the stack is made from: of each template in use, and of whole catalogs beside the
    manifest, for a new template there may hide the one in use. What is remote stands in the lock."""
    used = [folder for name in loaded.templates if (folder := loaded.catalog.folder(name))]
    return used + [origin.folder for origin in loaded.catalog.origins() if not (origin.built_in or origin.remote)]


def _run(project: Project, stack: Stack, todo: Plan, facts: Facts, seen: Mapping[Tree, str]) -> Run:
    variables = project.environment()
    services = [stack.services[step.service] for step in todo.steps]
    trees = dict.fromkeys(tree for s in services if s.build for tree in contexts.trees_of(s, variables))
    return Run(
        tuple((s.name, tuple(need.service for need in s.needs)) for s in services),
        tuple((step.service, step.reason) for step in todo.steps),
        everywhere(services, variables),
        tuple((*tree, seen[tree]) for tree in trees),
        memory.fingerprint(facts.containers),
        tuple(s.name for s in services if restarts(s, 1)),
        tuple(s.name for s in services if any(joined(s.compose))),
    )


def _names(project: Project, stack: Stack, text: str) -> set[str]:
    """The variables that the stack refers to, in its definitions or in its files of variables."""
    found = variables_of(text)
    for service in stack.services.values():
        found.update(name for names in sources(stack, service).values() for name in names)
    files = {path for service in stack.services.values() for path in env_files(service)}
    for path in (".env", *files):
        try:
            found |= variables_of(project.read(path)) if project.exists(path, "file") else set()
        except DevenvError:
            continue  # not a file that Compose can read, either
    return found


def _pinned(stack: Stack, todo: Plan, facts: Facts, variables: Mapping[str, str]) -> bool:
    """Whether the containers that are there keep all from changing that the plan rests on: the data and the image of
    a job that is done and has no container any more must be in some container's use."""
    used = {volume for container in facts.containers for volume in container.volumes}
    images = {container.image for container in facts.containers}
    gone = [stack.services[s.service] for s in todo.steps if s.job and s.container_id is None]
    return all(_held(service, facts, used, images, variables) for service in gone)


def _held(
    service: Service, facts: Facts, used: Iterable[str], images: Iterable[str], variables: Mapping[str, str]
) -> bool:
    image = interpolate(str(service.compose.get("image") or ""), variables)
    return set(facts.names.get(service.name, {}).values()) <= set(used) and image in images
