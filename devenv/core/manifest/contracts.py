"""`contracts:`: where pacts come from, and which service answers for which provider."""

from __future__ import annotations

from collections.abc import Collection
from posixpath import normpath

from devenv.core.manifest.node import Node, quoted
from devenv.model.manifest import Contracts, Provider

KEYS = ("pacts", "broker", "publish", "providers")
PROVIDER = ("service", "port", "path", "states", "messages")


def read_contracts(node: Node, services: Collection[str]) -> Contracts | None:
    """What `contracts` says, or None with the problems reported. A text stands for the folder of pacts."""
    before = len(node.report.problems)
    if not isinstance(node.value, dict):
        pacts = _pacts(node)
        return Contracts(pacts=pacts) if len(node.report.problems) == before else None
    given = dict(node.children())
    for key in given:
        if key not in KEYS and not key.startswith("x-"):
            node.unknown(key, KEYS)
    if not {"pacts", "broker"} & set(given):
        if node.holds_only(KEYS):
            node.problem("DE217", "'pacts' is missing", "name the folder of pacts, or a 'broker'", of_key=True)
        return None
    found = Contracts(
        pacts=_pacts(given["pacts"]) if "pacts" in given else (),
        broker=given["broker"].text("the URL of a Pact broker") if "broker" in given else None,
        publish=bool(given["publish"].boolean()) if "publish" in given else True,
        providers=_providers(given["providers"], services) if "providers" in given else {},
    )
    return found if len(node.report.problems) == before else None


def _pacts(node: Node) -> tuple[str, ...]:
    if isinstance(node.value, list):
        return tuple(normpath(path) for path, _ in node.names("a list of folders or files") or [])
    path = node.text("the folder of pacts", "write ./pacts")
    return (normpath(path),) if path is not None else ()


def _providers(node: Node, services: Collection[str]) -> dict[str, Provider]:
    if node.mapping("a mapping of providers to services") is None:
        return {}
    found = {name: _provider(child, services) for name, child in node.children()}
    return {name: one for name, one in found.items() if one is not None}


def _provider(node: Node, services: Collection[str]) -> Provider | None:
    if not isinstance(node.value, dict):
        name = _service(node, services)
        return Provider(service=name) if name is not None else None
    given = dict(node.children())
    for key in given:
        if key not in PROVIDER and not key.startswith("x-"):
            node.unknown(key, PROVIDER)
    if "service" not in given:
        if node.holds_only(PROVIDER):
            node.problem("DE217", "'service' is missing: who answers for this provider", of_key=True)
        return None
    name = _service(given["service"], services)
    asked = {key: _path(given[key]) for key in ("path", "states", "messages") if key in given}
    paths = {key: path for key, path in asked.items() if path is not None}
    port = given["port"].text("a port's name") if "port" in given else None
    return Provider(service=name, port=port, **paths) if name is not None else None


def _service(node: Node, services: Collection[str]) -> str | None:
    name = node.text("a service's name")
    if name is not None and name not in services:
        node.problem("DE206", f"there is no service {quoted(name)}", node.suggest(name, services))
        return None
    return name


def _path(node: Node) -> str | None:
    path = node.text("a path of the service", "write a path such as /_pact/states")
    if path is not None and not path.startswith("/"):
        node.problem("DE214", f"{quoted(path)} is no path: it starts with '/'", f"write /{path}")
        return None
    return path
