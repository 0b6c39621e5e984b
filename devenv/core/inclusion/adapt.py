"""One included file's services and other named things, as the stack has them: confined, its paths and names moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devenv.core.compose.keys import like, like_list
from devenv.core.compose.paths import STAY, Move, entering, move_service, move_top
from devenv.core.inclusion import variables
from devenv.core.inclusion.confine import Confined
from devenv.core.inclusion.parts import Part, put
from devenv.core.inclusion.rename import RESOURCES, Names, rename_resource, rename_service, renamed_keys
from devenv.core.inclusion.tree import SEPARATOR, Node, before, joined
from devenv.core.manifest import node as manifest_node
from devenv.core.suggest import suggest
from devenv.errors import Report
from devenv.model.data import Map, Seq, mark_of, text
from devenv.model.manifest import Included
from devenv.records import replace

DEFAULT = "default"
"""The network of services that name none."""


def adapt(node: Node, report: Report) -> Part:
    """What a file itself brings, without what it includes."""
    part = Part(compose={name for name, _ in node.fetched.texts} if node.compose else set())
    names = names_of(node)
    move = _mover(node)
    confined = None
    if node.fetched.tree is not None:
        confined = Confined(node.fetched.folder, node.fetched.tree, report)
    for name, service in _entries(node, "services", report).items():
        if isinstance(service, Map):
            service = _service(node, name, service, confined, report)
            service = rename_service(_moved(service, move), names)
        full = names.services.get(name, name)
        put(part.services, full, service, node.data["services"], name)
        part.facts[full] = Included(node.label, node.fetched.folder, node.fetched.tree, at=node.included_at)
    for kind in RESOURCES:
        _add_resources(node, kind, part, names, confined, report)
    for name, check in _entries(node, "checks", report).items():
        if node.fetched.tree is not None and isinstance(check, dict) and "run" in check and "service" not in check:
            message = "the check is left out: a file from another repository runs no commands on this machine"
            at = mark_of(node.data["checks"], name, of_key=True)
            report.add("DE343", message, at, path=f"checks.{name}", warning=True)
            continue
        put(part.named["checks"], node.full(name), _check(node, check, names, report), node.data["checks"], name)
    for name, members in _entries(node, "modes", report).items():
        if isinstance(members, list):
            members = like_list(members, (names.service(member) for member in members))
        put(part.modes, node.full(name), members, node.data["modes"], name)
    return part


def add_shares(node: Node, part: Part, report: Report) -> None:
    """Notes which services that `node` brings stand for a part of a server of the including file's."""
    entry = node.entry
    if entry is None or not entry.share or node.above is None:
        return
    inside, outside = node.exports(), node.above.names()
    for local, server in entry.share.items():
        mark, path = mark_of(entry.source.get("share"), local), f"{entry.path}.share.{local}"
        full = inside.get(local)
        if full is None:
            hint = suggest(local, inside) or f"it has {', '.join(inside)}"
            report.add("DE344", f"{node.label} has no service '{local}' to share", mark, path=path, hint=hint)
        elif full in part.services:  # else its mode leaves it out
            part.facts[full] = replace(
                part.facts[full], server=outside.get(server, server), shared_at=mark or entry.mark
            )


def add_networks(part: Part, prefixes: dict[str, list[str]], stack: str) -> None:
    """Gives each prefix a network on which its services have the names that they call each other by.

    `prefixes` are those in force for each service, by its name, the nearest last. The engine looks in the networks in
    the order of their names, so each sorts before that of the prefix around it, and before the stack's default one.
    """
    members: dict[str, list[str]] = {}
    depth: dict[str, int] = {}
    usual: set[str] = set()
    meant: set[str] = set()
    for name, service in part.services.items():
        if isinstance(service, Map) and not part.facts[name].server and "network_mode" not in service:
            for level, prefix in enumerate(prefixes.get(name, ()), 1):
                members.setdefault(prefix, []).append(name)
                depth[prefix] = level
                said = service.get("networks")
                if isinstance(said, (list, dict)) and joined(prefix, DEFAULT) in said:
                    meant.add(prefix)
                elif said is not None:
                    continue
                usual.add(name)
    for prefix, names in members.items():
        network = joined(prefix, DEFAULT)
        networks = part.named["networks"]
        if len(names) < 2 and network not in networks and prefix not in meant:
            continue
        definition = networks.get(network)
        written = definition if isinstance(definition, Map) else Map()
        called = f"${{COMPOSE_PROJECT_NAME:-{stack}}}{'-' * depth[prefix]}{prefix}"
        networks[network] = like(written, {"name": called, **written}.items())
        for name in names:
            more = (DEFAULT, network) if name in usual else ()
            part.services[name] = _joined(part.services[name], name, prefix, more, networks)


def names_of(node: Node) -> Names:
    """What a file calls things, and what the stack calls them."""
    resources: dict[str, dict[str, str]] = {}
    for kind in RESOURCES:
        declared: dict[str, str] = {}
        for one in _subtree(node):
            inner = one.prefix.removeprefix(node.prefix).removeprefix(SEPARATOR)
            entries = one.data.get(kind)
            for name in entries if isinstance(entries, dict) else ():
                declared.setdefault(joined(inner, name), one.full(name))
        resources[kind] = declared
    if node.prefix:
        resources["networks"].setdefault(DEFAULT, node.full(DEFAULT))
    return Names(node.names(), resources)


def _subtree(node: Node) -> list[Node]:
    return list(node.walk())[::-1]


def _mover(node: Node) -> Move:
    return entering(node.fetched.folder) if node.above is not None else STAY


def _entries(node: Node, kind: str, report: Report) -> Map:
    value = node.data.get(kind)
    if value is None:
        return Map()
    found = manifest_node.Node(node.data, "", report, node.data.mark).child(kind).mapping("a mapping by name")
    return Map() if found is None else found


def _service(node: Node, name: str, service: Map, confined: Confined | None, report: Report) -> Map:
    """A service with the file's own variables, and looked at when the file is remote."""
    if confined is None:
        changed: Map = variables.defaulted(service, node.fetched.variables)
        return changed
    service = variables.settled(service, node.fetched.variables, report)
    confined.service(service, f"services.{name}")
    return variables.own_environment(service, node.fetched.variables, node.fetched.variables_of)


def _moved(service: Map, move: Move) -> Map:
    result = move_service(service, move)
    if "inputs" in result:
        result["inputs"] = _inputs(result["inputs"], move)
    for key in ("setup", "provision"):
        job = result.get(key)
        if isinstance(job, dict) and "inputs" in job:
            result[key] = like(job, {**job, "inputs": _inputs(job["inputs"], move)}.items())
    return result


def _inputs(value: Any, move: Move) -> Any:
    if not isinstance(value, list):
        return value
    return like_list(value, (move(text(item)).removeprefix("./") if item is not None else item for item in value))


def _add_resources(node: Node, kind: str, part: Part, names: Names, confined: Confined | None, report: Report) -> None:
    entries = _entries(node, kind, report)
    if confined is None:
        changed = variables.defaulted(entries, node.fetched.variables)
    else:
        changed = variables.settled(entries, node.fetched.variables, report)
        for name, entry in changed.items():
            confined.resource(kind, name, entry, mark_of(entries, name, of_key=True))
    moved = move_top(kind, changed, _mover(node))
    table = names.resources.get(kind, {})
    for name, entry in moved.items():
        full = table.get(name, name)
        renamed = names.value(rename_resource(kind, name, entry) if full != name else entry)
        put(part.named[kind], full, renamed, entries, name)


def _check(node: Node, check: Any, names: Names, report: Report) -> Any:
    if not isinstance(check, Map):
        return check
    if node.fetched.tree is None:
        check = variables.defaulted(check, node.fetched.variables)
    else:
        check = variables.settled(check, node.fetched.variables, report)
    renamed = names.value(check)
    if "service" in renamed:
        renamed["service"] = names.service(renamed["service"])
    return renamed


def _joined(service: Map, name: str, prefix: str, more: Sequence[str], declared: Map) -> Map:
    """The service `name` that is on the networks `more` as well, and has its name without `prefix` on all that come
    from there."""
    written = service.get("networks")
    if isinstance(written, list):
        written = renamed_keys(Map((text(name), None) for name in written), str)
    own = Map() if written is None else written
    if not isinstance(own, dict):
        return service
    entries = Map(own.items(), mark=getattr(own, "mark", None))
    for network in more:
        entries.setdefault(network, None)
    for network in list(entries):
        if network in declared and network.startswith(before(prefix)):
            entry = entries[network] if isinstance(entries[network], dict) else Map()
            aliases = [*(entry.get("aliases") or []), name.removeprefix(before(prefix))]
            entries[network] = like(entry, {**entry, "aliases": Seq(dict.fromkeys(aliases))}.items())
    return like(service, {**service, "networks": entries}.items())
