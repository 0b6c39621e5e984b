"""Files that a service's containers see by mounting: another content needs another container.

A container that mounts a single file keeps seeing the old one once an editor has put a new file in its place. Folders
are live, so what changes in them is never a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from posixpath import normpath
from typing import Any, Literal

from devenv.core.compose.interpolate import interpolate
from devenv.core.compose.paths import is_relative
from devenv.core.stack import resources
from devenv.engine.protocols import Project
from devenv.errors import DevenvError, Report
from devenv.model.data import mark_of, text
from devenv.model.plan import Leaf
from devenv.model.stack import Service, Stack

_KINDS: tuple[Literal["file", "directory"], ...] = ("file", "directory")
_MADE = "is not there, so the engine makes an empty folder of it, which is root's"
_FORBID = "make the file or folder before, mend the path, or forbid it with the long form's `create_host_path: false`"
_EITHER = "is not there: some releases of Compose make an empty folder of it, which is root's, others refuse it"
_CHOOSE = "make the file or folder before, mend the path, or say under `bind` which it is to be: `create_host_path`"


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


def missing(project: Project, stack: Stack, wanted: Iterable[str], report: Report) -> None:
    """Warns of bind mounts of `wanted` whose source is not there: the engine makes an empty folder of it, even where a
    file was meant. With the long form, only newer releases of Compose let it.

    Of absolute paths, which are the engine's machine's, and of what a job or another service that runs before may
    make in a folder that it mounts, nothing is known.
    """
    variables = project.environment()
    bound = {name: [*_bound(stack, name, variables)] for name in stack.services}
    told = {required.path for required in stack.requires}
    for name in wanted:
        for i, at, made in bound[name]:
            if at in told or any(project.exists(at, kind) for kind in _KINDS):
                continue
            others = (other for other in stack.closure([name]) if other != name)
            if any(_inside(at, folder) for other in others for _, folder, _ in bound[other]):
                continue
            told.add(at)
            mark = mark_of(stack.services[name].compose["volumes"], i)
            words, hint = (_MADE, _FORBID) if made else (_EITHER, _CHOOSE)
            report.add("DE309", f"'{at}' {words}", mark, path=f"services.{name}.volumes", hint=hint, warning=True)


def _bound(stack: Stack, name: str, variables: Mapping[str, str]) -> Iterator[tuple[int, str, bool]]:
    """Paths of this machine that a service mounts and that it is not to be refused for when they are not there, each
    with the number of its entry, and whether every release of Compose lets the engine make them."""
    for i, entry in enumerate(_listed(stack.services[name].compose.get("volumes"))):
        bind = entry.get("bind") if isinstance(entry, dict) else None
        try:
            at = interpolate(_source(entry), variables)
        except DevenvError:
            continue  # the definition demands the same variable, and says so
        short = not isinstance(entry, dict)
        create = bind.get("create_host_path") if isinstance(bind, dict) else None
        if create is not False and (at.startswith((".", "~")) or (is_relative(at) and not short)):
            yield i, normpath(at), short or create is True


def _inside(path: str, folder: str) -> bool:
    """Whether a path lies in a folder, both relative to the same one."""
    return path != folder and (path.startswith(f"{folder}/") or (folder == "." and not path.startswith(("..", "~"))))


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
