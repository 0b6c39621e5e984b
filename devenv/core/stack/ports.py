"""Host ports: the defaults that the generated file names, and the ones that are free on one machine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import chain
from typing import Any

from devenv.core.compose import mountpoints
from devenv.core.stack.bindings import numbers
from devenv.core.stack.variables import Variables
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of
from devenv.model.manifest import Port
from devenv.model.stack import PublishedPort, Service, Stack
from devenv.records import frozen

_LAST = 65535

Busy = Callable[[int, str, str], bool]
"""Whether (port, host address, protocol) is held by somebody else on this machine."""


@frozen
class Wanted:
    """A service's ports before host ports are chosen: the named ones, and its entry as written, for places."""

    service: str
    ports: Mapping[str, Port]
    source: Map
    compose: Any = None


@frozen
class Moved:
    """A port that is not where it would be: `wanted` was busy, `port` is free. `by` is the service of the same stack
    that has the one that was wanted, if it is one of these."""

    service: str
    name: str
    wanted: int
    port: int
    by: str = ""


@frozen
class Taken:
    """A port for which there is no free number."""

    service: str
    name: str
    port: int
    host_ip: str
    protocol: str


@frozen
class Assignment:
    """`settings` are the port variables to remember; `moved` and `taken` what to tell people."""

    settings: dict[str, str]
    moved: tuple[Moved, ...] = ()
    taken: tuple[Taken, ...] = ()


class _Numbers:
    """Numbers that are given away, per protocol; finds the next free one without looking at each again."""

    def __init__(self) -> None:
        self._owner: dict[tuple[str, int], str] = {}
        self._next: dict[tuple[str, int], int] = {}

    def owner(self, protocol: str, number: int) -> str | None:
        return self._owner.get((protocol, number))

    def take(self, protocol: str, number: int, owner: str) -> None:
        self._owner.setdefault((protocol, number), owner)

    def free(self, protocol: str, start: int, owner: str) -> int | None:
        number = self._next.get((protocol, start), start)
        while (protocol, number) in self._owner:
            number += 1
        if number > _LAST:
            return None
        self._owner[protocol, number] = owner
        self._next[protocol, start] = number + 1
        return number


def defaults(wanted: Iterable[Wanted], variables: Variables, report: Report) -> dict[str, tuple[PublishedPort, ...]]:
    """Each service's ports with their default host ports: the container's number, or where an earlier service of the
    stack has that one, the next free one. Numbers that the person chose go first; one that two services chose is
    a problem.
    """
    services = list(wanted)
    numbers = _Numbers()
    for each in services:
        for name, port in each.ports.items():
            if port.publish:
                _fix(numbers, each, name, port, report)
        for protocol, number in _written(each.compose):
            numbers.take(protocol, number, each.service)
    result = {}
    for each in services:
        ports = []
        for name, port in each.ports.items():
            default = port.publish if port.publish else None
            if port.publish is None:
                default = numbers.free(port.protocol, port.port, each.service)
            variable = variables.claim("PORT", each.service, name)
            fixed = bool(port.publish)
            ports.append(PublishedPort(name, port.port, port.protocol, default or None, variable, fixed))
        result[each.service] = tuple(ports)
    return result


def _fix(numbers: _Numbers, each: Wanted, name: str, port: Port, report: Report) -> None:
    number = int(port.publish or 0)
    if other := numbers.owner(port.protocol, number):
        message = f"host port {number} is published by '{other}' already"
        hint = "choose another number, or leave `publish` out: devenv then takes a free one"
        at = _place(each.source, name)
        report.add("DE321", message, at, path=f"services.{each.service}.ports.{name}", hint=hint)
    numbers.take(port.protocol, number, each.service)


def _place(source: Map, name: str) -> Mark | None:
    ports = source.get("ports")
    if isinstance(ports, Map) and isinstance(ports.get(name), Map):
        return mark_of(ports[name], "publish")
    return mark_of(ports, name)


def _written(ports: Any) -> Iterable[tuple[str, int]]:
    """The host ports in Compose's list form, where they are plain numbers; all of a range that Docker chooses from."""
    for entry in ports if isinstance(ports, list) else ():
        _, published, _, protocol = mountpoints.port(entry)
        yield from ((protocol, number) for number in numbers(published))


def fixed(service: Service) -> Iterable[tuple[str, int]]:
    """(protocol, number) of every host port that is no choice of this machine's."""
    yield from ((port.protocol, port.default) for port in service.ports if port.fixed and port.default)
    yield from _written(service.compose.get("ports"))


def compose_ports(ports: Iterable[PublishedPort]) -> list[str]:
    """Compose's short form, each on its own address, with the variable that moves it."""
    result = []
    for port in published(ports):
        suffix = "" if port.protocol == "tcp" else f"/{port.protocol}"
        result.append(f"{port.host_ip}:{host_number(port)}:{port.container}{suffix}")
    return result


def published(ports: Iterable[PublishedPort]) -> list[PublishedPort]:
    """The ports that the host can reach, in the order of the generated file."""
    return [port for port in ports if port.default is not None]


def moving(ports: Iterable[PublishedPort]) -> list[PublishedPort]:
    """The published ports whose numbers are this machine's choice."""
    return [port for port in published(ports) if not port.fixed]


def host_number(port: PublishedPort) -> str:
    """The host port as the generated file has it: a number that is fixed, or a variable with its default."""
    return str(port.default) if port.fixed else f"${{{port.variable}:-{port.default}}}"


def assign(stack: Stack, settings: Mapping[str, str], busy: Busy, services: Iterable[str] | None = None) -> Assignment:
    """Host ports for this machine: remembered ones and defaults while they are free, else the next free number
    above the default. A remembered one is never lost to another service's default. `services` are those that are to
    come up; None means all.

    `busy` must answer False for ports that this stack's own containers hold.
    """
    chosen = None if services is None else set(services)
    result: dict[str, str] = {}
    moved: list[Moved] = []
    taken: list[Taken] = []
    numbers: dict[tuple[str, int], str] = {}
    wanted: list[tuple[str, PublishedPort, int]] = []
    for service in stack.services.values():
        for port in service.ports:
            if port.default is None:
                continue
            remembered = settings.get(port.variable, "")
            now = int(remembered) if remembered.isdigit() and 0 < int(remembered) <= _LAST else port.default
            if chosen is not None and service.name not in chosen:
                numbers[port.protocol, now] = service.name
                if now != port.default:
                    result[port.variable] = str(now)
            elif port.fixed:
                numbers[port.protocol, port.default] = service.name  # if it is taken, that is its own service's failure
            else:
                wanted.append((service.name, port, now))
    for name, port, now in sorted(wanted, key=lambda one: one[1].variable not in settings):
        candidates = chain([now], range(port.default or now, _LAST + 1))
        number = next((n for n in candidates if _free(n, port, numbers, busy)), None)
        if number is None:
            taken.append(Taken(name, port.name, now, port.host_ip, port.protocol))
            continue
        if number != now:
            moved.append(Moved(name, port.name, now, number, numbers.get((port.protocol, now), "")))
        numbers[port.protocol, number] = name
        if number != port.default:
            result[port.variable] = str(number)
    return Assignment(result, tuple(moved), tuple(taken))


def _free(number: int, port: PublishedPort, numbers: Collection[tuple[str, int]], busy: Busy) -> bool:
    return (port.protocol, number) not in numbers and not busy(number, port.host_ip, port.protocol)
