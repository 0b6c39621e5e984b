"""The steps of an installation, carried out on files and programs that are really there."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from devenv.engine.host import LocalHost
from devenv.engine.process import LocalProcesses
from devenv.errors import DevenvError
from devenv.model.machine import Download, Run, Start, Write
from devenv.model.observed import EngineInfo


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalHost:
    """A host whose docker client says that the engine answers once there is a file `up`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    docker = folder / "docker"
    info = '{"ServerVersion": "%s", "ClientInfo": {"Version": "26"}}'
    docker.write_text(f"#!/bin/sh\n[ -e {tmp_path}/up ] && version=26 || version=\nprintf '{info}' \"$version\"\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def nobody() -> EngineInfo:
        raise DevenvError.of("DE401", "there is none")

    return LocalHost(LocalProcesses(), nobody)


def problem(host: LocalHost, step: Run | Write | Download | Start) -> DevenvError:
    with pytest.raises(DevenvError) as caught:
        host.perform(step)
    return caught.value


def test_an_engine_that_does_not_answer_says_nothing_of_itself(host: LocalHost) -> None:
    assert host.info() is None


def test_a_command_hands_on_its_lines_and_asks_apt_for_no_questions(host: LocalHost) -> None:
    lines: list[str] = []
    host.perform(Run("Say it", ("sh", "-c", "echo $DEBIAN_FRONTEND; echo more >&2")), on_line=lines.append)
    assert sorted(lines) == ["more", "noninteractive"]


def test_a_command_that_fails_shows_its_words_and_what_they_mean(host: LocalHost) -> None:
    error = problem(host, Run("Install it", ("sh", "-c", "echo E: Unable to locate package x >&2; exit 100")))
    (found,) = error.problems
    assert (found.code, found.message) == ("DE404", "this failed: Install it")
    assert found.evidence == ("E: Unable to locate package x",)
    assert found.hint is not None and "sources.list.d" in found.hint


def test_a_file_is_written_for_all_to_read(host: LocalHost, tmp_path: Path) -> None:
    file = tmp_path / "etc" / "apt" / "a.sources"
    step = Write("Write it", str(file), "Types: deb\n")
    for _ in range(2):
        host.perform(step)
    assert file.read_text() == "Types: deb\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert [path.name for path in file.parent.iterdir()] == ["a.sources"]


def test_a_file_of_somebody_else_is_left_alone(host: LocalHost, tmp_path: Path) -> None:
    file = tmp_path / "a.sources"
    file.write_text("mine\n")
    assert "left as it is" in problem(host, Write("Write it", str(file), "other\n")).problems[0].message
    assert file.read_text() == "mine\n"


def test_a_folder_that_cannot_be_made_is_named(host: LocalHost, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = f"{tmp_path}/file/a.sources"
    assert path in problem(host, Write("Write it", path, "text\n")).problems[0].message


def test_a_download_without_an_answer_is_a_failure(host: LocalHost, tmp_path: Path) -> None:
    path = tmp_path / "key"
    error = problem(host, Download("Fetch it", "https://127.0.0.1:1/key", str(path)))
    assert error.problems[0].code == "DE404"
    assert not path.exists()


def test_nothing_that_refuses_is_reached(host: LocalHost) -> None:
    assert not host.reaches("https://127.0.0.1:1/")


def test_an_engine_is_started_once_it_answers(host: LocalHost, tmp_path: Path) -> None:
    host.perform(Start("Start it", ("sh", "-c", f"(sleep 0.5; touch {tmp_path}/up) >/dev/null 2>&1 &")))
    assert (tmp_path / "up").exists()


def test_an_engine_that_gives_up_is_not_waited_for(host: LocalHost, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("failed to start daemon: of yesterday\n")
    start = Start("Start it", ("sh", "-c", f"echo failed to start daemon: no iptables >>{log}"), str(log))
    (found,) = problem(host, start).problems
    assert (found.code, found.evidence) == ("DE405", ("failed to start daemon: no iptables",))
