"""A small project of Compose files, imported and brought up on a real engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Devenv
from tests.journeys.engines import Engine
from tests.journeys.small import IMAGE

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

COMPOSE = f"""\
version: "3"
name: NAME
x-base: &base
  image: {IMAGE}   # for all
  init: true

services:
  # writes what the others read
  seed:
    <<: *base
    command: ["sh", "-c", "echo $$GREETING > /data/greeting"]
    environment: {{ GREETING: "${{GREETING:-hello}} from seed" }}
    volumes: ["${{DATA}}/in:/data"]
  web:
    <<: *base
    command: ["sh", "-c", "cat /data/greeting && exec sleep 1000"]
    volumes: ["${{DATA:-./elsewhere}}/in:/data:ro"]
    depends_on: {{ seed: {{ condition: service_completed_successfully }} }}
    healthcheck: {{ test: [CMD, test, -s, /data/greeting], interval: 1s }}
  again:
    extends: web
    stop_signal: SIGKILL
  tools:
    <<: *base
    profiles: [tools]
"""
OVERRIDE = """\
services:
  web:
    labels: { mine: "yes" }
    stop_signal: SIGKILL
"""


def test_what_was_imported_comes_up(tmp_path: Path, project_name: str, devenv: Devenv, engine: Engine) -> None:
    (tmp_path / "compose.yaml").write_text(COMPOSE.replace("NAME", project_name))
    (tmp_path / "compose.override.yaml").write_text(OVERRIDE)
    (tmp_path / ".env").write_text("DATA=./files\nGREETING=good day\n")
    (tmp_path / "files/in").mkdir(parents=True)
    made = devenv("import", cwd=tmp_path)
    assert made.code == 0, made
    assert "the same, key by key" in made.stdout
    up = devenv("up", cwd=tmp_path)
    assert up.code == 0, up
    assert (tmp_path / "files/in/greeting").read_text() == "good day from seed\n"
    assert not (tmp_path / ".devenv/files").exists()
    running = {name: box["State"]["Running"] for name, box in engine.containers(project_name).items()}
    assert running == {"seed": False, "web": True, "again": True}
    state = json.loads(devenv("status", "--json", cwd=tmp_path).stdout)
    assert {one["name"]: one["ready"] for one in state["services"] if one["name"] in running}["web"] is True
    (tmp_path / ".env").write_text("DATA=./other\n")
    (tmp_path / "other/in").mkdir(parents=True)
    assert devenv("up", cwd=tmp_path).code == 0
    assert (tmp_path / "other/in/greeting").read_text() == "hello from seed\n"
