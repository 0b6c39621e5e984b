"""What is about to happen and may not be what was meant: told before it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from devenv.core.compose import mountpoints
from devenv.core.compose.interpolate import interpolate
from devenv.core.stack.bindings import reached_by
from devenv.engine.protocols import Project
from devenv.errors import DevenvError, Report
from devenv.events import Note, Sink
from devenv.model.data import mark_of, text
from devenv.ops.bringup import mounted
from devenv.ops.catalogs import local_name
from devenv.ops.load import Loaded

_HINT = "`ports: !override […]` for the service in devenv.local.yaml takes others"


def look(project: Project, loaded: Loaded, wanted: Iterable[str], report: Report) -> None:
    """Warns of bind mounts whose source is not there, and of ports that a file from another repository opens to more
    than this machine, among the services `wanted`."""
    names = list(wanted)
    mounted.missing(project, loaded.stack, names, report)
    variables, local = project.environment(), local_name(project.manifest)
    for name in names:
        spec = loaded.manifest.services.get(name)
        if spec is None or spec.included is None or spec.included.tree is None:
            continue
        ports = None if loaded.stack.services[name].ports else loaded.stack.services[name].compose.get("ports")
        for i, entry in enumerate(ports if isinstance(ports, list) else ()):
            at, who = mark_of(ports, i), reached_by(_address(entry, variables))
            if who and (at is None or at.file != local):
                message = f"a file from another repository lets {who} reach this port"
                report.add("DE347", message, at, path=f"services.{name}.ports[{i}]", hint=_HINT, warning=True)


def warn(project: Project, loaded: Loaded, wanted: Iterable[str], sink: Sink) -> None:
    """The same as notes."""
    report = Report()
    look(project, loaded, wanted, report)
    for one in report.problems:
        place = f"{one.mark.file}:{one.mark.line}:{one.mark.column}: " if one.mark else ""
        sink(Note(text=f"{place}{one.path}: {one.message}; {one.hint}", level="warning"))


def _address(entry: Any, variables: Mapping[str, str]) -> str:
    """Where an item of Compose's list is bound, with the variables as they are now."""
    try:
        if isinstance(entry, dict):
            return mountpoints.port({key: interpolate(text(value), variables) for key, value in entry.items()})[0]
        return mountpoints.port(interpolate(text(entry), variables))[0]
    except DevenvError:
        return ""  # the definition demands the same variable, and says so
