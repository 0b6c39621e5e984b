"""Builds beside starts on a real engine: who has an image does not wait for who has none."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.engines import wait_for
from tests.journeys.small import IMAGE, manifest, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

APP = """\
  app:
    build: { context: ., dockerfile_inline: "FROM IMAGE\\nRUN COMMAND # STAMP" }
    command: [sleep, "600"]
    init: true
    needs: [db]
"""


def app(command: str) -> str:
    """A service whose image is never in any cache."""
    return APP.replace("IMAGE", IMAGE).replace("COMMAND", command).replace("STAMP", secrets.token_hex(4))


def test_a_database_is_ready_before_the_build_of_an_application_ends(stack_of: Callable[[str], Stack]) -> None:
    stack = stack_of(manifest(app("sleep 4"), server("db", 27910)))
    events = [json.loads(line) for line in stack("up", "--json").stdout.splitlines()]

    def at(service: str, phase: str, *, ended: bool = False) -> datetime:
        mine = [e for e in events if e["event"] == "service" and (e["service"], e["phase"]) == (service, phase)]
        return datetime.fromisoformat(next(e["time"] for e in mine if not ended or e["seconds"] is not None))

    assert at("db", "ready") < at("app", "building", ended=True)
    assert (at("app", "building", ended=True) - at("db", "ready")).total_seconds() > 1
    assert at("app", "building", ended=True) < at("app", "starting") < at("app", "ready")


def test_a_build_that_fails_stops_nobody_else_and_the_next_up_goes_on(stack_of: Callable[[str], Stack]) -> None:
    stack = stack_of(manifest(app("echo cannot compile; exit 3"), server("db", 27911)))
    run = stack("up", code=5)
    assert "DE510" in run.stderr and "cannot compile" in run.stderr
    containers = stack.engine.containers(stack.name)
    assert {name: c["State"]["Health"]["Status"] for name, c in containers.items()} == {"db": "healthy"}
    text = (stack.folder / "devenv.yaml").read_text()
    (stack.folder / "devenv.yaml").write_text(text.replace("exit 3", "exit 0"))
    stack("up")
    after = stack.engine.containers(stack.name)
    assert after["app"]["State"]["Running"]
    assert after["db"]["Id"] == containers["db"]["Id"]


def test_ctrl_c_ends_a_build_and_leaves_what_runs(stack_of: Callable[[str], Stack]) -> None:
    stack = stack_of(manifest(app("sleep 60"), server("db", 27912)))
    process = subprocess.Popen(
        [sys.executable, "-m", "devenv", "up"],
        cwd=stack.folder,
        env=stack.devenv.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        wait_for(
            lambda: (
                stack.engine.containers(stack.name).get("db", {}).get("State", {}).get("Health", {}).get("Status")
                == "healthy"
            ),
            20,
        )
        os.killpg(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=15)
    finally:
        process.kill()
    assert process.returncode == 130, output
    assert "still coming up: " in output and "app" in output
    assert list(stack.engine.containers(stack.name)) == ["db"]
