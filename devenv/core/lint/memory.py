"""Rules about memory: every service has a limit, and the laptop has room for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.compose.sizes import bytes_of
from devenv.core.lint.subject import Option, Rule, Subject, found, plain
from devenv.model.lint import Found
from devenv.model.stack import Service

_DEPLOY = ("deploy", "resources", "limits", "memory")


def _limit(service: Service) -> tuple[int | None, tuple[str, ...]]:
    """The bytes that a service may use, and under which keys that stands."""
    if "mem_limit" in service.compose:
        return bytes_of(plain(service.compose["mem_limit"])) or None, ("mem_limit",)
    at: Any = service.compose
    for key in _DEPLOY:
        at = at.get(key) if isinstance(at, dict) else None
    return (bytes_of(plain(at)) or None, _DEPLOY) if at is not None else (None, ())


def _copies(service: Service) -> int:
    deploy = service.compose.get("deploy")
    written = deploy.get("replicas") if isinstance(deploy, dict) else None
    count = plain(service.compose.get("scale") if written is None else written)
    return int(count) if count.isdigit() else 1


def _limits(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    most = options["max"]
    for service in subject.services:
        limit, keys = _limit(service)
        if limit is None and service.server is not None:
            continue  # a job that makes a part of a server: what its service says of itself has no effect there
        if limit is None:
            yield found(service, "there is no limit on its memory", *keys, hint="write `mem_limit: 512m`")
        elif most is not None and limit > most:
            yield found(service, f"may use {_shown(limit)}, and {_shown(most)} is the most", *keys)


def _budget(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    limits = {service.name: (_limit(service)[0] or 0) * _copies(service) for service in subject.services}
    total = sum(limits.values())
    if total > options["total"]:
        largest = sorted((name for name in limits if limits[name]), key=lambda name: -limits[name])[:3]
        who = ", ".join(f"{name} {_shown(limits[name])}" for name in largest)
        message = f"the services may use {_shown(total)} together, and {_shown(options['total'])} is the budget"
        yield Found(message, subject.stack_mark, "services", hint=f"the largest: {who}")


def _shown(size: int) -> str:
    for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor:
            return f"{size / factor:.4g} {unit}"
    return f"{size} bytes"


RULES = (
    Rule(
        "DL501",
        "memory-limits",
        "Every service has a memory limit",
        "A service without one takes the laptop's memory from everything else, the browser first.",
        "Write `mem_limit: 512m` (or `deploy.resources.limits.memory`).",
        _limits,
        options={"max": Option("size", "the most that one service may have: `2gb`")},
    ),
    Rule(
        "DL502",
        "memory-budget",
        "All services together stay within a budget",
        "A stack that does not fit into the smallest laptop of the team swaps there, and fails in odd places.",
        "Lower the limits, or make a mode of what is seldom needed. Services without a limit count as nothing here.",
        _budget,
        options={"total": Option("size", "the most that all may have together: `8gb`", required=True)},
    ),
)
