"""Templates of one's own, on the engine: written, proved, and nothing of it left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Devenv
from tests.journeys.engines import Engine, alone

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

OURS = "devenv-test-"


def left(engine: Engine, before: set[str]) -> set[str]:
    """What runs and tests of templates have left on the engine since."""
    return {name for kind in ("container", "network", "volume") for name in engine.names(kind, OURS)} - before


@pytest.fixture
def before(engine: Engine) -> Iterator[set[str]]:
    """What is there already, while no other test proves a template."""
    with alone("template-test"):
        yield left(engine, set())


@pytest.fixture
def project(tmp_path: Path, devenv: Devenv) -> Path:
    made = devenv("template", "new", "my-store", cwd=tmp_path)
    assert made.code == 0, made
    return tmp_path


def test_a_new_template_is_proved_as_it_is(project: Path, devenv: Devenv, engine: Engine, before: set[str]) -> None:
    done = devenv("template", "test", "my-store", "--json", "--yes", cwd=project, timeout=600)
    assert done.code == 0, done
    checks = json.loads(done.stdout)["checks"]
    assert {check["state"] for check in checks} == {"ok"}, checks
    assert len(checks) == 11
    assert not left(engine, before)


def test_a_template_that_forgets_its_data_fails_and_leaves_nothing(
    project: Path, devenv: Devenv, engine: Engine, before: set[str]
) -> None:
    file = project / "catalog" / "my-store" / "template.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("data:/data", "data:/elsewhere").replace("${output.url}", "redis://nobody:1"), "utf-8")
    done = devenv("template", "test", "--json", "--yes", cwd=project, timeout=600)
    assert done.code == 1, done
    failed = {check["check"] for check in json.loads(done.stdout)["checks"] if check["state"] == "failed"}
    assert failed >= {"connects inside", "keeps its data"}
    assert not left(engine, before)


def test_ctrl_c_leaves_nothing(project: Path, devenv: Devenv, engine: Engine, before: set[str]) -> None:
    argv = [sys.executable, "-m", "devenv", "template", "test", "--yes"]
    run = subprocess.Popen(
        argv, cwd=project, env=devenv.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    deadline = time.monotonic() + 120
    while not left(engine, before) and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(run.pid, signal.SIGINT)
    assert run.wait(120) == 130
    assert not left(engine, before)


def test_a_template_is_proved_beside_what_it_needs(devenv: Devenv, engine: Engine, before: set[str]) -> None:
    done = devenv("template", "test", "unleash", "--json", "--yes", cwd=ROOT, timeout=600)
    assert done.code == 0, done
    checks = {check["check"]: check["state"] for check in json.loads(done.stdout)["checks"]}
    assert checks.pop("keeps its data") == checks.pop("snapshot") == "nothing", "it is the database that keeps it"
    assert "beside" in checks and set(checks.values()) == {"ok"}
    assert not left(engine, before)


def test_templates_of_the_catalog_prove_themselves(devenv: Devenv) -> None:
    """All in one stack, as they are made, stopped and made again together."""
    names = ("adminer", "azurite", "etcd", "nats", "openldap", "prometheus", "temporal", "verdaccio", "wiremock")
    names += ("zookeeper",)
    done = devenv("template", "test", *names, "--json", "--yes", cwd=ROOT, timeout=600)
    assert done.code == 0, done
    checks = json.loads(done.stdout)["checks"]
    other = {(check["template"], check["check"], check["state"]) for check in checks if check["state"] != "ok"}
    assert other == {("adminer", check, "nothing") for check in ("keeps its data", "snapshot")}
    assert len(checks) == 11 * len(names)
