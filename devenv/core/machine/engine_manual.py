"""The commands that bring Docker onto systems where devenv does not install it by itself."""

from __future__ import annotations

from devenv.model.machine import Machine

_ENABLE = "sudo systemctl enable --now docker"
_RED_HAT = "docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin"

_BY_DISTRIBUTION: dict[str, tuple[str, ...]] = {
    "fedora": ("sudo dnf install -y moby-engine docker-cli docker-compose docker-buildx", _ENABLE),
    "rhel": (
        "sudo dnf config-manager --add-repo https://download.docker.com/linux/rhel/docker-ce.repo",
        f"sudo dnf install -y {_RED_HAT}",
        _ENABLE,
    ),
    "arch": ("sudo pacman -S --needed docker docker-compose docker-buildx", _ENABLE),
    "alpine": (
        "sudo apk add docker docker-cli-compose docker-cli-buildx",
        "sudo rc-update add docker",
        "sudo service docker start",
    ),
    "suse": ("sudo zypper install docker docker-compose docker-buildx", _ENABLE),
    "nixos": (
        "# in /etc/nixos/configuration.nix: virtualisation.docker.enable = true;",
        "sudo nixos-rebuild switch",
    ),
}

_BY_SYSTEM: dict[str, tuple[str, ...]] = {
    "Darwin": ("brew install colima docker docker-compose docker-buildx", "colima start"),
    "Windows": ("winget install --exact --id Docker.DockerDesktop",),
}


def manual_commands(machine: Machine, needed: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A sentence that says what is to be done, and the commands that do it (none where devenv knows of none)."""
    if not needed:
        commands = (_ENABLE,) if machine.systemd else _BY_SYSTEM.get(machine.system, ())[1:]
        return "Docker is installed but does not answer. Start it.", commands
    if machine.system != "Linux":
        return f"On {machine.name} devenv leaves the installation of Docker to you.", _BY_SYSTEM.get(machine.system, ())
    for name in (machine.distribution, *machine.like):
        family = "suse" if "suse" in name else name
        if family in _BY_DISTRIBUTION:
            return f"On {machine.name} devenv leaves the installation of Docker to you.", _BY_DISTRIBUTION[family]
    return f"devenv does not know {machine.name}. Install Docker as docs.docker.com/engine/install says.", ()
