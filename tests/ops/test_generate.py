from __future__ import annotations

import pytest
import yaml

from devenv.engine.files import ProjectFolder
from devenv.errors import DevenvError
from devenv.ops.generate import generate
from tests.fakes import fake_world
from tests.ops.test_load import SHOP, OneTemplate


@pytest.fixture
def world(tmp_path):
    (tmp_path / "devenv.yaml").write_text(SHOP.replace("image: x", "image: x, volumes: ['./a:/a']"))
    return fake_world(project=ProjectFolder(tmp_path, environ={}), catalog=OneTemplate())


def test_everything_is_written_once(world, tmp_path):
    done = generate(world)
    assert (done.stack, done.path, done.changed) == ("shop", ".devenv/compose.yaml", True)
    assert set(done.written) >= {".devenv/compose.yaml", ".devenv/.env"}
    folder = tmp_path / ".devenv"
    assert (folder / "compose.yaml").read_text() == done.text
    assert (folder / ".gitignore").read_text() == "*\n"
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    again = generate(world)
    assert (again.changed, again.written) == (False, ())
    kept = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.iterdir()}
    assert {name: kept[name] for name in (".env", "compose.yaml")} == {n: before[n] for n in (".env", "compose.yaml")}


def test_secrets_are_really_generated_and_kept(world):
    generate(world)
    secret = world.project.settings()["DEVENV_SECRET_DB_PASSWORD"]
    assert len(secret) == 24 and secret.isalnum()
    world.project.save_settings({**world.project.settings(), "DEVENV_PORT_DB_MAIN": "9999"})
    generate(world)
    assert world.project.settings() == {"DEVENV_SECRET_DB_PASSWORD": secret, "DEVENV_PORT_DB_MAIN": "9999"}


def test_check_only_compares(world, tmp_path):
    assert generate(world, check=True).changed
    assert not (tmp_path / ".devenv").exists()
    generate(world)
    assert not generate(world, check=True).changed
    (tmp_path / ".devenv/compose.yaml").write_text("x")
    assert generate(world, check=True).changed
    assert (tmp_path / ".devenv/compose.yaml").read_text() == "x"


@pytest.mark.parametrize(("output", "source"), [("compose.yaml", "./a"), ("deploy/x/c.yaml", "../../a")])
def test_another_file_has_paths_that_fit_its_folder_and_nothing_else_is_written(world, tmp_path, output, source):
    done = generate(world, output=output)
    assert done.written == (output,) and not (tmp_path / ".devenv").exists()
    web = yaml.safe_load((tmp_path / output).read_text())["services"]["web"]
    assert web["volumes"] == [f"{source}:/a"]
    assert generate(world, output=output).written == ()
    assert not generate(world, output=output, check=True).changed


def test_a_file_outside_of_the_manifest_s_folder_has_paths_that_fit(world, tmp_path):
    project = ProjectFolder(tmp_path / "in" / "it", environ={})
    project.root.mkdir(parents=True)
    (tmp_path / "devenv.yaml").rename(project.root / "devenv.yaml")
    for output, source in (("../../c.yaml", "./in/it/a"), ("../beside/c.yaml", "../it/a")):
        generate(fake_world(project=project, catalog=OneTemplate()), output=output)
        written = yaml.safe_load((project.root / output).read_text())
        assert written["services"]["web"]["volumes"] == [f"{source}:/a"]


def test_a_dash_writes_nothing(world, tmp_path):
    done = generate(world, output="-")
    assert done.written == () and "./a:/a" in done.text
    assert [path.name for path in tmp_path.iterdir()] == ["devenv.yaml"]


def test_a_wrong_manifest_leaves_the_file_as_it_was(world, tmp_path):
    generate(world)
    before = (tmp_path / ".devenv/compose.yaml").read_text()
    (tmp_path / "devenv.yaml").write_text("devenv: 1\nservices: {web: {imge: x}}\n")
    with pytest.raises(DevenvError):
        generate(world)
    assert (tmp_path / ".devenv/compose.yaml").read_text() == before


def test_the_command_of_the_header_finds_its_files(world, tmp_path):
    (tmp_path / "devenv.yaml").write_text("devenv: 1\nservices: {web: {image: a}}\n")
    assert ".devenv/.env" in generate(world).written
    assert generate(world).written == ()
    said = "`docker compose --env-file .env -f deploy/compose.yaml up`"
    assert said in generate(world, output="deploy/compose.yaml").text
    assert "--env-file" not in generate(world, output="compose.yaml").text
