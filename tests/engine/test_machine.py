"""Looking at a machine: made-up folders and programs, read as real ones are."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from devenv.engine import apt_sources, machine
from devenv.engine.process import LocalProcesses
from devenv.model.machine import Apt, Plugin

INFO = {
    "ServerVersion": "26.1.5",
    "DockerRootDir": "/",
    "ClientInfo": {
        "Version": "28.2.2",
        "Context": "default",
        "Plugins": [
            {"Name": "buildx", "Version": "v0.13.1", "Path": "/p/docker-buildx"},
            {"Name": "compose", "Err": "exec format error", "Path": "/p/docker-compose"},
        ],
    },
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("etc/apt/sources.list.d", "etc/ssl/certs", "run/systemd/system", "bin", "proc", "usr/sbin"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "etc/os-release").write_text(
        'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="D 12"\n'
    )
    return tmp_path


def program(root: Path, name: str, text: str) -> None:
    file = root / "bin" / name
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


@pytest.fixture
def processes(root: Path, monkeypatch: pytest.MonkeyPatch) -> LocalProcesses:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("PATH", str(root / "bin"))
    return LocalProcesses(dict(os.environ))


def docker(root: Path, info: dict[str, object], endpoint: str) -> None:
    answer = json.dumps(info).replace("'", "")
    program(
        root,
        "docker",
        f"case $1 in info) echo '{answer}' ;; context) echo {endpoint} ;; *) echo Docker version 1 ;; esac",
    )


def test_a_machine_without_docker(root: Path, processes: LocalProcesses) -> None:
    program(root, "apt-get", "")
    (root / "usr/sbin/dockerd").touch()
    facts = machine.look(processes, root=root, terminal=False)
    assert (facts.distribution, facts.release, facts.codename, facts.name) == ("debian", "12", "bookworm", "D 12")
    assert facts.systemd and not facts.certificates and not facts.apparmor
    assert facts.client is None
    assert facts.dockerd == "/usr/sbin/dockerd"
    assert facts.apt == Apt()
    assert facts.memory > 0 and facts.disk_free > 0


def test_a_client_and_its_plugins(root: Path, processes: LocalProcesses) -> None:
    docker(root, dict(INFO), "tcp://far:2376")
    client = machine.look(processes, root=root).client
    assert client is not None
    assert (client.version, client.engine, client.endpoint, client.socket) == ("28.2.2", "26.1.5", "tcp://far:2376", "")
    assert client.buildx == Plugin("0.13.1", "/p/docker-buildx")
    assert client.compose is None, "a plugin that cannot be run is none"


def test_an_engine_that_does_not_answer(root: Path, processes: LocalProcesses) -> None:
    docker(root, {**INFO, "ServerVersion": "", "ServerErrors": ["Cannot connect"]}, f"unix://{root}/none.sock")
    client = machine.look(processes, root=root).client
    assert client is not None
    assert (client.engine, client.error, client.permitted) == ("", "Cannot connect", True)
    assert client.socket == f"{root}/none.sock"
    assert not client.chosen


def test_an_engine_that_docker_host_names(
    root: Path, processes: LocalProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker(root, dict(INFO), "unix:///var/run/docker.sock")
    monkeypatch.setenv("DOCKER_HOST", f"unix://{root}/named.sock")
    client = machine.look(processes, root=root).client
    assert client is not None and client.chosen
    assert client.socket == f"{root}/named.sock"


def test_podman_is_told_from_docker(root: Path, processes: LocalProcesses) -> None:
    program(root, "docker", 'case $1 in info) echo "{}" ;; *) echo podman version 4.3.1 ;; esac')
    client = machine.look(processes, root=root).client
    assert client is not None and client.podman


def test_a_client_that_cannot_be_run_is_a_fact_too(root: Path, processes: LocalProcesses) -> None:
    (root / "bin/docker").write_bytes(b"\x7fELF nonsense")
    (root / "bin/docker").chmod(0o755)
    client = machine.look(processes, root=root).client
    assert client is not None and client.engine == "" and client.error


def test_other_programs_called_devenv(root: Path, processes: LocalProcesses) -> None:
    program(root, "devenv", "echo not ours")
    (shadow,) = machine.look(processes, root=root).shadows
    assert (shadow.path, shadow.what, shadow.first) == (f"{root}/bin/devenv", "another program", True)
    program(root, "devenv", "# from devenv.cli.app import main")
    assert machine.look(processes, root=root).shadows == ()


@pytest.mark.parametrize(
    ("marker", "text", "inside"),
    [
        (".dockerenv", "", "a Docker container"),
        ("run/.containerenv", "", "a Podman container"),
        ("proc/version", "Linux version 5.15-microsoft-standard-WSL2", "WSL"),
        ("proc/version", "Linux version 6.1", ""),
    ],
)
def test_what_the_machine_is_made_of(
    root: Path, processes: LocalProcesses, marker: str, text: str, inside: str
) -> None:
    (root / marker).write_text(text)
    assert machine.look(processes, root=root).inside == inside


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("sources.list", "deb http://m.example/debian bookworm main\n", Apt("http://m.example/debian")),
        (
            "sources.list",
            "# deb http://old.example bookworm main\n"
            "deb http://m.example/debian-security bookworm-security main\n"
            "deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian/ bookworm main\n"
            "deb http://m.example/debian trixie main\n",
            Apt("http://m.example/debian", "/k.gpg", trixie=True),
        ),
        (
            "sources.list.d/debian.sources",
            "Types: deb\n# a comment\nURIs: http://m.example/debian\nSuites: bookworm\n bookworm-updates\n"
            "Components: main\nSigned-By: /k.gpg\n\n"
            "Types: deb\nEnabled: no\nURIs: http://m.example/debian\nSuites: trixie\nComponents: main\n",
            Apt("http://m.example/debian", "/k.gpg"),
        ),
        (
            "sources.list.d/a.sources",
            "Types: deb-src\nURIs: http://m.example/src\nSuites: bookworm\nComponents: main\n",
            Apt(),
        ),
        (
            "sources.list.d/docker.list",
            "deb [signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/debian bookworm stable\n"
            "deb http://tools.example bookworm main\n"
            "deb http://m.example/debian bookworm main contrib\n",
            Apt("http://m.example/debian", docker=True),
        ),
        ("sources.list.d/a.list.disabled", "deb http://m.example/debian bookworm main\n", Apt()),
    ],
)
def test_apts_sources(root: Path, name: str, text: str, expected: Apt) -> None:
    (root / "etc/apt" / name).write_text(text)
    assert apt_sources.read(root / "etc/apt", "bookworm") == expected


def test_a_machine_without_apt(root: Path) -> None:
    assert apt_sources.read(root / "nowhere", "bookworm") is None
