"""Engines for journeys: the one that is there, and private ones that hold nothing but a test's own things."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from filelock import FileLock


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def alone(what: str) -> FileLock:
    """A lock for what two tests must not do at once on one engine; they may be of two processes."""
    return FileLock(Path(gettempdir()) / f"devenv-tests-{what}.lock")


@dataclass(frozen=True)
class Engine:
    """A Docker engine; `host` is a DOCKER_HOST, or None for what the docker client finds by itself.

    `inside` is a command prefix that enters the engine's own network, where it has one.
    """

    host: str | None = None
    inside: tuple[str, ...] = ()

    @property
    def env(self) -> dict[str, str]:
        return {"DOCKER_HOST": self.host} if self.host else {}

    def docker(self, *arguments: str, check: bool = True, timeout: float = 300, cwd: Path | None = None) -> str:
        """What `docker …` printed. Raises AssertionError with its words when it failed and `check` is set."""
        argv = [*self.inside, "docker", *arguments]
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("COMPOSE_", "DEVENV_"))}
        done = subprocess.run(
            argv,
            env={**environment, **self.env},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        assert not check or done.returncode == 0, f"{' '.join(argv)}: {done.stderr}"
        return done.stdout

    def names(self, kind: str, prefix: str) -> list[str]:
        """Names of containers, networks or volumes that begin with `prefix`."""
        listing = {
            "container": ("ps", "-a", "--format", "{{.Names}}"),
            "network": ("network", "ls", "--format", "{{.Name}}"),
            "volume": ("volume", "ls", "--format", "{{.Name}}"),
            "image": ("image", "ls", "--format", "{{.Repository}}:{{.Tag}}"),
        }[kind]
        return sorted({name for name in self.docker(*listing).split() if name.startswith(prefix)})

    def containers(self, project: str) -> dict[str, dict[str, Any]]:
        """The containers of a Compose project by service, as `docker inspect` shows them."""
        ids = self.docker("ps", "-aq", "--filter", f"label=com.docker.compose.project={project}").split()
        found = json.loads(self.docker("inspect", *ids)) if ids else []
        return {c["Config"]["Labels"]["com.docker.compose.service"]: c for c in found}

    def remove(self, prefix: str) -> None:
        """Removes every container, network, volume and built image whose name begins with `prefix`, and the images
        that a project of that very name has built and that a newer one has taken the name from."""
        for kind, command in (
            ("container", ("rm", "-fv")),
            ("network", ("network", "rm")),
            ("volume", ("volume", "rm")),
            ("image", ("image", "rm", "-f")),
        ):
            if names := self.names(kind, prefix):
                self.docker(*command, *names, check=False)
        label = f"label=com.docker.compose.project={prefix}"
        if unnamed := self.docker("image", "ls", "-q", "--filter", "dangling=true", "--filter", label).split():
            self.docker("image", "rm", *unnamed, check=False)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for an engine: the path of a socket is at most 104 characters long, and pytest's folders are longer."""
    with TemporaryDirectory(prefix="dv", dir="/tmp", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def private_engine(folder: Path, *arguments: str) -> Iterator[Engine]:
    """A dockerd of its own under `folder`, in a network namespace of its own: its bridges and firewall rules meet no
    other engine's, and no traffic leaves it. Needs root."""
    folder.mkdir(parents=True, exist_ok=True)
    socket, log = folder / "docker.sock", folder / "dockerd.log"
    argv = ["dockerd", f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/dockerd.pid"]
    longest = f"{folder}/exec/containerd/containerd-debug.sock"
    assert len(longest) <= 104, f"too long for the path of a socket: {longest}; take a folder of `short_folder`"
    up = 'ip link set lo up && exec "$@"'
    with log.open("ab") as output:
        process = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", up, "sh", *argv, f"--host=unix://{socket}", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    inside = ("nsenter", f"--net=/proc/{process.pid}/ns/net", "--")
    engine = Engine(f"unix://{socket}", inside)
    try:
        version = ("info", "--format", "{{.ServerVersion}}")
        wait_for(lambda: engine.docker(*version, check=False).strip(), 60, lambda: log.read_text("utf-8")[-2000:])
        yield engine
    finally:
        stop(process)
        clear(folder)
        shutil.rmtree(folder, ignore_errors=True)


def clear(folder: Path) -> None:
    """Ends and unmounts what an engine that was killed has left under `folder`."""
    for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines()[::-1]:
        if (point := line.split()[4]).startswith(f"{folder}/"):
            subprocess.run(["umount", "-l", point], capture_output=True)
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = cmdline.read_bytes().split(b"\0")
            if words[0].endswith(b"containerd-shim-runc-v2") and f"{folder}/exec/containerd/".encode() in words[-2]:
                os.kill(int(cmdline.parent.name), signal.SIGKILL)


@contextmanager
def registry(
    folder: Path, port: int, inside: tuple[str, ...] = (), *, data: Path | None = None, login: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Debian's docker-registry, serving on 127.0.0.1:`port` from `folder`, or what another one has in `data`; with
    `login`, a line of htpasswd's, to nobody else."""
    folder.mkdir(parents=True, exist_ok=True)
    config: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "warn"},
        "storage": {"filesystem": {"rootdirectory": str((data or folder) / "data")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    if login:
        (folder / "htpasswd").write_text(f"{login}\n")
        config["auth"] = {"htpasswd": {"realm": "private", "path": str(folder / "htpasswd")}}
    (folder / "config.yml").write_text(json.dumps(config))
    log = folder / "registry.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*inside, "docker-registry", "serve", str(folder / "config.yml")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    ask = [*inside, "curl", "-sS", *([] if login else ["-f"]), "-o", "/dev/null", f"http://127.0.0.1:{port}/v2/"]
    try:
        wait_for(
            lambda: subprocess.run(ask, capture_output=True).returncode == 0,
            30,
            lambda: log.read_text("utf-8")[-2000:],
        )
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes], patience: float = 20) -> None:
    """Asks a process of ours to end, and ends it when it does not."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(condition: object, seconds: float, evidence: object = None) -> None:
    """Returns once `condition()` is true. Raises AssertionError with `evidence()` when it is not in time."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not in {seconds:g} seconds: {evidence() if callable(evidence) else condition}")
        time.sleep(0.1)
