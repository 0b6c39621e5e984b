"""What services `extend`, written out: what a plan has to know (images, builds, mounts) may stand in the base alone."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import dirname, join, normpath

from devenv.core.compose.keys import like
from devenv.core.compose.merge import merge_service, settle
from devenv.core.compose.paths import entering, is_relative, move_service, relative
from devenv.errors import Mark
from devenv.model.data import Map, mark_of, text

Read = Callable[[str], Map | None]
Elsewhere = Callable[[str, Mark | None], None]
"""Takes a file that is no relative path, with its place."""

_DEVENVS = frozenset(("use", "needs", "ready", "setup", "provision", "job"))
"""Keys of devenv's own that mean something else in another service: a base with one of them is left to Compose."""


_DEEPEST = 100
"""Services that extend one another in a row; more are left to Compose."""


def extended(data: Map, read: Read, elsewhere: Elsewhere = lambda file, mark: None) -> Map:
    """`data` (a manifest or a Compose file) with every `extends` written out by Compose's rules. `read` gives the data
    of another file by its path from the manifest's folder, or None; each is read once. What cannot be found, or comes
    round in a circle, stays as it is: Compose will say so. So does what lies `elsewhere`, which is told of it."""
    services = data.get("services")
    if not isinstance(services, Map) or not any(isinstance(s, Map) and "extends" in s for s in services.values()):
        return data
    files = _Files(services, read, elsewhere)
    whole = {name: files.service("", name) or service for name, service in services.items()}
    return like(data, {**data, "services": like(services, whole.items())}.items())


class _Files:
    """The manifest's services (of the file ``) and those of the files that they extend."""

    def __init__(self, services: Map, read: Read, elsewhere: Elsewhere) -> None:
        self._read = read
        self._elsewhere = elsewhere
        self._services: dict[str, Map | None] = {"": services}
        self._whole: dict[tuple[str, str], Map | None] = {}

    def service(self, file: str, name: str, depth: int = 0) -> Map | None:
        """A service with all that it extends, its paths relative to its file; None when something is not there."""
        key = (file, name)
        if key not in self._whole:
            self._whole[key] = None  # which is what a circle comes upon
            self._whole[key] = self._made(file, name, depth) if depth < _DEEPEST else None
        return self._whole[key]

    def _made(self, file: str, name: str, depth: int) -> Map | None:
        service = (self._of(file) or Map()).get(name)
        extends = service.get("extends") if isinstance(service, Map) else None
        if not isinstance(service, Map) or extends is None:
            return service if isinstance(service, Map) else None
        given = extends if isinstance(extends, dict) else {"service": extends}
        written = text(given["file"]) if given.get("file") is not None else ""
        if written and not is_relative(written):
            self._elsewhere(written, mark_of(given, "file"))
            return None
        other = normpath(join(dirname(file), written)) if written else file
        base = self.service(other, text(given.get("service")), depth + 1)
        if base is None or "use" in service or not _DEVENVS.isdisjoint(base) or isinstance(base.get("ports"), Map):
            return None
        if dirname(other) != dirname(file):
            base = _moved(base, relative(dirname(other), dirname(file)))
        own = like(service, ((key, value) for key, value in service.items() if key != "extends"))
        settled = settle(base)
        return merge_service(settled if isinstance(settled, Map) else Map(), own)

    def _of(self, file: str) -> Map | None:
        if file not in self._services:
            data = self._read(file)
            services = data.get("services") if data is not None else None
            self._services[file] = services if isinstance(services, Map) else None
        return self._services[file]


def _moved(base: Map, folder: str) -> Map:
    """A service of a file in `folder`. A build without a context is that of whoever extends it."""
    moved, build = move_service(base, entering(folder)), base.get("build")
    if isinstance(build, Map) and "context" not in build:
        own = ((key, value) for key, value in moved["build"].items() if key != "context")
        moved["build"] = like(moved["build"], own)
    return moved
