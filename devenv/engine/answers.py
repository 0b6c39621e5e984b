"""What the world answers to operations, as values; `protocols` says who answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from devenv.records import field, frozen


@frozen
class Distribution:
    """An image in its registry: the digest that its name stands for, the platforms that it is made for
    (`linux/arm64/v8`), and as far as they can be read without a login the digest of each one's own manifest."""

    digest: str
    platforms: tuple[str, ...] = ()
    manifests: Mapping[str, str] = field(default_factory=dict)


@frozen
class Completed:
    """A process that ended: its exit code and what it printed (stderr in `errors`)."""

    code: int
    output: str
    errors: str


@frozen
class Holder:
    """Who holds a port: a process (`name`, `pid`) or a container (`name`, its Compose project or ''), or unknown."""

    kind: Literal["process", "container", "unknown"]
    name: str = ""
    pid: int | None = None
    project: str = ""


@frozen
class RemoteTree:
    """The files of a commit, or of one folder in it, on this machine: never to be written to.

    `content` (`sha256:…`) stands for names, kinds and contents of all of them; `left_out` are what was not unpacked:
    links that lead out of the tree, submodules, names that not every system can have.
    """

    folder: Path
    content: str
    left_out: tuple[str, ...] = ()
