"""The other reference stacks on a real engine: each comes up, does its job, and keeps its data."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, Devenv
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, wait_for
from tests.journeys.reader import Reader

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]


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


def test_notes_are_kept(tmp_path: Path, devenv: Devenv, engine: Engine) -> None:
    """What its README shows, and then the note that its check has written."""
    with Reader(tmp_path, devenv, engine) as reader:
        reader.follow(ROOT / "compose" / "notes" / "README.md")
        notes = reader.stack
        notes("up")
        web = address(notes, "web", 3000)
        [note] = ask(f"{web}/notes")
        assert note["text"] == "grüße"
        assert ask(f"{web}/notes/{note['id']}", method="DELETE") == {"removed": note["id"]}
        notes("down", "--volumes", "--yes")
        assert notes.engine.names("volume", notes.name) == []


def test_readings_travel_from_the_sensors_into_prometheus(tmp_path: Path, devenv: Devenv, engine: Engine) -> None:
    """What its README shows, and what Prometheus has on the way."""
    with Reader(tmp_path, devenv, engine) as reader:
        for line in reader.steps(ROOT / "compose" / "sensors" / "README.md"):
            if line.startswith("devenv check"):
                wait_for(lambda: rooms(reader.stack) == {"kitchen", "office", "cellar"}, 30)
            elif line.startswith("devenv restart"):
                everyone_connects_again(reader.stack)


def query(sensors: Stack, text: str) -> list[dict[str, Any]]:
    """The series that Prometheus answers with."""
    prometheus = address(sensors, "prometheus", 9090)
    answer = ask(f"{prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": text}))
    series: list[dict[str, Any]] = answer["data"]["result"]
    return series


def rooms(sensors: Stack) -> set[str]:
    """The rooms whose temperature is known."""
    return {series["metric"]["room"] for series in query(sensors, 'sensor_value{quantity="temperature"}')}


def everyone_connects_again(sensors: Stack) -> None:
    """The broker went away and came back."""
    seen = {s["metric"]["quantity"]: float(s["value"][1]) for s in query(sensors, "sensor_messages_total")}

    def more() -> bool:
        now = query(sensors, "sensor_messages_total")
        return all(float(series["value"][1]) > seen[series["metric"]["quantity"]] for series in now) and bool(now)

    wait_for(more, 30)
