"""`devenv diff --running` on a real engine: from what runs to what the manifest says, and nothing is touched."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.small import manifest, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]


def test_what_runs_beside_what_the_manifest_says(stack_of: Make) -> None:
    more = "environment: { LEVEL: '${LEVEL:-info}' }\nvolumes: ['data:/data']"
    stack = stack_of(manifest(server("web", 27291, more=more), server("old", 27231), more="volumes: { data: {} }\n"))

    def diff(code: int) -> dict[str, dict[str, object]]:
        found = json.loads(stack("diff", "--running", "--exit-code", "--json", code=code).stdout)
        return {service["service"]: service for service in found["services"]}

    assert {name: service["kind"] for name, service in diff(1).items()} == {"web": "added", "old": "added"}
    assert stack.engine.containers(stack.name) == {}
    stack("up")
    assert diff(0) == {}

    file = stack.folder / "devenv.yaml"
    kept = file.read_text().partition("  old:\n")[0]
    file.write_text(kept.replace("-info", "-debug") + "volumes: { data: {} }\n")
    before = {name: container["Id"] for name, container in stack.engine.containers(stack.name).items()}
    found = diff(1)
    assert {name: service["kind"] for name, service in found.items()} == {"web": "changed", "old": "removed"}
    (change,) = found["web"]["changes"]  # type: ignore[misc]
    assert (change["key"], change["old"], change["new"]) == ("environment.LEVEL", '"info"', '"debug"')
    line = next(i for i, text in enumerate(file.read_text().splitlines(), 1) if "LEVEL" in text)
    assert [(why["file"], why["line"]) for why in change["whys"]] == [("devenv.yaml", line)]
    assert found["web"]["data"] == [f"keeps volume {stack.name}_data"]
    assert {name: container["Id"] for name, container in stack.engine.containers(stack.name).items()} == before
