"""What a stack mounts, builds and reads from trees of other repositories: nothing that a container could make a link.

The engine follows links in the source of a mount, on this machine, and Compose those of a `label_file`. A container
that may write to a folder can put one there, so that what lies below such a folder is not mounted, built or read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from posixpath import normpath
from typing import Any
from unicodedata import normalize

from devenv.core.compose.mountpoints import split_colons
from devenv.core.inclusion.confine import contexts_of
from devenv.core.inclusion.parts import place
from devenv.core.stack.resources import used
from devenv.errors import Mark, Report
from devenv.model.data import mark_of, text
from devenv.model.stack import Service, Stack
from devenv.records import frozen


@frozen
class Reached:
    """A path in the copy of a `tree`, both relative to the manifest's folder, which the engine is given at `mark`."""

    path: str
    tree: str
    writable: bool
    mark: Mark | None
    key: str

    @property
    def inside(self) -> str:
        """The path as the repository has it."""
        return "." + self.path.removeprefix(self.tree)


def reached(stack: Stack, trees: Collection[str]) -> list[Reached]:
    """All paths of `trees` that the engine mounts or builds from, or Compose reads."""
    found = []
    for service in stack.services.values():
        for written, writable, mark, key in _paths(service, stack):
            path = normpath(written)
            for tree in trees:
                if path == tree or path.startswith(f"{tree}/"):
                    found.append(Reached(path, tree, writable, mark, f"services.{service.name}.{key}"))
    return found


def check_nested(paths: Iterable[Reached], report: Report) -> None:
    """Reports as DE343 whatever lies below a folder that a container may write to."""
    all_paths = list(paths)
    folders = {_alike(one.path): one for one in all_paths if one.writable}
    told = set[tuple[str, Mark | None]]()
    for one in all_paths:
        parts = _alike(one.path).split("/")
        above = (folders.get("/".join(parts[:end])) for end in range(1, len(parts)))
        outer = next((folder for folder in above if folder is not None), None)
        if outer is None or (one.path, one.mark) in told:
            continue
        told.add((one.path, one.mark))
        message = (
            f"'{one.inside}' lies in '{outer.inside}', which a container may write to ({place(outer.mark)}): "
            "it could put a link to this machine there"
        )
        report.add("DE343", message, one.mark, path=one.key, hint=f"mount '{outer.inside}' with ':ro'")


def _alike(path: str) -> str:
    """The same for paths that some system takes for one."""
    return normalize("NFC", path).casefold()


def _paths(service: Service, stack: Stack) -> Iterator[tuple[str, bool, Mark | None, str]]:
    compose = service.compose
    volumes = compose.get("volumes")
    for i, entry in enumerate(volumes if isinstance(volumes, list) else ()):
        mark = mark_of(volumes, i)
        if isinstance(entry, dict):
            yield text(entry.get("source")), not entry.get("read_only"), mark_of(entry, "source") or mark, "volumes"
        else:
            source, _, *options = [*split_colons(text(entry)), ""]
            yield source, "ro" not in ",".join(options).split(","), mark, "volumes"
    labels = compose.get("label_file")
    for i, entry in enumerate(labels if isinstance(labels, list) else [labels] if labels is not None else ()):
        at = labels if isinstance(labels, list) else compose
        yield text(entry), False, mark_of(at, i if at is labels else "label_file"), "label_file"
    build: Any = compose.get("build")
    if isinstance(build, dict):
        yield text(build.get("context")) or ".", False, mark_of(build, "context"), "build"
        for written, mark in contexts_of(build):
            yield written, False, mark, "build"
    elif build is not None:
        yield text(build), False, mark_of(compose, "build"), "build"
    for kind in ("configs", "secrets"):
        entries = stack.top.get(kind)
        for name, mark in used(compose, kind):
            entry = entries.get(name) if isinstance(entries, dict) else None
            if isinstance(entry, dict) and "file" in entry:
                yield text(entry["file"]), False, mark_of(entry, "file") or mark, kind
