"""`ready` and `open`: which port they mean, the health check, and the URL to show."""

from __future__ import annotations

from devenv.core.stack import probes
from devenv.core.stack.connections import ready_port
from devenv.core.stack.draft import Draft
from devenv.core.suggest import suggest
from devenv.errors import Report
from devenv.model.data import mark_of


def add_healthcheck(draft: Draft, report: Report) -> None:
    """Turns the service's `ready` into a Compose health check."""
    ready = draft.spec.ready
    if ready is None:
        return
    port, secure = None, False
    if ready.run is None:
        named = ready.tcp if ready.tcp is not None else ready_port(draft)
        port = _number(draft, named)
        secure = named == "https"
        if port is None:
            _report_port(draft, "ready", named, report)
    draft.compose["healthcheck"] = probes.healthcheck(ready, port, secure=secure)


def check_open(draft: Draft, report: Report) -> None:
    """Tells of an `open` that names no published port."""
    name = draft.spec.open
    if name is None or "://" in name or "${" in name:
        return
    if draft.written.open is None and draft.spec.ports is None:
        return  # a template's, whose published ports Compose's list has replaced
    if not any(port.name == name and port.default is not None for port in draft.ports):
        _report_port(draft, "open", name, report)


def _number(draft: Draft, name: str | None) -> int | None:
    """The port in the container, which a template's name stands for also where a list says what is published."""
    for port in draft.ports:
        if port.name == name:
            return port.container
    if draft.instance is not None and name in draft.instance.ports:
        return draft.instance.ports[name]
    return int(name) if name is not None and name.isdigit() and 0 < int(name) < 65536 else None


def _report_port(draft: Draft, key: str, name: str | None, report: Report) -> None:
    names = [port.name for port in draft.ports]
    mark = mark_of(draft.spec.source, key)
    if name is None:
        message, hint = f"'{key}' needs a port, and the service has none by name", "write `ports: {http: 8000}`"
        report.add("DE216", message, mark, path=f"{draft.path}.{key}", hint=hint)
        return
    hint = suggest(name, names) or (f"it has {', '.join(names)}" if names else "write `ports: {http: 8000}`")
    report.add("DE216", f"the service has no port '{name}'", mark, path=f"{draft.path}.{key}", hint=hint)
