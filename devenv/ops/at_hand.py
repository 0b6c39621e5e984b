"""The stack for commands on what runs: the manifest's or, where that is broken, the one that was brought up last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from devenv.core.compose.keys import as_mapping, like
from devenv.core.manifest import manifest
from devenv.core.stack.render import JOB, MANIFEST, ORIGIN, SETUP_OF
from devenv.core.stack.resolve import resolve
from devenv.core.yaml.source import parse
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.model.data import Map, text
from devenv.model.stack import Origin, Service, Stack
from devenv.ops import checkouts
from devenv.ops.bringup.settings import project_name
from devenv.ops.load import COMPOSE_FILE, load_stack
from devenv.records import replace


def stack_at_hand(world: World, tell: Callable[[str], None], report: Report | None = None) -> Stack:
    """The manifest's stack, as `load_stack` has it; paths need not be there. Where it cannot be had and this checkout
    has containers, `tell` hears in one line why, and it is that of the generated file: what it says is all that is
    known, no templates' clients and no URLs. Raises DevenvError as `load_stack` does, when nothing is there."""
    try:
        return load_stack(world, report or Report(), paths=False).stack
    except DevenvError as error:
        stack = _generated(world)
        if stack is None or not _stands(world, stack):
            raise
        tell(f"{_words(world.project.manifest, error.problems)}; until it is mended, the last `devenv up` counts")
        return stack


def _generated(world: World) -> Stack | None:
    """The stack of the generated file, which is a manifest but for its first line; None when there is none, or another
    manifest in the same folder was brought up last."""
    if not world.project.exists(COMPOSE_FILE, "file"):
        return None
    report = Report()
    data = parse(world.project.read(COMPOSE_FILE), COMPOSE_FILE, report)
    if not isinstance(data, Map):
        return None
    variables = world.project.environment()
    written = manifest.load(like(data, (("devenv", 1), *data.items())), COMPOSE_FILE, report, variables=variables)
    stack = resolve(written, {}, report) if written is not None else None
    if stack is None or not all(_is_of(world.project.manifest, one) for one in stack.services.values()):
        return None
    return replace(stack, services={name: _labelled(one) for name, one in stack.services.items()})


def _is_of(file: str, service: Service) -> bool:
    made_from = text(as_mapping(service.compose.get("labels")).get(MANIFEST))
    return made_from.rpartition("/")[2] == file.rpartition("/")[2]


def _labelled(service: Service) -> Service:
    """With what devenv's labels tell of it."""
    told = as_mapping(service.compose.get("labels"))
    template, _, version = text(told.get(ORIGIN)).partition("@")
    origin = Origin(template, version) if version else Origin()
    return replace(service, job=JOB in told, setup_of=told.get(SETUP_OF), origin=origin)


def _stands(world: World, stack: Stack) -> bool:
    containers = world.daemon.containers(project_name(world, stack.name))
    return bool(containers) and not checkouts.elsewhere(world.project, containers)


def _words(file: str, problems: Sequence[Problem]) -> str:
    """What is wrong, in a line."""
    first, others = problems[0], len(problems) - 1
    where = f"{first.mark.file}:{first.mark.line}:{first.mark.column}: " if first.mark else ""
    what = " ".join(f"{first.path and f'{first.path}: '}{first.message}".split())
    hint = f" (hint: {' '.join(first.hint.split())})" if first.hint else ""
    more = f"; {others} more, see `devenv validate`" if others else ""
    return f"{file} cannot be used: {first.code} {where}{what}{hint}{more}"
