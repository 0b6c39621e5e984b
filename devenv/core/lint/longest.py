"""The path through a stack on which its services' own times add up to most."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.model.stack import Stack


def longest_path(stack: Stack, seconds: Mapping[str, float]) -> list[str]:
    """The services on it, in start order; [] when nothing takes time. A need that only waits for a start leads on
    from whatever that one waited for. Jobs of a `setup` count as the `seconds` of their name, 0 where there is none.
    """
    done: dict[str, tuple[float, str | None]] = {}
    stack = stack.among(stack.services)
    for name in stack.closure(list(stack.services)):
        begin, before = 0.0, None
        for need in stack.services[name].needs:
            at, via = (
                _begun(done, need.service, seconds)
                if need.condition == "started"
                else (done[need.service][0], need.service)
            )
            if at > begin:
                begin, before = at, via
        done[name] = (begin + seconds.get(name, 0.0), before)
    if not done:
        return []
    last: str | None = max(done, key=lambda name: done[name][0])
    path: list[str] = []
    while last is not None and done[last][0] > 0:
        path.append(last)
        last = done[last][1]
    return [name for name in reversed(path) if seconds.get(name, 0.0) > 0 or stack.services[name].setup_of is None]


def _begun(
    done: Mapping[str, tuple[float, str | None]], name: str, seconds: Mapping[str, float]
) -> tuple[float, str | None]:
    """When a service starts, and after whom."""
    end, before = done[name]
    return end - seconds.get(name, 0.0), before
