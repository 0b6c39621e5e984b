"""Everything outside that an operation may touch, in one replaceable value. `cli.app` builds the real one."""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from devenv.engine.protocols import Compose, Daemon, Git, Ports, Processes, Project
from devenv.errors import DevenvError
from devenv.records import frozen

_LETTERS = string.ascii_letters + string.digits


BUILT_IN = "built-in"
"""What the catalog that comes with devenv is called."""


@frozen
class Origin:
    """A catalog: how people call it (as the manifest does), its folder on this machine, and whether it was fetched."""

    name: str
    folder: str = ""
    remote: bool = False

    @property
    def built_in(self) -> bool:
        return self.name == BUILT_IN

    def shown(self, file: str) -> str:
        """What a file of it is called in messages."""
        return file if self.built_in else f"{self.name.rstrip('/')}/{file}"


class Catalog(Protocol):
    """The templates that can be named with `use:`."""

    def names(self) -> list[str]:
        """Names of all templates, sorted."""
        ...

    def folder(self, name: str) -> str | None:
        """Where a template's files are on this machine; None when there is no such template."""
        ...

    def files(self, name: str) -> Mapping[str, str]:
        """The template's text files by relative path, `template.yaml` among them; empty when there is none."""
        ...

    def origin(self, name: str) -> Origin:
        """Where a template comes from."""
        ...

    def origins(self) -> list[Origin]:
        """All catalogs that templates come from, in order of precedence."""
        ...

    def hidden(self, name: str) -> list[Origin]:
        """The catalogs that have a template of this name, too, which does not count."""
        ...

    def policies(self) -> list[tuple[str, str]]:
        """The rules of each catalog that has some, in order of precedence: (what to call the file, its text)."""
        ...


def random_text(length: int) -> str:
    """`length` random letters and digits, fit for passwords: no character that a URL or a shell would mind."""
    import secrets

    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _nothing_shared(path: str) -> str:
    raise DevenvError.of("DE102", f"cannot read {path}: it is not a file")


def _now() -> datetime:
    return datetime.now(UTC)


def _nobody(question: str) -> bool:
    return False


@frozen
class World:
    """The project's files, the engine, Compose, other programs, ports, templates, remote repositories, time and chance.

    `agree` asks the person whether something new may be used; without one, nobody agrees.
    `configuration` reads this machine's configuration files, the stronger first (see `engine.config.read_files`),
    `shared` a file that these name;
    `clock` gives monotonic seconds, `now` the time of day, `sleep` waits; `random` makes secrets.
    """

    project: Project
    daemon: Daemon
    compose: Compose
    processes: Processes
    ports: Ports
    catalog: Catalog
    git: Git
    agree: Callable[[str], bool] = _nobody
    configuration: Callable[[], list[tuple[str, str]]] = list
    shared: Callable[[str], str] = _nothing_shared
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[int], str] = random_text
