"""The switches of a manifest made into ordinary services and variables, before anything else is made of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from devenv.core.compose.keys import like
from devenv.core.manifest.node import Node
from devenv.core.practices import flags, observability
from devenv.core.practices.server import Server, put
from devenv.core.practices.variables import Given, with_variables
from devenv.errors import Mark
from devenv.model.data import Map
from devenv.records import field, frozen

SWITCHES = (observability.KEY, flags.KEY)


@frozen
class Expanded:
    """`services` are the manifest's with what the switches say; `added` maps each that a switch added to that switch.

    `along` are those that nobody waits for, whatever refers to them.
    """

    services: Map
    added: dict[str, str] = field(default_factory=dict)
    along: tuple[str, ...] = ()


def expand(root: Node, stack: str) -> Expanded:
    """The services of the manifest at `root`; `stack` is its name. Problems of the switches are reported.

    Every added entry has the place of its switch, and so has every variable.
    """
    services = root.value["services"]
    on = list(_on(root, services, stack))
    servers = {server.name for _, server, _ in on}
    added: dict[str, str] = {}
    for key, server, given in on:
        services = _joined(services, server, given, {*servers, *given.without}, root.child(key).key_mark)
        added |= dict.fromkeys(server.adds, key)
    return Expanded(services, added, tuple(server.name for key, server, _ in on if key == observability.KEY))


def _on(root: Node, services: Map, stack: str) -> Iterator[tuple[str, Server, Given]]:
    """The switches that are on: key, server, variables."""
    names = services
    for key in SWITCHES:
        if key not in root.value:
            continue
        node = root.child(key)
        read = observability.read(node, names, stack) if key == observability.KEY else flags.read(node, names)
        if read is not None:
            names = like(names, [*names.items(), *read[0].adds.items()])
            yield key, *read


def _joined(services: Map, server: Server, given: Given, without: Collection[str], mark: Mark | None) -> Map:
    joined = like(services, services.items())
    for name, entry in services.items():
        if isinstance(entry, Map) and "use" not in entry and name not in without:
            joined[name] = with_variables(entry, given.variables(name), mark)
    for name, entry in server.adds.items():
        put(joined, name, entry, mark)
    return joined
