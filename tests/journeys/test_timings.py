"""Timings of a bring-up on a real engine: they agree with what the engine saw."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.small import IMAGE, manifest, script, server

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]


def seconds(text: str) -> float:
    """An engine's time (nanoseconds) or ours, as Unix time."""
    head, _, rest = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(head + "+00:00").timestamp() + float(f"0.{rest or 0}")


def spans(run: dict[str, Any], service: str, kind: str) -> list[tuple[float, float]]:
    timeline = next(t for t in run["services"] if t["service"] == service)
    return [(s["start"], s["end"]) for s in timeline["spans"] if s["kind"] == kind]


@contextmanager
def ends(stack: Stack) -> Iterator[dict[str, float]]:
    """When the engine tells of the ends of a stack's containers, by service, as Unix time."""
    told: dict[str, float] = {}
    service = '{{index .Actor.Attributes "com.docker.compose.service"}}'
    only = ("--filter", "event=die", "--filter", f"label=com.docker.compose.project={stack.name}")
    argv = ["docker", "events", *only, "--since", str(time.time()), "--format", f"{{{{.TimeNano}}}} {service}"]
    environment = {**os.environ, **stack.engine.env}
    with subprocess.Popen(argv, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield told
            process.terminate()
            for line in process.communicate(timeout=10)[0].splitlines():
                nanoseconds, name = line.split()
                told[name] = int(nanoseconds) / 1e9
        finally:
            process.kill()


def test_spans_agree_with_what_happened(stack_of: Callable[[str], Stack]) -> None:
    new = secrets.token_hex(8)  # or the builder remembers the step, which then takes no time
    built = f'  tool:\n    build: {{ context: ., dockerfile_inline: "FROM {IMAGE}\\nRUN sleep 1; echo {new}" }}\n'
    stack = stack_of(
        manifest(
            server("web", 27801, needs=("seed", "cache")),
            script("seed", "sleep 0.6", more="job: true\nneeds: [db]"),
            server("cache", 27802),
            server("db", 27803, delay=1.0),
            built + '    command: [sleep, "600"]\n    init: true\n',
        )
    )
    with ends(stack) as told:
        stack("up")
    run = json.loads(stack("timings", "--json").stdout)
    begun = seconds(run["time"])
    for name, container in stack.engine.containers(stack.name).items():
        created, started = seconds(container["Created"]), seconds(container["State"]["StartedAt"])
        create, created_by = spans(run, name, "create")[-1]
        ((start, ready),) = spans(run, name, "start")
        assert begun + create - 0.1 <= created <= begun + created_by + 0.1
        assert begun + start - 0.1 <= started <= begun + ready + 0.1, "the container ran within its start-up's span"
        if name == "seed":
            # A busy engine tells of an end up to seconds after it: it takes the container down first.
            assert told["seed"] == pytest.approx(begun + ready, abs=0.3)
            assert seconds(container["State"]["FinishedAt"]) <= begun + ready
        elif name != "tool":
            healthy = next(log for log in container["State"]["Health"]["Log"] if log["ExitCode"] == 0)
            assert begun + ready >= started
            assert datetime.fromisoformat(healthy["End"]).timestamp() == pytest.approx(begun + ready, abs=0.5)
    ((build, built_by),) = spans(run, "tool", "build")
    assert built_by - build >= 1.0
    assert built_by <= spans(run, "tool", "create")[-1][0] + 0.05
    assert spans(run, "db", "start")[0][1] - spans(run, "db", "start")[0][0] >= 1.0
    assert spans(run, "seed", "wait")[-1][1] <= spans(run, "db", "start")[0][1] + 0.05, "it starts when db answers"
    path = [(leg["service"], leg["kind"]) for leg in run["path"]]
    assert path == [("db", "create"), ("db", "start"), ("seed", "start"), ("web", "start")]
    # The path accounts for the run: no time lies between its legs, and none of a service's before or after it. What is
    # left is devenv's own, and said to be.
    joints = zip(run["path"], run["path"][1:], strict=False)
    assert all(later["start"] - leg["end"] == pytest.approx(0, abs=0.15) for leg, later in joints)
    every = [span for service in run["services"] for span in service["spans"] if span["kind"] != "wait"]
    assert run["path"][0]["start"] <= min(span["start"] for span in every) + 0.1
    assert run["path"][-1]["end"] >= max(span["end"] for span in every) - 0.05
    assert sum(leg["end"] - leg["start"] for leg in run["path"]) + run["rest"] == pytest.approx(
        run["seconds"], abs=0.01
    )


def test_a_run_with_nothing_to_do_leaves_the_last_one_in_sight_and_a_slower_one_is_named(
    stack_of: Callable[[str], Stack],
) -> None:
    stack = stack_of(manifest(server("db", 27811), server("web", 27812, delay=3, needs=("db",))))
    stack("up")
    stack("up")
    shown = stack("timings").stdout
    assert "run 1 of" in shown
    assert "since then once there was nothing to do" in shown
    stack("down")
    text = (stack.folder / "devenv.yaml").read_text("utf-8")
    slow = manifest(server("db", 27811, delay=4), server("web", 27812, delay=3, needs=("db",)))
    (stack.folder / "devenv.yaml").write_text(slow.replace("name: small", text.splitlines()[1]), "utf-8")
    stack("up")
    run = json.loads(stack("timings", "--json", "--compare").stdout)
    changes = {(*c["services"], c["kind"]): c for c in run["comparison"]["changes"]}
    first = next(c for c in run["comparison"]["changes"] if c["slower"])
    assert run["run"] == 2
    assert first is changes["db", "start"]
    assert first["seconds"] >= 4 > first["before"] > 0
    ((begun, _),), ((_, ready),) = spans(run, "web", "start"), spans(run, "db", "start")
    assert begun >= ready - 0.05, "that it waited for db is no slowness of its own"
    assert changes["web", "start"]["seconds"] == pytest.approx(spans(run, "web", "start")[0][1] - begun, abs=0.01)
    stack("timings", "--html", "page.html")
    assert (stack.folder / "page.html").read_text("utf-8").startswith("<!doctype html>")
