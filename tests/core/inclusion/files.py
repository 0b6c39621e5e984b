"""Included files in memory, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from posixpath import dirname, join, normpath

from devenv.core.inclusion.entries import Entry
from devenv.core.inclusion.expand import Expanded, expand
from devenv.core.inclusion.tree import Fetched
from devenv.core.manifest import manifest
from devenv.core.stack.resolve import resolve
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.stack import Stack
from devenv.model.template import Template


class Files:
    """Texts by path; a file of `git: NAME` is at `.devenv/includes/NAME/`. `variables` are those of a folder's .env."""

    def __init__(self, files: Mapping[str, str], variables: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.files = files
        self.variables = variables or {}
        self.read_files: list[str] = []

    def _paths(self, entry: Entry, base: Fetched) -> list[str]:
        if entry.git:
            return [f".devenv/includes/{entry.git}/{path}" for path in entry.paths or ("devenv.yaml",)]
        return [normpath(join(base.folder, path)) for path in entry.paths]

    def identity(self, entry: Entry, base: Fetched) -> str:
        return self._paths(entry, base)[0]

    def read(self, entry: Entry, base: Fetched) -> Fetched | None:
        paths = self._paths(entry, base)
        self.read_files += paths
        folder = dirname(paths[0])
        tree = f".devenv/includes/{entry.git}" if entry.git else base.tree
        texts = tuple((path, self.files[path]) for path in paths)
        found = {**self.variables.get(folder, {}), **base.variables}
        source = f"example.org/{entry.git}" if entry.git else base.source
        return Fetched(paths[0], texts, folder, tree, source, variables=found, variables_of=self.variables.get)


def expanded(files: Files, report: Report) -> Expanded | None:
    """The manifest `devenv.yaml` among the files, with its includes."""
    data = parse(files.files["devenv.yaml"], "devenv.yaml", report)
    top = Fetched("devenv.yaml", (("devenv.yaml", ""),), "")
    return expand(data, top, files, report, name="shop")


def stack_of(files: Files | Mapping[str, str], *templates: Template, report: Report | None = None) -> Stack:
    """The stack of `devenv.yaml`; fails with the problems that it has."""
    report = report or Report()
    found = _resolved(files if isinstance(files, Files) else Files(files), templates, report)
    assert found is not None and not report.errors, report.problems
    return found


def problems_of(files: Files | Mapping[str, str], *templates: Template) -> list[tuple[str, str, int, str]]:
    """What is wrong: code, file, line and message of each problem, sorted."""
    report = Report()
    _resolved(files if isinstance(files, Files) else Files(files), templates, report)
    return [(p.code, p.mark.file, p.mark.line, p.message) for p in report.sorted(report.problems) if p.mark]


def _resolved(files: Files, templates: tuple[Template, ...], report: Report) -> Stack | None:
    found = expanded(files, report)
    if found is None:
        return None
    loaded = manifest.load(found.data, "devenv.yaml", report, default_name="shop", included=found.facts)
    if loaded is None:
        return None
    by_name = {one.name: one for one in templates}
    return resolve(loaded, by_name, report, known=sorted(by_name))
