"""A project that remembers what was looked at in it, so that a later run can tell whether all of it is as it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, cast

from devenv.engine.protocols import Project
from devenv.records import field, mutable

OWN = ".devenv/"
"""What devenv writes itself is no evidence of anybody's change."""


@mutable
class Seen:
    """`files` are signatures of what was read, `there` whether something was there (`file a`, `directory b`),
    `digests` stand for the contents of patterns."""

    files: dict[str, str] = field(default_factory=dict)
    there: dict[str, bool] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def same(self, project: Project) -> bool:
        """Whether everything is still so."""
        return (
            all(project.signature(path) == said for path, said in self.files.items())
            and all(project.exists(*_question(asked)) is said for asked, said in self.there.items())
            and all(project.digest(pattern) == said for pattern, said in self.digests.items())
        )

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Seen:
        """From what `written` gave. Raises KeyError and TypeError for anything else."""
        return cls(dict(data["files"]), dict(data["there"]), dict(data["digests"]))

    def written(self) -> dict[str, object]:
        return {"files": self.files, "there": self.there, "digests": self.digests}


class Witness:
    """Passes everything on to a project; `seen` grows with each look. What is looked at twice counts as it was first:
    a change in between is noticed by the next run."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.seen = Seen()
        self.watch([".env"])

    @property
    def as_project(self) -> Project:
        return cast(Project, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._project, name)

    def watch(self, paths: Collection[str]) -> None:
        """Counts these files as looked at."""
        for path in paths:
            self.seen.files.setdefault(path, self._project.signature(path))

    def read(self, path: str, **options: Any) -> str:
        if not path.startswith(OWN):
            self.watch([path])
        return self._project.read(path, **options)

    def exists(self, path: str, kind: Literal["file", "directory"]) -> bool:
        found = self._project.exists(path, kind)
        if not path.startswith(OWN):
            self.seen.there.setdefault(f"{kind} {path}", found)
        return found

    def signature(self, path: str) -> str:
        if path.startswith(OWN):
            return self._project.signature(path)
        self.watch([path])
        return self.seen.files[path]

    def digest(self, pattern: str) -> str:
        if self._project.signature(pattern) in ("", "folder"):
            found = self._project.digest(pattern)
            self.seen.digests.setdefault(pattern, found)
            return found
        self.watch([pattern])  # one file: its time tells
        return self._project.digest(pattern)


def _question(asked: str) -> tuple[str, Literal["file", "directory"]]:
    kind, _, path = asked.partition(" ")
    return path, "directory" if kind == "directory" else "file"
