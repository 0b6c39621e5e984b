"""A base image from Debian's archive, for machines whose engine reaches no registry."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from pathlib import Path

from devenv.engine.protocols import Daemon, OnLine, Processes
from devenv.errors import DevenvError

BASE = "devenv/debian:trixie-slim"
"""The name that the image gets: official names are never taken."""

STANDS_FOR = frozenset(f"debian:{tag}" for tag in ("trixie-slim", "trixie", "13-slim", "13", "stable-slim"))
"""Official names of the same release, for which a build can use it."""

_SUITE = "trixie"
_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "mmdebstrap", "debian-archive-keyring")

Consent = Callable[[str], bool]


def make_base(processes: Processes, daemon: Daemon, consent: Consent, on_line: OnLine | None = None) -> None:
    """Makes BASE on the engine: Debian trixie's minimal set of packages, from this machine's own mirror; about 15 s.

    Installs mmdebstrap if `consent` (asked with one sentence) agrees. Raises DevenvError DE507, or DE404 when the
    installation fails.
    """
    from tempfile import TemporaryDirectory

    if processes.find("mmdebstrap") is None:
        _install(processes, daemon, consent, on_line)
    with TemporaryDirectory(prefix="devenv-base-") as folder:
        tar = Path(folder) / "base.tar"
        argv = command(tar, _mirror(Path("/etc/apt")))
        done = processes.run(argv, on_line=on_line, timeout=900)
        if done.code:
            lines = (done.errors or done.output).splitlines()
            raise DevenvError.of(
                "DE507",
                "mmdebstrap could not make the base image",
                hint=f"run it by hand: {by_hand()}",
                evidence=lines[-15:],
            )
        daemon.import_root(tar, BASE)


def command(tar: Path, mirror: str) -> list[str]:
    """mmdebstrap's command line; without a `mirror` it uses Debian's own."""
    # The options stay in the image. A layer that is half written is thrown away: dpkg need not flush every file. And
    # nobody reads what packages say of themselves, which is a third of what an update fetches.
    slim = [f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in ("man", "doc", "locale", "info")]
    options = [*slim, "--dpkgopt=force-unsafe-io", '--aptopt=Acquire::Languages "none"']
    argv = ["mmdebstrap", "--variant=minbase", "--format=tar", *options, _SUITE, str(tar)]
    return [*argv, mirror] if mirror else argv


def by_hand() -> str:
    """What a person can run to get the same image."""
    mirror = _mirror(Path("/etc/apt"))
    make = f"sudo mmdebstrap --variant=minbase {_SUITE} -" + (f" {shlex.quote(mirror)}" if mirror else "")
    return f"{make} | docker import -c 'CMD [\"bash\"]' - {BASE}"


def _mirror(apt: Path) -> str:
    """The mirror that this machine takes Debian's packages from; empty on another distribution."""
    from devenv.engine import apt_sources

    for codename in (_SUITE, "bookworm", "forky", "sid"):
        found = apt_sources.read(apt, codename)
        if found and found.mirror.rstrip("/").endswith("debian"):
            return found.mirror
    return ""


def _install(processes: Processes, daemon: Daemon, consent: Consent, on_line: OnLine | None) -> None:
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    by_apt = processes.find("apt-get") is not None and (root or processes.find("sudo") is not None)
    line = f"{'' if root else 'sudo '}{shlex.join(_INSTALL)}"
    question = "No registry answers, so images are built from Debian's packages. That needs mmdebstrap; install it?"
    if by_apt and consent(f"{question} ({line})"):
        from devenv.engine.host import LocalHost
        from devenv.model.machine import Run

        host = LocalHost(processes, daemon.info)
        host.perform(Run("install mmdebstrap", _INSTALL), sudo=not root, on_line=on_line)
        return
    if by_apt:
        raise DevenvError.of("DE507", "no registry answers, and mmdebstrap is missing", hint=f"run `{line}`")
    raise DevenvError.of(
        "DE507",
        "no registry answers, and a base image can be made only where mmdebstrap is (Debian, Ubuntu)",
        hint=f"make a registry reachable, or make the image elsewhere and load it: {by_hand()}",
    )
