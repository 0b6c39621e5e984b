"""Containers that share what belongs to others, and whether these are still what they were. Imports little: an `up`
with nothing to do asks, too, where there are such."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from devenv.engine.protocols import Daemon
from devenv.model.observed import Container


def left_behind(
    daemon: Daemon, containers: Sequence[Container], services: Collection[str]
) -> tuple[frozenset[str], frozenset[str]]:
    """Ids of containers of `services` that share what belonged to a container that is gone, and of running ones in the
    namespaces of one that was started after them: what these had for a network ended with it. `containers` are all of
    the project's; only those in question are asked."""
    there = {container.id for container in containers}
    orphaned: set[str] = set()
    stranded: set[str] = set()
    for at in [c.id for c in containers if c.service in services and not c.oneoff]:
        if (found := daemon.inspect(at)) is None:
            continue
        if not there.issuperset((*found.joined, *found.borrowed)):
            orphaned.add(at)
        elif found.state == "running" and any(_later(daemon, one, found) for one in found.joined):
            stranded.add(at)
    return frozenset(orphaned), frozenset(stranded)


def _later(daemon: Daemon, owner: str, joined: Container) -> bool:
    """Whether a container was started after one that lives in its namespaces."""
    found = daemon.inspect(owner)
    started = found.started_at if found else None
    return started is not None and joined.started_at is not None and started > joined.started_at
