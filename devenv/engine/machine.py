"""Looks at this machine: what it is, what of Docker is on it, and what stands in the way. Changes nothing."""

from __future__ import annotations

import getpass
import json
import os
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

from devenv.engine import apt_sources
from devenv.engine.answers import Completed
from devenv.engine.protocols import Processes
from devenv.errors import DevenvError
from devenv.model.machine import Apt, Client, Machine, Plugin, Shadow

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_LIMIT = 20.0  # seconds that the docker client gets to answer


def look(processes: Processes, *, root: Path = Path("/"), terminal: bool | None = None) -> Machine:
    """All facts but whether Docker's own packages can be reached. Never raises.

    `root` is where /etc, /run and /proc are looked up (tests have a folder of their own); `terminal` overrides
    whether a person can be asked.
    """
    release = _os_release(root)
    codename = release.get("UBUNTU_CODENAME") or release.get("VERSION_CODENAME", "")
    client = _client(processes)
    disk_path, disk_free = _disk(client.root_dir if client else "")
    machine = platform.machine()
    return Machine(
        system=platform.system(),
        architecture=_ARCHITECTURES.get(machine, machine),
        distribution=release.get("ID", ""),
        like=tuple(release.get("ID_LIKE", "").split()),
        release=release.get("VERSION_ID", ""),
        codename=codename,
        name=release.get("PRETTY_NAME", "") or f"{platform.system()} {platform.release()}",
        inside=_inside(root),
        user=_user(),
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
        sudo=processes.find("sudo") is not None,
        terminal=sys.stdin.isatty() and sys.stderr.isatty() if terminal is None else terminal,
        systemd=(root / "run/systemd/system").is_dir(),
        memory=_memory(),
        cpus=os.cpu_count() or 0,
        disk_path=disk_path,
        disk_free=disk_free,
        client=client,
        dockerd=_dockerd(processes, root),
        certificates=(root / "etc/ssl/certs/ca-certificates.crt").is_file(),
        apparmor=_apparmor(root) and processes.find("apparmor_parser") is None,
        apt=_apt(processes, root, codename),
        shadows=_shadows(processes),
    )


def _apt(processes: Processes, root: Path, codename: str) -> Apt | None:
    return apt_sources.read(root / "etc/apt", codename) if processes.find("apt-get") else None


def _os_release(root: Path) -> dict[str, str]:
    for file in (root / "etc/os-release", root / "usr/lib/os-release"):
        try:
            text = file.read_text("utf-8", "replace")
        except OSError:
            continue
        pairs = (line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#"))
        return {key.strip(): value.strip().strip("\"'") for key, _, value in pairs}
    return {}


def _inside(root: Path) -> str:
    """What this machine is made of, where that matters for an engine on it."""
    if (root / ".dockerenv").exists():
        return "a Docker container"
    if (root / "run/.containerenv").exists():
        return "a Podman container"
    try:
        version = (root / "proc/version").read_text()
    except OSError:
        return ""
    return "WSL" if "microsoft" in version.lower() else ""


def _user() -> str:
    """The name of who runs this; empty for one without a name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""


def _apparmor(root: Path) -> bool:
    try:
        return (root / "sys/module/apparmor/parameters/enabled").read_text().startswith("Y")
    except OSError:
        return False


def _memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def _disk(folder: str) -> tuple[str, int]:
    """The nearest folder above the engine's that this user can see, and the bytes free there."""
    path = Path(folder or "/var/lib/docker")
    for candidate in (path, *path.parents):
        try:
            return str(candidate), shutil.disk_usage(candidate).free
        except OSError:
            continue
    return "", 0


def _dockerd(processes: Processes, root: Path) -> str:
    if found := processes.find("dockerd"):
        return str(found)
    for folder in ("usr/sbin", "usr/bin", "sbin", "usr/local/sbin", "usr/local/bin"):  # not on everybody's PATH
        if (root / folder / "dockerd").exists():
            return f"/{folder}/dockerd"
    return ""


def _client(processes: Processes) -> Client | None:
    path = processes.find("docker")
    if path is None:
        return None
    done = _ask(processes, str(path), "info", "--format", "{{json .}}")
    info = _object(done.output)
    about = _mapping(info.get("ClientInfo"))
    version = str(about.get("Version") or "")
    if not version:
        words = _ask(processes, str(path), "--version").output.strip()
        if "podman" in words.lower() or "buildahVersion" in done.output.replace(" ", ""):
            return Client(str(path), words, podman=True, error="the docker client is Podman's")
        version = words.removeprefix("Docker version ").split(",")[0]
    context = str(about.get("Context") or "default")
    endpoint = os.environ.get("DOCKER_HOST") or _endpoint(processes, str(path))
    socket = endpoint.removeprefix("unix://") if endpoint.startswith("unix://") else ""
    errors = info.get("ServerErrors") or ([] if info.get("ServerVersion") else [done.errors.strip()])
    plugins = {str(entry.get("Name")): entry for entry in about.get("Plugins") or () if isinstance(entry, dict)}
    return Client(
        path=str(path),
        version=version,
        context=context,
        endpoint=endpoint,
        socket=socket,
        chosen=bool(os.environ.get("DOCKER_HOST")),
        permitted=not (socket and Path(socket).exists()) or os.access(socket, os.R_OK | os.W_OK),
        compose=_plugin(plugins.get("compose")),
        buildx=_plugin(plugins.get("buildx")),
        engine=str(info.get("ServerVersion") or ""),
        root_dir=str(info.get("DockerRootDir") or ""),
        error="; ".join(str(error) for error in errors if error),
    )


def _endpoint(processes: Processes, path: str) -> str:
    done = _ask(processes, path, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}")
    return done.output.strip() if done.code == 0 else ""


def _plugin(entry: dict[str, Any] | None) -> Plugin | None:
    """None as well for a plugin that is there but cannot be run: the client then gives no version."""
    if not entry or not entry.get("Version"):
        return None
    return Plugin(str(entry["Version"]).removeprefix("v"), str(entry.get("Path") or ""))


def _shadows(processes: Processes) -> tuple[Shadow, ...]:
    """Other programs called `devenv` on PATH. Only cachix's answers `version` harmlessly; others are not run."""
    own = {Path(sys.argv[0]).resolve(), Path(sys.executable).parent / "devenv"}
    shadows: list[Shadow] = []
    met_own = False
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        file = Path(folder) / "devenv"
        if not folder or not file.is_file() or not os.access(file, os.X_OK):
            continue
        what = "" if file.resolve() in own else _what(processes, file)
        if not what:
            met_own = True
        elif all(shadow.path != str(file) for shadow in shadows):
            shadows.append(Shadow(str(file), what, first=not met_own))
    return tuple(shadows)


def _what(processes: Processes, file: Path) -> str:
    """Which program it is; empty for this one, installed a second time."""
    try:
        head = file.open("rb").read(4096)
    except OSError:
        return "another program"
    if head.startswith(b"#!"):
        if b"devenv.cli.app" in head:
            return ""
        return "Enthought's devenv" if b"enthought" in head.lower() else "another program"
    words = _ask(processes, str(file), "version").output.strip().splitlines()
    return f"devenv.sh ({words[0]})" if words and words[0].startswith("devenv ") else "another program"


def _ask(processes: Processes, *argv: str) -> Completed:
    """Runs a program that may be broken: that it cannot be started is an answer too."""
    try:
        return processes.run(argv, timeout=_LIMIT)
    except DevenvError as error:
        return Completed(127, "", str(error))


def _object(text: str) -> dict[str, Any]:
    try:
        return _mapping(json.loads(text))
    except ValueError:
        return {}


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
