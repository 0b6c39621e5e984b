"""The URLs of the stack, for `devenv open`."""

from __future__ import annotations

from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.model.observed import Container
from devenv.model.stack import Stack
from devenv.ops import checkouts
from devenv.ops.bringup import recovery
from devenv.ops.bringup.settings import project_name
from devenv.ops.down import find_project
from devenv.ops.load import load_stack
from devenv.ops.select import known
from devenv.ops.urls import browsable, urls_of


def urls(world: World, service: str | None = None) -> tuple[tuple[str, str, str], ...]:
    """(service, name, URL): everything that opens in a browser, or all URLs of one service, the one to open first.

    Raises DevenvError: DE720 unknown service, DE722 when there is no URL.
    """
    stack = load_stack(world, Report(), paths=False).stack
    variables = recovery.variables(world, stack, lambda: _containers(world, stack))
    if service is None:
        found = browsable(stack.services.values(), variables)
    else:
        known(stack.services, [service])
        found = tuple((service, name, url) for name, url in urls_of(stack.services[service], variables))
    if not found:
        what = f"'{service}'" if service else f"stack '{stack.name}'"
        raise DevenvError.of("DE722", f"{what} has no URL", hint="give the service a named port, and `open: NAME`")
    return found


def nothing_runs(world: World) -> bool:
    """Whether nothing of the stack runs; where no engine can be asked, that is not known, and False."""
    try:
        return not any(c.state == "running" for c in world.daemon.containers(find_project(world)))
    except DevenvError:
        return False


def _containers(world: World, stack: Stack) -> list[Container]:
    """This checkout's containers; none without an engine."""
    try:
        found = world.daemon.containers(project_name(world, stack.name))
    except DevenvError:
        return []
    return [] if checkouts.elsewhere(world.project, found) else found
