"""What the engine has on a service that failed, and what that says together with the stack's definition."""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from devenv.core.compose.mountpoints import split_colons
from devenv.core.diagnosis.programs import program_in
from devenv.core.diagnosis.symptoms import Facts
from devenv.engine.protocols import Daemon
from devenv.errors import DevenvError
from devenv.model.manifest import template_name
from devenv.model.observed import Container
from devenv.model.stack import Service
from devenv.records import frozen, replace

_READ = 60
"""Lines that a cause is looked for in: the one that tells is rarely the last."""

_LONG = 1000
"""Characters of such a line that are looked at, half of them at its end: some log whole files in one line."""

_BEFORE = timedelta(seconds=2)
"""What a container said before its last start counts no more; but the engine notes the start late."""


_KILLED = 137  # 128 and SIGKILL's number
_LATE = 0.2  # seconds


@frozen
class Evidence:
    """What the engine has on a failed container: its state, the tail of its log, its last failed probe's output and
    exit code (None when no probe has ended), the beginning of the program that it could not run, the engine's
    architecture (where that matters). `gone` says that somebody has removed it."""

    container: Container | None = None
    log: tuple[str, ...] = ()
    probe: str = ""
    probe_code: int | None = None
    program: bytes | None = None
    architecture: str = ""
    gone: bool = False


def observe(daemon: Daemon, container_id: str | None, *, words: str = "", probed: bool = False) -> Evidence:
    """Asks the engine for the evidence; what it cannot give is left out. `words` are its own when it refused to start
    the container; `probed` says that the health check matters."""
    if container_id is None:
        return Evidence()
    try:
        container = _inspected(daemon, container_id)
        if container is None or container.state in ("removing", "dead"):
            return Evidence(gone=True)
        started = container.started_at
        lines = daemon.logs(container_id, since=started - _BEFORE if started else None, tail=_READ)
        log = tuple(text for _, text in lines)[-_READ:]
        probes = daemon.probes(container_id) if probed else []
    except DevenvError:
        return Evidence()
    failed = [p for p in probes if p.exit_code != 0]
    probe = failed[-1].output.strip() if failed else ""
    code = failed[-1].exit_code if failed else 0 if probes else None
    return _with_program(daemon, container_id, words, Evidence(container, log, probe, code))


def _inspected(daemon: Daemon, container_id: str) -> Container | None:
    """A container as it is; of one that was killed, as it is a moment later: that its memory ran out may come to the
    engine's ears after its end."""
    container = daemon.inspect(container_id)
    if container is None or container.exit_code != _KILLED or container.oom_killed or container.state == "running":
        return container
    time.sleep(_LATE)
    return daemon.inspect(container_id)


def _with_program(daemon: Daemon, container_id: str, words: str, seen: Evidence) -> Evidence:
    path = program_in("\n".join((words, *seen.log)))
    if path is None or "/" not in path:
        return seen
    try:
        program = daemon.beginning(container_id, path)
        machine = daemon.info().architecture
    except DevenvError:
        return seen
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return replace(seen, program=program, architecture=architecture)


def facts(
    service: Service,
    neighbours: Mapping[str, Service],
    evidence: Evidence,
    exit_code: int | None,
    words: str,
    root: str,
) -> Facts:
    """The facts in which a cause is looked for. `neighbours` are all services of the stack by name, `root` is the
    manifest's folder."""
    container = evidence.container
    others = {name: other for name, other in neighbours.items() if name != service.name and other.setup_of is None}
    ports = {port.container: name for name, other in reversed(others.items()) for port in other.ports}
    return Facts(
        service=service.setup_of or service.name,
        exit_code=exit_code,
        log=tuple(map(_short, evidence.log)),
        engine=words,
        program=evidence.program,
        architecture=evidence.architecture,
        starved=container is not None and container.oom_killed and container.state == "running",
        probe=evidence.probe,
        command=_command(service),
        built=service.build,
        image=container.image if container else "",
        user=container.user if container else "",
        volumes=container.targets if container else {},
        mounts=dict(filter(None, (_mount(item, root) for item in service.compose.get("volumes") or []))),
        needs=frozenset(need.service for need in service.needs),
        ports=ports,
        services=tuple(name for name, other in neighbours.items() if other.setup_of is None),
        template=template_name(service.origin.template or ""),
        setup=service.setup_of is not None,
    )


def _short(line: str) -> str:
    return line if len(line) <= _LONG else f"{line[: _LONG // 2]} … {line[-_LONG // 2 :]}"


def _command(service: Service) -> tuple[str, ...]:
    """The words of what the manifest has a service run; a file that is named from its working directory in full."""
    written = [service.compose.get(key) or [] for key in ("entrypoint", "command")]
    words = [str(word) for one in written for word in (one if isinstance(one, list) else str(one).split())]
    folder = str(service.compose.get("working_dir") or "/")
    return tuple(
        posixpath.normpath(posixpath.join(folder, word)) if re.search(r"[./]", word) else word for word in words
    )


def _mount(item: Any, root: str) -> tuple[str, str] | None:
    """Target and source of what is mounted from this machine; None for named volumes and the like."""
    if isinstance(item, dict):
        source, target = str(item.get("source") or ""), str(item.get("target") or "")
        if item.get("type") != "bind":
            return None
    else:
        source, target, *_ = [*split_colons(str(item)), ""]
        if not source.startswith((".", "/", "~")):
            return None
    if not source or not target or "$" in source:
        return None
    return target, source if source.startswith("~") else posixpath.normpath(posixpath.join(root, source))
