"""What the doctor finds, and that it repairs only after a yes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from devenv.engine.protocols import OnLine
from devenv.errors import DevenvError, ExitCode
from devenv.events import Event, Note, Output
from devenv.model.machine import Apt, Client, Machine, Plugin, Shadow, Start, Step
from devenv.model.observed import EngineInfo
from devenv.ops.doctor import diagnose, fix
from devenv.records import replace

GIB = 1 << 30
CLIENT = Client(
    "/usr/bin/docker",
    "26.1.5",
    endpoint="unix:///var/run/docker.sock",
    socket="/var/run/docker.sock",
    compose=Plugin("2.26.1-4", "/usr/libexec/docker/cli-plugins/docker-compose"),
    buildx=Plugin("0.13.1", "/usr/libexec/docker/cli-plugins/docker-buildx"),
    engine="26.1.5",
)
BARE = Machine(
    "Linux",
    "amd64",
    "debian",
    release="13",
    codename="trixie",
    name="Debian 13",
    root=True,
    memory=8 * GIB,
    disk_path="/var/lib/docker",
    disk_free=50 * GIB,
    apt=Apt("http://mirror.example/debian"),
)
READY = replace(BARE, client=CLIENT, dockerd="/usr/sbin/dockerd")
INFO = EngineInfo("26.1.5", "1.45", architecture="x86_64", memory=8 * GIB)


class FakeHost:
    """A machine of facts; its engine runs once a Start was performed."""

    def __init__(self, machine: Machine, info: EngineInfo | None = INFO, *, fails: str = "") -> None:
        self.machine = machine
        self.engine = info
        self.performed: list[Step] = []
        self.asked: list[str] = []
        self.fails = fails

    def look(self) -> Machine:
        return self.machine

    def info(self) -> EngineInfo | None:
        return self.engine

    def reaches(self, url: str) -> bool:
        self.asked.append(url)
        return False

    def perform(self, step: Step, *, sudo: bool = False, on_line: OnLine | None = None) -> None:
        if self.fails and self.fails in step.does:
            raise DevenvError.of("DE404", f"this failed: {step.does}")
        self.performed.append(step)
        if on_line:
            on_line("a line")
        if isinstance(step, Start):
            self.machine = READY


def found(host: FakeHost) -> dict[str, tuple[str, str]]:
    return {finding.name: (finding.status, finding.value) for finding in diagnose(host).findings}


def test_a_whole_machine() -> None:
    host = FakeHost(READY)
    diagnosis = diagnose(host)
    assert diagnosis.usable
    assert {finding.status for finding in diagnosis.findings} == {"ok"}
    assert found(host) == {
        "client": ("ok", "26.1.5 (/usr/bin/docker)"),
        "endpoint": ("ok", "unix:///var/run/docker.sock (context default)"),
        "engine": ("ok", "26.1.5"),
        "api": ("ok", "1.45"),
        "compose": ("ok", "2.26.1-4 (/usr/libexec/docker/cli-plugins/docker-compose)"),
        "buildx": ("ok", "0.13.1 (/usr/libexec/docker/cli-plugins/docker-buildx)"),
        "architecture": ("ok", "amd64, Debian 13"),
        "memory": ("ok", "8.0 GiB"),
        "disk": ("ok", "50.0 GiB free at /var/lib/docker"),
    }
    assert host.asked == [], "the net is left alone where nothing is missing"


def test_a_bare_machine() -> None:
    diagnosis = diagnose(FakeHost(BARE, None))
    assert not diagnosis.usable
    status = {finding.name: finding.status for finding in diagnosis.findings}
    assert (status["client"], status["engine"]) == ("missing", "missing")
    assert len(diagnosis.installation.steps) == 3


@pytest.mark.parametrize(
    ("client", "name", "status", "words"),
    [
        ({"engine": "", "error": "Cannot connect"}, "engine", "failed", "starts it"),
        ({"engine": "", "socket": "/tmp/none.sock", "chosen": True}, "engine", "failed", "unset DOCKER_HOST"),
        ({"engine": "", "endpoint": "tcp://far:2376", "socket": ""}, "engine", "failed", "docker context"),
        ({"engine": "", "permitted": False}, "endpoint", "failed", "usermod -aG docker"),
        ({"compose": None}, "compose", "missing", "--fix"),
        ({"compose": Plugin("2.10.0", "/x")}, "compose", "failed", "2.24"),
        ({"compose": Plugin("2.21.0", "/x")}, "compose", "warning", "2.24"),
        ({"buildx": None}, "buildx", "warning", "--fix"),
        ({"podman": True, "engine": ""}, "client", "failed", "Docker's own client"),
    ],
)
def test_what_is_wrong_with_docker(client: dict[str, object], name: str, status: str, words: str) -> None:
    diagnosis = diagnose(FakeHost(replace(READY, client=replace(CLIENT, **client))))  # type: ignore[arg-type]
    finding = next(finding for finding in diagnosis.findings if finding.name == name)
    assert (finding.status, words in finding.advice) == (status, True)
    assert diagnosis.usable is (status == "warning")


def test_what_names_the_engine_is_told() -> None:
    told = [
        finding.value
        for client in (CLIENT, replace(CLIENT, chosen=True))
        for finding in diagnose(FakeHost(replace(READY, client=client))).findings
        if finding.name == "endpoint"
    ]
    assert told == [
        "unix:///var/run/docker.sock (context default)",
        "unix:///var/run/docker.sock (DOCKER_HOST names it)",
    ]


@pytest.mark.parametrize(
    ("version", "status"), [("1.39", "failed"), ("1.43", "warning"), ("1.44", "ok"), ("1.50", "ok")]
)
def test_the_engines_api(version: str, status: str) -> None:
    assert found(FakeHost(READY, replace(INFO, api_version=version)))["api"] == (status, version)


def test_a_small_machine_is_usable_and_told_so() -> None:
    small = replace(READY, disk_free=3 * GIB, architecture="riscv64")
    diagnosis = diagnose(FakeHost(small, replace(INFO, memory=2 * GIB, architecture="riscv64")))
    assert diagnosis.usable
    warned = {finding.name for finding in diagnosis.findings if finding.status == "warning"}
    assert warned == {"memory", "disk", "architecture"}


def test_other_programs_of_the_name_are_named() -> None:
    first, later = (
        Shadow("/usr/bin/devenv", "devenv.sh (devenv 1.4)", True),
        Shadow("/opt/devenv", "another program", False),
    )
    findings = [f for f in diagnose(FakeHost(replace(READY, shadows=(first, later)))).findings if "devenv" in f.name]
    assert [(f.status, f.value) for f in findings] == [
        ("warning", "/usr/bin/devenv: devenv.sh (devenv 1.4)"),
        ("ok", "/opt/devenv: another program"),
    ]
    assert "./devenvw" in findings[0].advice


class Sink:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def notes(self) -> str:
        return "\n".join(event.text for event in self.events if isinstance(event, Note))


def repaired(host: FakeHost, answer: Callable[[str], bool]) -> tuple[DevenvError | None, Sink]:
    sink = Sink()
    try:
        fix(host, answer, sink)
    except DevenvError as error:
        return error, sink
    return None, sink


def test_a_repair_lists_what_it_will_do_before_it_asks() -> None:
    host = FakeHost(BARE, None)
    seen: list[str] = []
    sink = Sink()

    def yes(question: str) -> bool:
        seen.append(sink.notes)
        assert host.performed == []
        return True

    fix(host, yes, sink)
    assert "docker.io docker-cli docker-compose docker-buildx" in seen[0]
    assert [type(step).__name__ for step in host.performed] == ["Run", "Run", "Start"]
    assert "To undo this: kill" in sink.notes and "apt-get purge docker.io" in sink.notes
    assert any(isinstance(event, Output) and event.text == "a line" for event in sink.events)
    assert diagnose(host).usable


def test_without_a_yes_nothing_is_touched() -> None:
    host = FakeHost(BARE, None)
    error, _ = repaired(host, lambda question: False)
    assert host.performed == []
    assert error is not None and error.exit_code == ExitCode.ENGINE
    (problem,) = error.problems
    assert problem.code == "DE403"
    assert any("apt-get install" in line for line in problem.evidence)
    assert "--yes" in (problem.hint or "")


def test_where_devenv_does_not_install_it_says_how() -> None:
    fedora = replace(BARE, distribution="fedora", name="Fedora 42", apt=None)
    error, _ = repaired(FakeHost(fedora, None), lambda question: pytest.fail("nothing to ask"))
    assert error is not None and error.problems[0].code == "DE402"
    assert error.problems[0].message == "on Fedora 42 devenv leaves the installation of Docker to you"
    assert "sudo systemctl enable --now docker" in error.problems[0].evidence


def test_a_step_that_fails_ends_the_repair() -> None:
    host = FakeHost(BARE, None, fails="Install")
    error, _ = repaired(host, lambda question: True)
    assert error is not None and error.problems[0].code == "DE404"
    assert len(host.performed) == 1


def test_a_whole_machine_is_not_repaired() -> None:
    host = FakeHost(READY)
    assert repaired(host, lambda question: pytest.fail("nothing to ask"))[0] is None
    assert host.performed == []
