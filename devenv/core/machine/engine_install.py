"""Facts of a machine → what would make an engine usable on it, as data: every command, every file, how to undo it.

Only what is missing gets installed; what is there is never replaced. Devenv installs by itself on Debian and Ubuntu;
elsewhere the plan is the exact commands for a person to run.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from devenv.core.machine.engine_manual import manual_commands
from devenv.model.machine import Apt, Client, Download, Installation, Machine, Run, Start, Step, Write

_DOCKER = "https://download.docker.com/linux"
_KEYRING = "/etc/apt/keyrings/docker.asc"
_DOCKER_SOURCE = "/etc/apt/sources.list.d/docker.sources"
_TRIXIE_SOURCE = "/etc/apt/sources.list.d/devenv-trixie.sources"
_TRIXIE_PIN = "/etc/apt/preferences.d/devenv-trixie"
_LOG = "/var/log/dockerd.log"
_SOCKETS = ("/var/run/docker.sock", "/run/docker.sock")
_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "--no-upgrade", "--no-remove")
_UPDATE = Run("Read the lists of packages anew", ("apt-get", "update"))

_FROM_DOCKER = {
    "engine": "docker-ce containerd.io",
    "client": "docker-ce-cli",
    "compose": "docker-compose-plugin",
    "buildx": "docker-buildx-plugin",
}
_FROM_DEBIAN = {"engine": "docker.io", "client": "docker-cli", "compose": "docker-compose", "buildx": "docker-buildx"}
_FROM_UBUNTU = {"engine": "docker.io", "client": "docker.io", "compose": "docker-compose-v2", "buildx": "docker-buildx"}


def repository_url(machine: Machine) -> str:
    """What to ask for to learn whether Docker's own packages can be had here; empty where there are none."""
    family = _family(machine)
    return f"{_DOCKER}/{family}/dists/{machine.codename}/Release" if family and machine.codename else ""


def plan(machine: Machine) -> Installation:
    """What is to be done so that stacks can be brought up; no steps when nothing is missing."""
    client = machine.client
    needed = _missing(machine)
    answers = client is not None and bool(client.engine)
    if answers and not needed:
        return Installation()
    if client is not None and not answers and (reason := _elsewhere(client)):
        return reason
    if machine.system != "Linux" or machine.apt is None or not _family(machine):
        return _by_hand(machine, needed)
    steps: list[Step] = []
    if "engine" in needed and machine.apparmor:
        needed = (*needed, "apparmor")
    if needed:
        packages = _packages(machine, machine.apt, needed)
        if isinstance(packages, Installation):
            return packages
        steps += packages
    if "engine" in needed and not machine.root and machine.user:
        steps.append(_let_in(machine.user))
    if not answers:
        steps.append(_start(machine))
    return _as_root(machine, steps)


def command_lines(step: Step, *, sudo: bool = False) -> tuple[str, ...]:
    """What a person would type to do the same."""
    prefix = "sudo " if sudo else ""
    if isinstance(step, Write):
        return (f"{prefix}tee {step.path} >/dev/null <<'EOF'", *step.text.rstrip("\n").split("\n"), "EOF")
    if isinstance(step, Download):
        folder = step.path.rpartition("/")[0]
        return (f"{prefix}mkdir -p {folder}", f"{prefix}curl -fsSL -o {step.path} {step.url}")
    return (prefix + shlex.join(step.argv),)


def _missing(machine: Machine) -> tuple[str, ...]:
    client = machine.client
    parts = {
        "engine": not machine.dockerd and not (client and client.engine),
        "client": client is None,
        "compose": client is None or client.compose is None,
        "buildx": client is None or client.buildx is None,
    }
    return tuple(name for name, missing in parts.items() if missing)


def _elsewhere(client: Client) -> Installation | None:
    """Why an engine that does not answer is no matter of installing one."""
    if client.podman:
        return Installation(manual=f"{client.path} is Podman's; devenv needs Docker's client and engine.")
    if not client.permitted:
        return Installation(
            manual=f"This user may not use {client.socket}. Members of the group docker may, and are as good as root.",
            commands=('sudo usermod -aG docker "$USER"', "newgrp docker"),
        )
    if client.chosen and client.socket not in _SOCKETS:
        return Installation(
            manual=f"The engine at {client.endpoint}, which DOCKER_HOST names, does not answer: start it, "
            "or correct or unset DOCKER_HOST.",
            commands=("unset DOCKER_HOST",),
        )
    if client.endpoint and not client.socket:
        return Installation(
            manual=f"The docker client is set to the engine at {client.endpoint}, which does not answer.",
            commands=("docker context ls", "docker context use default"),
        )
    if "desktop" in client.socket:
        return Installation(manual="Docker Desktop is not running. Start it.")
    if client.socket and client.socket not in _SOCKETS:
        other = "" if client.context == "default" else ", or choose another: `docker context use default`"
        return Installation(
            manual=f"The engine at {client.socket} does not answer. Start it{other}.",
            commands=("systemctl --user start docker",) if client.socket.startswith("/run/user/") else (),
        )
    return None


def _family(machine: Machine) -> str:
    """Whose packages fit: `debian`, `ubuntu` or neither."""
    if machine.distribution == "ubuntu" or "ubuntu" in machine.like:
        return "ubuntu"
    return "debian" if machine.distribution == "debian" else ""


def _packages(machine: Machine, apt: Apt, needed: tuple[str, ...]) -> list[Step] | Installation:
    """The steps up to installed packages, or why devenv leaves that to a person."""
    # Docker's engine brings Docker's client along, which cannot stand beside the distribution's.
    foreign = machine.client is not None and machine.client.path in ("/usr/bin/docker", "/bin/docker")
    if apt.docker:
        return [_UPDATE, _install(_names(_FROM_DOCKER, needed), "Install from Docker's own packages")]
    if "engine" in needed and machine.docker_packages and not foreign:
        return [*_docker_source(machine), _install(_names(_FROM_DOCKER, needed), "Install from Docker's own packages")]
    if _family(machine) == "ubuntu":
        return [_UPDATE, _install(_names(_FROM_UBUNTU, needed), "Install from Ubuntu's packages")]
    release = machine.release.partition(".")[0]
    if not release or (release.isdigit() and int(release) >= 13):
        return [_UPDATE, _install(_names(_FROM_DEBIAN, needed), "Install from Debian's packages")]
    if release != "12":
        return _by_hand(machine, needed, "Debian before 12 has no Docker that devenv can use.")
    if "engine" not in needed:
        return _by_hand(machine, needed, "Debian 12's own engine is too old for the parts that are missing.")
    if not apt.mirror:
        return _by_hand(machine, needed, "The Debian mirror of this machine was not found in /etc/apt.")
    names = " ".join(f"{name}/trixie" for name in _names(_FROM_DEBIAN, needed).split())
    does = "Install from Debian 13's packages (Debian 12's are too old)"
    return [*_trixie_source(apt), _UPDATE, _install(names, does)]


def _names(table: Mapping[str, str], needed: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys(name for part in needed for name in table.get(part, part).split()))


def _install(names: str, does: str) -> Run:
    plain = [name.partition("/")[0] for name in names.split()]
    return Run(f"{does}: {', '.join(plain)}", (*_INSTALL, *names.split()), f"apt-get purge {' '.join(plain)}")


def _docker_source(machine: Machine) -> list[Step]:
    steps: list[Step] = []
    if not machine.certificates:
        steps += [_UPDATE, _install("ca-certificates", "Install what HTTPS needs")]
    family = _family(machine)
    lines = (
        "# Written by devenv. Docker's own packages.",
        "Types: deb",
        f"URIs: {_DOCKER}/{family}",
        f"Suites: {machine.codename}",
        "Components: stable",
        f"Signed-By: {_KEYRING}",
    )
    return [
        *steps,
        Download("Fetch the key that signs Docker's packages", f"{_DOCKER}/{family}/gpg", _KEYRING, f"rm {_KEYRING}"),
        Write("Add Docker's own packages to apt", _DOCKER_SOURCE, "\n".join(lines) + "\n", f"rm {_DOCKER_SOURCE}"),
        _UPDATE,
    ]


def _trixie_source(apt: Apt) -> list[Step]:
    """Debian 13 as a source that nothing comes from unless it is asked for by name."""
    signed = (f"Signed-By: {apt.keyring}",) if apt.keyring else ()
    source = (
        "# Written by devenv, for a Docker that is new enough. See also preferences.d/devenv-trixie.",
        "Types: deb",
        f"URIs: {apt.mirror}",
        "Suites: trixie",
        "Components: main",
        *signed,
    )
    pin = (
        "# Written by devenv: nothing comes from Debian 13 unless it is asked for by name.",
        "Package: *",
        "Pin: release n=trixie",
        "Pin-Priority: 50",
    )
    steps: list[Step] = [
        Write(
            "Keep Debian 13's packages from replacing any of this system's",
            _TRIXIE_PIN,
            "\n".join(pin) + "\n",
            f"rm {_TRIXIE_PIN}",
        )
    ]
    if not apt.trixie:
        text = "\n".join(source) + "\n"
        steps.append(Write("Add Debian 13's packages to apt", _TRIXIE_SOURCE, text, f"rm {_TRIXIE_SOURCE}"))
    return steps


def _let_in(user: str) -> Run:
    does = f"Let {user} use the engine (members of the group docker are as good as root)"
    return Run(does, ("usermod", "-aG", "docker", user), f"gpasswd -d {user} docker")


def _start(machine: Machine) -> Start:
    if machine.systemd:
        argv = ("systemctl", "enable", "--now", "docker")
        return Start("Start the engine, now and at every boot", argv, undo="systemctl disable --now docker")
    detached = ("/bin/sh", "-c", f"setsid dockerd >>{_LOG} 2>&1 </dev/null &")
    return Start(
        "Start the engine in the background (no systemd here)", detached, _LOG, 'kill "$(cat /run/docker.pid)"'
    )


def _as_root(machine: Machine, steps: list[Step]) -> Installation:
    if machine.root:
        return Installation(tuple(steps))
    if machine.sudo and machine.terminal:
        return Installation(tuple(steps), sudo=True)
    commands = tuple(line for step in steps for line in command_lines(step, sudo=True))
    return Installation(manual="This needs root, and there is no terminal to ask for a password.", commands=commands)


def _by_hand(machine: Machine, needed: tuple[str, ...], because: str = "") -> Installation:
    reason, commands = manual_commands(machine, needed)
    return Installation(manual=f"{because} {reason}".strip(), commands=commands)
