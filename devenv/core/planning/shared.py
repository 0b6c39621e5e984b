"""Networks and volumes whose definition has changed since they were made, and what that means for who uses them."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.planning.definition import changes, networks
from devenv.model.plan import Action, Change, Facts, Shared
from devenv.model.stack import Stack

_ELSEWHERE = ("name", "external")
"""Keys with which a volume is another one, and not the same one made otherwise."""


def outdated(stack: Stack, wanted: Sequence[str], facts: Facts) -> tuple[Shared, ...]:
    """What the services `wanted` use and that changed. A network is made anew, unless a service that is not wanted runs
    on it; a volume stays as it is."""
    found = []
    for resource, before in facts.made.items():
        kind, name = resource
        differing = changes(before, facts.declared[resource]) if resource in facts.declared else ()
        if not differing:
            continue
        if kind == "network":
            on_it = [one for one, service in stack.services.items() if name in networks(service)]
            found += [_network(name, differing, on_it, wanted, facts)] if set(on_it) & set(wanted) else []
        elif not _elsewhere(differing):
            users = [one for one in wanted if name in facts.names.get(one, {})]
            found += [_volume(name, differing, users, facts)] if _there(name, users, facts) else []
    return tuple(found)


def replaced(facts: Facts, service: str) -> list[str]:
    """The volumes of a service, as the manifest calls them, that are others now than those it was made with."""
    return [
        name
        for name in facts.names.get(service, {})
        if (before := facts.made.get(("volume", name))) is not None
        and _elsewhere(changes(before, facts.declared.get(("volume", name), {})))
    ]


def _elsewhere(differing: Sequence[Change]) -> bool:
    return any(change.key in _ELSEWHERE for change in differing)


def _there(name: str, users: Sequence[str], facts: Facts) -> bool:
    engine = {facts.names[one][name] for one in users}
    mounted = {volume for container in facts.containers for volume in container.volumes}
    return bool(engine & (mounted | facts.volumes.keys()))


def _network(
    name: str, differing: tuple[Change, ...], on_it: Sequence[str], wanted: Sequence[str], facts: Facts
) -> Shared:
    running = {c.service for c in facts.containers if c.state in ("running", "paused", "restarting") and not c.oneoff}
    others = [one for one in on_it if one in running and one not in wanted]
    services = tuple(one for one in on_it if one in wanted)
    if not others:
        return Shared(("network", name), Action.RECREATE, "its definition changed", differing, services)
    reason = f"its definition changed, but something that was not asked for runs on it, too: {', '.join(others)}"
    advice = f"`devenv up {' '.join((*services, *others))}` makes it anew"
    return Shared(("network", name), Action.KEEP, reason, differing, services, advice)


def _volume(name: str, differing: tuple[Change, ...], users: Sequence[str], facts: Facts) -> Shared:
    engine = facts.names[users[0]][name]
    reason = "its definition changed, but it holds data, so it stays as it was made"
    advice = f"`devenv down && docker volume rm {engine} && devenv up` makes an empty one"
    return Shared(("volume", name), Action.KEEP, reason, differing, tuple(users), advice)
