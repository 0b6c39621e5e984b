"""Is this machine fit for bringing stacks up, and if not, make it so: only what is missing, and only after a yes."""

from __future__ import annotations

import re
from collections.abc import Callable

from devenv.core.machine.engine_install import command_lines, plan, repository_url
from devenv.engine.protocols import Host
from devenv.errors import DevenvError
from devenv.events import Note, Output, Sink
from devenv.model.machine import Client, Diagnosis, Finding, Installation, Machine, Step
from devenv.model.observed import EngineInfo
from devenv.records import replace

_GIB = 1 << 30
_LITTLE_MEMORY = 4 * _GIB
_LITTLE_DISK = 10 * _GIB
_OLDEST_API = (1, 41)
_START_INTERVAL_API = (1, 44)
_OLDEST_COMPOSE = (2, 20)
_WANTED_COMPOSE = (2, 24)
_ARCHITECTURES = ("amd64", "arm64")


def diagnose(host: Host) -> Diagnosis:
    """Looks at everything that bringing up a stack depends on, and changes nothing. Says what `fix` would do, too."""
    machine = _facts(host)
    info = host.info() if machine.client and machine.client.engine else None
    findings = (
        _client(machine),
        _endpoint(machine),
        _engine(machine),
        _api(info),
        _compose(machine),
        _buildx(machine),
        _architecture(machine, info),
        _memory(info.memory if info and info.memory else machine.memory),
        _disk(machine),
        *_others(machine),
    )
    present = tuple(finding for finding in findings if finding is not None)
    usable = not any(finding.status in ("missing", "failed") for finding in present)
    return Diagnosis(present, machine, usable, plan(machine))


def fix(host: Host, consent: Callable[[str], bool], sink: Sink) -> None:
    """Installs what is missing and starts the engine, after `consent` to a list that went to `sink` before.

    Nothing happens where nothing is missing. Raises DevenvError: DE402 where devenv does not install by itself
    (with the commands to run), DE403 without consent, DE404 when a step fails, DE405 when the engine does not start.
    """
    installation = plan(_facts(host))
    carry_out(host, installation, "Do this now?", consent, sink)


def carry_out(
    host: Host, installation: Installation, question: str, consent: Callable[[str], bool], sink: Sink
) -> None:
    """Shows the steps of an installation, asks, does them, and says how each is undone. Raises as `fix` does."""
    if installation.manual:
        raise DevenvError.of(
            "DE402", _lower(installation.manual), hint=_hint(installation), evidence=installation.commands
        )
    if not installation.steps:
        return
    _announce(installation, sink)
    if not consent(question):
        lines = [line for step in installation.steps for line in command_lines(step, sudo=installation.sudo)]
        hint = "run this again with --yes, or run the commands above yourself"
        raise DevenvError.of("DE403", "nothing was installed, since nobody agreed to it", hint=hint, evidence=lines)
    for step in installation.steps:
        sink(Note(text=step.does))
        host.perform(step, sudo=installation.sudo, on_line=lambda line: sink(Output(source="install", text=line)))
    if undo := [step.undo for step in reversed(installation.steps) if step.undo]:
        sink(Note(text="To undo this: " + "; ".join(undo)))


def _facts(host: Host) -> Machine:
    """The machine's facts, with the net asked about Docker's own packages only when an engine is missing."""
    machine = host.look()
    if machine.dockerd or (machine.client and machine.client.engine) or machine.apt is None:
        return machine
    url = repository_url(machine)
    return replace(machine, docker_packages=bool(url) and host.reaches(url))


def _announce(installation: Installation, sink: Sink) -> None:
    how = "with sudo" if installation.sudo else "as root"
    sink(Note(text=f"To bring up stacks on this machine, devenv would, {how}:"))
    for number, step in enumerate(installation.steps, 1):
        sink(Note(text=f"  {number}. {step.does}{_what(step)}"))


def _what(step: Step) -> str:
    if hasattr(step, "path"):
        return f" ({step.path})"
    return f": {' '.join(step.argv)}" if not hasattr(step, "log") else ""


def _hint(installation: Installation) -> str:
    return "run the commands above, then `devenv doctor`" if installation.commands else "then run `devenv doctor`"


def _lower(sentence: str) -> str:
    """As problem messages are written: lower-case start, no full stop; names keep their capitals."""
    first = sentence.partition(" ")[0]
    start = sentence[0].lower() if first in ("This", "The", "On", "Start") else sentence[0]
    return start + sentence[1:].removesuffix(".")


def _client(machine: Machine) -> Finding:
    client = machine.client
    if client is None:
        return Finding("client", "missing", "no docker client on PATH", "`devenv doctor --fix` installs it")
    if client.podman:
        return Finding("client", "failed", client.version, "devenv needs Docker's own client and engine")
    return Finding("client", "ok", f"{client.version} ({client.path})")


def _endpoint(machine: Machine) -> Finding | None:
    client = machine.client
    if client is None or client.podman:
        return None
    named = "DOCKER_HOST names it" if client.chosen else f"context {client.context}"
    value = f"{client.endpoint or 'unknown'} ({named})"
    if client.permitted:
        return Finding("endpoint", "ok", value)
    advice = 'sudo usermod -aG docker "$USER", then log in anew; members of that group are as good as root'
    return Finding("endpoint", "failed", f"no permission to use {client.socket}", advice)


def _engine(machine: Machine) -> Finding:
    client = machine.client
    if client and client.engine:
        return Finding("engine", "ok", client.engine)
    if client and not client.permitted:
        return Finding("engine", "failed", "not to be reached without permission to use its socket")
    if client and client.endpoint and not client.socket:
        return Finding("engine", "failed", _first_line(client), _advice(machine, "starts it"))
    if machine.dockerd:
        return Finding("engine", "failed", "installed, but does not answer", _advice(machine, "starts it"))
    return Finding("engine", "missing", "no engine on this machine", _advice(machine, "installs and starts it"))


def _advice(machine: Machine, does: str) -> str:
    installation = plan(machine)
    if installation.manual:
        return " && ".join(installation.commands) or installation.manual
    return f"`devenv doctor --fix` {does}"


def _first_line(client: Client) -> str:
    return client.error.splitlines()[0] if client.error else "does not answer"


def _api(info: EngineInfo | None) -> Finding | None:
    if info is None or not info.api_version:
        return None
    version = _version(info.api_version)
    if version < _OLDEST_API:
        return Finding(
            "api", "failed", info.api_version, "the engine is too old; devenv needs 20.10 or newer, 25 is best"
        )
    if version < _START_INTERVAL_API:
        advice = "engines before 25 have no start_interval; devenv probes at short intervals instead, which costs more"
        return Finding("api", "warning", info.api_version, advice)
    return Finding("api", "ok", info.api_version)


def _compose(machine: Machine) -> Finding | None:
    if machine.client is None or machine.client.podman:
        return None
    plugin = machine.client.compose
    if plugin is None:
        return Finding("compose", "missing", "no Compose plugin", "`devenv doctor --fix` installs it")
    value = f"{plugin.version} ({plugin.path})"
    if _version(plugin.version) < _OLDEST_COMPOSE:
        return Finding("compose", "failed", value, "too old; install 2.24 or newer beside it or in its place")
    if _version(plugin.version) < _WANTED_COMPOSE:
        return Finding("compose", "warning", value, "2.24 or newer is what devenv is tested with")
    return Finding("compose", "ok", value)


def _buildx(machine: Machine) -> Finding | None:
    if machine.client is None or machine.client.podman:
        return None
    plugin = machine.client.buildx
    if plugin is None:
        return Finding("buildx", "warning", "no buildx plugin", "builds want it; `devenv doctor --fix` installs it")
    return Finding("buildx", "ok", f"{plugin.version} ({plugin.path})")


def _architecture(machine: Machine, info: EngineInfo | None) -> Finding:
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    value = (info.architecture if info else "") or machine.architecture
    value = names.get(value, value)
    if value in _ARCHITECTURES:
        return Finding(
            "architecture", "ok", f"{value}, {machine.name}" + (f", in {machine.inside}" * bool(machine.inside))
        )
    return Finding("architecture", "warning", value, "many images exist for amd64 and arm64 only")


def _memory(size: int) -> Finding:
    if not size:
        return Finding("memory", "warning", "unknown")
    advice = "stacks of several services want 4 GiB or more" if size < _LITTLE_MEMORY else ""
    return Finding("memory", "warning" if advice else "ok", f"{size / _GIB:.1f} GiB", advice)


def _disk(machine: Machine) -> Finding:
    if not machine.disk_path:
        return Finding("disk", "warning", "unknown")
    advice = "images and volumes want 10 GiB or more; `docker system df` shows what takes space"
    little = machine.disk_free < _LITTLE_DISK
    value = f"{machine.disk_free / _GIB:.1f} GiB free at {machine.disk_path}"
    return Finding("disk", "warning" if little else "ok", value, advice if little else "")


def _others(machine: Machine) -> list[Finding]:
    found: list[Finding] = []
    for shadow in machine.shadows:
        advice = "typing `devenv` runs that one; use ./devenvw, or put this devenv's folder before it on PATH"
        found.append(
            Finding(
                "other devenv",
                "warning" if shadow.first else "ok",
                f"{shadow.path}: {shadow.what}",
                advice * shadow.first,
            )
        )
    return found


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])
