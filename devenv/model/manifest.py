"""A manifest as it was written, checked: Compose's keys as data, devenv's keys as types."""

from __future__ import annotations

from typing import Literal

from devenv.errors import Mark
from devenv.model.data import Map
from devenv.records import field, frozen

FORMATS = (1,)
"""The manifest formats that this release reads."""

Argv = tuple[str, ...]


@frozen
class Need:
    """An edge of the graph. `env`: the variables' prefix, None for the name in capitals, False for none.

    `until`: None means ready, or completed when the need is a job.
    """

    until: Literal["ready", "started", "completed"] | None = None
    env: Literal[False] | str | None = None


@frozen
class Port:
    """A named port. `publish`: the host port, None for the same number (moved when busy), False for none."""

    port: int
    publish: int | Literal[False] | None = None
    protocol: Literal["tcp", "udp"] = "tcp"


@frozen
class Ready:
    """When a service counts as ready: exactly one of `http` (a path), `tcp` (a port's name) and `run` (argv).

    `port`: name or number of the port that `http` asks; `within`: the start-up budget, in seconds.
    """

    http: str | None = None
    tcp: str | None = None
    run: Argv | str | None = None
    port: str | None = None
    within: float = 60.0


@frozen
class Expect:
    """What a check's answer must be: the HTTP status, and text that the body (or the output) contains."""

    status: int | None = None
    body: str | None = None


@frozen
class Check:
    """A probe of the running stack: `http` (a URL), `tcp` (`host:port`) or `run` (argv, on the host,
    or with `service` inside that service's container). Retried for `within` seconds."""

    http: str | None = None
    tcp: str | None = None
    run: Argv | str | None = None
    service: str | None = None
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str | None = None
    expect: Expect = Expect()
    within: float = 10.0


@frozen
class Provider:
    """Who answers for a provider of pacts: a service, by default at its main port; `path` is where its API begins,
    `states` and `messages` are paths that take states to set up and messages to produce."""

    service: str
    port: str | None = None
    path: str = ""
    states: str | None = None
    messages: str | None = None


@frozen
class Contracts:
    """Where pacts come from: folders or files, and a broker's URL; `publish`: results go back to the broker."""

    pacts: tuple[str, ...] = ()
    broker: str | None = None
    publish: bool = True
    providers: dict[str, Provider] = field(default_factory=dict)


@frozen
class Included:
    """What is known of a service that another file brings: the `folder` that its parameters' paths are relative to
    (itself relative to the stack's), and the `tree` that they stay in when the file is a remote one.

    `server` is the service of which it is a part instead of a server of its own (`share`), as `shared_at` says; `at` is
    where the manifest includes what brings it.
    """

    file: str
    folder: str = ""
    tree: str | None = None
    server: str = ""
    shared_at: Mark | None = None
    at: Mark | None = None


@frozen
class ServiceSpec:
    """One entry under `services`: devenv's keys typed, all others in `compose`, in the order written.

    `ports` is None when the service writes Compose's list form (which then stands in `compose`).
    `inputs` are those of a service that is a job, `setup_inputs` and `provision_inputs` those of its `setup` and
    `provision`. `mark` is where the entry's key stands; `source` is the whole entry, for marks; `included` is None for
    a service of the manifest itself. `catalog` is the one in which an included service's template is looked up, where
    that is not the first that has it.
    """

    use: str | None = None
    with_: Map = field(default_factory=Map)
    needs: dict[str, Need] = field(default_factory=dict)
    ports: dict[str, Port] | None = None
    ready: Ready | None = None
    setup: tuple[str | Argv, ...] = ()
    setup_inputs: tuple[str, ...] = ()
    provision: tuple[str | Argv, ...] = ()
    provision_inputs: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    job: bool = False
    open: str | None = None
    compose: Map = field(default_factory=Map)
    source: Map = field(default_factory=Map)
    mark: Mark | None = None
    included: Included | None = None
    catalog: str = ""

    @property
    def template(self) -> str:
        """What its template is called among all catalogs: its name, with the catalog where that has to be said."""
        name = (self.use or "").partition("@")[0].strip()
        return of_catalog(name, self.catalog) if self.catalog else name

    @property
    def with_mark(self) -> Mark | None:
        """Where what `with:` lacks is reported: at its key, or at the service's where there is none."""
        return self.source.keys_at.get("with") or self.mark


_OF = " of "  # which no template has in its name


def of_catalog(name: str, catalog: str) -> str:
    """The name of a catalog's template that another catalog's hides."""
    return f"{name}{_OF}{catalog}"


def template_name(called: str) -> str:
    """A template's own name, whatever it is called among all catalogs."""
    return called.partition(_OF)[0]


@frozen
class CatalogSpec:
    """A place where templates come from: a folder (`path`), or a Git repository (`git`, at `ref`, in it the folder
    `path`)."""

    path: str = ""
    git: str = ""
    ref: str = ""
    mark: Mark | None = None


@frozen(kw_only=True)
class Manifest:
    """A whole manifest. `compose` holds Compose's own top-level keys (networks, volumes, configs, secrets, x-*).

    `added` maps each of the services that a switch added (`observability`, `flags`) to that switch; `along` are those
    that nobody waits for. `name_written` is the name with its variables, where it has some. `source` is what was
    written, without the added services.
    """

    format: Literal[1]
    name: str
    name_written: str | None = None
    services: dict[str, ServiceSpec]
    modes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)
    added: dict[str, str] = field(default_factory=dict)
    along: tuple[str, ...] = ()
    catalogs: tuple[CatalogSpec, ...] = ()
    contracts: Contracts | None = None
    compose: Map = field(default_factory=Map)
    source: Map = field(default_factory=Map)
    file: str = "devenv.yaml"
