"""Everything outside that an operation may touch, in one replaceable value. `cli.app` builds the real one."""

from __future__ import annotations

import string
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from devenv.engine.protocols import Compose, Daemon, Ports, Processes, Project

_LETTERS = string.ascii_letters + string.digits


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


def random_text(length: int) -> str:
    """`length` random letters and digits, fit for passwords: no character that a URL or a shell would mind."""
    import secrets

    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class World:
    """The project's files, the engine, Compose, other programs, ports, templates, time and chance.

    `configuration` reads this machine's configuration files, the stronger first (see `engine.config.read_files`);
    `clock` gives monotonic seconds, `now` the time of day, `sleep` waits; `random` makes secrets.
    """

    project: Project
    daemon: Daemon
    compose: Compose
    processes: Processes
    ports: Ports
    catalog: Catalog
    configuration: Callable[[], list[tuple[str, str]]] = list
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[int], str] = random_text
