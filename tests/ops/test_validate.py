from __future__ import annotations

import json

import pytest

from devenv.engine.compose_config import NOTHING_REMOTE, own
from devenv.engine.files import ProjectFolder
from devenv.engine.process import LocalProcesses
from devenv.ops.validate import validate
from tests.fakes import FakeProcesses, FakeProject, fake_world
from tests.ops.test_load import SHOP, OneTemplate


class NoDocker(FakeProcesses):
    def find(self, program):
        return None


def fake(manifest: str, processes=None):
    project = FakeProject({"devenv.yaml": manifest})
    return fake_world(project=project, processes=processes or NoDocker(), catalog=OneTemplate())


@pytest.fixture
def real(tmp_path):
    """Validates a manifest in a folder, with the machine's own Compose."""

    def run(manifest: str):
        (tmp_path / "devenv.yaml").write_text(manifest)
        project = ProjectFolder(tmp_path)
        found = validate(fake_world(project=project, processes=LocalProcesses(), catalog=OneTemplate()))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["devenv.yaml"]
        return found

    return run


def test_a_good_manifest_without_compose():
    found = validate(fake(SHOP))
    assert (found.ok, found.stack, found.services, found.composed, found.problems) == (True, "shop", 2, False, ())


def test_problems_are_returned_not_raised_sorted_by_place():
    found = validate(fake("devenv: 1\nservices:\n  web: {imge: x}\n  db: {use: postgrs}\n"))
    assert not found.ok and found.stack is None
    assert [p.mark.line for p in found.problems] == sorted(p.mark.line for p in found.problems)
    assert {"DE203", "DE301"} <= {p.code for p in found.problems}


def test_a_manifest_that_cannot_be_read():
    world = fake(SHOP)
    del world.project.files["devenv.yaml"]
    assert [p.code for p in validate(world).problems] == ["DE102"]


def test_compose_is_asked_and_accepts(real):
    found = real(SHOP)
    assert (found.ok, found.composed, found.problems) == (True, True, ())


@pytest.mark.parametrize("file", [".env", ".devenv/.env"])
def test_a_file_of_variables_chooses_no_program(file, tmp_path):
    plugin = tmp_path / "cfg/cli-plugins/docker-compose"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    plugin.chmod(0o755)
    (tmp_path / ".devenv").mkdir()
    (tmp_path / file).write_text("DOCKER_CONFIG=cfg\nLEVEL='a $b'\n")
    (tmp_path / "devenv.yaml").write_text("devenv: 1\nname: x\nservices: {a: {image: x, command: '${LEVEL:?}'}}\n")
    found = validate(fake_world(project=ProjectFolder(tmp_path), processes=LocalProcesses(), catalog=OneTemplate()))
    assert (found.composed, found.problems) == (True, ())
    assert not (tmp_path / "ran").exists()


def test_compose_fetches_no_files(real):
    found = real("devenv: 1\nservices:\n  a:\n    extends: {file: 'https://127.0.0.1:1/x.git', service: a}\n")
    assert ("DE340", 4) in [(p.code, p.mark.line) for p in found.problems if p.mark]
    assert NOTHING_REMOTE.items() <= own({"COMPOSE_EXPERIMENTAL_GIT_REMOTE": "true"}).items()


def test_what_compose_objects_to_has_its_place_in_the_manifest(real):
    found = real("devenv: 1\nname: shop\nservices:\n  web:\n    image: x\n    deploy: {replicas: many}\n")
    (problem,) = found.problems
    assert (problem.code, problem.mark.line, problem.path) == ("DE330", 6, "services.web.deploy.replicas")
    assert problem.excerpt == "    deploy: {replicas: many}"
    assert found.composed and found.stack == "shop"


def test_a_variable_that_must_be_set_is_named(real):
    found = real("devenv: 1\nname: shop\nservices:\n  web:\n    image: '${IMAGE_OF_WEB:?say which}'\n")
    assert "IMAGE_OF_WEB" in found.problems[0].message
    assert found.problems[0].mark.line == 5


def test_a_variable_that_nobody_set_is_a_warning_at_its_place(real):
    found = real(
        "devenv: 1\nname: shop\nservices:\n  web:\n    image: x\n    command: echo $$NOBODY $NOBODY_SET_THIS\n"
    )
    assert found.ok
    (problem,) = found.problems
    assert (problem.code, problem.warning, problem.mark.line) == ("DE331", True, 6)
    assert problem.message == "the variable NOBODY_SET_THIS is not set: Compose takes it as empty"


@pytest.mark.parametrize(
    ("ports", "twice"),
    [
        (["8000:80", "8000:81"], "ports[1]"),
        (["8000:80", "127.0.0.1:8000:80"], "ports[1]"),
        (["8000-8002:80-82", {"target": 1, "published": "8001"}], "ports[1]"),
        (["127.0.0.1:8000:80", "9:9", "127.0.0.1:8000:81"], "ports[2]"),
        (["8000:80", "8000:80"], None),
        (["8000:80", "0.0.0.0:8000:80", {"target": 80, "published": 8000}], None),
        (["8000:80", "8000:81/udp"], None),
        (["127.0.0.1:8000:80", "127.0.0.2:8000:81", "[::1]:8000:82"], None),
        (["8000-8003:80", "8000:81"], None),
        (["0:80", "0:81", {"target": 82, "published": "0"}], None),
        (["${A:-8000}:80", "8000:81", "82", "9" * 5000 + ":83"], None),
    ],
)
def test_a_service_that_takes_one_host_port_twice_can_never_start(ports, twice):
    found = validate(fake(f"devenv: 1\nname: a\nservices:\n  x: {{image: 'x:1', ports: {json.dumps(ports)}}}\n"))
    assert [(one.code, one.path) for one in found.problems] == ([("DE321", f"services.x.{twice}")] if twice else [])
    assert found.ok is (twice is None)
