"""Stops the stack and removes its containers and networks; data only on request and with consent."""

from __future__ import annotations

import re
from collections.abc import Callable

from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.events import Finished, Note, Output, Phase, ServiceChanged, Sink, Started
from devenv.ops.bringup import applied
from devenv.ops.bringup.settings import elsewhere, project_name
from devenv.ops.load import COMPOSE_FILE, load_stack
from devenv.ops.renamed import left_behind
from devenv.records import frozen

_NAME = re.compile(r"^name: *[\"']?([a-z0-9_-]+)", re.MULTILINE)
_VARIABLE = "COMPOSE_PROJECT_NAME"

Consent = Callable[[str], bool]
"""Asks a person a question; True when they agree."""


@frozen
class DownResult:
    """What was removed: names of services and of volumes. `ok` is False when the person did not agree."""

    ok: bool
    stack: str
    services: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


def down(world: World, sink: Sink, *, volumes: bool = False, consent: Consent = lambda question: True) -> DownResult:
    """Removes the stack's containers and networks, and with `volumes` its data, for which `consent` is asked.

    Works without a valid manifest, from what the last `up` left in `.devenv`. Raises DevenvError when the engine
    cannot be reached, or when there is neither a valid manifest nor a trace of an earlier `up`; passes
    KeyboardInterrupt on after saying what it leaves.
    """
    begun = world.clock()
    with world.project.lock():
        project = find_project(world)
        containers = world.daemon.containers(project)
        if elsewhere(world, containers):
            containers = []
            doomed: list[str] = []
        else:
            doomed = sorted(world.daemon.volumes(project)) if volumes else []
        services = tuple(dict.fromkeys(c.service for c in containers))
        sink(Started(operation="down", stack=project, services=tuple((name, ()) for name in services)))
        if doomed and not consent(f"Delete the data of '{project}' for good? Volumes: {', '.join(doomed)}."):
            sink(Note(text="nothing was changed"))
            sink(Finished(operation="down", ok=False, seconds=world.clock() - begun))
            return DownResult(False, project)
        if containers or doomed or _leftover_networks(world, project):
            _remove(world, project, services, bool(doomed), sink)
        else:
            sink(Note(text=f"'{project}' is not up: there is nothing to remove"))
        for said in left_behind(world, project).values():
            sink(Note(text=said, level="warning"))
        applied.forget(world.project)
    sink(Finished(operation="down", ok=True, seconds=world.clock() - begun))
    return DownResult(True, project, services, tuple(doomed))


def find_project(world: World) -> str:
    """The Compose project of this checkout, without the manifest where an earlier `up` has left its name."""
    if remembered := applied.read(world.project).project:
        return project_name(world, remembered)
    if world.project.exists(COMPOSE_FILE, "file") and (found := _NAME.search(world.project.read(COMPOSE_FILE))):
        return project_name(world, found[1])
    return project_name(world, load_stack(world, Report(), paths=False).stack.name)


def _remove(world: World, project: str, services: tuple[str, ...], volumes: bool, sink: Sink) -> None:
    if not world.project.exists(COMPOSE_FILE, "file"):
        world.project.write(COMPOSE_FILE, load_stack(world, Report(), paths=False).text)
    settings = world.project.settings()
    found = _NAME.search(world.project.read(COMPOSE_FILE))
    if _VARIABLE in settings or found is None or found[1] != project:  # the stack was renamed since
        world.project.save_settings(settings | {_VARIABLE: project})
    for name in services:
        sink(ServiceChanged(service=name, phase=Phase.STOPPING))
    try:
        world.compose.down(volumes=volumes, on_line=lambda line: sink(Output(source="compose", text=line)))
    except KeyboardInterrupt:
        text = "interrupted; what was told to stop may still do so. `devenv down` goes on from here."
        sink(Note(text=text, level="warning"))
        raise
    left = {c.service for c in world.daemon.containers(project)} & set(services)
    for name in services:
        if name not in left:
            sink(ServiceChanged(service=name, phase=Phase.REMOVED))
    if left:
        raise DevenvError.of("DE605", f"Compose left containers of {', '.join(sorted(left))}")


def _leftover_networks(world: World, project: str) -> bool:
    """Networks without containers: an `up` that was interrupted early leaves them."""
    return applied.read(world.project).project == project and bool(world.daemon.networks(project))
