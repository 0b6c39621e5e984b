"""What operations ask of the world. The real ones stand beside this file; tests have small fakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from devenv.engine.answers import Completed, Distribution, Holder, RemoteTree

if TYPE_CHECKING:  # the manifest's models cost more to import than an `up` with nothing to do takes
    from devenv.engine.signatures import Ignore
    from devenv.model.machine import Machine, Step
    from devenv.model.observed import Container, ContainerChange, EngineInfo, Image, ProbeResult
    from devenv.model.stack import Recipe

OnLine = Callable[[str], None]
"""Takes each line that another program prints, without its line end."""

OnBytes = Callable[[int, int], None]
"""Takes (bytes so far, bytes in all or 0)."""


class Daemon(Protocol):
    """The Docker engine, through its API. Every method raises DevenvError DE401 when it cannot be reached."""

    def info(self) -> EngineInfo: ...
    def containers(self, project: str) -> list[Container]:
        """All containers of a Compose project, stopped ones included: one request."""
        ...

    def inspect(self, container_id: str) -> Container | None:
        """One container in full (times, exit code, out-of-memory); None when it is gone."""
        ...

    def environment(self, container_id: str) -> dict[str, str]:
        """The variables that a container's program is given; empty when it is gone. They hold secrets."""
        ...

    def start(self, container_id: str) -> None:
        """Starts a container. Raises DevenvError: DE601 with the engine's words, DE602 when a port is taken."""
        ...

    def stop(self, container_id: str, timeout: int | None = None) -> None: ...
    def delete(self, container_id: str) -> None:
        """Stops a container and removes it; its volumes stay."""
        ...

    def watch(self, project: str) -> AbstractContextManager[Iterator[ContainerChange]]:
        """The engine's events for a project: subscribed on entering, resumed after a lost connection (an `away`
        change tells of it, a `lost` one of the new connection), ended on leaving from any thread."""
        ...

    def probes(self, container_id: str) -> list[ProbeResult]:
        """The last runs of the container's health check, oldest first."""
        ...

    def probe(self, container_id: str) -> ProbeResult | None:
        """Runs the container's health check now; None when it has none."""
        ...

    def logs(
        self,
        container_id: str,
        *,
        follow: bool = False,
        since: datetime | None = None,
        tail: int | None = None,
    ) -> Iterator[tuple[datetime, str]]:
        """Lines of stdout and stderr with their times, oldest first."""
        ...

    def beginning(self, container_id: str, path: str) -> bytes | None:
        """The first 4 KiB of a file in a container, mounts included, whether it runs or not; a relative path begins at
        its working directory. None when there is no such file."""
        ...

    def image(self, reference: str) -> Image | None:
        """An image that the engine has, by name or id."""
        ...

    def platforms(self, reference: str) -> tuple[str, ...]:
        """For which platforms (`linux/arm64/v8`) an image's registry has it; empty when it does not say, soon."""
        ...

    def distribution(self, reference: str) -> Distribution:
        """What an image's name stands for in its registry now. Raises DevenvError as `pull`."""
        ...

    def pull(
        self,
        reference: str,
        on_bytes: OnBytes | None = None,
        platform: str | None = None,
        on_retry: OnLine | None = None,
    ) -> None:
        """Pulls an image, for the engine's own platform unless one is given. What may pass (a connection that broke,
        a registry's inner error) is tried again a few times after growing pauses, `on_retry` hears why; what is there
        of it is not fetched again. Raises DevenvError: DE501 no such name or tag, DE502 registry not reachable, DE503
        not allowed (login), DE504 rate limit, DE505 no such platform, DE506 no space left."""
        ...

    def import_root(self, tar: Path, reference: str) -> None:
        """Makes an image from the tar file of a root file system. Raises DevenvError DE507."""
        ...

    def volumes(self, project: str) -> list[str]:
        """Names of the volumes that Compose made for a project."""
        ...

    def volume_times(self, project: str) -> dict[str, str]:
        """When each of those volumes was made, in the engine's own words: a volume made anew has another time."""
        ...

    def networks(self, project: str) -> list[str]: ...
    def make_default_network(self, project: str) -> None:
        """Makes the network that Compose makes where a file declares none; leaves it at that if the engine refuses."""
        ...

    def attached(self, project: str, network: str) -> dict[str, str]:
        """Ids → names of what runs on a network that Compose made; `network` is its name in the manifest."""
        ...

    def delete_network(self, project: str, network: str) -> None:
        """Removes such a network, if it is there. Raises DevenvError DE409 while a container runs on it."""
        ...

    def network_ids(self) -> frozenset[str]:
        """Ids of all networks of the engine."""
        ...


class Compose(Protocol):
    """`docker compose` command lines on one stack's generated file. Each raises DevenvError with Compose's words."""

    def create(
        self,
        services: Sequence[str],
        on_line: OnLine | None = None,
        *,
        recreate: bool = False,
        without: Sequence[str] = (),
    ) -> None:
        """Networks, volumes and the missing containers of exactly these services, or with `recreate` new ones for all
        of them; starts nothing, builds and pulls nothing. What only services of `without` want is not looked at."""
        ...

    def build(self, services: Sequence[str], on_line: OnLine | None = None) -> None: ...
    def build_image(self, recipe: Recipe, contexts: Mapping[str, str], on_line: OnLine | None = None) -> None:
        """`docker build` of a recipe, as its tag; `contexts` maps names of base images to what stands in for them
        (`docker-image://…`). Raises DevenvError DE510."""
        ...

    def up_one(self, service: str) -> None:
        """`up -d --no-deps --no-recreate` of one created service, for those that only Compose can start."""
        ...

    def stop(self, services: Sequence[str], on_line: OnLine | None = None) -> None: ...
    def down(self, *, volumes: bool = False, on_line: OnLine | None = None) -> None: ...
    def exec_argv(
        self,
        service: str,
        argv: Sequence[str],
        *,
        interactive: bool,
        stdin: bool = False,
        user: str | None = None,
        workdir: str | None = None,
    ) -> list[str]:
        """The command line that runs `argv` in a service's container, with this terminal or, if `stdin`, our input."""
        ...

    def beside_argv(self, service: str, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` in a further container of the service, removed when it has ended."""
        ...


class Processes(Protocol):
    """Starting other programs; the only way to do so."""

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,
        on_line: OnLine | None = None,
        timeout: float | None = None,
    ) -> Completed:
        """Runs to the end (never raises for an exit code; DE703 when the program is missing).
        With `on_line`, stdout and stderr lines go there as they come."""
        ...

    def find(self, program: str) -> Path | None:
        """Where PATH has a program."""
        ...

    def stop_all(self) -> None:
        """Ends every program that `run` is waiting for in other threads."""
        ...

    def replace(self, argv: Sequence[str], env: Mapping[str, str] | None = None) -> int:
        """Runs with this terminal's own input and output and returns the exit code."""
        ...


class Ports(Protocol):
    """Host ports on this machine."""

    def busy(self, port: int, host_ip: str = "127.0.0.1", protocol: str = "tcp") -> bool: ...
    def free(self) -> int:
        """A port that nobody has now, and that nobody else is about to take."""
        ...

    def holder(self, port: int) -> Holder: ...


class Project(Protocol):
    """A stack's folder on disk: the only thing that opens its files. Paths are relative to the manifest's folder."""

    root: Path
    manifest: str

    def read(self, path: str, *, limit: int = 4 << 20, exact: bool = False) -> str:
        """Text of a regular file, with its byte order mark when `exact`.
        Raises DevenvError DE102 (not a regular file, not readable), DE103, DE104."""
        ...

    def exists(self, path: str, kind: Literal["file", "directory"]) -> bool: ...
    def folder(self, path: str) -> Path:
        """Where the files of a folder can be read."""
        ...

    def digest(self, pattern: str) -> str:
        """Stands for the names and contents of all files that a path or glob names, folders with all that is in them;
        '' when there is none. Raises DevenvError DE102 (not readable), DE725 (too much)."""
        ...

    def signature(self, path: str) -> str:
        """Another text after a file has changed, without reading it; `folder` for any folder, '' for nothing."""
        ...

    def tree(self, folder: str, ignore: Ignore) -> str:
        """Stands for names, modes, sizes and times of what `ignore` leaves of a folder; '' when there is none."""
        ...

    def weigh(self, folder: str, size: int, files: int) -> tuple[int, int]:
        """Bytes and number of the files in a folder; the counting ends soon after either of the two bounds."""
        ...

    def above(self) -> str:
        """The manifest's folder as seen from the top of its repository, with `/`; '' at the top, or without one."""
        ...

    def idle(self) -> bool:
        """Whether no other command holds the lock, as far as that can be told without waiting."""
        ...

    def write(self, path: str, text: str, *, private: bool = False) -> bool:
        """Writes atomically (staged beside it, then replaced), mode 0600 when `private`; False when it already
        had this text, in which case nothing is written. Raises DevenvError DE701."""
        ...

    def append(self, path: str, text: str) -> None:
        """Adds lines to the end of a file in `.devenv`, in one write and without waiting for the disk: for what may
        be lost with the power. Raises DevenvError DE701."""
        ...

    def adopt(self, folder: Path, path: str) -> None:
        """Puts a copy of a remote tree at `path` in `.devenv`, once. Raises DevenvError DE701."""
        ...

    def settings(self) -> dict[str, str]:
        """`.devenv/.env` as variables; empty when there is none."""
        ...

    def save_settings(self, settings: Mapping[str, str]) -> None: ...
    def environment(self) -> dict[str, str]:
        """What Compose interpolates with: the person's `.env` under `.devenv/.env` under the process's environment."""
        ...

    def layers(self) -> list[tuple[str, Mapping[str, str]]]:
        """The sources of `environment` by what people call them (`.env`, `the environment`), the weaker first."""
        ...

    def state(self) -> dict[str, object]:
        """`.devenv/state.json`; empty when missing or damaged."""
        ...

    def save_state(self, state: Mapping[str, object]) -> None: ...
    def lock(self, wait: float = 0.0) -> AbstractContextManager[None]:
        """Held while a command changes this stack. Raises DevenvError DE702 naming the holder's pid and command."""
        ...

    def claim(self, what: str) -> bool:
        """Claims a name or a port for this run, until the end of `lock`; False when another run on this machine has
        claimed it. Whoever does not hold the lock only asks."""
        ...

    def claimed(self, what: str) -> bool:
        """Whether the run that holds the lock of this project, and is not this one, has claimed a name or a port."""
        ...


class Host(Protocol):
    """This machine, as far as getting an engine onto it goes."""

    def look(self) -> Machine:
        """The facts of the machine as they are now. Never raises."""
        ...

    def info(self) -> EngineInfo | None:
        """What the engine says of itself; None when it does not answer."""
        ...

    def reaches(self, url: str) -> bool:
        """Whether `url` answers a short request with 200."""
        ...

    def perform(self, step: Step, *, sudo: bool = False, on_line: OnLine | None = None) -> None:
        """Carries out one step of an installation; after a Start the engine answers. Raises DevenvError DE404
        (a step failed), DE405 (the engine does not start), with the program's words."""
        ...


class Git(Protocol):
    """Remote Git repositories as sources of data: nothing of theirs is run, and nothing asks for a password."""

    def commit(self, url: str, ref: str = "") -> str:
        """The commit (40 or 64 hexadecimal digits) that a branch, a tag, `refs/…` or a whole commit id names now;
        without `ref` that of the default branch. Asks the remote, but for a commit id. Raises DevenvError: DE770 not
        reachable or refused, DE771 no such ref, DE772 an address or ref that is never asked, DE773 no git here."""
        ...

    def tags(self, url: str) -> list[str]:
        """The names of a remote's tags, in no order. Raises DevenvError DE770, DE772 and DE773, as `commit`."""
        ...

    def tree(self, url: str, commit: str, path: str = "") -> RemoteTree:
        """The files of `commit`, all or those in the folder `path`. Fetched once and kept; without the network from
        then on. Raises DevenvError as `commit`, DE771 also for a missing commit or folder, and DE774 for a tree that
        is too large or unsafe to unpack."""
        ...
