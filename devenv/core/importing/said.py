"""What a service says of something that a template names under `adopt.unless` or `adopt.only`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from devenv.core.compose.interpolate import interpolate
from devenv.core.compose.keys import as_mapping
from devenv.core.compose.mountpoints import mounted_file, port, volume
from devenv.errors import DevenvError
from devenv.model.data import Map, text


def hindered(service: Map, entry: str, variables: Mapping[str, str]) -> str:
    """Why a service that says something of `entry` (`NAME`, or `NAME=VALUE`: something else) cannot be the template's;
    '' where it does not."""
    name, equals, value = entry.partition("=")
    said = _said(service, name, variables)
    if said is None or (equals and said == value):
        return ""
    if name.startswith("/"):
        return f"what it mounts at {name} may set what the template sets"
    return f"its {name} says what the template would say"


def lacking(service: Map, entry: str, variables: Mapping[str, str]) -> str:
    """Why a service that does not say `entry` (`NAME` or `NAME=VALUE`) cannot be the template's; '' where it does."""
    name, equals, value = entry.partition("=")
    said = _said(service, name, variables)
    if said is not None and (not equals or said == value):
        return ""
    if name.isdecimal():
        return f"it does not publish port {name}, where the template asks whether it is ready"
    if name.startswith("-"):
        return f"its command does not say {name} {value}".rstrip()
    return f"it sets no {entry} of its own"


def plain(written: str, variables: Mapping[str, str] = MappingProxyType({})) -> str:
    """`written` with its variables replaced; as it is where one has to be set."""
    try:
        return interpolate(written, variables)
    except DevenvError:
        return written


def _said(service: Map, name: str, variables: Mapping[str, str]) -> str | None:
    """What is said of an argument (`--port`), a path (`/etc/x`: what is mounted there or above), a port, a variable or
    a key; None if nothing."""
    if name.startswith("-"):
        return dict(_arguments(service, variables)).get(name.lstrip("-"))
    if name.startswith("/"):
        targets = (plain(one, variables).rstrip("/") for one in _targets(service))
        return next((target for target in targets if f"{name}/".startswith(f"{target}/")), None)
    if name.isdecimal():
        ports = (_range(plain(one, variables)) for one in _ports(service))
        return next((name for one in ports if int(name) in one), None)
    environment = as_mapping(service.get("environment"))
    if name in environment:
        return plain(text(environment[name]), variables)
    return "" if name in service else None


def _arguments(service: Map, variables: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The arguments of a service's command that begin with `-`, without it, and what follows each."""
    command = service.get("command")
    line = " ".join(map(text, command)) if isinstance(command, list) else text(command)
    words = [word.strip("'\"") for word in plain(line, variables).split()]
    for word, following in pairwise([*words, ""]):
        if word.startswith("-"):
            name, equals, value = word.lstrip("-").partition("=")
            yield name, value if equals or following.startswith("-") else following


def _targets(service: Map) -> Iterator[str]:
    yield from (text(volume(item)) for item in _items(service, "volumes"))
    yield from (text(mounted_file("")(item)) for item in _items(service, "configs"))


def _ports(service: Map) -> Iterator[str]:
    """The ports, or ranges of ports, that a service publishes or exposes."""
    yield from (port(item)[2] for item in _items(service, "ports"))
    yield from (text(item).partition("/")[0] for item in _items(service, "expose"))


def _range(written: str) -> range:
    first, _, last = written.partition("-")
    return range(int(first), int(last or first) + 1) if first.isdecimal() and (last or first).isdecimal() else range(0)


def _items(service: Map, key: str) -> list[Any]:
    value = service.get(key)
    return value if isinstance(value, list) else []
