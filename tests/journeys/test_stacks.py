"""The other reference stacks on a real engine: each comes up, does its job, and keeps its data."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, wait_for

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]


def ask(url: str, body: Any = None, method: str | None = None) -> Any:
    """The JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, method=method), timeout=10) as answer:
        return json.load(answer)


def address(stack: Stack, service: str, port: int) -> str:
    """Where a port of a service is published."""
    return "http://" + stack.engine.docker("port", f"{stack.name}-{service}-1", str(port)).strip()


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("compose/*/compose.yaml")))
def test_compose_reads_the_generated_file(name: str, engine: Engine, tmp_path: Path) -> None:
    engine.docker("compose", "-f", str(ROOT / "compose" / name / "compose.yaml"), "config", "-q", cwd=tmp_path)


def test_notes_are_kept(stack_of: Make) -> None:
    notes = stack_of("notes")
    notes("up", timeout=600)
    web = address(notes, "web", 3000)
    note = ask(f"{web}/notes", {"text": "buy ink"})
    assert [n["text"] for n in ask(f"{web}/notes")] == ["buy ink"]
    notes("check")
    assert "database is up to date" in notes("logs", "web-setup").stdout

    notes("down")
    notes("up")
    web = address(notes, "web", 3000)
    assert note["id"] in [n["id"] for n in ask(f"{web}/notes")]
    assert ask(f"{web}/notes/{note['id']}", method="DELETE") == {"removed": note["id"]}
    notes("down", "--volumes", "--yes")
    assert notes.engine.names("volume", notes.name) == []


def test_readings_travel_from_the_sensors_into_prometheus(stack_of: Make) -> None:
    sensors = stack_of("sensors")
    sensors("up", timeout=600)
    sensors("check")
    prometheus = address(sensors, "prometheus", 9090)

    def rooms(query: str) -> set[str]:
        answer = ask(f"{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        return {series["metric"]["room"] for series in answer["data"]["result"]}

    wait_for(lambda: rooms('sensor_value{quantity="temperature"}') == {"kitchen", "office", "cellar"}, 30)

    # The broker goes away and comes back: everyone finds it again.
    sensors("restart", "broker")
    before = ask(f"{prometheus}/api/v1/query?query=sensor_messages_total")["data"]["result"]
    seen = {series["metric"]["quantity"]: float(series["value"][1]) for series in before}

    def more() -> bool:
        now = ask(f"{prometheus}/api/v1/query?query=sensor_messages_total")["data"]["result"]
        return all(float(series["value"][1]) > seen[series["metric"]["quantity"]] for series in now) and bool(now)

    wait_for(more, 30)
