"""A resolved stack: every service as Compose will have it, and what devenv knows beyond that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from devenv.errors import Mark
from devenv.model.data import Map
from devenv.model.manifest import Check, Ready

Condition = Literal["ready", "started", "completed"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a service comes from: the manifest itself, or a template in a version."""

    template: str | None = None
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.template}@{self.version}" if self.template else "manifest"


@dataclass(frozen=True, slots=True)
class Need:
    """This service waits until `service` is in `condition`."""

    service: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A named port of a service.

    `container` is the port inside; `default` the host port that the generated file names (None: not published);
    `variable` (`DEVENV_PORT_WEB_HTTP`) overrides it on one machine; `fixed` says that the person chose the
    number, so that it is never moved; `host_ip` is the address it binds to.
    """

    name: str
    container: int
    protocol: Literal["tcp", "udp"]
    default: int | None
    variable: str
    fixed: bool = False
    host_ip: str = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build a compatible image from Debian's packages: `docker build` of `folder`/`dockerfile`, as `tag`."""

    folder: str
    dockerfile: str
    tag: str
    args: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SecretVariable:
    """A secret of this machine: `variable` (`DEVENV_SECRET_DB_PASSWORD`) in `.devenv/.env`, `length` characters."""

    variable: str
    length: int
    service: str
    name: str


@dataclass(frozen=True, slots=True)
class RequiredPath:
    """A file or directory that must be there before the stack can come up; `path` relative to the manifest."""

    path: str
    kind: Literal["file", "directory", "file or folder"]
    mark: Mark | None
    what: str


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the resolved stack; setup jobs are services too (`setup_of` names whose).

    `compose` is its Compose definition: keys in Compose's order, references resolved for the inside of a
    container, paths relative to the manifest's folder, no devenv keys, no labels of devenv's (render adds them).
    `outputs` and `host_outputs` are the same outputs seen from a container and from the host; both may hold
    Compose interpolation (`${DEVENV_PORT_WEB_HTTP:-8080}`) that `core.interpolate` resolves with `.devenv/.env`.
    `open` is the host view's URL to show people, or None. `image` is the default image (None when built).
    `inputs` are paths and globs, relative to the manifest, of what a job works with besides its image.
    `engine_starts` is False when only Compose can start it (configs or secrets that Compose injects at start).
    """

    name: str
    compose: Map
    origin: Origin = Origin()
    needs: tuple[Need, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    ready: Ready | None = None
    has_healthcheck: bool = False
    job: bool = False
    setup_of: str | None = None
    open: str | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    host_outputs: dict[str, str] = field(default_factory=dict)
    image: str | None = None
    image_variable: str | None = None
    build: bool = False
    recipe: Recipe | None = None
    data: tuple[str, ...] = ()
    shell: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    engine_starts: bool = True
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Stack:
    """`services` in the manifest's order, setup jobs right before the service they belong to.

    `top` holds Compose's other top-level keys (volumes, networks, configs, secrets, x-*), complete.
    """

    name: str
    services: dict[str, Service]
    modes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    top: Map = field(default_factory=Map)
    secrets: tuple[SecretVariable, ...] = ()
    requires: tuple[RequiredPath, ...] = ()
    manifest: str = "devenv.yaml"

    def closure(self, names: list[str] | tuple[str, ...]) -> list[str]:
        """`names` and everything they need, in start order (needs before dependants, else the stack's order).

        Raises KeyError for a name that is not a service.
        """
        wanted: dict[str, None] = {}

        def visit(name: str) -> None:
            stack: list[tuple[str, int]] = [(name, 0)]
            while stack:
                at, i = stack.pop()
                needs = self.services[at].needs
                if i < len(needs):
                    stack.append((at, i + 1))
                    if needs[i].service not in wanted:
                        stack.append((needs[i].service, 0))
                else:
                    wanted.setdefault(at)

        for name in names:
            visit(name)
        return list(wanted)
