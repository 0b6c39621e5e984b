"""Facts of a machine → the plan that puts an engine on it."""

from __future__ import annotations

import pytest

from devenv.core.machine.engine_install import command_lines, plan, repository_url
from devenv.model.machine import Apt, Client, Download, Installation, Machine, Plugin, Run, Start, Write
from devenv.records import replace

MIRROR = "http://mirror.example/debian"
BOOKWORM = Machine(
    "Linux",
    "amd64",
    "debian",
    release="12",
    codename="bookworm",
    name="Debian 12",
    root=True,
    apt=Apt(MIRROR, "/k.gpg"),
)
TRIXIE = replace(BOOKWORM, release="13", codename="trixie", name="Debian 13", apt=Apt(MIRROR, trixie=True))
UBUNTU = replace(BOOKWORM, distribution="ubuntu", like=("debian",), release="24.04", codename="noble", name="Ubuntu")
WHOLE = Client(
    "/usr/bin/docker",
    "26.1.5",
    endpoint="unix:///var/run/docker.sock",
    socket="/var/run/docker.sock",
    compose=Plugin("2.26.1", "/x/docker-compose"),
    buildx=Plugin("0.13.1", "/x/docker-buildx"),
    engine="26.1.5",
)
SILENT = replace(WHOLE, engine="", error="Cannot connect to the Docker daemon")


def commands(installation: Installation) -> list[str]:
    """Every step as one line."""
    lines = []
    for step in installation.steps:
        lines.append(f"write {step.path}" if isinstance(step, Write) else command_lines(step)[-1])
    return [
        line.replace("apt-get install -y --no-install-recommends --no-upgrade --no-remove", "install") for line in lines
    ]


DETACHED = "/bin/sh -c 'setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &'"


def test_nothing_is_done_where_nothing_is_missing() -> None:
    assert plan(replace(TRIXIE, client=WHOLE, dockerd="/usr/sbin/dockerd")) == Installation()


def test_debian_13_has_all_of_it() -> None:
    assert commands(plan(TRIXIE)) == [
        "apt-get update",
        "install docker.io docker-cli docker-compose docker-buildx",
        DETACHED,
    ]


def test_debian_12_takes_it_from_13_and_nothing_else() -> None:
    installation = plan(BOOKWORM)
    assert commands(installation) == [
        "write /etc/apt/preferences.d/devenv-trixie",
        "write /etc/apt/sources.list.d/devenv-trixie.sources",
        "apt-get update",
        "install docker.io/trixie docker-cli/trixie docker-compose/trixie docker-buildx/trixie",
        DETACHED,
    ]
    pin, source = installation.steps[:2]
    assert isinstance(pin, Write) and isinstance(source, Write)
    assert "Package: *\nPin: release n=trixie\nPin-Priority: 50\n" in pin.text
    assert f"URIs: {MIRROR}\nSuites: trixie\nComponents: main\nSigned-By: /k.gpg\n" in source.text
    assert source.undo == "rm /etc/apt/sources.list.d/devenv-trixie.sources"


def test_debian_13_among_the_sources_is_not_added_again() -> None:
    written = [step for step in plan(replace(BOOKWORM, apt=Apt(MIRROR, trixie=True))).steps if isinstance(step, Write)]
    assert [step.path for step in written] == ["/etc/apt/preferences.d/devenv-trixie"]


def test_ubuntu_has_packages_of_its_own() -> None:
    assert commands(plan(UBUNTU))[1] == "install docker.io docker-compose-v2 docker-buildx"


@pytest.mark.parametrize(("machine", "family"), [(BOOKWORM, "debian"), (UBUNTU, "ubuntu")])
def test_dockers_own_packages_come_first_where_they_can_be_reached(machine: Machine, family: str) -> None:
    assert repository_url(machine).endswith(f"/linux/{family}/dists/{machine.codename}/Release")
    installation = plan(replace(machine, docker_packages=True, certificates=False, systemd=True))
    assert [line.rpartition("/")[2] for line in commands(installation)] == [
        "apt-get update",
        "install ca-certificates",
        "gpg",
        "docker.sources",
        "apt-get update",
        "install docker-ce containerd.io docker-ce-cli docker-compose-plugin docker-buildx-plugin",
        "systemctl enable --now docker",
    ]
    source = next(step for step in installation.steps if isinstance(step, Write))
    assert f"Suites: {machine.codename}\n" in source.text
    assert any(
        isinstance(step, Download) and step.path == "/etc/apt/keyrings/docker.asc" for step in installation.steps
    )


def test_a_client_of_the_distribution_is_not_replaced_by_dockers() -> None:
    bare = replace(SILENT, compose=None, buildx=None)
    installation = plan(replace(TRIXIE, client=bare, docker_packages=True))
    assert commands(installation)[1] == "install docker.io docker-compose docker-buildx"


def test_only_the_missing_plugin_is_installed() -> None:
    machine = replace(TRIXIE, client=replace(WHOLE, compose=None), dockerd="/usr/sbin/dockerd")
    assert commands(plan(machine)) == ["apt-get update", "install docker-compose"]
    dockers = replace(machine, apt=Apt(MIRROR, docker=True))
    assert commands(plan(dockers)) == ["apt-get update", "install docker-compose-plugin"]


def test_an_old_engine_is_left_alone() -> None:
    installation = plan(replace(BOOKWORM, client=replace(WHOLE, compose=None), dockerd="/usr/sbin/dockerd"))
    assert installation.steps == ()
    assert "too old" in installation.manual


def test_an_installed_engine_is_only_started() -> None:
    asleep = replace(TRIXIE, client=SILENT, dockerd="/usr/sbin/dockerd")
    assert commands(plan(asleep)) == [DETACHED]
    (step,) = plan(replace(asleep, systemd=True)).steps
    assert isinstance(step, Start)
    assert (step.argv, step.undo) == (("systemctl", "enable", "--now", "docker"), "systemctl disable --now docker")


def test_a_kernel_with_apparmor_gets_its_tool() -> None:
    assert commands(plan(replace(TRIXIE, apparmor=True)))[1].endswith(" apparmor")


def test_who_is_not_root_uses_sudo_at_a_terminal_and_reads_the_commands_elsewhere() -> None:
    person = replace(BOOKWORM, root=False, sudo=True, terminal=True)
    assert plan(person).sudo and plan(person).steps
    assert commands(plan(replace(person, user="me")))[-2] == "usermod -aG docker me"
    script = plan(replace(person, terminal=False))
    assert script.steps == ()
    assert "sudo tee /etc/apt/sources.list.d/devenv-trixie.sources >/dev/null <<'EOF'" in script.commands
    assert script.commands[-1] == "sudo " + DETACHED


@pytest.mark.parametrize(
    ("client", "words", "command"),
    [
        (replace(SILENT, permitted=False), "may not use /var/run/docker.sock", 'sudo usermod -aG docker "$USER"'),
        (replace(SILENT, endpoint="tcp://far:2376", socket=""), "tcp://far:2376", "docker context ls"),
        (replace(SILENT, endpoint="tcp://far:2376", socket="", chosen=True), "DOCKER_HOST", "unset DOCKER_HOST"),
        (replace(SILENT, socket="/tmp/none.sock", chosen=True), "DOCKER_HOST", "unset DOCKER_HOST"),
        (replace(SILENT, socket="/run/user/1000/docker.sock"), "Start it", "systemctl --user start docker"),
        (replace(SILENT, socket="/old.sock", context="old"), "Start it, or choose another: `docker context use", None),
        (replace(SILENT, socket="/home/me/.docker/desktop/docker.sock"), "Docker Desktop", None),
        (replace(SILENT, podman=True), "Podman", None),
    ],
)
def test_an_engine_that_is_set_up_elsewhere_is_not_installed_here(
    client: Client, words: str, command: str | None
) -> None:
    installation = plan(replace(TRIXIE, client=client))
    assert installation.steps == ()
    assert words in installation.manual
    assert command is None or command in installation.commands


def test_this_machines_own_engine_is_started_also_where_docker_host_names_it() -> None:
    machine = replace(TRIXIE, client=replace(SILENT, chosen=True), dockerd="/usr/sbin/dockerd")
    assert [type(step) for step in plan(machine).steps] == [Start]


@pytest.mark.parametrize(
    ("system", "distribution", "like", "command"),
    [
        ("Darwin", "", (), "colima start"),
        ("Windows", "", (), "winget install --exact --id Docker.DockerDesktop"),
        ("Linux", "fedora", (), "sudo systemctl enable --now docker"),
        ("Linux", "rocky", ("rhel", "centos", "fedora"), "sudo systemctl enable --now docker"),
        ("Linux", "arch", (), "sudo pacman -S --needed docker docker-compose docker-buildx"),
        ("Linux", "alpine", (), "sudo service docker start"),
        (
            "Linux",
            "opensuse-tumbleweed",
            ("opensuse", "suse"),
            "sudo zypper install docker docker-compose docker-buildx",
        ),
        ("Linux", "nixos", (), "sudo nixos-rebuild switch"),
        ("Linux", "plan9", (), None),
    ],
)
def test_elsewhere_the_commands_are_named_and_nothing_is_run(
    system: str, distribution: str, like: tuple[str, ...], command: str | None
) -> None:
    machine = Machine(system, "amd64", distribution, like, name="Thing 1", root=True, sudo=True, terminal=True)
    installation = plan(machine)
    assert installation.steps == ()
    assert "Thing 1" in installation.manual
    assert command in installation.commands if command else installation.commands == ()


@pytest.mark.parametrize("changes", [{"release": "11", "codename": "bullseye"}, {"apt": Apt()}])
def test_a_debian_that_cannot_be_served_is_told_why(changes: dict[str, object]) -> None:
    installation = plan(replace(BOOKWORM, **changes))  # type: ignore[arg-type]
    assert installation.steps == ()
    assert "Debian" in installation.manual


def test_every_step_says_what_it_does_and_what_changes_the_machine_how_it_is_undone() -> None:
    for machine in (BOOKWORM, TRIXIE, UBUNTU, replace(UBUNTU, docker_packages=True, certificates=False)):
        for step in plan(machine).steps:
            assert step.does
            assert step.undo or (isinstance(step, Run) and step.argv == ("apt-get", "update"))
