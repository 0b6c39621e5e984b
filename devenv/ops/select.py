"""Which services a command is about: by name, by mode, or all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from devenv.core.suggest import suggest
from devenv.errors import DevenvError, Problem
from devenv.model.data import text
from devenv.model.stack import Service, Stack


def select(stack: Stack, names: Sequence[str], mode: str | None, variables: Mapping[str, str]) -> list[str]:
    """The wanted services and everything they need, in start order.

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
    if not names and mode is None:
        active = {p.strip() for p in variables.get("COMPOSE_PROFILES", "").split(",")}
        chosen = [name for name, service in stack.services.items() if _enabled(service, active)]
    return stack.closure(chosen)


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
