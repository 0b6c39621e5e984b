"""Reads what `include:` names on this machine."""

from __future__ import annotations

import os
from posixpath import dirname, isabs, join, normpath, relpath

from devenv.core.compose.interpolate import interpolate
from devenv.core.inclusion.entries import Entry
from devenv.core.inclusion.tree import Fetched
from devenv.core.inclusion.variables import FromFile, over
from devenv.engine import dotenv
from devenv.engine.protocols import Project
from devenv.errors import DevenvError, Mark, Report

FILES = ("devenv.yaml", "devenv.yml", "compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""What is looked for where an entry names a folder."""


def values_of(text: str, file: str, lookup: dotenv.Lookup) -> dict[str, FromFile]:
    """The variables of a `.env` file's text, with their places; `lookup` as `dotenv.parse` takes it."""
    lines = dotenv.lines(text)
    found = dotenv.parse(text, lookup)
    return {name: FromFile.at(value, Mark(file, lines.get(name, 1), 1)) for name, value in found.items()}


class LocalFiles:
    """Included files of this machine."""

    def __init__(self, project: Project, report: Report) -> None:
        self._project = project
        self.report = report

    def identity(self, entry: Entry, base: Fetched) -> str | None:
        paths = self.paths(entry, base)
        return None if paths is None else self.real(paths[0])

    def read(self, entry: Entry, base: Fetched) -> Fetched | None:
        paths = self.paths(entry, base)
        if paths is None:
            return None
        try:
            texts = tuple((path, self._project.read(path)) for path in paths)
            folder = dirname(paths[0])
            if entry.project_directory:
                folder = self.at(base.folder, self.written(entry.project_directory))
            known = over(self.variables(entry, base, folder), base.variables)
        except DevenvError as error:
            self.tell(error, entry)
            return None
        return Fetched(self.real(paths[0]), texts, folder, variables=known)

    def paths(self, entry: Entry, base: Fetched) -> list[str] | None:
        """The files of an entry, relative to the stack's folder; None when one is not there."""
        try:
            found = [self._file(self.at(base.folder, self.written(path))) for path in entry.paths]
        except DevenvError as error:
            self.tell(error, entry)
            return None
        return found

    def variables(self, entry: Entry, base: Fetched, folder: str) -> dict[str, FromFile]:
        """What the files of variables of an entry say, the `.env` of its folder when it names none. Those of the
        stack's own folder are read anyway. Raises DevenvError."""
        if entry.env_file is not None:
            files = [self.at(base.folder, self.written(path)) for path in entry.env_file]
        else:
            beside = join(folder, ".env")
            files = [beside] if normpath(folder or ".") != "." and self._project.exists(beside, "file") else []
        environment = self._project.environment() | dict(base.variables) if files else {}
        found: dict[str, FromFile] = {}
        for file in files:
            found = over(found, values_of(self._project.read(file), file, environment.get))
        return found

    def written(self, path: str) -> str:
        """A path with Compose's variables in it replaced. Raises DevenvError."""
        return interpolate(path, self._project.environment()) if "$" in path else path

    def at(self, folder: str, path: str) -> str:
        """A path relative to `folder`, as one relative to the stack's folder."""
        expanded = os.path.expanduser(path)  # noqa: PTH111 — text in, text out
        if not isabs(expanded):
            return normpath(join(folder, path))
        root = str(self._project.root)
        inside = normpath(expanded) == root or normpath(expanded).startswith(f"{root}/")
        return relpath(normpath(expanded), root) if inside else normpath(expanded)

    def real(self, path: str) -> str:
        """A file, however it is named."""
        return os.path.realpath(self._project.root / path)

    def tell(self, error: DevenvError, entry: Entry) -> None:
        """Says at the entry what kept its file from being read."""
        for problem in error.problems:
            self.report.add(problem.code, problem.message, entry.place("path"), path=entry.path, hint=problem.hint)

    def _file(self, path: str) -> str:
        if self._project.exists(path, "file"):
            return path
        if self._project.exists(path, "directory"):
            for name in FILES:
                if self._project.exists(join(path, name), "file"):
                    return normpath(join(path, name))
            message = f"the folder {path} has no manifest and no Compose file"
            hint = f"looked for {', '.join(FILES)}; a submodule's folder is empty before `git submodule update --init`"
            raise DevenvError.of("DE340", message, hint=hint)
        raise DevenvError.of("DE340", f"there is no file or folder {path}", hint="paths are relative to the file")
