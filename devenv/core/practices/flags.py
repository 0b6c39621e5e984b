"""`flags:`: a server of feature flags, seeded from a file of the repository, and what its clients want to know of it.

For flagd the variables are those that OpenFeature's providers document (flagd's and OFREP's); for Unleash those that
its SDKs' documentation uses.
"""

from __future__ import annotations

from devenv.core.compose.keys import like
from devenv.core.manifest.node import Node
from devenv.core.practices.server import OWN_KEYS, Server, instance, put, read_server, refuse_unknown
from devenv.core.practices.variables import Given, read_except, read_variables
from devenv.model.data import Map

KEY = "flags"
TEMPLATE = "flagd"
SERVICE = "flags"
KEYS = (*OWN_KEYS, "file", "variables", "except")

_VARIABLES: dict[str, dict[str, str]] = {
    "flagd": {
        "FLAGD_HOST": "host",
        "FLAGD_PORT": "port",
        "FLAGD_SYNC_PORT": "sync.port",
        "OFREP_ENDPOINT": "ofrep",
    },
    "unleash": {"UNLEASH_URL": "api", "UNLEASH_API_TOKEN": "token"},
}
"""Template → variable → the output that it is."""

_DATABASE = {"unleash": "postgres"}
"""Servers that keep their flags in a database, which the switch adds, too."""


def read(node: Node, services: Map) -> tuple[Server, Given] | None:
    """The flags' server and the variables of every service; None where the switch is off or wrong (then reported)."""
    if node.meant is False:
        return None
    if isinstance(node.meant, list | bool | int | float | None):
        node.wrong_kind("the path of a file of flags, or a mapping", "write ./flags.json")
        return None
    before = len(node.report.problems)
    given = dict(node.children()) if isinstance(node.value, Map) else {"file": node}
    if isinstance(node.value, Map):
        refuse_unknown(node, KEYS)
    server = read_server(node, services, TEMPLATE, SERVICE)
    file = given["file"].text("the path of a file of flags") if "file" in given else None
    own = read_variables(given.get("variables"))
    without = read_except(given.get("except"), services)
    if server is not None and file is not None and not server.adds:
        message = "'file' seeds a server that is added; the service names its own"
        given["file"].problem("DE219", message, "write it into the service's 'with'", of_key=True)
    if len(node.report.problems) > before or server is None:
        return None
    if server.adds:
        server = _seeded(node, given.get("file"), file, server, services)
    if server is None:
        return None
    named = {key: f"${{{server.name}.{output}}}" for key, output in _VARIABLES.get(server.template or "", {}).items()}
    return server, Given(lambda _: {**named, **own}, without)


def _seeded(node: Node, at: Node | None, file: str | None, server: Server, services: Map) -> Server | None:
    """The server with its file among the parameters, and with its database before it where it needs one."""
    entry = server.adds[server.name]
    with_ = like(entry.get("with") or {}, (entry.get("with") or {}).items())
    mark = node.key_mark or node.mark
    if file is not None and at is not None:
        put(with_, "file", file, at.mark)
    adds: dict[str, Map] = {}
    needed = _DATABASE.get(server.template or "")
    if needed is not None and "database" not in with_:
        name = f"{server.name}-db"
        if name in services:
            hint = f"give it a database of its own: {{with: {{database: '${{{name}.url}}'}}}}"
            node.problem("DE221", f"there is a service '{name}' already", hint)
            return None
        adds[name] = instance(node, needed, {"database": server.name.replace("-", "_").replace(".", "_").lower()})
        put(with_, "database", f"${{{name}.url}}", mark)
    if with_:
        put(entry, "with", with_, mark)
    return Server(server.name, server.template, {**adds, server.name: entry})
