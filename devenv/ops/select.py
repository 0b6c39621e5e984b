"""Which services a command is about: by name, by mode, or all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from devenv.core.stack.graph import joined
from devenv.core.suggest import suggest
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem
from devenv.model.data import text
from devenv.model.observed import Container
from devenv.model.stack import Service, Stack
from devenv.ops import checkouts
from devenv.ops.bringup.settings import project_name


def select(stack: Stack, names: Sequence[str], mode: str | None, variables: Mapping[str, str]) -> list[str]:
    """The wanted services, everything they need, and those that come along with any, in start order.

    Without names and mode these are all, but for services whose Compose `profiles` are not active (in
    COMPOSE_PROFILES). Raises DevenvError: DE720 unknown service, DE721 unknown mode.
    """
    known(stack.services, names)
    chosen = list(names)
    if mode is not None:
        if mode not in stack.modes:
            listed = ", ".join(stack.modes) or "none"
            hint = suggest(mode, stack.modes) or f"modes of this stack: {listed}"
            raise DevenvError.of("DE721", f"there is no mode '{mode}'", hint=hint)
        chosen += stack.modes[mode]
    active = {p.strip() for p in variables.get("COMPOSE_PROFILES", "").split(",")}
    enabled = [name for name, service in stack.services.items() if _enabled(service, active)]
    if not names and mode is None:
        chosen = enabled
    stack = stack.among({*chosen, *enabled})
    wanted = dict.fromkeys(stack.closure([*chosen, *(name for name in stack.along if name not in chosen)]))
    provisions = [name for name, service in stack.services.items() if service.setup_of in wanted and name not in wanted]
    return stack.closure([*wanted, *provisions])


def choose(
    world: World, stack: Stack, names: Sequence[str], mode: str | None, setups: Sequence[str]
) -> tuple[list[str], list[str]]:
    """As `select`, with the jobs that `setups` forces among the wanted, and what runs in the namespaces of any; and
    these jobs."""
    forced = _forced(stack, setups)
    variables = world.project.environment()
    wanted = select(stack, names, mode, variables)
    if not set(forced) <= set(wanted):
        wanted = stack.closure([*wanted, *forced])
    if len(with_joined(stack, wanted, stack.services)) > len(wanted):  # only then is it asked what runs
        containers = world.daemon.containers(project_name(world, stack.name))
        up = () if checkouts.elsewhere(world.project, containers) else running(containers)
        if len(together := with_joined(stack, wanted, up)) > len(wanted):
            wanted = select(stack, together, None, variables)
    return wanted, forced


def running(containers: Iterable[Container]) -> set[str]:
    """The services whose containers run, in whatever way."""
    return {c.service for c in containers if c.state in ("running", "restarting", "paused") and not c.oneoff}


def with_joined(stack: Stack, chosen: Sequence[str], among: Iterable[str]) -> list[str]:
    """The services, and those `among` others that live in their namespaces: these would be left without a network."""
    within: dict[str, list[str]] = {}
    for name in among:
        for owner in joined(stack.services[name].compose) if name in stack.services else ():
            within.setdefault(owner, []).append(name)
    found, there = list(chosen), set(chosen)
    for owner in found:
        new = [name for name in within.get(owner, ()) if name not in there]
        found += new
        there.update(new)
    return found


def _forced(stack: Stack, setups: Sequence[str]) -> list[str]:
    """The jobs that `--setup NAME` means: the job of that name, or the one of that service's `setup`.

    Raises DevenvError: DE720 unknown service, DE726 a service that has nothing to set up.
    """
    known(stack.services, setups)
    found, problems = [], []
    by_owner: dict[str, list[str]] = {}
    for name, service in stack.services.items():
        if service.setup_of:
            by_owner.setdefault(service.setup_of, []).append(name)
    for name in setups:
        its = [name] if stack.services[name].job else by_owner.get(name)
        if its is None:
            jobs = ", ".join([*by_owner, *(n for n, s in stack.services.items() if s.job)]) or "none"
            problems.append(Problem("DE726", f"{name} has no setup and is no job", hint=f"there are: {jobs}"))
        else:
            found += its
    if problems:
        raise DevenvError(*problems)
    return found


def known(services: Iterable[str], names: Iterable[str]) -> None:
    """Raises DevenvError DE720 for every name that is not among `services`."""
    there = list(services)
    problems = []
    for name in names:
        if name not in there:
            hint = suggest(name, there) or f"services of this stack: {', '.join(there) or 'none'}"
            problems.append(Problem("DE720", f"there is no service '{name}'", hint=hint))
    if problems:
        raise DevenvError(*problems)


def _enabled(service: Service, active: set[str]) -> bool:
    profiles = [text(p) for p in service.compose.get("profiles") or []]
    return not profiles or "*" in active or any(p in active for p in profiles)
