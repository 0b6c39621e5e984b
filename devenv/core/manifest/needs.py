"""`needs:` of a service, as a list or as a mapping."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from devenv.core.manifest.node import Node, quoted
from devenv.model.manifest import Need

_KEYS = ("env", "until")
_UNTIL = ("ready", "started", "completed")
_PREFIX = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_needs(node: Node, names: Collection[str] | None) -> dict[str, Need]:
    """What is needed, by name; wrong entries are left out. `names` are all services', None when they are not known."""
    found: dict[str, tuple[Node, Need]] = {}
    if isinstance(node.value, dict):
        for name, entry in node.children():
            found[name] = (entry, _need(entry))
    else:
        found = {name: (item, Need()) for name, item in node.names("a list or a mapping of services") or []}
    return {name: need for name, (entry, need) in found.items() if _allowed(name, entry, node, names)}


def _allowed(name: str, entry: Node, node: Node, names: Collection[str] | None) -> bool:
    if node.path == f"services.{name}.needs":
        entry.problem("DE212", "the service needs itself", "remove it from its own 'needs'", of_key=True)
        return False
    if names is not None and name not in names:
        entry.problem("DE206", f"there is no service {quoted(name)}", entry.suggest(name, names), of_key=True)
        return False
    return True


def _need(node: Node) -> Need:
    if node.value is None:
        return Need()
    hint = f"write {{until: {node.value}}}" if node.value in _UNTIL else None
    data = node.mapping("a mapping with 'env' or 'until'", hint)
    if data is None:
        return Need()
    until: Any = None
    env: Any = None
    for key, child in node.children():
        if key == "until":
            until = child.text("'ready', 'started' or 'completed'")
            if until is not None and until not in _UNTIL:
                child.problem("DE214", "takes 'ready', 'started' or 'completed'", child.suggest(until, _UNTIL))
                until = None
        elif key == "env":
            env = _prefix(child)
        elif not key.startswith("x-"):
            node.unknown(key, _KEYS, "say 'until: ready', 'started' or 'completed'" if key == "condition" else None)
    return Need(until=until, env=env)


def _prefix(node: Node) -> str | bool | None:
    """The prefix of the variables; False for no variables, None for the service's own name."""
    if node.value is None or node.meant is True:
        return None
    if node.meant is False:
        return False
    prefix = node.text("a prefix of variables, or false")
    if prefix is not None and prefix.lower() in ("no", "off"):
        node.problem("DE214", "takes a prefix of variables, or false", "write false")
        return None
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        node.problem("DE205", f"{quoted(prefix)} cannot start a variable's name", "use letters, digits and '_'")
        return None
    return prefix
