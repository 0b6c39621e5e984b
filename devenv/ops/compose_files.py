"""Finds and reads the Compose files that a project consists of, those that they include among them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from os import pathsep
from posixpath import dirname, join, normpath
from typing import Any

from devenv.core.compose.reading import documents
from devenv.core.importing.layers import ComposeFile
from devenv.core.inclusion.variables import FromFile
from devenv.core.starter.survey import COMPOSE_FILES
from devenv.core.yaml.source import parse
from devenv.engine.protocols import Project
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import Map, mark_of, text
from devenv.ops.including.local import values_of
from devenv.records import frozen, replace

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/|oci:")
_OVERRIDE = re.compile(r"\.(ya?ml)$")
_DEEPEST = 20


@frozen
class Environment:
    """The variables of the files of variables that Compose reads (`env_files`, else the `.env` beside the first Compose
    file), and of the `.env` beside the manifest, which is often the same. `project` are those that every file sees."""

    values: Mapping[str, FromFile]
    own: Mapping[str, str]
    project: Set[str]

    def private(self) -> dict[str, FromFile]:
        """Those that the manifest does not see."""
        return {name: value for name, value in self.values.items() if self.own.get(name) != value}

    def taken(self) -> set[str]:
        """Those that the manifest's `.env` says something else of."""
        return {name for name, value in self.own.items() if self.values.get(name) != value}


def environment_of(project: Project, folder: str, env_files: Sequence[str]) -> Environment:
    """What Compose sees in files that stand in `folder`. Raises DevenvError when one of `env_files` is not there."""
    values: dict[str, FromFile] = {} if env_files else dotenv(project, join(folder, ".env"))
    for path in env_files:
        values |= values_of(project.read(path), normpath(path), values.get)
    return Environment(values, dotenv(project), values.keys())


def found(project: Project, settings: Mapping[str, str], folder: str = ".") -> list[str]:
    """The files that Compose would take in a folder: those that `COMPOSE_FILE` in `settings` names, or `compose.yaml`
    or one of its other names, and its override; none when there are none."""
    if named := settings.get("COMPOSE_FILE"):
        separator = settings.get("COMPOSE_PATH_SEPARATOR") or pathsep
        return [normpath(join(folder, name)) for name in named.split(separator) if name]
    for name in COMPOSE_FILES:
        if project.exists(join(folder, name), "file"):
            stem = _OVERRIDE.sub("", name)
            overrides = [join(folder, f"{stem}.override.{suffix}") for suffix in ("yml", "yaml")]
            return [normpath(join(folder, name)), *(normpath(o) for o in overrides if project.exists(o, "file"))][:2]
    return []


def dotenv(project: Project, path: str = ".env", above: Mapping[str, str] | None = None) -> dict[str, FromFile]:
    """The variables of such a file, `above` those that it can refer to; none when it is not there."""
    there = project.exists(path, "file")
    return values_of(project.read(path), normpath(path), (above or {}).get) if there else {}


def read_files(project: Project, names: Sequence[str], environment: Environment, report: Report) -> list[ComposeFile]:
    """The files, relative to the manifest's folder, with what they include. As in Compose, relative paths in all of
    them count from the folder of the first."""
    folder = dirname(names[0]) or "."
    return [one for name in names for one in _read(project, name, folder, environment, report, ())]


def _read(
    project: Project, name: str, folder: str, environment: Environment, report: Report, above: tuple[str, ...]
) -> list[ComposeFile]:
    """A file's documents."""
    read = documents(project.read(name))
    return [_document(project, one, name, folder, environment, report, above) for one in read]


def _document(
    project: Project,
    written: str,
    name: str,
    folder: str,
    environment: Environment,
    report: Report,
    above: tuple[str, ...],
) -> ComposeFile:
    data = parse(written, name, Report())
    entries = data.get("include") if isinstance(data, Map) else None
    included = []
    for i, entry in enumerate(entries if isinstance(entries, list) else ()):
        mark = mark_of(entries, i) or Mark(name, 1, 1)
        files = _included(project, entry, folder, environment, report, (*above, name), mark)
        if files:
            included.append(tuple(files))
    private = environment.private()
    return ComposeFile(
        name, written, folder, tuple(included), private, environment.taken(), private.keys() & environment.project
    )


def _included(
    project: Project,
    entry: Any,
    folder: str,
    environment: Environment,
    report: Report,
    above: tuple[str, ...],
    mark: Mark,
) -> list[ComposeFile]:
    """The files of one entry of `include`, which Compose merges; each sees the variables of its own `.env`, too."""
    paths = list(_texts(entry.get("path") if isinstance(entry, dict) else entry))
    given = entry if isinstance(entry, dict) else {}
    problem = next(filter(None, (_not_included(path) for path in [*paths, text(given.get("project_directory"))])), None)
    if problem is not None:
        report.add("DE371", problem, mark, path="include", hint="name a file of this repository")
        return []
    names = [normpath(join(folder, path)) for path in paths]
    if not names or len(above) > _DEEPEST or set(names) & set(above):
        report.add("DE371", "the files include each other", mark, path="include")
        return []
    own = given.get("project_directory")
    home = normpath(join(folder, text(own))) if own else dirname(names[0]) or "."
    env_files = [join(folder, path) for path in _texts(given.get("env_file"))] or [join(home, ".env")]
    own_values: dict[str, FromFile] = {}
    for path in env_files:
        own_values |= dotenv(project, path, {**own_values, **environment.values})
    inner = replace(environment, values={**own_values, **environment.values})
    result = []
    for name in names:
        try:
            result += _read(project, name, home, inner, report, above)
        except DevenvError as error:
            report.add(error.problems[0].code, error.problems[0].message, mark, path="include")
            return []
    return result


def _not_included(path: str) -> str | None:
    if _REMOTE.match(path):
        return f"'{path}' is not a file of this repository"
    return f"'{path}' depends on a variable" if "$" in path else None


def _texts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if one is not None and not isinstance(one, dict):
            yield text(one)
