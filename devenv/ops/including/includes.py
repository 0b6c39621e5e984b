"""Every included file, wherever it is."""

from __future__ import annotations

from devenv.core.inclusion.entries import Entry
from devenv.core.inclusion.tree import Fetched
from devenv.engine.world import World
from devenv.errors import Report
from devenv.model.manifest import CatalogSpec
from devenv.model.stack import Stack
from devenv.ops.including.local import LocalFiles
from devenv.ops.including.repositories import RemoteIncludes
from devenv.ops.sources import Sources


class Includes:
    """Every included file, of this machine or of a repository; implements `core.inclusion.expand.Library`.
    `catalogs` are those that the files name, once they are all read."""

    def __init__(self, world: World, sources: Sources, report: Report) -> None:
        self._local = LocalFiles(world.project, report)
        self._remote = RemoteIncludes(world, sources, self._local)
        self._top = Fetched(self._local.real(world.project.manifest), ((world.project.manifest, ""),), "")
        self._folders: dict[str, None] = {"": None}
        self.catalogs: tuple[CatalogSpec, ...] = ()

    def top(self) -> Fetched:
        """The stack's own manifest."""
        return self._top

    def identity(self, entry: Entry, base: Fetched) -> str | None:
        if not entry.git and base.tree is None:
            return self._local.identity(entry, base)
        # What the stack's own manifest names cannot have been included before, so nobody asks Git about it.
        return self._remote.identity(entry, base, {} if base is self._top else self._folders)

    def read(self, entry: Entry, base: Fetched) -> Fetched | None:
        if entry.git or base.tree is not None:
            return self._remote.read(entry, base)
        found = self._local.read(entry, base)
        if found is not None:
            self._folders.setdefault(found.folder)
        return found

    def place(self) -> None:
        """Puts files of repositories where the engine finds them. Raises DevenvError DE701."""
        self._remote.place()

    def check(self, stack: Stack) -> None:
        """Reports what the stack has of the files of repositories, and a container could lead elsewhere."""
        self._remote.check(stack)
