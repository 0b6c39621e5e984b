"""Rules about published ports: who can reach them, and who wants the same one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.compose import mountpoints
from devenv.core.compose.interpolate import interpolate
from devenv.core.lint.subject import Rule, Subject, found, items, place
from devenv.core.stack.bindings import EVERYWHERE, Binding, bindings, reached_by
from devenv.errors import DevenvError
from devenv.model.data import text
from devenv.model.lint import Fix, Found, Severity
from devenv.model.stack import Service


def _now(subject: Subject, entry: Any) -> Any:
    """An item of Compose's list with its variables as they are now; '' when one has to be set."""
    try:
        if isinstance(entry, dict):
            return {key: interpolate(text(value), subject.variables) for key, value in entry.items()}
        return interpolate(text(entry), subject.variables)
    except DevenvError:
        return ""


def _all_interfaces(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    for service in subject.services:
        written = [] if service.ports else list(items(service, "ports"))  # named ports are on loopback
        for number, entry in written:
            now = _now(subject, entry)
            if not now or not (who := reached_by(where := mountpoints.port(now)[0])):
                continue
            message = f"{who} can reach this port"
            fix = _on_loopback(service, number, entry) if where in EVERYWHERE else None
            hint = "write `ports: {NAME: PORT}`, or put `127.0.0.1:` before it"
            yield found(service, message, "ports", number, hint=hint, fix=fix)


def _on_loopback(service: Service, number: int, entry: Any) -> Fix | None:
    """For Compose's short form: the address goes before it, or takes the place of the one that is written there."""
    mark = place(service, "ports", number)
    if isinstance(entry, dict) or mark is None:
        return None
    line, slash, protocol = text(entry).partition("/")
    parts = mountpoints.split_colons(line)
    if any("$" in part for part in parts[:-1] or parts):
        return None  # a variable may say where; somebody may set it
    head = parts[-2:] if len(parts) > 1 else ["", parts[0]]
    return Fix("publish it on 127.0.0.1 only", mark, ":".join(["127.0.0.1", *head]) + slash + protocol)


def _clash(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    taken: dict[tuple[str, int], list[tuple[Service, Binding]]] = {}
    for service in subject.services:
        for named in service.ports:
            if named.default is not None and named.fixed:
                bound = Binding(named.host_ip, named.default, named.protocol, named.container)
                taken.setdefault((bound.protocol, bound.number), []).append((service, bound))
        for number, entry in [] if service.ports else items(service, "ports"):
            for bound in bindings(_now(subject, entry)):
                others = taken.setdefault((bound.protocol, bound.number), [])
                against = (one for one, had in others if had.excludes(bound, same=one is service))
                other = next((one for one in against if _together(one, service)), None)
                if other is not None:
                    who = "the service itself" if other is service else f"'{other.name}'"
                    message = f"host port {bound.number} is published by {who} already: only one of them can start"
                    yield found(service, message, "ports", number, hint="name the port and let devenv choose")
                    break
                others.append((service, bound))


def _together(one: Service, other: Service) -> bool:
    """Whether two services are on at the same time: not where each has profiles of its own, as alternatives have."""
    mine, others = ({*map(text, each.compose.get("profiles") or ())} for each in (one, other))
    return not mine or not others or not mine.isdisjoint(others)


def _moved(subject: Subject, options: Mapping[str, Any]) -> Iterator[Found]:
    owners: dict[tuple[str, int], str] = {}
    for service in subject.services:
        for port in service.ports:
            if port.default is not None:
                owners.setdefault((port.protocol, port.default), service.name)
        for _, entry in [] if service.ports else items(service, "ports"):
            for bound in bindings(_now(subject, entry)):
                owners[bound.protocol, bound.number] = service.name
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
        "The second of them cannot start. Services without a profile in common are alternatives.",
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
