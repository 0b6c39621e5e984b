"""The schema that editors read: written with the rest, and again only when it would be another."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from devenv.engine.catalog import FolderCatalog
from devenv.engine.files import ProjectFolder
from devenv.engine.repository import Repository
from devenv.model.data import Map
from devenv.model.stack import Service, Stack
from devenv.ops import schema
from devenv.ops.generate import generate
from devenv.ops.init import init
from devenv.records import replace
from tests.cli.running import Outside, run
from tests.fakes import FakeProject, fake_world
from tests.ops.test_load import SHOP, OneTemplate
from tests.ops.test_up import Small

STACK = Stack("shop", {})


@pytest.fixture
def project() -> FakeProject:
    return FakeProject({"devenv.yaml": SHOP})


def test_it_is_kept_until_it_would_be_another(project: FakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = OneTemplate()
    assert schema.keep(project, catalog, STACK, closely=True)
    first = project.read(schema.SCHEMA_FILE)
    assert "postgres@" in first and '"broken' not in first
    assert not schema.keep(project, catalog, STACK, closely=True)
    changed = OneTemplate(catalog.text.replace("summary: ", "summary: Our "))
    assert not schema.keep(project, changed, STACK, closely=False)
    assert schema.keep(project, changed, STACK, closely=True)
    assert "Our " in project.read(schema.SCHEMA_FILE)
    more = replace(STACK, services={"later": Service("later", Map(), image="x:1")})
    assert not schema.keep(project, changed, more, closely=False)
    assert schema.keep(project, changed, more, closely=True)
    assert '"const": "later"' in project.read(schema.SCHEMA_FILE)
    monkeypatch.setattr(schema, "__version__", "99.0")
    assert schema.keep(project, changed, STACK, closely=False)


def test_generate_writes_it_where_the_first_line_of_a_manifest_points(tmp_path: Path) -> None:
    (tmp_path / "devenv.yaml").write_text(SHOP)
    world = fake_world(project=ProjectFolder(tmp_path, environ={}), catalog=OneTemplate())
    assert schema.SCHEMA_FILE in generate(world).written
    assert json.loads((tmp_path / schema.SCHEMA_FILE).read_text())["$comment"].startswith("devenv ")
    assert generate(world).written == ()


def test_init_writes_it_and_keeps_it_out_of_git(tmp_path: Path) -> None:
    done = init(Repository(tmp_path), FolderCatalog())
    assert done.text.startswith("# yaml-language-server: $schema=.devenv/devenv.schema.json\n")
    assert (tmp_path / schema.SCHEMA_FILE).read_text() == schema.manifest_text(FolderCatalog())
    assert (tmp_path / ".devenv/.gitignore").read_text() == "*\n"
    assert schema.SCHEMA_FILE not in done.written
    (tmp_path / "devenv.yaml").unlink()
    init(Repository(tmp_path), FolderCatalog())


def test_up_writes_it_and_then_leaves_it() -> None:
    stack = Small()
    assert stack.up().ok
    made = stack.project.read(schema.SCHEMA_FILE)
    assert "devenv" in json.loads(made)["required"]
    stack.project.write(schema.SCHEMA_FILE, made + " ")
    assert stack.up().ok
    assert stack.project.read(schema.SCHEMA_FILE) == made + " "


def test_what_runs_when_there_is_nothing_to_do_does_not_know_of_it() -> None:
    said = "import sys, devenv.cli.quick, devenv.ops.bringup.warm; print([m for m in sys.modules if 'schema' in m])"
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_up_imports_the_schema_s_making_only_to_make_it() -> None:
    said = "import sys, devenv.ops.up; print('devenv.core.schema' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


def test_the_command_prints_it_or_writes_it(tmp_path: Path) -> None:
    outside = Outside(a_catalog=OneTemplate())
    shown = run("schema", outside=outside)
    assert shown.code == 0 and shown.out == schema.manifest_text(OneTemplate())
    assert run("schema", "-o", "-", outside=outside).out == shown.out
    assert run("schema", "--template").data["required"] == ["template", "summary", "versions", "service"]
    assert run("-C", str(tmp_path), "schema", "-o", "a/s.json", outside=outside).out == "a/s.json: written\n"
    assert (tmp_path / "a/s.json").read_text() == shown.out
    assert run("-C", str(tmp_path), "schema", "-o", "a/s.json", outside=outside).out == "a/s.json: up to date\n"
