"""The manifest's text before and after an edit: checked as `validate` would, then written, or not at all."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Sequence
from typing import Any, Literal, cast

from devenv.core.edit.hiding import without_secrets
from devenv.core.manifest.node import quoted
from devenv.core.suggest import suggest
from devenv.engine.protocols import Project
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.model.lock import LOCK_FILE
from devenv.ops.load import load_stack
from devenv.ops.validate import validate
from devenv.records import frozen, replace


@frozen
class Edited:
    """What an edit did to `file`: `says` in words, `line` the first one that changed, `warnings` of the new text."""

    file: str
    before: str
    after: str
    written: bool
    says: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()

    @property
    def changed(self) -> bool:
        return self.before != self.after

    @property
    def line(self) -> int | None:
        """The first line that is another one, 1-based."""
        old, new = self.before.split("\n"), self.after.split("\n")
        same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
        return same + 1 if self.changed else None

    def diff(self) -> str:
        """A unified diff, with stars for secrets; empty when nothing changes."""
        texts = (self.before, self.after) if self.changed else ()
        pairs = [pair for text in texts for pair in zip(text.splitlines(), without_secrets(text), strict=True)]
        shown = {line: said for line, said in pairs if line != said}
        old, new = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        found = []
        for line in difflib.unified_diff(old, new, self.file, self.file, n=2):
            text = "".join(line[1:].splitlines())
            found.append(line[:1] + shown.get(text, text) + (line[1 + len(text) :] or "\n"))
        return "".join(found)


def edit(world: World, change: Callable[[str], str], *, dry: bool = False, says: tuple[str, ...] = ()) -> Edited:
    """Makes `change` to the manifest's text, and writes it unless `dry`.

    Raises DevenvError with every problem that the new text has, each at the place that it would have, and DE743 after
    them; nothing is written then, nor is the lock, in which what the new text names is pinned otherwise.
    """
    project = world.project
    before = project.read(project.manifest, exact=True)
    after = change(before)
    if after == before:
        return Edited(project.manifest, before, after, False, says)
    overlaid = _Overlaid(project, after)
    found = validate(replace(world, project=cast(Project, overlaid)))
    if not found.ok:
        raise DevenvError(*found.problems, _refusal(world, before, after, found.problems))
    if not dry and overlaid.lock is not None:
        project.write(LOCK_FILE, overlaid.lock)
    written = not dry and project.write(project.manifest, after)
    return Edited(project.manifest, before, after, written, says, tuple(p for p in found.problems if p.warning))


def no_service(world: World, services: Collection[str], name: str, otherwise: str) -> DevenvError:
    """That the manifest's own `services` lack one: where it stands instead, which one may be meant, or `otherwise`."""
    file, hint = world.project.manifest, None
    unchanged = _Overlaid(world.project, world.project.read(file, exact=True))  # which keeps new pins from the lock
    try:
        loaded = load_stack(replace(world, project=cast(Project, unchanged)), Report(), paths=False)
        spec = loaded.manifest.services.get(name)
    except DevenvError:
        spec = None
    if spec is not None and spec.included is not None:
        hint = f"it comes from {spec.included.file}: change it there, or for yourself alone in devenv.local.yaml"
    hint = hint or suggest(name, services) or otherwise
    return DevenvError.of("DE720", f"{file} has no service {quoted(name)}", hint=hint)


def _refusal(world: World, before: str, after: str, problems: Sequence[Problem]) -> Problem:
    file = world.project.manifest
    if not validate(world, Report()).ok:
        message = f"{file} is left as it was; it is not valid before the edit either"
        return Problem("DE743", message, hint="mend what `devenv validate` shows first", outcome=True)
    lines, old = after.splitlines(), set(before.splitlines())
    marks = (problem.mark for problem in problems if not problem.warning)
    elsewhere = any(mark is not None and mark.file == file and lines[mark.line - 1] in old for mark in marks)
    message = f"{file} is left as it was: with this edit it would not be valid"
    hint = "make both changes by hand where one is right only with the other" if elsewhere else None
    return Problem("DE743", message, hint=hint, outcome=True)


class _Overlaid:
    """A project whose manifest has another text; everything else is the project's own. The lock that comes of it is
    kept in `lock`."""

    def __init__(self, project: Project, text: str) -> None:
        self._project = project
        self._text = text
        self.lock: str | None = None

    def read(self, path: str, **options: Any) -> str:
        """As the project's own, but for the manifest, and the lock once that is another one."""
        if path == LOCK_FILE and self.lock is not None:
            return self.lock
        return self._text if path == self._project.manifest else self._project.read(path, **options)

    def exists(self, path: str, kind: Literal["file", "directory"]) -> bool:
        return (path == LOCK_FILE and self.lock is not None) or self._project.exists(path, kind)

    def write(self, path: str, text: str, **options: Any) -> bool:
        if path != LOCK_FILE:
            return self._project.write(path, text, **options)
        self.lock = text
        return True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._project, name)
