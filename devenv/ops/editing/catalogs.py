"""`devenv catalog add`: a catalog comes into the manifest, and a remote one into the lock."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from devenv.core.edit import APPEND, put
from devenv.core.yaml.emit import dump
from devenv.core.yaml.source import parse
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.model.data import Map, mark_of
from devenv.model.git_address import is_path
from devenv.ops.editing.manifest import Edited, edit
from devenv.ops.sources import first_use
from devenv.records import replace


def add_catalog(world: World, where: str, ref: str, folder: str, *, at: Path) -> Edited:
    """A catalog at the end of the manifest's list: the Git repository `where` (at `ref`, in it the folder `folder`), or
    the folder `where`, which is relative to `at`.

    A repository is used and pinned, for naming it is agreeing to it; others in the manifest are asked for. Raises what
    `edit` raises: DE211 for one that is there already, at whatever ref.
    """
    local = is_path(where)
    if local and not where.startswith(("/", "~")):
        where = Path(os.path.relpath(at.resolve() / where, world.project.root.resolve())).as_posix()
        where = where if where.startswith(".") else f"./{where}"
    entry: dict[str, str] = {"path": where}
    if ref or folder or not local or where.endswith(".git"):
        entry = {"git": where, **({"ref": ref} if ref else {}), **({"path": folder} if folder else {})}
    file = world.project.manifest

    def change(written: str) -> str:
        _refuse_another_ref(parse(written, file, Report()), entry)
        return with_catalogs(written, [entry], file) or put(written, ("catalogs", APPEND), entry, file=file)

    named = replace(world, agree=lambda question: question == first_use(where) or world.agree(question))
    return edit(named, change, says=(f"catalog {where} is added",))


def _refuse_another_ref(written: Any, entry: dict[str, str]) -> None:
    """A second ref of a folder of a repository would bring nothing: the first one counts. Raises DevenvError DE211."""
    named = written.get("catalogs") if isinstance(written, Map) else None
    for i, one in enumerate(named if isinstance(named, list) else ()):
        same = isinstance(one, Map) and all(one.get(key) == entry.get(key) for key in ("git", "path"))
        if same and one.get("ref") != entry.get("ref"):
            at, place = one.get("ref") or "its default branch", f"catalogs[{i}].ref"
            hint = f"`devenv set '{place}' {entry['ref']}`" if "ref" in entry else f"`devenv set '{place}' --unset`"
            message = f"{entry['git']} is a catalog of this stack already, at {at}"
            raise DevenvError(Problem("DE211", message, one.mark, f"catalogs[{i}]", hint=f"{hint} moves it"))


def with_catalogs(written: str, entries: Sequence[Any], file: str) -> str:
    """The text with a list of catalogs below the stack's name, where people look for it; '' when there is a list
    already, or when the lines are not as usual."""
    data = parse(written, file, Report())
    if not isinstance(data, Map) or "catalogs" in data:
        return ""
    mark = mark_of(data, "name" if "name" in data else "devenv", of_key=True)
    if mark is None or mark.column != 1:
        return ""
    lines = written.splitlines(keepends=True)
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    block = dump({"catalogs": [*entries]}).replace("\n", end)
    new = "".join([*lines[: mark.line], "" if lines[mark.line - 1].endswith("\n") else end, block, *lines[mark.line :]])
    found = parse(new, file, Report())
    return new if found == {**data, "catalogs": [*entries]} else ""
