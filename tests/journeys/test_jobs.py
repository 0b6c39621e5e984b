"""Jobs run once, on a real engine: until their command, image, inputs or data change, or someone asks."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.small import IMAGE, manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]

SETUP = "setup: { run: [cat /sql/one.sql], inputs: [sql/, '*.seed'] }\nvolumes: ['./sql:/sql:ro']"
SAME = "succeeded before with the same command, image, inputs and data"


def ran(stack: Stack, job: str = "orders-setup") -> str:
    """When the job last ran."""
    return str(stack.engine.containers(stack.name)[job]["State"]["StartedAt"])


def told(stack: Stack, job: str = "orders-setup") -> str:
    """Why the plan runs the job, or does not."""
    steps = json.loads(stack("plan", "--json").stdout)["steps"]
    return next(step["reason"] for step in steps if step["service"] == job)


@pytest.fixture
def shop(stack_of: Make) -> Stack:
    """A database with a volume, and a service whose setup has inputs."""
    stack = stack_of(
        manifest(
            server("db", 27300, more="volumes: ['data:/data']"),
            server("orders", 27301, needs=("db",), more=SETUP),
            more="volumes: { data: {} }\n",
        )
    )
    (stack.folder / "sql").mkdir()
    (stack.folder / "sql/one.sql").write_text("create table one;\n")
    stack("up")
    return stack


def test_a_job_that_succeeded_is_not_run_again(shop: Stack) -> None:
    first = ran(shop)
    assert told(shop) == SAME
    shop("up")
    assert ran(shop) == first
    shop.engine.docker("stop", "-t", "1", f"{shop.name}-orders-1")
    assert SAME in shop("up").stderr
    assert ran(shop) == first


def test_changed_inputs_make_it_run_again_and_say_so(shop: Stack) -> None:
    first = ran(shop)
    (shop.folder / "sql/two.sql").write_text("create table two;\n")
    assert told(shop) == "runs, its inputs changed (sql/)"
    assert "orders-setup: runs, its inputs changed (sql/)" in shop("up").stderr
    second = ran(shop)
    assert second != first
    (shop.folder / "a.seed").write_text("1\n")
    assert told(shop) == "runs, its inputs changed (*.seed)"
    shop("up")
    assert ran(shop) != second
    assert told(shop) == SAME
    (shop.folder / "sql/two.sql").touch()
    assert told(shop) == SAME


def test_a_changed_command_makes_it_run_again(shop: Stack) -> None:
    first = ran(shop)
    file = shop.folder / "devenv.yaml"
    file.write_text(file.read_text().replace("cat /sql/one.sql", "wc -l /sql/one.sql"))
    assert told(shop) == "runs, its definition changed"
    shop("up")
    assert ran(shop) != first
    assert told(shop) == SAME


def test_setup_asks_for_it(shop: Stack) -> None:
    first = ran(shop)
    assert "orders-setup: runs, as --setup asks" in shop("up", "--setup", "orders").stderr
    second = ran(shop)
    assert second != first
    shop("up", "db", "--setup", "orders-setup")
    assert ran(shop) != second
    assert "DE726" in shop("up", "--setup", "db", code=2).stderr


def test_it_is_not_run_again_after_down_unless_its_data_went(shop: Stack) -> None:
    shop("down")
    assert told(shop) == SAME
    shop("up")
    assert "orders-setup" not in shop.engine.containers(shop.name)
    status = {s["name"]: s for s in json.loads(shop("status", "--json").stdout)["services"]}
    assert status["orders-setup"]["state"] == "completed"
    assert json.loads(shop("status", "--json").stdout)["state"] == "running"
    shop("restart")
    assert told(shop) == SAME
    shop("down", "--volumes", "--yes")
    assert told(shop) == f"runs, its data is new (volume {shop.name}_data)"
    shop("up")
    assert ran(shop)
    assert told(shop) == SAME


def test_a_volume_that_was_made_anew_makes_it_run_again(shop: Stack) -> None:
    first = ran(shop)
    shop.engine.docker("rm", "-f", f"{shop.name}-db-1")
    shop.engine.docker("volume", "rm", f"{shop.name}_data")
    assert told(shop) == f"runs, its data is new (volume {shop.name}_data)"
    shop("up")
    assert ran(shop) != first
    assert told(shop) == SAME


def test_plain_compose_runs_it_again_and_devenv_takes_that_well(shop: Stack) -> None:
    first = ran(shop)
    compose = ("compose", "-f", str(shop.folder / ".devenv/compose.yaml"))
    shop.engine.docker(*compose, "up", "-d", "--wait")
    second = ran(shop)
    assert second != first
    assert told(shop) == SAME
    shop("up")
    assert ran(shop) == second
    shop("down")
    shop("up")
    shop.engine.docker(*compose, "up", "-d", "--wait")
    assert told(shop) == SAME


def test_a_job_that_failed_is_run_again(stack_of: Make) -> None:
    job = script("seed", "cat /sql/one.sql", more="job: true\ninputs: [sql]\nvolumes: ['./sql:/sql:ro']")
    stack = stack_of(manifest(job, server("web", 27310, needs=("seed",))))
    (stack.folder / "sql").mkdir()
    stack("up", code=5)
    assert told(stack, "seed") == "runs, it failed with exit code 1"
    stack("down")
    assert told(stack, "seed") == "runs, it has not succeeded yet"
    (stack.folder / "sql/one.sql").write_text("create table one;\n")
    stack("up")
    assert told(stack, "seed") == SAME
    (stack.folder / "sql/one.sql").unlink()
    stack("up", code=5)
    (stack.folder / "sql/one.sql").write_text("create table one;\n")
    assert told(stack, "seed") == "runs, it failed with exit code 1"


def test_a_new_image_makes_it_run_again(stack_of: Make) -> None:
    stack = stack_of(
        manifest(script("seed", "cat /version", more="job: true").replace(f"image: {IMAGE}", "build: ./seed"))
    )
    (stack.folder / "seed").mkdir()
    dockerfile = stack.folder / "seed/Dockerfile"
    dockerfile.write_text(f"FROM {IMAGE}\nRUN echo one > /version\n")
    stack("up")
    first = ran(stack, "seed")
    stack("up", "--build")
    assert ran(stack, "seed") == first
    dockerfile.write_text(f"FROM {IMAGE}\nRUN echo two > /version\n")
    stack("up", "--build")
    assert ran(stack, "seed") != first
    assert "two" in stack("logs", "seed").stdout


def test_inputs_that_are_not_there_are_told(stack_of: Make) -> None:
    stack = stack_of(manifest(script("seed", "true", more="job: true\ninputs: [sql, 'x/*']")))
    assert "there is no file or folder 'sql'" in stack("up", code=3).stderr
