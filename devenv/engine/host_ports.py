"""Host ports on this machine: is one taken, and by whom."""

from __future__ import annotations

import errno
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from devenv.engine.answers import Holder
from devenv.engine.protocols import Processes
from devenv.errors import DevenvError
from devenv.model.observed import Container

_LISTEN = "0A"
_HOLDING = ("running", "paused", "restarting")
_PROXIES = frozenset(
    name[:15]  # that is all that the kernel keeps
    for name in ("docker-proxy", "rootlessport", "slirp4netns", "com.docker.backend", "vpnkit", "limactl", "gvproxy")
)

# A proxy begins to listen while its container starts, which is listed with its ports afterwards.
_LOOKS, _LATE = 10, 0.1


class HostPorts:
    """`containers` lists all containers of the engine, to tell whose port an engine's proxy holds; `processes` runs
    lsof where there is no /proc."""

    def __init__(
        self,
        processes: Processes,
        containers: Callable[[], Iterable[Container]] = tuple,
        proc: Path = Path("/proc"),
    ) -> None:
        self._processes = processes
        self._containers = containers
        self._proc = proc

    def busy(self, port: int, host_ip: str = "127.0.0.1", protocol: str = "tcp") -> bool:
        """Whether binding the port fails because somebody has it. An address that is not this machine's, or a port
        that only root may bind, is not busy: the engine may still bind it."""
        family = socket.AF_INET6 if ":" in host_ip else socket.AF_INET
        kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
        with socket.socket(family, kind) as probe:
            # On Unix this lets a port be bound that only old connections remember; on Windows it would let two
            # programs share one, so there the opposite is asked for. UDP would be shared on either.
            if sys.platform == "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
            elif kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((host_ip, port))
            except OSError as error:
                return error.errno == errno.EADDRINUSE or getattr(error, "winerror", 0) in (10013, 10048)
        return False

    def free(self) -> int:
        """A port that nobody has now and, being one of many thousands by chance, that nobody else is about to take."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])

    def holder(self, port: int) -> Holder:
        """Who listens on the port: a container by the engine's own list, else a process, else unknown. Never raises
        for what may not be looked at: other users' processes are unknown, and so is an engine's proxy of a container
        that nobody knows, for to end it would not help."""
        found = self._process(port)
        proxy = found.name[:15] in _PROXIES
        for _ in range(_LOOKS if proxy else 1 if found.kind == "unknown" else 0):
            for container in self._listed():
                if container.state in _HOLDING and any(held == port for _, held in container.ports.values()):
                    return Holder("container", container.name, project=container.project)
            if proxy:
                time.sleep(_LATE)
        return Holder("unknown") if proxy else found

    def _listed(self) -> list[Container]:
        try:
            return list(self._containers())
        except DevenvError:  # no engine, no containers
            return []

    def _process(self, port: int) -> Holder:
        if (self._proc / "net" / "tcp").exists():
            return self._from_proc(port)
        return self._from_lsof(port)

    def _from_proc(self, port: int) -> Holder:
        inodes = set(self._inodes(port))
        if not inodes:
            return Holder("unknown")
        links = {f"socket:[{inode}]" for inode in inodes}
        for folder in sorted(self._proc.glob("[0-9]*"), key=lambda p: int(p.name)):
            with suppress(OSError):  # the process has ended, or is another user's
                for descriptor in (folder / "fd").iterdir():
                    with suppress(OSError):
                        if str(descriptor.readlink()) in links:
                            return Holder("process", (folder / "comm").read_text().strip(), int(folder.name))
        return Holder("unknown")

    def _inodes(self, port: int) -> Iterator[str]:
        """Inodes of the sockets that listen on the port (for UDP: that are bound to it)."""
        for name, state in (("tcp", _LISTEN), ("tcp6", _LISTEN), ("udp", None), ("udp6", None)):
            try:
                lines = (self._proc / "net" / name).read_text().splitlines()[1:]
            except OSError:
                continue
            for line in lines:
                fields = line.split()
                if int(fields[1].rpartition(":")[2], 16) == port and state in (None, fields[3]):
                    yield fields[9]

    def _from_lsof(self, port: int) -> Holder:
        if self._processes.find("lsof") is None:
            return Holder("unknown")
        done = self._processes.run(["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], timeout=5)
        fields = {line[0]: line[1:] for line in reversed(done.output.splitlines()) if line}
        if "p" not in fields or not fields["p"].isdigit():
            return Holder("unknown")
        return Holder("process", fields.get("c", ""), int(fields["p"]))
