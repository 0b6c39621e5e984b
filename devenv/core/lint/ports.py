"""Rules about published ports: who can reach them, and who wants the same one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.compose.interpolate import interpolate
from devenv.core.compose.mountpoints import split_colons
from devenv.core.lint.subject import Rule, Subject, found, items, place
from devenv.errors import DevenvError
from devenv.model.data import text
from devenv.model.lint import Fix, Found, Severity
from devenv.model.stack import Service

_EVERYWHERE = ("", "0.0.0.0", "::", "[::]", "*")  # noqa: S104 - what is looked for
_LONGEST_RANGE = 1000


def _bound(subject: Subject, entry: Any) -> tuple[str, str, str] | None:
    """Address, host port (a range, or '' when Docker chooses) and protocol of an item of Compose's list, with its
    variables as they are now; None when it is empty, or a variable has to be set."""
    try:
        if isinstance(entry, dict):
            keys = ("host_ip", "published", "protocol")
            address, published, protocol = (interpolate(text(entry.get(key)), subject.variables) for key in keys)
            return address, published, protocol or "tcp"
        line, _, protocol = interpolate(text(entry), subject.variables).partition("/")
    except DevenvError:
        return None
    parts = split_colons(line)
    return (":".join(parts[:-2]), parts[-2] if len(parts) > 1 else "", protocol or "tcp") if line else None


def _is_loopback(address: str) -> bool:
    bare = address.strip("[]")
    return bare.startswith("127.") or bare in ("::1", "localhost")


def _all_interfaces(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        written = [] if service.ports else list(items(service, "ports"))  # named ports are on loopback
        for number, entry in written:
            bound = _bound(subject, entry)
            if bound is None or _is_loopback(where := bound[0]):
                continue
            who = "everybody in the network" if where in _EVERYWHERE else f"the network of {where}"
            message = f"{who} can reach this port"
            fix = _on_loopback(service, number, entry) if where in _EVERYWHERE else None
            hint = "write `ports: {NAME: PORT}`, or put `127.0.0.1:` before it"
            yield found(service, message, "ports", number, hint=hint, fix=fix)


def _on_loopback(service: Service, number: int, entry: Any) -> Fix | None:
    """For Compose's short form: the address goes before it, or takes the place of the one that is written there."""
    mark = place(service, "ports", number)
    if isinstance(entry, dict) or mark is None:
        return None
    line, slash, protocol = text(entry).partition("/")
    parts = split_colons(line)
    if any("$" in part for part in parts[:-1] or parts):
        return None  # a variable may say where; somebody may set it
    head = parts[-2:] if len(parts) > 1 else ["", parts[0]]
    return Fix("publish it on 127.0.0.1 only", mark, ":".join(["127.0.0.1", *head]) + slash + protocol)


def _clash(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    taken: dict[tuple[str, int], list[tuple[str, str]]] = {}
    for service in subject.services:
        for port in service.ports:
            if port.default is not None and port.fixed:
                taken.setdefault((port.protocol, port.default), []).append((service.name, port.host_ip))
        for number, entry in [] if service.ports else items(service, "ports"):
            for address, published, protocol in _numbers(subject, entry):
                others = taken.setdefault((protocol, published), [])
                other = next((name for name, at in others if _overlap(at, address)), None)
                if other is not None:
                    who = "the service itself" if other == service.name else f"'{other}'"
                    message = f"host port {published} is published by {who} already: only one of them can start"
                    yield found(service, message, "ports", number, hint="name the port and let devenv choose")
                    break
                others.append((service.name, address))


def _numbers(subject: Subject, entry: Any) -> Iterator[tuple[str, int, str]]:
    bound = _bound(subject, entry)
    if bound is None:
        return
    address, published, protocol = bound
    first, _, last = published.partition("-")
    if first.isdigit() and (not last or last.isdigit()):
        for number in range(int(first), min(int(last or first), int(first) + _LONGEST_RANGE) + 1):
            yield address, number, protocol


def _overlap(one: str, other: str) -> bool:
    return one == other or one in _EVERYWHERE or other in _EVERYWHERE


def _moved(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    owners: dict[tuple[str, int], str] = {}
    for service in subject.services:
        for port in service.ports:
            if port.default is not None:
                owners.setdefault((port.protocol, port.default), service.name)
        for _, entry in [] if service.ports else items(service, "ports"):
            for _, number, protocol in _numbers(subject, entry):
                owners[protocol, number] = service.name
    for service in subject.services:
        for port in service.ports:
            if port.default is None or port.fixed or port.default == port.container:
                continue
            other = owners.get((port.protocol, port.container), "another service")
            message = (
                f"port '{port.name}' would be at {port.container} on the host, where '{other}' is: "
                f"it is at {port.default}"
            )
            hint = "say `publish:` to choose, or `publish: false` if nobody needs it on the host"
            mark = place(service, "ports")
            if mark is not None and service.mark is not None and mark.file != service.mark.file:
                mark = service.mark  # the template is not what has to change
            yield Found(message, mark, f"services.{service.name}.ports.{port.name}", service.name, hint)


RULES = (
    Rule(
        "DL201",
        "loopback",
        "A port is published on all interfaces",
        "Everybody in the same café, office or conference network can reach a database with a development password.",
        "Name the port (`ports: {http: 8000}`), which devenv publishes on 127.0.0.1, or write `127.0.0.1:` before it.",
        _all_interfaces,
        severity=Severity.WARNING,
        fixes="writes `127.0.0.1:` before a port in Compose's short form, unless a variable may say where it is",
    ),
    Rule(
        "DL202",
        "port-clash",
        "Two services publish the same host port",
        "The second of them cannot start.",
        "Give one of them another number, or name the port and let devenv choose a free one.",
        _clash,
        severity=Severity.ERROR,
    ),
    Rule(
        "DL203",
        "port-moved",
        "Two services want the same host port, and one was moved",
        "The address that people expect is another service's.",
        "Choose with `publish:`, or keep the port inside the stack with `publish: false`.",
        _moved,
        severity=Severity.INFO,
    ),
)
