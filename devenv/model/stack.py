"""A resolved stack: every service as Compose will have it, and what devenv knows beyond that."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Literal

from devenv.errors import Mark
from devenv.model.data import Map
from devenv.model.manifest import Check, Ready
from devenv.records import field, frozen, replace

Condition = Literal["ready", "started", "completed"]


@frozen
class Origin:
    """Where a service comes from: the manifest itself, or a template in a version; `switch` names the key of the
    manifest that added it."""

    template: str | None = None
    version: str | None = None
    switch: str | None = None

    def __str__(self) -> str:
        said = f"{self.template}@{self.version}" if self.template else "manifest"
        return f"{said} ({self.switch})" if self.switch else said


@frozen
class Need:
    """This service waits until `service` is in `condition`; `optional`: where that one comes up, too. One that is not
    `required` is not waited for any more once it has failed."""

    service: str
    condition: Condition
    optional: bool = False
    required: bool = True


@frozen
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


@frozen
class Recipe:
    """How to build a compatible image from Debian's packages: `docker build` of `folder`/`dockerfile`, as `tag`."""

    folder: str
    dockerfile: str
    tag: str
    args: tuple[tuple[str, str], ...] = ()


@frozen
class SecretVariable:
    """A secret of this machine: `variable` (`DEVENV_SECRET_DB_PASSWORD`) in `.devenv/.env`, `length` characters."""

    variable: str
    length: int
    service: str
    name: str


@frozen
class RequiredPath:
    """A file or directory that must be there before the stack can come up; `path` relative to the manifest.

    `late`: Compose's own keys name it, and only bringing the stack up needs it.
    """

    path: str
    kind: Literal["file", "directory", "file or folder"]
    mark: Mark | None
    what: str
    late: bool = False


@frozen
class Proof:
    """A template's own test for one service: command lines, which may hold Compose interpolation, and what `read`
    prints when the data is there."""

    connect: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    expect: str = ""


@frozen
class Service:
    """One service of the resolved stack; the jobs of `setup` and `provision` are services too (`setup_of` names whose).

    `compose` is its Compose definition: keys in Compose's order, references resolved for the inside of a
    container, paths relative to the manifest's folder, no devenv keys, no labels of devenv's (render adds them).
    `outputs` and `host_outputs` are the same outputs seen from a container and from the host; both may hold
    Compose interpolation (`${DEVENV_PORT_WEB_HTTP:-8080}`) that `core.compose.interpolate` resolves with
    `.devenv/.env`.
    `open` is the host view's URL to show people, or None. `image` is the default image (None when built);
    a name that holds variables is there as it is written, without the digest that `compose` may have for its defaults.
    `inputs` are paths and globs, relative to the manifest, of what a job works with besides its image.
    `server` is the service whose server this one is a part of: what it does itself is make that part.
    `number_variable` (`DEVENV_NUMBER_CACHE__A_CACHE`) holds the number of that part where it has one.
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
    proof: Proof = Proof()
    inputs: tuple[str, ...] = ()
    engine_starts: bool = True
    server: str | None = None
    number_variable: str | None = None
    mark: Mark | None = None

    @property
    def made_of(self) -> str:
        """`setup` or `provision`: the key of `setup_of` that this job is made of; '' for any other service."""
        return self.name.removeprefix(f"{self.setup_of}-") if self.setup_of else ""


@frozen
class Provider:
    """A provider of pacts: the service that answers for it, and URLs as the host sees them ('' for none)."""

    service: str
    url: str
    states: str = ""
    messages: str = ""


@frozen
class Contracts:
    """Where pacts come from (`pacts`: paths relative to the manifest), and who answers, by the provider's name."""

    pacts: tuple[str, ...]
    broker: str | None
    publish: bool
    providers: dict[str, Provider]


@frozen
class Stack:
    """`services` in the manifest's order, setup jobs right before the service they belong to, provisions after it.

    `top` holds Compose's other top-level keys (volumes, networks, configs, secrets, x-*), complete. `along` are
    services that nobody waits for and that come up with whichever are brought up. `digests` are those that the lock has
    for names of images: Dockerfiles build on them, and variables stand for them.
    """

    name: str
    services: dict[str, Service]
    modes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    top: Map = field(default_factory=Map)
    secrets: tuple[SecretVariable, ...] = ()
    requires: tuple[RequiredPath, ...] = ()
    manifest: str = "devenv.yaml"
    name_written: str | None = None  # the name with its variables, where it has some
    along: tuple[str, ...] = ()
    contracts: Contracts | None = None
    digests: dict[str, str] = field(default_factory=dict)

    def among(self, names: Collection[str]) -> Stack:
        """The stack in which an optional need is one like any other where its service is among `names`, else none."""

        def settled(service: Service) -> Service:
            if not any(need.optional for need in service.needs):
                return service
            counted = (need for need in service.needs if not need.optional or need.service in names)
            return replace(service, needs=tuple(replace(need, optional=False) for need in counted))

        return replace(self, services={name: settled(service) for name, service in self.services.items()})

    @property
    def written_images(self) -> Iterator[str]:
        """The names of images as the Compose file has them, variables and all."""
        return (image for one in self.services.values() if isinstance(image := one.compose.get("image"), str))

    @property
    def ending(self) -> frozenset[str]:
        """The services that are to run to their end: jobs, and those whose completion another one awaits."""
        awaited = {n.service for service in self.services.values() for n in service.needs if n.condition == "completed"}
        return frozenset(name for name, service in self.services.items() if service.job or name in awaited)

    def closure(self, names: list[str] | tuple[str, ...]) -> list[str]:
        """`names` and everything they need, but for what is optional, in start order (needs before dependants, else
        the stack's order).

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
                    if not needs[i].optional and needs[i].service not in wanted:
                        stack.append((needs[i].service, 0))
                else:
                    wanted.setdefault(at)

        for name in names:
            visit(name)
        return list(wanted)
