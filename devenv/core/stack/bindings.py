"""What Compose's list of ports takes on the host, and what a service takes twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devenv.core.compose import mountpoints
from devenv.errors import Report
from devenv.model.data import mark_of
from devenv.model.stack import Stack
from devenv.records import frozen

EVERYWHERE = ("", "0.0.0.0", "::", "[::]", "*")  # noqa: S104 - how all of a machine's addresses are written
_LONGEST = len("65535-65535")
_MOST = 1000


@frozen
class Binding:
    """A port of the host that leads to a container's port."""

    address: str
    number: int
    protocol: str
    container: int

    def excludes(self, other: Binding, *, same: bool) -> bool:
        """Whether only one of two can be had; `same` says that one service wants both, which is once where they lead
        to one port."""
        if (self.protocol, self.number) != (other.protocol, other.number):
            return False
        if (":" in self.address) != (":" in other.address):
            return False
        everywhere = [one.address in EVERYWHERE for one in (self, other)]
        if same and (self.address == other.address or all(everywhere)):
            return self.container != other.container
        return self.address == other.address or any(everywhere)


def bindings(item: Any) -> Iterator[Binding]:
    """What an item takes for certain: nothing where Docker chooses, as it does for port 0, or a variable is in it."""
    address, published, target, protocol = mountpoints.port(item)
    outside, inside = numbers(published), numbers(target)
    for number, container in zip(outside, inside, strict=True) if len(outside) == len(inside) else ():
        if number:
            yield Binding(address, number, protocol, container)


def reached_by(address: str) -> str:
    """Who besides this machine reaches what is bound to an address, in words; '' for nobody."""
    bare = address.strip("[]")
    if bare.startswith("127.") or bare in ("::1", "localhost"):
        return ""
    return "everybody in the network" if address in EVERYWHERE else f"the network of {address}"


def numbers(written: str) -> range:
    """The numbers of a port or a range of ports, the first thousand; none where that is not written in digits."""
    first, _, last = written.partition("-")
    known = len(written) <= _LONGEST and first.isdecimal() and (last or first).isdecimal()
    return range(int(first), int(last or first) + 1)[:_MOST] if known else range(0)


def check_twice(stack: Stack, report: Report) -> None:
    """Reports the ports that one service takes twice: Compose does not mind, and the engine cannot start it."""
    for service in stack.services.values():
        items = service.compose.get("ports") if not service.ports else None
        taken: dict[tuple[str, int], list[Binding]] = {}
        for number, item in enumerate(items if isinstance(items, list) else ()):
            for bound in bindings(item):
                others = taken.setdefault((bound.protocol, bound.number), [])
                if any(other.excludes(bound, same=True) for other in others):
                    message = f"host port {bound.number} is published by the service itself already"
                    path = f"services.{service.name}.ports[{number}]"
                    report.add("DE321", message, mark_of(items, number), path=path)
                    break
                others.append(bound)
