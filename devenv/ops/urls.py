"""Addresses of a stack's services as people on this machine reach them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

from devenv.core.compose.interpolate import interpolate
from devenv.errors import DevenvError
from devenv.model.stack import Service

_CREDENTIALS = re.compile(r"(?<=://)[^/?#]*@")
_OF_ADDRESSES = ":/?#[]@!&*+,=%~"
"""What may stand in a web address besides letters, digits and `-._`, and means nothing within quotes to a shell."""


def urls_of(service: Service, variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, URL) of a service: what its `open` names comes first, as `open`; then every `url` among its outputs.

    Without user names and passwords, which are for the services' environment and not for screens; and without the
    plain `tcp://` of a port whose protocol another URL names.
    """
    found: dict[str, str] = {}
    for name, text in (("open", service.open or ""), *service.host_outputs.items()):
        if name == "open" or name == "url" or name.endswith(".url"):
            url = _CREDENTIALS.sub("", _filled(text, variables))
            if "://" in url:
                found.setdefault(url, name.removesuffix(".url"))
    named = {urlsplit(url).netloc for url in found if not url.startswith("tcp://")}
    return [(name, url) for url, name in found.items() if not (url.startswith("tcp://") and url[6:] in named)]


def address_of(service: Service, variables: Mapping[str, str]) -> str:
    """Host and port on this machine of the first port that is published; empty when none is."""
    for port in service.ports:
        if port.default is not None:
            number = port.default if port.fixed else variables.get(port.variable) or port.default
            return f"{port.host_ip}:{number}"
    return ""


def everywhere(services: Iterable[Service], variables: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """(service, name, URL) of all that can be reached from this machine: what to show when a stack is up."""
    return tuple((service.name, name, url) for service in services for name, url in urls_of(service, variables))


def browsable(services: Iterable[Service], variables: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """(service, name, URL) of what opens in a browser."""
    found = everywhere(services, variables)
    return tuple(row for row in found if row[1] == "open" or is_web(row[2]))


def is_web(url: str) -> bool:
    """Whether a browser shows it. Another scheme might start any program of the machine, and `open` may come from
    somebody else's template."""
    return url.startswith(("http://", "https://"))


def for_a_program(url: str) -> str:
    """A web address as it may be handed to a program of the machine: quotes, `$`, spaces and the like as `%24`. Openers
    are often scripts that hand it on to a shell, that of another system included."""
    return quote(url, safe=_OF_ADDRESSES)


def _filled(text: str, variables: Mapping[str, str]) -> str:
    try:
        return interpolate(text, variables)
    except DevenvError:
        return ""
