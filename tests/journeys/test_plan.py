"""What `devenv plan` says is what `devenv up` then does, on a real engine."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.small import IMAGE, manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]


def ids(stack: Stack) -> dict[str, str]:
    return {name: c["Id"] for name, c in stack.engine.containers(stack.name).items()}


def started(stack: Stack) -> dict[str, str]:
    return {name: c["State"]["StartedAt"] for name, c in stack.engine.containers(stack.name).items()}


def carried_out(stack: Stack, *options: str) -> dict[str, dict[str, Any]]:
    """The plan's steps by service, after `up` has done exactly what they say, and the next plan is empty."""
    plan = json.loads(stack("plan", "--json", *options).stdout)
    before, began = ids(stack), started(stack)
    stack("up", *options)
    after, begun = ids(stack), started(stack)
    for step in plan["steps"]:
        name, action = step["service"], step["action"]
        if action == "create":
            assert name in after and name not in before, step
        elif action == "remove":
            assert name in before and name not in after, step
        elif action == "recreate":
            assert after[name] != before[name], step
        else:
            assert after.get(name) == before.get(name), step
            assert (begun.get(name) != began.get(name)) is (action == "start"), step
    assert plan["changes"] is any(step["action"] != "keep" for step in plan["steps"])
    assert json.loads(stack("plan", "--json").stdout)["changes"] is False
    stack("plan", "--check")
    return {step["service"]: step for step in plan["steps"]}


def edit(stack: Stack, old: str, new: str) -> None:
    file = stack.folder / "devenv.yaml"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_the_plan_is_what_up_does(stack_of: Make) -> None:
    more = "environment: { LEVEL: '${LEVEL:-info}', API_TOKEN: '${API_TOKEN:-none}' }\nvolumes: ['data:/data']"
    stack = stack_of(
        manifest(
            server("db", 27200, more="volumes: ['data:/data']"),
            script("seed", "echo seeding", more="job: true\nneeds: [db]"),
            server("web", 27201, needs=("seed",), more=more),
            server("old", 27202),
            more="volumes: { data: {} }\n",
        )
    )
    first = carried_out(stack)
    assert {step["action"] for step in first.values()} == {"create"}
    assert first["db"]["data"] == [f"makes volume {stack.name}_data"]

    assert {step["action"] for step in carried_out(stack).values()} == {"keep"}

    (stack.folder / ".env").write_text("LEVEL=debug\nAPI_TOKEN=hunter2\n")
    web = carried_out(stack)["web"]
    assert web["action"] == "recreate"
    assert web["changes"] == [
        {"key": "environment.LEVEL", "old": '"info"', "new": '"debug"', "source": "from LEVEL"},
        {"key": "environment.API_TOKEN", "old": "(secret)", "new": "(secret)", "source": "from API_TOKEN"},
    ]
    assert web["data"] == [f"keeps volume {stack.name}_data"]
    assert "hunter2" not in (stack.folder / ".devenv/state.json").read_text()

    stack.engine.docker("stop", "-t", "1", f"{stack.name}-db-1")
    assert carried_out(stack)["db"]["action"] == "start"

    edit(stack, "hello from web", "good day from web")
    file = stack.folder / "devenv.yaml"
    file.write_text("".join(file.read_text().partition("  old:\n")[0]) + "volumes: { data: {} }\n")
    steps = carried_out(stack)
    assert {name: step["action"] for name, step in steps.items()} == {
        "db": "keep",
        "seed": "keep",
        "web": "recreate",
        "old": "remove",
    }
    assert [change["key"] for change in steps["web"]["changes"]] == ["command"]


def test_a_port_that_moves_is_in_the_plan_before_it_moves(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 27210)))
    stack("up")
    stack("down")
    with socket.create_server(("127.0.0.1", 27210)):
        run = stack("plan")
        assert "port 27210 is taken" in run.stdout
        assert not (stack.folder / ".devenv/.env").read_text().count("27211")
        stack("up")
    assert (stack.folder / ".devenv/.env").read_text().count("27211") == 1


def test_an_image_that_was_built_again_is_seen(stack_of: Make) -> None:
    stack = stack_of(
        manifest(server("web", 27220), server("aside", 27221)).replace(f"image: {IMAGE}", "build: ./web", 1)
    )
    (stack.folder / "web").mkdir()
    dockerfile = stack.folder / "web/Dockerfile"
    dockerfile.write_text(f"FROM {IMAGE}\nRUN echo one > /version\n")
    carried_out(stack)
    dockerfile.write_text(f"FROM {IMAGE}\nRUN echo two > /version\n")
    stack.engine.docker("compose", "-f", str(stack.folder / ".devenv/compose.yaml"), "build", "web")
    steps = carried_out(stack)
    assert steps["web"]["reason"].startswith("its image changed")
    assert steps["aside"]["action"] == "keep"
    assert stack("exec", "web", "cat", "/version").stdout == "two\n"


def test_files_of_a_build_that_changed_are_in_the_plan(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 27250)).replace(f"image: {IMAGE}", "build: ./web", 1))
    (stack.folder / "web").mkdir()
    dockerfile = stack.folder / "web/Dockerfile"
    dockerfile.write_text(f"FROM {IMAGE}\nRUN echo one > /version\n")
    stack("up")
    assert "nothing to do" in stack("plan", "--check").stdout
    dockerfile.write_text(f"FROM {IMAGE}\nRUN echo two > /version\n")
    said = stack("plan", "--check", code=1).stdout
    assert "build     web  its image is built again; another image means a new container" in said
    stack("up")
    assert stack("exec", "web", "cat", "/version").stdout == "two\n"
    assert "nothing to do" in stack("plan", "--check").stdout


def test_configs_and_networks_of_others_are_made_anew_with_them(stack_of: Make) -> None:
    more = "configs:\n  greeting:\n    content: hello ${NAME:-you}\n"
    side = script("side", "sleep 600", more="network_mode: 'service:web'")
    stack = stack_of(manifest(server("web", 27230, more="configs: [greeting]"), side, more=more))
    carried_out(stack)
    (stack.folder / ".env").write_text("NAME=me\n")
    steps = carried_out(stack)
    assert {name: step["action"] for name, step in steps.items()} == {"web": "recreate", "side": "recreate"}
    assert stack("exec", "web", "cat", "/greeting").stdout == "hello me"
    (stack.folder / ".env").write_text("NAME=them\n")
    stack("up", "web")
    networks = [stack("exec", name, "readlink", "/proc/self/ns/net").stdout for name in ("web", "side")]
    assert networks[0] == networks[1], "who was not asked for has not lost its network"


def test_nothing_is_written_by_a_plan(stack_of: Make) -> None:
    stack = stack_of(manifest(server("web", 27240)))
    assert "create    web  no container yet" in stack("up", "--dry-run").stdout
    stack("plan", "--check", code=1)
    assert not (stack.folder / ".devenv").exists()
    assert ids(stack) == {}
