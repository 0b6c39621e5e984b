"""Files that a service's containers see by mounting: another content needs another container.

A container that mounts a single file keeps seeing the old one once an editor has put a new file in its place. Folders
are live, so what changes in them is never a reason.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from devenv.core.compose.interpolate import interpolate
from devenv.core.stack import resources
from devenv.engine.protocols import Project
from devenv.errors import DevenvError
from devenv.model.data import text
from devenv.model.plan import Leaf
from devenv.model.stack import Service, Stack


def leaves(project: Project, stack: Stack, service: Service, variables: Mapping[str, str]) -> dict[str, Leaf]:
    """A value for each single file that the service mounts, or that its configs and secrets are made of."""
    found = files(project, stack, service, variables)
    return {f"file {path}": Leaf(content(project, at), "long") for path, at in found.items()}


def files(project: Project, stack: Stack, service: Service, variables: Mapping[str, str]) -> dict[str, str]:
    """These files: as they are written → where they are."""
    found = {}
    for path in dict.fromkeys(_paths(stack, service)):
        try:
            at = interpolate(path, variables)
        except DevenvError:
            continue  # the definition demands the same variable, and says so
        if at and project.exists(at, "file"):
            found[path] = at
    return found


def content(project: Project, path: str) -> str:
    """Stands for a file's content; of one that cannot be read here, or is very large, for its time and size. Sockets
    and devices never change."""
    try:
        return project.digest(path)
    except DevenvError:
        return project.signature(path)


def _paths(stack: Stack, service: Service) -> Iterator[str]:
    for entry in _listed(service.compose.get("volumes")):
        source = _source(entry)
        if source.startswith((".", "/", "~", "$")):
            yield source
    for kind in ("configs", "secrets"):
        declared = stack.top.get(kind)
        entries = declared if isinstance(declared, dict) else {}
        for name, _ in resources.used(service.compose, kind):
            entry = entries.get(name)
            if isinstance(entry, dict) and entry.get("file"):
                yield text(entry["file"])


def _source(entry: Any) -> str:
    """The host's side of a volume entry; '' when it has none."""
    if isinstance(entry, dict):
        return text(entry.get("source") or "") if entry.get("type") == "bind" else ""
    written, depth = text(entry), 0
    for at, char in enumerate(written):  # a colon in `${DATA:-./data}` divides nothing
        depth += (char == "{") - (char == "}")
        if char == ":" and depth == 0:
            return written[:at]
    return ""


def _listed(entries: Any) -> list[Any]:
    return entries if isinstance(entries, list) else []
