"""Where the Docker engine listens: the same answer as the docker command gives, and fall-backs where it has none."""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from devenv.engine.user_folders import home
from devenv.errors import DevenvError
from devenv.records import frozen

_SYSTEM = re.compile(r"""\[Errno -?\d+\] ([^"')]+)|Error\(-?\d+, ['"]([^'"]+)""")  # inside requests' long words

Source = Literal["DOCKER_HOST", "context", "default", "fall-back"]

_WINDOWS = "npipe:////./pipe/docker_engine"
_DEFAULT = "/var/run/docker.sock"


@frozen
class Endpoint:
    """`host` is a URL (`unix://…`, `tcp://…`, `ssh://…`, `npipe://…`); `context` the Docker context's name.

    `ca`, `certificate` and `key` are files for TLS; `verify` is False when the context says to skip it.
    """

    host: str
    source: Source
    context: str = ""
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None
    tls: bool = False
    verify: bool = True

    @property
    def client_environment(self) -> dict[str, str]:
        """What the docker command needs in its environment to reach the same engine; mostly nothing."""
        return {"DOCKER_HOST": self.host} if self.source == "fall-back" else {}


def find_endpoint(environ: Mapping[str, str]) -> Endpoint:
    """The engine's address: DOCKER_HOST, else the docker command's context, else the usual socket, else the socket
    of another engine that answers (rootless, Docker Desktop, Colima, Rancher Desktop, OrbStack, Podman)."""
    if host := environ.get("DOCKER_HOST"):
        return _from_environment(host, environ)
    config = Path(environ.get("DOCKER_CONFIG") or home(environ) / ".docker")
    context = environ.get("DOCKER_CONTEXT") or _current_context(config)
    if context and context != "default":
        return _from_context(context, config)
    if sys.platform == "win32":
        return Endpoint(_WINDOWS, "default")
    if not Path(_DEFAULT).exists() or not _answers(_DEFAULT):
        for path in _fall_backs(environ):
            if _answers(path):
                return Endpoint(f"unix://{path}", "fall-back")
    return Endpoint(f"unix://{_DEFAULT}", "default")


def _from_environment(host: str, environ: Mapping[str, str]) -> Endpoint:
    if not environ.get("DOCKER_TLS_VERIFY") and not environ.get("DOCKER_TLS"):
        return Endpoint(host, "DOCKER_HOST")
    folder = Path(environ.get("DOCKER_CERT_PATH") or environ.get("DOCKER_CONFIG") or home(environ) / ".docker")
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    return Endpoint(host, "DOCKER_HOST", "", *_certificates(folder), tls=True, verify=verify)


def _current_context(config: Path) -> str:
    found = _json(config / "config.json").get("currentContext")
    return found if isinstance(found, str) else ""


def _from_context(name: str, config: Path) -> Endpoint:
    digest = hashlib.sha256(name.encode()).hexdigest()
    meta = _json(config / "contexts" / "meta" / digest / "meta.json")
    endpoints = meta.get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(docker, dict) or not isinstance(docker.get("Host"), str):
        raise DevenvError.of(
            "DE401",
            f"the Docker context '{name}' is not there",
            hint="choose another: `docker context ls`, `docker context use NAME`",
        )
    certificates = _certificates(config / "contexts" / "tls" / digest / "docker")
    verify = not docker.get("SkipTLSVerify")
    return Endpoint(docker["Host"], "context", name, *certificates, tls=any(certificates), verify=verify)


def _certificates(folder: Path) -> tuple[str | None, str | None, str | None]:
    found = [folder / name for name in ("ca.pem", "cert.pem", "key.pem")]
    ca, certificate, key = (str(path) if path.is_file() else None for path in found)
    return ca, certificate, key


def _json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty when the file is missing or damaged."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _fall_backs(environ: Mapping[str, str]) -> list[str]:
    own = home(environ)
    runtime = environ.get("XDG_RUNTIME_DIR") or (f"/run/user/{os.getuid()}" if hasattr(os, "getuid") else "")
    return [
        *([f"{runtime}/docker.sock"] if runtime else []),
        str(own / ".docker/run/docker.sock"),
        str(own / ".docker/desktop/docker.sock"),
        str(own / ".colima/default/docker.sock"),
        str(own / ".rd/docker.sock"),
        str(own / ".orbstack/run/docker.sock"),
        *([f"{runtime}/podman/podman.sock"] if runtime else []),
        "/run/podman/podman.sock",
    ]


def _answers(path: str) -> bool:
    """Whether something listens at a socket, or would if we were allowed to ask."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2)
            probe.connect(path)
    except PermissionError:
        return path == _DEFAULT
    except OSError:
        return False
    return True


def unreachable(endpoint: Endpoint, words: str, environ: Mapping[str, str]) -> DevenvError:
    """DE401 for an engine that gave `words` instead of an answer: what is wrong, and what to do about it."""
    message, hint = _reason(endpoint, words, environ)
    system = _SYSTEM.search(words)
    short = (system[1] or system[2]).strip() if system else words
    return DevenvError.of("DE401", message, hint=hint, evidence=[f"{endpoint.host}: {short}"] if short else [])


def _reason(endpoint: Endpoint, words: str, environ: Mapping[str, str]) -> tuple[str, str]:
    host = endpoint.host
    if "Permission denied" in words or "PermissionError" in words or "EACCES" in words:
        return (
            f"this user may not use the Docker engine at {host}",
            "join its group: `sudo usermod -aG docker $USER`, then log in again",
        )
    if endpoint.source == "DOCKER_HOST":
        return f"no Docker engine answers at {host}, which DOCKER_HOST names", "correct DOCKER_HOST, or unset it"
    if endpoint.source == "context":
        return (
            f"no Docker engine answers at {host}, which the Docker context '{endpoint.context}' names",
            "start it, or choose another: `docker context use default`",
        )
    from shutil import which

    path = environ.get("PATH")
    if not any(which(program, path=path) for program in ("docker", "dockerd", "podman")):
        return "Docker is not installed", "`devenv doctor` says how to install it"
    if sys.platform == "linux":
        return (
            f"the Docker engine is not running (nothing answers at {host})",
            "start it: `sudo systemctl start docker`",
        )
    return (
        f"the Docker engine is not running (nothing answers at {host})",
        "start Docker Desktop (or Colima, OrbStack, …)",
    )
