"""What the engine says is there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from devenv.records import field, frozen

Health = Literal["none", "starting", "healthy", "unhealthy"]
State = Literal["created", "running", "paused", "restarting", "removing", "exited", "dead"]


@frozen
class Container:
    """One container of a Compose project, from one listing or one inspect.

    `ports` maps (container port, protocol) to (host address, host port); a listing has only those that the engine holds
    now, an inspection also what a stopped container will have. `started_at` is None in a listing.
    `health` of a container without a health check is "none"; `lapsed` says, in an inspection, that an unhealthy one was
    healthy before. `status` is a listing's words (`Up 2 hours (healthy)`),
    empty in an inspection; `restarts` is how often the engine has started an inspected one again by itself.
    `volumes` are the names of the volumes that it mounts, anonymous ones among them, and
    `targets` paths in an inspected one → the volumes there; `user` is whom an inspected one runs as, empty for root;
    `networks` the ids of those that a listed one is attached to, or is to be once it runs;
    `joined` and `borrowed` are ids of containers whose namespaces an inspected one lives in, and whose volumes it uses.
    """

    id: str
    name: str
    project: str
    service: str
    state: State
    health: Health
    image: str
    image_id: str
    labels: dict[str, str] = field(default_factory=dict)
    ports: dict[tuple[int, str], tuple[str, int]] = field(default_factory=dict)
    exit_code: int | None = None
    oom_killed: bool = False
    error: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    lapsed: bool = False
    oneoff: bool = False
    status: str = ""
    restarts: int = 0
    volumes: tuple[str, ...] = ()
    targets: dict[str, str] = field(default_factory=dict)
    user: str = ""
    networks: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    borrowed: tuple[str, ...] = ()


@frozen
class ContainerChange:
    """An event of the engine's stream: `action` is `start`, `die`, `health_status`, `oom`, `destroy`, …

    `health` is set with `health_status`, `exit_code` with `die`; `at` is Unix time in seconds.
    `away` says that the stream has ended, for the engine or the way to it is gone; `lost` marks a gap: the stream was
    reconnected, and containers must be looked at again.
    """

    container_id: str
    service: str
    action: str
    at: float
    health: Health | None = None
    exit_code: int | None = None
    lost: bool = False
    away: bool = False


@frozen
class ProbeResult:
    """One run of a container's health check; `exit_code` as the engine reports it (-1: could not be run)."""

    exit_code: int
    output: str
    ended_at: datetime


@frozen
class Image:
    """An image on the engine. `architecture` is Docker's name (`amd64`, `arm64`)."""

    id: str
    tags: tuple[str, ...]
    architecture: str
    size: int
    digests: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    healthcheck: bool = False


@frozen
class EngineInfo:
    """What an engine says of itself; sizes in bytes."""

    server_version: str | None = None
    api_version: str | None = None
    architecture: str = ""
    operating_system: str = ""
    memory: int = 0
    cpus: int = 0
    root_dir: str = ""
    endpoint: str = ""
    registry_mirrors: tuple[str, ...] = ()
