from datetime import UTC, datetime, timedelta

import pytest

from devenv.errors import DevenvError
from devenv.ops.status import ServiceStatus, StackStatus, status
from tests.fakes import FakeDaemon, FakeProject, Life, fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db:
    image: db:1
    ports: { main: 5432 }
    ready: { tcp: main }
  seed: { image: seed:1, job: true, needs: [db] }
  web:
    image: web:1
    ports: { http: 8080 }
    needs: [seed]
"""
NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


def look(daemon: FakeDaemon, *names: str, manifest: str = MANIFEST, **kept: object) -> StackStatus:
    project = FakeProject({"devenv.yaml": manifest})
    project.kept = kept
    return status(fake_world(daemon, project=project, now=lambda: NOW), names)


def by_name(stack: StackStatus) -> dict[str, ServiceStatus]:
    return {s.name: s for s in stack.services}


def healthy() -> FakeDaemon:
    daemon = FakeDaemon()
    daemon.add("db", state="running", health="healthy", status="Up 2 hours (healthy)")
    daemon.add("seed", state="exited", exit_code=0, status="Exited (0) About an hour ago")
    daemon.add("web", state="running", status="Up 3 minutes")
    return daemon


def test_a_healthy_stack_costs_one_listing() -> None:
    daemon = healthy()
    stack = look(daemon)
    assert daemon.calls == ["list"]
    assert stack.state == "running"
    assert [(s.name, s.state, s.ready) for s in stack.services] == [
        ("db", "running", True),
        ("seed", "completed", True),
        ("web", "running", True),
    ]


def test_what_another_service_waits_for_to_end_is_ready_when_it_has_ended() -> None:
    awaited = MANIFEST.replace("job: true, ", "").replace("needs: [seed]", "needs: { seed: { until: completed } }")
    stack = look(healthy(), manifest=awaited)
    assert (stack.state, by_name(stack)["seed"].state) == ("running", "completed")


def test_since_is_read_from_the_listings_words() -> None:
    found = by_name(look(healthy()))
    assert found["db"].since == NOW - timedelta(hours=2)
    assert found["seed"].since == NOW - timedelta(hours=1)
    assert found["web"].since == NOW - timedelta(minutes=3)


def test_addresses_follow_the_settings_of_this_machine() -> None:
    project = FakeProject({"devenv.yaml": MANIFEST})
    project.variables = {"DEVENV_PORT_WEB_HTTP": "8099"}
    found = by_name(status(fake_world(healthy(), project=project)))
    assert found["web"].urls == ("http://127.0.0.1:8099",)
    assert found["web"].address == "127.0.0.1:8099"


def test_nothing_there_is_absent() -> None:
    stack = look(FakeDaemon())
    assert stack.state == "absent"
    assert {s.state for s in stack.services} == {"absent"}


def test_what_was_not_wanted_does_not_make_a_stack_partial() -> None:
    daemon = FakeDaemon()
    daemon.add("db", state="running", health="healthy")
    assert look(daemon, project="shop", services=["db"]).state == "running"
    assert look(daemon).state == "partial"


@pytest.mark.parametrize("none", ["scale: 0", "deploy: { replicas: 0 }"])
def test_a_service_that_is_to_have_no_container_lacks_none(none: str) -> None:
    stack = look(healthy(), manifest=f"{MANIFEST}  off: {{ image: off:1, {none} }}\n", services=["db", "web", "off"])
    assert (stack.state, by_name(stack)["off"].state, by_name(stack)["off"].wanted) == ("running", "absent", False)


def test_a_probe_that_fails_is_told_in_its_own_words() -> None:
    daemon = healthy()
    daemon.add("db", Life(probes=((1, "try\nconnection refused\n"),)), state="running", health="starting")
    stack = look(daemon)
    db = by_name(stack)["db"]
    assert (stack.state, db.state, db.ready, db.detail) == ("starting", "starting", False, "connection refused")
    daemon.add("db", state="running", health="unhealthy")
    assert by_name(look(daemon))["db"].state == "unhealthy"


@pytest.mark.parametrize(("code", "state"), [(1, "failed"), (143, "partial"), (137, "partial"), (0, "partial")])
def test_a_crash_is_told_from_a_stop(code: int, state: str) -> None:
    daemon = healthy()
    daemon.add("web", state="exited", exit_code=code)
    assert look(daemon).state == state


def test_all_stopped_is_stopped() -> None:
    daemon = healthy()
    daemon.add("db", state="exited", exit_code=137)
    daemon.add("web", state="exited", exit_code=1)
    assert look(daemon).state == "stopped"


def test_a_failed_job_is_a_failed_stack() -> None:
    daemon = FakeDaemon()
    daemon.add("db", state="running", health="healthy")
    daemon.add("seed", state="exited", exit_code=3)
    daemon.add("web")
    stack = look(daemon)
    assert stack.state == "failed"
    assert by_name(stack)["seed"].detail == "ended with exit code 3"


SCALED = "devenv: 1\nname: shop\nservices:\n  web: { image: 'web:1', scale: 3 }\n"


def test_some_of_a_services_containers_are_neither_all_nor_none() -> None:
    daemon = FakeDaemon()
    daemon.add("web", state="running")
    daemon.add("web", number=2, state="running")
    stack = look(daemon, manifest=SCALED)
    [web] = stack.services
    assert (stack.state, web.state, web.ready, web.detail) == ("partial", "running", False, "2 of 3 containers run")
    daemon.add("web", number=3, state="created")
    assert look(daemon, manifest=SCALED).state == "starting"
    daemon.add("web", number=3, state="exited", exit_code=1)
    stack = look(daemon, manifest=SCALED)
    assert (stack.state, stack.services[0].detail) == ("partial", "2 of 3 containers run; ended with exit code 1")
    daemon.add("web", number=3, state="running")
    assert look(daemon, manifest=SCALED).state == "running"


def test_a_stack_is_starting_only_while_all_that_is_missing_is_on_its_way() -> None:
    daemon = FakeDaemon()
    daemon.add("db", state="running", health="healthy")
    daemon.add("seed", state="running")
    daemon.add("web")
    assert look(daemon).state == "starting"
    daemon.add("seed", state="exited", exit_code=137)
    assert look(daemon).state == "partial"


def test_what_has_left_the_manifest_is_listed_last() -> None:
    daemon = healthy()
    daemon.add("old", state="running")
    last = look(daemon).services[-1]
    assert (last.name, last.wanted, last.ready) == ("old", False, False)


def test_another_checkouts_containers_are_not_ours() -> None:
    daemon = FakeDaemon()
    daemon.add("db", state="running", labels={"com.docker.compose.project.working_dir": "/other/.devenv"})
    project = FakeProject({"devenv.yaml": MANIFEST, "/other/.devenv/compose.yaml": ""})
    assert status(fake_world(daemon, project=project)).state == "absent"


def test_an_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(DevenvError, match="DE720"):
        look(healthy(), "wep")
