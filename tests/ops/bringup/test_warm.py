"""That `ops.bringup.warm` says what `ops.up` would say, and says nothing whenever that might be something else."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from devenv.engine.files import ProjectFolder
from devenv.errors import Report
from devenv.events import Event, Phase, ServiceChanged
from devenv.model.observed import Container
from devenv.ops.bringup import memory, progress
from devenv.ops.bringup.results import UpResult
from devenv.ops.bringup.warm import kept
from devenv.ops.restart import restart
from devenv.ops.status import status
from devenv.ops.up import up
from devenv.records import asdict, replace
from tests.fakes import Life
from tests.ops.test_up import Small

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { image: "db:1", ports: { main: 5432 }, ready: { tcp: main } }
  seed: { image: "seed:1", job: true, needs: [db] }
  web:
    build: ./web
    ports: { http: 8080 }
    needs: [seed]
    environment: { LEVEL: "${LEVEL:-info}", WORD: "${UNSET}", HANDED: }
    env_file: [web.env]
    volumes: ["./web.conf:/etc/web.conf:ro", "./live:/src"]
    open: http
  tool: { image: "tool:1", profiles: [tools] }
modes: { data: [seed] }
"""
FILES = {
    "web/Dockerfile": "FROM base",
    "web/app.py": "print()",
    "web/.dockerignore": "*.md",
    "web.env": "A=1",
    "web.conf": "listen 80",
    "live/a.py": "a",
}


def brought_up(manifest: str = MANIFEST) -> Small:
    small = Small(manifest, web=Life(checked=False))
    small.project.files |= FILES
    small.project.variables["PASSWORD"] = "hunter2"
    assert small.up().ok
    return small


def warm(small: Small, *names: str, mode: str | None = None, report: Report | None = None) -> UpResult | None:
    small.events.clear()
    small.daemon.calls.clear()
    return kept(small.world, small.events.append, names=names, mode=mode, report=report)


def said(events: list[Event]) -> list[tuple[str, dict[str, Any]]]:
    """Events without their times."""
    timeless = [{k: v for k, v in asdict(e).items() if k not in ("at", "clock", "seconds")} for e in events]
    return [(type(event).__name__, data) for event, data in zip(events, timeless, strict=True)]


@pytest.mark.parametrize(("names", "mode"), [((), None), (("db",), None), ((), "data"), (("web", "tool"), None)])
def test_it_tells_and_returns_what_up_does(names: tuple[str, ...], mode: str | None) -> None:
    small = brought_up()
    small.up(*names, mode=mode)
    reports = Report(), Report()
    small.events.clear()
    slow = up(small.world, small.events.append, names=names, mode=mode, report=reports[0])
    slow_events = said(small.events)
    fast = warm(small, *names, mode=mode, report=reports[1])
    assert fast is not None
    assert replace(fast, seconds=0) == replace(slow, seconds=0)
    assert said(small.events) == slow_events
    assert reports[1].warnings == reports[0].warnings
    assert small.daemon.calls == ["list"]


def test_a_container_that_may_have_died_since_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "ENDURE", 0.1)
    small = brought_up(MANIFEST.replace("    build: ./web\n", "    build: ./web\n    restart: always\n"))

    def found(**fields: object) -> list[tuple[Phase, str]]:
        """What `up` tells of `web`."""
        small.daemon._containers["web-1"] = replace(small.daemon._containers["web-1"], **fields)
        if warm(small) is None:
            assert small.up().ok
        return [(e.phase, e.detail) for e in small.events if isinstance(e, ServiceChanged) and e.service == "web"]

    assert found(status="Up 10 seconds") == [(Phase.KEPT, "running")]
    assert small.daemon.calls == ["list"]
    assert found(status="Up 9 seconds") == [(Phase.KEPT, "running")]
    assert "inspect web-1" in small.daemon.calls
    assert found(restarts=2) == [(Phase.STARTING, "it has died before"), (Phase.READY, "")]


def test_who_lives_in_a_container_that_was_started_by_hand_is_started_after_it() -> None:
    lives = {"web": Life(checked=False), "side": Life(checked=False)}
    small = Small("devenv: 1\nname: shop\nservices: {web: {image: a}, side: {image: b, pid: 'service:web'}}\n", **lives)
    assert small.up().ok
    containers = small.daemon._containers
    containers["side-1"] = replace(containers["side-1"], joined=("web-1",))
    assert warm(small) is not None
    containers["web-1"] = replace(containers["web-1"], started_at=datetime.now(UTC))
    assert warm(small) is None
    assert small.up().ok
    assert (small.compose.calls, small.daemon.starts) == (["stop side"], ["side"])
    assert warm(small) is not None
    small.compose.calls.clear()
    assert restart(small.world, small.events.append, ["web"]).ok
    assert small.compose.calls == ["stop web side"]
    small.daemon.remove("web")
    small.daemon.add("web", number=2, state="running")
    assert warm(small) is None


def test_warnings_are_repeated() -> None:
    small = brought_up(f'version: "3"\n{MANIFEST}')
    report, again = Report(), Report()
    small.up(report=report)
    assert warm(small, report=again)
    assert again.warnings == report.warnings
    assert [p.code for p in again.warnings] == ["DE218"]


def test_the_first_up_is_enough() -> None:
    assert warm(brought_up()) is not None
    assert warm(Small()) is None


def test_what_was_not_asked_for_before_is_not_known() -> None:
    small = brought_up()
    assert warm(small, "db") is None
    assert warm(small, mode="data") is None


CHANGES: dict[str, Callable[[Small], object]] = {
    "the manifest": lambda s: s.project.files.update({"devenv.yaml": MANIFEST.replace("info", "debug")}),
    "an override": lambda s: s.project.files.update({"devenv.local.yaml": "services: {}"}),
    "a lock": lambda s: s.project.files.update({"devenv.lock": "lock: 1\n"}),
    "the person's .env": lambda s: s.project.files.update({".env": "LEVEL=debug"}),
    "a variable": lambda s: s.project.variables.update({"LEVEL": "debug"}),
    "a variable that was not set": lambda s: s.project.variables.update({"UNSET": "set"}),
    "a variable that is handed on": lambda s: s.project.variables.update({"HANDED": "on"}),
    "Compose's profiles": lambda s: s.project.variables.update({"COMPOSE_PROFILES": "tools"}),
    "another engine": lambda s: s.project.variables.update({"DOCKER_HOST": "tcp://elsewhere:2375"}),
    "a mounted file": lambda s: s.project.files.update({"web.conf": "listen 81"}),
    "a mounted file that is gone": lambda s: s.project.files.pop("web.conf"),
    "a file of variables": lambda s: s.project.files.update({"web.env": "A=2"}),
    "the Dockerfile": lambda s: s.project.files.update({"web/Dockerfile": "FROM other"}),
    "a file that is built": lambda s: s.project.files.update({"web/app.py": "print(1)"}),
    "a new file that is built": lambda s: s.project.files.update({"web/new.py": ""}),
    "what a build ignores": lambda s: s.project.files.update({"web/.dockerignore": ""}),
    "an ignore file of the Dockerfile": lambda s: s.project.files.update({"web/Dockerfile.dockerignore": ""}),
    "the generated file": lambda s: s.project.files.update({".devenv/compose.yaml": "services: {}"}),
    "a container that stopped": lambda s: s.daemon.kill("web-1"),
    "a container that is gone": lambda s: s.daemon.remove("db"),
    "a new container": lambda s: s.daemon.add("old"),
    "another command at work": lambda s: setattr(s.project, "locked", True),
    "a damaged memory": lambda s: s.project.kept.update({memory.KEY: {"stamp": memory.stamp(s.project)}}),
    "another devenv": lambda s: s.project.kept[memory.KEY].update(stamp="0"),  # type: ignore[attr-defined]
    "no memory": lambda s: s.project.kept.clear(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_is_left_to_up(what: str) -> None:
    small = brought_up()
    CHANGES[what](small)
    assert warm(small) is None
    assert small.events == []


@pytest.mark.parametrize(
    "change",
    [
        {"live/a.py": "changed"},
        {"live/b.py": "new"},
        {"web/README.md": "ignored"},
        {"elsewhere.txt": "nobody's"},
    ],
)
def test_what_containers_see_anyway_is_no_change(change: dict[str, str]) -> None:
    small = brought_up()
    small.project.files |= change
    assert warm(small) is not None


def test_an_unhealthy_container_is_left_to_up() -> None:
    small = brought_up()
    container = small.daemon.inspect("db-1")
    assert isinstance(container, Container)
    small.daemon._containers["db-1"] = replace(container, health="unhealthy")
    assert warm(small) is None


def test_no_secret_is_remembered() -> None:
    small = brought_up(MANIFEST.replace("info", "${PASSWORD}"))
    assert warm(small) is not None
    assert "hunter2" not in str(small.project.kept)


def test_a_change_ends_what_was_remembered_of_other_arguments() -> None:
    small = brought_up()
    small.up("db")
    assert warm(small, "db") is not None
    small.project.files["devenv.yaml"] = MANIFEST.replace("info", "debug")
    assert small.up().ok
    assert warm(small) is not None
    assert warm(small, "db") is None


def test_status_from_memory_is_the_same() -> None:
    small = brought_up()
    assert memory.recall(small.project) is not None
    fast = status(small.world)
    small.project.kept.pop(memory.KEY)
    assert status(small.world) == fast
    assert fast.state == "running"
    assert [s.name for s in fast.services if s.wanted] == ["db", "seed", "web"]


@pytest.mark.parametrize("changed", ["../orders/devenv.yaml", "../orders/.env", "../orders/more.yaml"])
def test_included_files_are_looked_at(changed: str) -> None:
    lives = {name: Life(checked=False) for name in ("db", "a", "b")}
    small = Small("devenv: 1\nname: shop\ninclude: [../orders]\nservices: {db: {image: db}}\n", **lives)
    small.project.files |= {
        "../orders/devenv.yaml": "devenv: 1\ninclude: [more.yaml]\nservices: {a: {image: 'a:${TAG}'}}\n",
        "../orders/more.yaml": "services: {b: {image: b}}\n",
    }
    assert small.up().ok
    assert warm(small) is not None
    small.project.files[changed] = small.project.files.get(changed, "TAG=2") + "\n"
    assert warm(small) is None


def test_another_devenv_remembers_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, project = tmp_path / "devenv", ProjectFolder(tmp_path)
    (package / "core").mkdir(parents=True)
    (package / "core" / "plan.py").write_text("")
    monkeypatch.setattr(memory, "_PACKAGE", package)
    installed = memory.stamp(project)
    assert memory.stamp(project) == installed
    os.utime(package, ns=(1, 1))
    assert memory.stamp(project) != installed, "it was installed anew"

    (tmp_path / "pyproject.toml").write_text("")
    developed = memory.stamp(project)
    (package / "core" / "plan.py").write_text("pass")
    assert memory.stamp(project) != developed, "a file below was changed"
