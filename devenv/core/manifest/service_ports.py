"""`ports:` of a service as a mapping from names to container ports."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Literal

from devenv.core.manifest.node import Node, kind_of, quoted
from devenv.model.manifest import Port

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_KEYS = ("port", "publish", "protocol")
_PROTOCOLS = ("tcp", "udp")


def read_ports(node: Node) -> dict[str, Port]:
    """The named ports, without those that are wrong."""
    ports: dict[str, Port] = {}
    for name, entry in node.children():
        if not _NAME.fullmatch(name):
            hint = "write NAME: CONTAINER-PORT, or Compose's list" if name[:1].isdigit() else None
            message = f"{quoted(name)} is no name of a port: letters, digits, '-' and '_'"
            entry.problem("DE205", message, hint, of_key=True)
        elif name.isdigit():
            hint = f"write [{quoted(f'{name}:{entry.value}')}] for Compose's list, or give the port a name"
            entry.problem("DE205", f"{quoted(name)} is a number, not the name of a port", hint, of_key=True)
        elif (port := _port(entry)) is not None:
            ports[name] = port
    return ports


def port_named(node: Node, name: str, ports: Collection[str]) -> bool:
    """Whether `name` is one of `ports` or a number; reports it otherwise."""
    if name in ports or name.isdigit() or "$" in name:
        return True
    hint = node.suggest(name, ports) or (f"the ports are {', '.join(ports)}" if ports else "give it under 'ports'")
    node.problem("DE216", f"the service has no port {quoted(name)}", hint)
    return False


def _port(node: Node) -> Port | None:
    if not isinstance(node.value, dict):
        number = _number(node, "a container port")
        return None if number is None else Port(port=number)
    number, publish, good = None, None, True
    protocol: Any = "tcp"
    for key, child in node.children():
        if key == "port":
            number = _number(child, "a container port")
            good = good and number is not None
        elif key == "publish":
            publish, right = _publish(child)
            good = good and right
        elif key == "protocol":
            protocol = (child.text("'tcp' or 'udp'") or "tcp").lower()
            if protocol not in _PROTOCOLS:
                child.problem("DE214", "takes 'tcp' or 'udp'", child.suggest(protocol, _PROTOCOLS))
                good = False
        elif not key.startswith("x-"):
            node.unknown(key, _KEYS, "did you mean 'port'?" if key == "target" else None)
            good = False
    if "port" not in node.value and good:
        node.problem("DE217", "'port' is missing: the port inside the container", of_key=True)
        good = False
    return Port(port=number, publish=publish, protocol=protocol) if good and number is not None else None


def _publish(node: Node) -> tuple[int | Literal[False] | None, bool]:
    """The host port, and whether the value is right."""
    if node.meant is False:
        return False, True
    if node.value is None or node.meant is True:
        return None, True
    if isinstance(node.value, str) and node.value.lower() in ("no", "off"):
        node.problem("DE208", "takes a host port, or false", "write false")
        return None, False
    number = _number(node, "a host port")
    return number, number is not None


def _number(node: Node, what: str) -> int | None:
    number = node.integer()
    if number is not None and 1 <= number <= 65535:
        return number
    value, hint = node.value, None
    if number is not None:
        message = f"{number} is no port: 1 to 65535"
    elif isinstance(value, str) and ":" in value:
        host, _, container = value.rpartition(":")
        message = f"takes {what}, not {quoted(value)}"
        hint = f"write {{port: {container or 'N'}, publish: {host.rpartition(':')[2] or 'N'}}}"
    elif isinstance(value, str) and value.partition("/")[0].isdigit():
        message = f"takes {what}, not {quoted(value)}"
        hint = f"write {{port: {value.partition('/')[0]}, protocol: {value.partition('/')[2]}}}"
    else:
        message = f"takes {what}, not {quoted(value) if isinstance(value, str) else kind_of(value)}"
    node.problem("DE208", message, hint, of_key=value is None)
    return None
