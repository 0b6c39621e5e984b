"""Addresses of a stack's services as people on this machine reach them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from devenv.core.interpolate import interpolate
from devenv.errors import DevenvError
from devenv.model.stack import Service


def urls_of(service: Service, variables: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, URL) of a service: what its `open` names comes first, as `open`; then every `url` among its outputs."""
    found: dict[str, str] = {}
    for name, text in (("open", service.open or ""), *service.host_outputs.items()):
        if name == "open" or name == "url" or name.endswith(".url"):
            url = _filled(text, variables)
            if "://" in url:
                found.setdefault(url, name.removesuffix(".url"))
    return [(name, url) for url, name in found.items()]


def address_of(service: Service, variables: Mapping[str, str]) -> str:
    """Host and port on this machine of the first port that is published; empty when none is."""
    for port in service.ports:
        if port.default is not None:
            number = port.default if port.fixed else variables.get(port.variable) or port.default
            return f"{port.host_ip}:{number}"
    return ""


def shown(services: Iterable[Service], variables: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    """(service, name, URL) to show when a stack is up: what opens in a browser, one per service and port."""
    return tuple(
        (service.name, name, url)
        for service in services
        for name, url in urls_of(service, variables)
        if name == "open" or url.startswith(("http://", "https://"))
    )


def _filled(text: str, variables: Mapping[str, str]) -> str:
    try:
        return interpolate(text, variables)
    except DevenvError:
        return ""
