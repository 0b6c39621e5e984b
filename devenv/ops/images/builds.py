"""Builds: services' own Dockerfiles and the catalog's recipes, on a base image of our own where no registry answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from devenv.core.compose.dockerfile import bases, frontend
from devenv.engine.build_output import BuildLog, Step, line_of
from devenv.engine.debian_image import BASE, STANDS_FOR
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem
from devenv.events import Output, Phase, ServiceChanged, Sink
from devenv.model.image_name import canonical, path_and_tag
from devenv.model.secrecy import mask
from devenv.model.stack import Service, Stack
from devenv.ops.bringup.settings import secrets
from devenv.ops.images.needs import Build
from devenv.records import replace

BUILD_FILE = ".devenv/build.yaml"
_READERS = ("docker/dockerfile", "docker/dockerfile-upstream")


def bases_of(project: Project, service: Service) -> list[str]:
    """The images that a built service's Dockerfile asks for; none when that cannot be known here."""
    build = _build(service)
    arguments = build.get("args") or {}
    if isinstance(arguments, list):
        arguments = dict(str(argument).partition("=")[::2] for argument in arguments)
    text = str(build.get("dockerfile_inline") or _read(project, dockerfile_of(service)))
    named = build.get("additional_contexts") or ()
    own = {str(context).partition("=")[0] for context in named}
    found = bases(text, {str(name): str(value) for name, value in arguments.items()})
    reader = frontend(text)
    return [*([reader] if reader else []), *(name for name in found if name not in own and "$" not in name)]


def foreign_bases(project: Project, stack: Stack) -> dict[str, list[str]]:
    """By service, the images of other people that its Dockerfile builds on: not the one that reads the Dockerfile
    (`# syntax=`), not what the stack builds itself, and not devenv's own, which are nowhere but here."""
    built = [service for service in stack.services.values() if service.build]
    own = {canonical(str(service.compose["image"])) for service in built if service.compose.get("image")}
    return {
        service.name: [
            name
            for name in bases_of(project, service)
            if not ("$" in name or name.startswith("devenv/"))
            and canonical(name) not in own
            and path_and_tag(name)[0] not in _READERS
        ]
        for service in built
    }


def stand_in(base: str) -> str | None:
    """The named context that stands in for a base image, if our own can."""
    return f"docker-image://{BASE}" if base in STANDS_FOR else None


def write_contexts(world: World, contexts: Mapping[str, Mapping[str, str]]) -> None:
    """Writes Compose's extra file for builds: service → named contexts. None where none are needed."""
    services = {name: {"build": {"additional_contexts": dict(named)}} for name, named in contexts.items() if named}
    if services or world.project.exists(BUILD_FILE, "file"):
        world.project.write(BUILD_FILE, json.dumps({"services": services}, indent=2) + "\n")


def in_order(world: World, builds: Sequence[Build]) -> list[tuple[Build, list[str]]]:
    """The builds, each after those whose images its Dockerfile builds on, and the names of those images."""
    by_name = {canonical(build.reference): build for build in builds}
    graph = {
        name: [
            base for base in map(canonical, bases_of(world.project, build.service)) if base in by_name and base != name
        ]
        for name, build in by_name.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError:  # nobody could build these; BuildKit says why
        return [(build, []) for build in builds]
    return [(by_name[name], [by_name[base].reference for base in graph[name]]) for name in order]


def build_service(world: World, service: Service, sink: Sink) -> None:
    """Builds a service's image with Compose. Raises DevenvError DE510 that names the Dockerfile's line. No secret that
    the build prints is in what is told."""
    log, hidden = BuildLog([service.name]), secrets(world)

    def take(line: str) -> None:
        step = log.add(line)
        sink(Output(source="build", text=mask(line, hidden)))
        if step is not None and step.service == service.name:
            sink(ServiceChanged(service=service.name, phase=Phase.BUILDING, detail=mask(str(step), hidden)))

    sink(ServiceChanged(service=service.name, phase=Phase.BUILDING))
    try:
        world.compose.build([service.name], take)
    except DevenvError as error:
        problem, step = error.problems[0], log.failed_step
        if step is not None and step.service == service.name:
            problem = _placed(world, service, step, problem)
        words = mask("\n".join(problem.evidence), hidden).split("\n") if problem.evidence else ()
        raise DevenvError(replace(problem, message=mask(problem.message, hidden), evidence=tuple(words))) from error


def _placed(world: World, service: Service, step: Step, problem: Problem) -> Problem:
    """The problem with the failing line of the Dockerfile in its message, and the service's place in the manifest."""
    file = dockerfile_of(service)
    line = line_of(_read(world.project, file), step.instruction)
    where = f"{file}:{line}" if line else file
    message = f"building {service.name} failed at {where}: {step.instruction}"
    return Problem("DE510", message, service.mark, f"services.{service.name}", evidence=problem.evidence)


def _build(service: Service) -> Mapping[str, Any]:
    build = service.compose.get("build")
    return build if isinstance(build, dict) else {"context": str(build)}


def dockerfile_of(service: Service) -> str:
    """The path of a built service's Dockerfile, as the manifest says it."""
    build = _build(service)
    return str(Path(str(build.get("context") or ".")) / str(build.get("dockerfile") or "Dockerfile"))


def _read(project: Project, file: str) -> str:
    """A Dockerfile's text; empty when it is not a file here (a Git context, a variable in its path)."""
    try:
        return project.read(file)
    except DevenvError:
        return ""
