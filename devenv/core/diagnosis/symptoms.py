"""What is known of a service that failed, and what is made of it. Values only, for `causes` and `peers` beside it."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.records import field, frozen


@frozen
class Facts:
    """Facts about `service` as far as they are known.

    `log` is the tail of its log, oldest line first; `engine` the engine's own words when it refused to start it.
    `program` is the beginning of the file that could not be run, None when nobody looked. `architecture` is the
    engine's. `starved` says that it runs, but that the kernel ended a process of it for want of memory; `probe` is what
    its last failed health check said. `command` is what the manifest has it run, `built` whether the manifest has its
    image built; `image` is its image, `user` whom it runs as (empty for root). `mounts` maps what is mounted from this
    machine: path in the container → path on the machine, `volumes` what is mounted from volumes: path → the volume's
    name. `needs` are the services that it needs, `ports` the container ports of every other service of the stack → its
    name, `services` all names. `template` is the catalog's name for what it is. `setup`: it is about its setup.
    """

    service: str
    exit_code: int | None = None
    log: tuple[str, ...] = ()
    engine: str = ""
    program: bytes | None = None
    architecture: str = ""
    starved: bool = False
    probe: str = ""
    command: tuple[str, ...] = ()
    built: bool = False
    image: str = ""
    user: str = ""
    mounts: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()
    ports: Mapping[int, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    template: str = ""
    setup: bool = False

    def target(self, path: str) -> str:
        """Where in the container that is mounted in which a path of it lies; empty when it is the image's."""
        targets = (*self.mounts, *self.volumes)
        inside = [target for target in targets if path == target or path.startswith(target.rstrip("/") + "/")]
        return max(inside, key=len, default="")

    def source(self, path: str) -> str | None:
        """Where on this machine a path of the container lies; None when it is not mounted from there."""
        target = self.target(path)
        if target not in self.mounts:
            return None
        return self.mounts[target].rstrip("/") + path[len(target.rstrip("/")) :]


@frozen
class Known:
    """A known cause: `name` for programs, `words` (what comes after a colon) and `steps` (at most three) for people."""

    name: str
    words: str
    steps: tuple[str, ...]
