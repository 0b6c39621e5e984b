"""Bringing stacks up on a real engine: order, failures, repeats, ports, names, and Compose beside devenv."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.journeys.conftest import Stack
from tests.journeys.engines import wait_for
from tests.journeys.small import IMAGE, manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]


def statuses(stack: Stack) -> dict[str, dict[str, Any]]:
    return {s["name"]: s for s in json.loads(stack("status", "--json").stdout)["services"]}


def state(stack: Stack) -> str:
    return json.loads(stack("status", "--json").stdout)["state"]


def started_at(stack: Stack) -> dict[str, str]:
    return {name: c["State"]["StartedAt"] for name, c in stack.engine.containers(stack.name).items()}


def ids(stack: Stack) -> dict[str, str]:
    return {name: c["Id"] for name, c in stack.engine.containers(stack.name).items()}


def test_a_chain_comes_up_in_order_and_answers(stack_of: Make) -> None:
    stack = stack_of(
        manifest(
            server("web", 27001, needs=("orders",)),
            server("orders", 27002, needs=("queue",)),
            server("queue", 27003, needs=("db",)),
            server("db", 27004, delay=0.5),
        )
    )
    stack("up")
    at = started_at(stack)
    assert sorted(at, key=lambda name: at[name]) == ["db", "queue", "orders", "web"]
    assert all(c["State"]["Health"]["Status"] == "healthy" for c in stack.engine.containers(stack.name).values())
    assert stack.engine.names("network", stack.name) == [f"{stack.name}_default"]
    url = statuses(stack)["web"]["urls"][0]
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.read() == b"hello from web\n"
    assert state(stack) == "running"


def test_a_second_up_has_nothing_to_do_and_writes_nothing(stack_of: Make) -> None:
    stack = stack_of(manifest(server("db", 27010), script("job", "echo done", more="job: true")))
    stack("up")
    before = ids(stack), started_at(stack)
    files = {p: p.stat().st_mtime_ns for p in (stack.folder / ".devenv").iterdir() if not p.name.startswith("lock")}
    run = stack("up")
    assert (ids(stack), started_at(stack)) == before
    assert {p: p.stat().st_mtime_ns for p in files} == files
    assert "creating" not in run.stderr


def test_a_failing_service_is_explained_and_the_others_come_up(stack_of: Make) -> None:
    stack = stack_of(
        manifest(
            script("bad", "echo cannot find the config; exit 3", more="ports: { http: 27020 }\nready: { tcp: http }"),
            server("after", 27021, needs=("bad",)),
            server("aside", 27022),
        )
    )
    run = stack("up", code=5)
    found = statuses(stack)
    assert found["aside"]["ready"]
    assert found["bad"]["exit_code"] == 3
    assert found["after"]["state"] == "created"
    assert state(stack) == "failed"
    for words in ("DE621", "exit code 3", "cannot find the config", "after", "devenv logs bad"):
        assert words in run.stderr


def test_a_service_without_a_health_check_that_ends_soon_is_not_ready(stack_of: Make) -> None:
    run = stack_of(manifest(script("soon", "sleep 0.7; echo no such setting; exit 3")))("up", code=5)
    assert "DE621" in run.stderr
    assert "no such setting" in run.stderr


def test_a_build_that_fails_after_one_that_did_not_lets_the_others_come_up(stack_of: Make) -> None:
    app = script("app", "exec sleep 600", more="needs: [db]").replace(f"image: {IMAGE}", "build: .")
    stack = stack_of(manifest(server("db", 27023), app, server("stub", 27024), server("web", 27025, needs=("app",))))
    dockerfile = stack.folder / "Dockerfile"
    dockerfile.write_text(f"FROM {IMAGE}\n")
    stack("up")
    stack("down")
    dockerfile.write_text(f"FROM {IMAGE}\nRUN exit 9\n")
    events = [json.loads(line) for line in stack("up", "--json", code=5).stdout.splitlines()]
    (failed,) = [e for e in events if e["event"] == "failed"]
    assert (failed["service"], failed["code"], failed["blocked"]) == ("app", "DE510", ["web"])
    assert failed["steps"][0] == "mend the Dockerfile of app, or what it copies"
    assert events[-1]["event"] == "finished"
    found = statuses(stack)
    assert {name for name in found if found[name]["ready"]} == {"db", "stub"}


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        (
            "volumes: [{ type: bind, source: ./nope, target: /x, bind: { create_host_path: false } }]",
            "mount-missing",
        ),
        ("runtime: nope", None),
        ("networks: [gone]", "external-missing"),
    ],
)
def test_a_container_that_compose_cannot_make_is_its_services_failure(
    stack_of: Make, more: str, cause: str | None
) -> None:
    bad = script("bad", "exec sleep 600", more=more)
    gone = "networks: { gone: { external: true, name: devenv-no-such-network } }\n"
    stack = stack_of(manifest(server("db", 27026), bad, server("web", 27027, needs=("bad",)), more=gone))
    events = [json.loads(line) for line in stack("up", "--json", code=5).stdout.splitlines()]
    (failed,) = [e for e in events if e["event"] == "failed"]
    assert (failed["service"], failed["code"], failed["cause"]) == ("bad", "DE605", cause)
    assert failed["blocked"] == ["web"] and failed["steps"]
    found = statuses(stack)
    assert {name for name in found if found[name]["ready"]} == {"db"}
    stack("up", "db")


def test_a_service_that_never_answers_fails_at_the_end_of_its_budget(stack_of: Make) -> None:
    stack = stack_of(
        manifest(
            script("deaf", "sleep 60", more="ports: { http: 27030 }\nready: { tcp: http, within: 2s }\ninit: true")
        ).replace("    init: true\n", "", 1)
    )
    begun = time.monotonic()
    run = stack("up", code=5)
    assert time.monotonic() - begun < 8
    assert "DE620" in run.stderr
    assert "within 2 s" in run.stderr
    assert "refused" in run.stderr


def test_jobs_that_end_well_let_others_start_and_are_not_repeated(stack_of: Make) -> None:
    job = script("seed", "echo seeding", more="job: true\nneeds: [db]")
    stack = stack_of(manifest(server("db", 27040), job, server("web", 27041, needs=("seed",))))
    stack("up")
    at = started_at(stack)
    assert at["db"] < at["seed"] < at["web"]
    stack.engine.docker("stop", "-t", "1", f"{stack.name}-web-1")
    stack("up")
    assert started_at(stack)["seed"] == at["seed"]
    assert statuses(stack)["seed"]["state"] == "completed"


def test_a_failed_job_blocks_its_dependants_and_runs_again_once_it_is_mended(stack_of: Make) -> None:
    stack = stack_of(
        manifest(
            script("seed", "echo no such table; exit 3", more="job: true"),
            server("web", 27050, needs=("seed",)),
        )
    )
    run = stack("up", code=5)
    assert "DE623" in run.stderr
    assert "no such table" in run.stderr
    assert stack.engine.containers(stack.name)["web"]["State"]["Status"] == "created"
    file = stack.folder / "devenv.yaml"
    file.write_text(file.read_text().replace("exit 3", "exit 0"))
    stack("up")
    assert statuses(stack)["web"]["ready"]


def test_setup_runs_between_needs_and_service(stack_of: Make) -> None:
    setup = "setup:\n  - echo migrating $$DB_HOST:$$DB_PORT"
    stack = stack_of(manifest(server("db", 27060), server("orders", 27061, needs=("db",), more=setup)))
    stack("up")
    at = started_at(stack)
    assert at["db"] < at["orders-setup"] < at["orders"]
    assert "migrating db:27060" in stack("logs", "orders-setup").stdout


def test_a_port_that_is_taken_moves_and_is_remembered(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 27070)))
    with socket.create_server(("127.0.0.1", 27070)):
        run = stack("up")
        assert "port 27070 is taken" in run.stderr
        assert statuses(stack)["web"]["address"] == "127.0.0.1:27071"
    stack("down")
    stack("up")
    url = statuses(stack)["web"]["urls"][0]
    assert url == "http://127.0.0.1:27071"
    with urllib.request.urlopen(url, timeout=5) as answer:
        assert answer.status == 200


def test_a_fixed_port_that_is_taken_is_a_failure_that_names_the_holder_and_stops_nobody_else(stack_of: Make) -> None:
    fixed = "{ http: { port: 27080, publish: 27080 } }"
    web, last = server("web", 27080).replace("{ http: 27080 }", fixed), server("last", 27082, needs=("web",))
    stack = stack_of(manifest(web, server("aside", 27081), last))
    with socket.create_server(("127.0.0.1", 27080)):
        run = stack("up", code=5)
    assert "DE602" in run.stderr
    assert f"pid {os.getpid()}" in run.stderr
    assert "waiting for it: last" in run.stderr
    running = {name: c["State"]["Running"] for name, c in stack.engine.containers(stack.name).items()}
    assert running == {"web": False, "aside": True, "last": False}
    stack("up")


def test_two_checkouts_of_one_stack_stand_beside_each_other(stack_of: Make, tmp_path: Path) -> None:
    first = stack_of(manifest(server("web", 27090)))
    first("up")
    other = tmp_path / "other"
    shutil.copytree(first.folder, other, ignore=shutil.ignore_patterns(".devenv"))
    second = Stack(first.name, other, first.devenv, first.engine)
    run = second("up")
    assert "already" in run.stderr
    data = json.loads(second("status", "--json").stdout)
    assert data["state"] == "running"
    assert data["project"].startswith(f"{first.name}-")
    assert data["services"][0]["urls"] == ["http://127.0.0.1:27091"]
    second("up")
    second("down")
    assert state(first) == "running"
    assert state(second) == "absent"


def test_compose_and_devenv_work_on_the_same_containers(stack_of: Make) -> None:
    stack = stack_of(manifest(server("db", 27100), server("web", 27101, needs=("db",))))
    stack("up")
    before = ids(stack)
    compose = ("compose", "-f", str(stack.folder / ".devenv/compose.yaml"))
    stack.engine.docker(*compose, "stop")
    assert state(stack) == "stopped"
    stack("up")
    assert ids(stack) == before
    stack.engine.docker(*compose, "stop", "web")
    assert state(stack) == "partial"
    stack.engine.docker(*compose, "up", "-d", "--wait")
    assert ids(stack) == before
    at = started_at(stack)
    stack("up")
    assert (ids(stack), started_at(stack)) == (before, at)


def test_only_what_is_named_and_what_it_needs_comes_up(stack_of: Make) -> None:
    modes = "modes:\n  backend: [orders]\n"
    services = (server("db", 27110), server("orders", 27111, needs=("db",)), server("web", 27112, needs=("orders",)))
    stack = stack_of(manifest(*services, more=modes))
    stack("up", "db")
    assert set(ids(stack)) == {"db"}
    stack("up", "--mode", "backend")
    assert set(ids(stack)) == {"db", "orders"}
    assert state(stack) == "running"
    assert statuses(stack)["web"]["state"] == "absent"
    assert "DE720" in stack("up", "ordres", code=2).stderr
    assert "DE721" in stack("up", "--mode", "nope", code=2).stderr


def test_services_of_a_profile_come_up_only_when_asked_for_and_go_with_the_rest(stack_of: Make) -> None:
    stack = stack_of(manifest(server("db", 27120), server("tool", 27121, more="profiles: [tools]")))
    stack("up")
    assert set(ids(stack)) == {"db"}
    stack("up", "tool")
    assert set(ids(stack)) == {"db", "tool"}
    stack("down")
    assert ids(stack) == {}


def test_a_changed_service_is_made_anew_and_the_others_stay(stack_of: Make) -> None:
    stack = stack_of(manifest(server("db", 27130), server("web", 27131, needs=("db",))))
    stack("up")
    before = ids(stack)
    file = stack.folder / "devenv.yaml"
    file.write_text(file.read_text().replace("hello from web", "good day from web"))
    stack("up")
    after = ids(stack)
    assert after["db"] == before["db"]
    assert after["web"] != before["web"]


def test_a_changed_variable_makes_the_services_that_use_it_anew(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 27140, more="environment: { LEVEL: '${LEVEL:-info}' }")))
    stack("up")
    before = ids(stack)
    (stack.folder / ".env").write_text("LEVEL=debug\n")
    stack("up")
    assert ids(stack)["web"] != before["web"]
    assert "LEVEL=debug" in stack("exec", "web", "env").stdout
    before = ids(stack)
    stack("up")
    assert ids(stack) == before


def test_configs_with_content_reach_the_container(stack_of: Make) -> None:
    more = "configs:\n  greeting:\n    content: |\n      hello $${USER}\n"
    stack = stack_of(manifest(server("web", 27150, more="configs: [greeting]"), more=more))
    stack("up")
    assert stack("exec", "web", "cat", "/greeting").stdout == "hello ${USER}\n"
    stack("restart", "web")
    assert stack("exec", "web", "cat", "/greeting").stdout == "hello ${USER}\n"


def test_an_image_without_a_shell_is_probed_from_outside(stack_of: Make) -> None:
    stack = stack_of(manifest(server("bare", 27160)).replace(f"image: {IMAGE}", "build: ./bare"))
    (stack.folder / "bare").mkdir()
    (stack.folder / "bare/Dockerfile").write_text(
        f"FROM {IMAGE} AS full\nRUN mkdir /out && cp -a --parents /usr/bin/perl /usr/lib /usr/lib64 /lib* /out\n"
        "FROM scratch\nCOPY --from=full /out /\n"
    )
    run = stack("up", timeout=120)
    assert "from outside" in run.stderr
    assert statuses(stack)["bare"]["ready"]
    stack("up")


def test_an_interrupt_leaves_things_as_they_are_and_the_next_up_goes_on(stack_of: Make) -> None:
    stack = stack_of(manifest(server("db", 27170, delay=4), server("web", 27171, needs=("db",))))
    process = subprocess.Popen(
        [sys.executable, "-m", "devenv", "up"],
        cwd=stack.folder,
        env=stack.devenv.environment({"PYTHONPATH": str(ROOT)}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(
        lambda: (
            ids(stack)
            and "running"
            in {s["state"] for s in statuses(stack).values()}
            | {s["state"].replace("starting", "running") for s in statuses(stack).values()}
        ),
        30,
    )
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "still coming up: db, web" in errors
    assert "Traceback" not in errors
    before = ids(stack)
    stack("up")
    assert ids(stack) == before
    assert state(stack) == "running"


def test_a_service_that_restarts_until_it_works_is_ready_in_the_end(stack_of: Make) -> None:
    text = "test -e /tmp/again || { touch /tmp/again; exit 1; }; exec sleep 600"
    stack = stack_of(
        manifest(script("stubborn", text, more="restart: on-failure\nready: { run: [test, -e, /tmp/again] }"))
    )
    stack("up")
    assert statuses(stack)["stubborn"]["ready"]


@pytest.mark.parametrize("ready", ["ready: { run: ['false'] }", ""])
def test_a_service_that_restarts_again_and_again_has_failed(stack_of: Make, ready: str) -> None:
    stack = stack_of(manifest(script("broken", "echo oh; exit 1", more=f"restart: always\n{ready}")))
    run = stack("up", code=5)
    assert "DE625" in run.stderr
    assert "exit code 1" in run.stderr
    stack("down")
