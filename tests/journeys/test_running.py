"""A stack that runs, on a real engine: status, logs, exec, restart, open, check, down."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.conftest import ROOT
from tests.journeys.conftest import Stack
from tests.journeys.engines import wait_for
from tests.journeys.small import manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]


def as_json(stack: Stack, *arguments: str, code: int = 0) -> dict:
    return json.loads(stack(*arguments, "--json", code=code).stdout)


def test_status_tells_what_is_there(stack_of: Make) -> None:
    stack = stack_of(
        manifest(server("web", 28000), script("seed", "exit 0", more="job: true"), script("slow", "exec sleep 600"))
    )
    absent = as_json(stack, "status")
    assert absent["state"] == "absent"
    assert {s["state"] for s in absent["services"]} == {"absent"}
    stack("up")
    running = as_json(stack, "status")
    assert running["name"] == stack.name
    assert running["state"] == "running"
    web, seed, slow = running["services"]
    assert (web["state"], web["ready"], web["urls"]) == ("running", True, ["http://127.0.0.1:28000"])
    assert (seed["state"], seed["ready"], seed["exit_code"]) == ("completed", True, 0)
    assert (slow["state"], slow["ready"]) == ("running", True)
    stack.engine.docker("kill", f"{stack.name}-slow-1")
    assert as_json(stack, "status")["state"] == "partial"


def test_logs_are_merged_filtered_and_followed(stack_of: Make) -> None:
    tick = "for i in 1 2 3; do echo tick $i; done; exec sleep 600"
    stack = stack_of(manifest(script("clock", tick), script("other", "echo hello; exec sleep 600")))
    stack("up")
    everything = stack("logs").stdout
    assert all(words in everything for words in ("tick 1", "tick 3", "hello"))
    last = stack("logs", "clock", "--tail", "1").stdout
    assert "tick 3" in last
    assert "tick 2" not in last
    assert "hello" not in last
    assert stack("logs", "--since", "2001-01-01T00:00:00Z").stdout == everything
    assert "DE720" in stack("logs", "clok", code=2).stderr


def test_following_logs_hears_of_restarts_and_ends_on_ctrl_c(stack_of: Make) -> None:
    stack = stack_of(manifest(script("clock", "echo begun; exec sleep 600")))
    stack("up")
    process = subprocess.Popen(
        [sys.executable, "-m", "devenv", "logs", "-f"],
        cwd=stack.folder,
        env=stack.devenv.environment({"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert "begun" in process.stdout.readline()
    stack("restart", "clock")
    assert "begun" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in errors


def test_exec_passes_output_input_and_exit_codes_on(stack_of: Make) -> None:
    stack = stack_of(manifest(script("box", "exec sleep 600")))
    assert "DE630" in stack("exec", "box", "true", code=1).stderr
    stack("up")
    assert stack("exec", "box", "echo", "hi there").stdout == "hi there\n"
    assert stack("exec", "box", "cat", input="from outside").stdout == "from outside"
    stack("exec", "box", "sh", "-c", "exit 7", code=7)
    assert stack("exec", "box", input="echo from a shell").stdout == "from a shell\n"
    stack.engine.docker("stop", "-t", "1", f"{stack.name}-box-1")
    assert "DE631" in stack("exec", "box", "true", code=1).stderr


def test_a_stack_whose_manifest_is_broken_is_seen_entered_restarted_and_ended(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 28040), script("box", "echo begun; exec sleep 600")))
    stack("up")
    file = stack.folder / "devenv.yaml"
    file.write_text(file.read_text() + "srvices: {}\n")
    wrong = "devenv.yaml cannot be used: DE203 "
    found = as_json(stack, "status")
    assert (found["state"], found["services"][0]["address"]) == ("running", "127.0.0.1:28040")
    assert found["notes"][0].startswith(wrong)
    entered = stack("exec", "box", "echo", "hi")
    assert (entered.stdout, entered.stderr.count(wrong)) == ("hi\n", 1)
    assert stack("restart").stderr.count(wrong) == 1
    assert stack("logs", "box").stdout.count("begun") == 2
    assert "DE203" in stack("up", code=3).stderr
    stack("down")
    assert "DE203" in stack("status", code=3).stderr


def test_restart_starts_anew_in_order_and_waits(stack_of: Make) -> None:
    job = script("seed", "exit 0", more="job: true")
    stack = stack_of(manifest(server("db", 28010), job, server("web", 28011, needs=("db", "seed"))))
    assert "DE630" in stack("restart", code=1).stderr
    stack("up")

    def starts() -> dict[str, str]:
        return {name: c["State"]["StartedAt"] for name, c in stack.engine.containers(stack.name).items()}

    before = starts()
    stack("restart")
    after = starts()
    assert before["seed"] == after["seed"]
    assert before["web"] < after["db"] < after["web"]
    stack("restart", "web")
    assert starts()["db"] == after["db"]
    assert as_json(stack, "status")["state"] == "running"


def test_checks_say_whether_the_stack_does_its_job(stack_of: Make) -> None:
    checks = (
        "checks:\n"
        '  greets: { http: "${web.http.url}/", expect: { status: 200, body: hello from web } }\n'
        '  listens: { tcp: "${web.http.host}:${web.http.port}" }\n'
        "  has perl: { run: [perl, -e, 'print 6*7'], service: web, expect: { body: '42' } }\n"
        '  on the host: { run: "echo from here", expect: { body: from here } }\n'
    )
    stack = stack_of(manifest(server("web", 28020), more=checks))
    assert "DE630" in stack("check", code=1).stderr
    stack("up")
    result = as_json(stack, "check")
    assert result["ok"]
    assert [c["name"] for c in result["checks"]] == ["greets", "listens", "has perl", "on the host"]
    file = stack.folder / "devenv.yaml"
    file.write_text(file.read_text().replace("body: hello from web }", "body: good day }, within: 1s"))
    failed = as_json(stack, "check", "greets", code=1)["checks"][0]
    assert not failed["ok"]
    assert failed["attempts"] > 1
    assert "without the text 'good day'" in failed["detail"]
    assert failed["evidence"] == ["hello from web"]
    assert "DE723" in stack("check", "greet", code=2).stderr


def test_open_shows_the_urls(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 28030, more="open: http"), script("idle", "exec sleep 600")))
    urls = as_json(stack, "open")["urls"]
    assert urls == [{"service": "web", "name": "open", "url": "http://127.0.0.1:28030"}]
    assert "DE722" in stack("open", "idle", code=1).stderr


def test_down_keeps_data_and_deletes_it_only_on_request(stack_of: Make) -> None:
    text = "test -e /data/there && echo found; touch /data/there; exec sleep 600"
    data = "volumes: { data: {} }\n"
    stack = stack_of(manifest(script("db", text, more="volumes: ['data:/data']"), more=data))
    volume = f"{stack.name}_data"
    stack("up")
    stack("down")
    assert stack.engine.containers(stack.name) == {}
    assert stack.engine.names("network", stack.name) == []
    assert stack.engine.names("volume", stack.name) == [volume]
    stack("up")
    wait_for(lambda: "found" in stack("logs", "db").stdout, 10)
    refused = stack("down", "--volumes", code=1)
    assert volume in refused.stderr
    assert stack.engine.containers(stack.name)
    stack("down", "--volumes", "--yes")
    assert stack.engine.names("volume", stack.name) == []
    assert "nothing to remove" in stack("down").stderr


def test_down_works_with_a_manifest_that_is_broken_meanwhile(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 28040)))
    stack("up")
    (stack.folder / "devenv.yaml").write_text("services: [")
    stack("down")
    assert stack.engine.containers(stack.name) == {}


def test_down_takes_services_along_that_have_left_the_manifest(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 28050), script("old", "exec sleep 600")))
    stack("up")
    file = stack.folder / "devenv.yaml"
    file.write_text(manifest(server("web", 28050)).replace("name: small", f"name: {stack.name}"))
    stack("down")
    assert stack.engine.containers(stack.name) == {}
