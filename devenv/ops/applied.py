"""What the last `up` did on this machine, in `.devenv/state.json`, and the digests by which a change is seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from devenv.core.interpolate import variables_of
from devenv.engine.protocols import Project
from devenv.errors import DevenvError
from devenv.model.stack import Service, Stack


@dataclass(frozen=True, slots=True)
class Applied:
    """`services` are those that were to be up, `digests` the values each one's container was created with."""

    project: str = ""
    services: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)


def read(project: Project) -> Applied:
    """What `.devenv/state.json` says; empty when it is missing or damaged."""
    state = project.state()
    name, services, digests = state.get("project"), state.get("services"), state.get("applied")
    return Applied(
        name if isinstance(name, str) else "",
        tuple(s for s in services if isinstance(s, str)) if isinstance(services, list) else (),
        {k: v for k, v in digests.items() if isinstance(v, str)} if isinstance(digests, dict) else {},
    )


def write(project: Project, applied: Applied) -> None:
    """Saves it; a file that says the same already is left alone."""
    state: dict[str, object] = dict(project.state())
    state |= {"project": applied.project, "services": sorted(applied.services), "applied": dict(applied.digests)}
    project.save_state(state)


def forget(project: Project) -> None:
    """After `down`: nothing is wanted and nothing is applied; the name stays, for a later `down --volumes`."""
    if (applied := read(project)).project:
        write(project, Applied(applied.project))


def digests(project: Project, stack: Stack, names: Iterable[str]) -> dict[str, str]:
    """For each service a digest of the values that its definition refers to: variables, and files of variables.

    Compose puts these into the container when it creates it, so that a new value needs a new container.
    """
    variables = project.environment()
    found = {}
    for name in names:
        service = stack.services[name]
        texts = list(_texts([service.compose, _configs(stack, service)]))
        values = {v: variables.get(v) for text in texts if "$" in text for v in variables_of(text)}
        files = {path: _content(project, path) for path in _env_files(service)}
        said = json.dumps([sorted(values.items()), sorted(files.items())])
        found[name] = hashlib.sha256(said.encode()).hexdigest()[:16]
    return found


def _configs(stack: Stack, service: Service) -> list[Any]:
    """The top-level configs that the service mounts: their content may hold variables."""
    top = stack.top.get("configs") or {}
    used = service.compose.get("configs") or []
    names = [use.get("source") if isinstance(use, dict) else use for use in used]
    return [top[name] for name in names if isinstance(name, str) and name in top]


def _env_files(service: Service) -> list[str]:
    entries = service.compose.get("env_file") or []
    listed = entries if isinstance(entries, list) else [entries]
    return [str(entry.get("path", "") if isinstance(entry, dict) else entry) for entry in listed]


def _content(project: Project, path: str) -> str | None:
    try:
        return project.read(path) if project.exists(path, "file") else None
    except DevenvError:
        return None


def _texts(data: Any) -> Iterator[str]:
    """Every text in nested data, in order."""
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
