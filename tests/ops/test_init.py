"""`devenv init` on small repositories, with the real catalog."""

import os
from pathlib import Path

import pytest

from devenv.engine.catalog import FolderCatalog
from devenv.engine.repository import Repository
from devenv.errors import DevenvError
from devenv.ops.init import init


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_a_repository_gets_a_valid_manifest_and_the_wrapper(tmp_path: Path) -> None:
    root = write(
        tmp_path / "My Shop",
        {
            "api/Dockerfile": "FROM debian:trixie-slim\nEXPOSE 8000\n",
            "api/requirements.txt": "psycopg==3.2\npika\n",
            "web/Dockerfile": "FROM debian:trixie-slim\n",
            "web/package.json": '{"dependencies": {"ioredis": "5"}}',
            "node_modules/x/Dockerfile": "FROM scratch\n",
        },
    )
    done = init(Repository(root), FolderCatalog())
    assert done.written == ("devenv.yaml", "devenvw", "devenvw.lock")
    assert set(done.services) == {"db", "broker", "cache", "api", "web"}
    assert (root / "devenv.yaml").read_text() == done.text
    assert os.access(root / "devenvw", os.X_OK)
    assert "--hash=sha256:" in (root / "devenvw.lock").read_text()


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"go.mod": "module example.org/app\n\nrequire github.com/jackc/pgx/v5 v5.7.0\n"},
        {"package.json": '{"scripts": {"start": "node ."}, "dependencies": {"mysql2": "3", "kafkajs": "2"}}'},
        {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["redis>=5", "nats-py"]\n'},
        {"Dockerfile": "FROM x\nexpose 80/tcp\n", ".env.example": "A=1\nB='$x ${y}'\n# C=2\nexport D=\n"},
        {"compose.yaml": "services:\n  db: {image: 'postgres:17'}\n  app:\n    image: app\n    depends_on: [db]\n"},
    ],
)
def test_what_is_written_is_always_valid(tmp_path: Path, files: dict[str, str]) -> None:
    assert init(Repository(write(tmp_path, files)), FolderCatalog()).services


def test_what_is_only_an_example_is_said_to_be_one(tmp_path: Path) -> None:
    assert "example" in init(Repository(write(tmp_path / "a", {"README.md": ""})), FolderCatalog()).notes[0]
    assert init(Repository(write(tmp_path / "b", {"Dockerfile": "FROM x\n"})), FolderCatalog()).notes == ()


def test_a_stack_within_another_is_told(tmp_path: Path) -> None:
    write(
        tmp_path, {"devenv.yaml": "", "api/v1/Dockerfile": "FROM x\n", "own/Dockerfile": "FROM x\n", "own/.git/x": ""}
    )
    (note,) = init(Repository(tmp_path / "api/v1"), FolderCatalog()).notes
    assert note.startswith("../../devenv.yaml counted here before")
    assert init(Repository(tmp_path / "own"), FolderCatalog()).notes == ()


def test_a_manifest_that_is_there_is_left_alone(tmp_path: Path) -> None:
    write(tmp_path, {"devenv.yaml": "mine\n"})
    with pytest.raises(DevenvError) as caught:
        init(Repository(tmp_path), FolderCatalog())
    assert caught.value.problems[0].code == "DE704"
    assert (tmp_path / "devenv.yaml").read_text() == "mine\n"
    assert [p.name for p in tmp_path.iterdir()] == ["devenv.yaml"]


def test_a_wrapper_that_is_there_is_kept(tmp_path: Path) -> None:
    write(tmp_path, {"devenvw": "pinned\n"})
    done = init(Repository(tmp_path), FolderCatalog())
    assert done.kept == ("devenvw",)
    assert (tmp_path / "devenvw").read_text() == "pinned\n"


def test_a_compose_file_that_cannot_be_taken_over_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services:\n  db: {image: x, prots: []}\n"})
    with pytest.raises(DevenvError) as caught:
        init(Repository(tmp_path), FolderCatalog())
    assert caught.value.problems[0].code == "DE705"
    assert any("prots" in p.message for p in caught.value.problems)
    assert [p.name for p in tmp_path.iterdir()] == ["compose.yaml"]


def test_nothing_is_written_through_a_link_out_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    root = tmp_path / "repository"
    root.mkdir()
    (root / ".devenv").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DevenvError) as caught:
        init(Repository(root), FolderCatalog())
    assert caught.value.problems[0].code == "DE701"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert [path.name for path in root.iterdir()] == [".devenv"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", {"Dockerfile": "EXPOSE 666\n"})
    root = tmp_path / "repository"
    root.mkdir()
    (root / "Dockerfile").symlink_to(secret / "Dockerfile")
    assert "666" not in init(Repository(root), FolderCatalog()).text


def test_compose_files_are_taken_as_compose_takes_them(tmp_path: Path) -> None:
    root = write(
        tmp_path,
        {
            "docker-compose.yml": "services:\n  web:\n    image: a   # ours\n",
            "docker-compose.override.yml": 'services: {web: {environment: {DEBUG: "1", MODE: 022}}}\n',
        },
    )
    done = init(Repository(root), FolderCatalog())
    assert done.source == "docker-compose.yml, docker-compose.override.yml"
    assert f"# Made from {done.source} by `devenv init`" in done.text
    assert "    image: a   # ours\n" in done.text and 'DEBUG: "1"' in done.text
    assert done.notes == ("docker-compose.override.yml:1: Compose reads MODE: 022 as 18, so that is written",)


def test_files_that_the_env_file_names_are_taken_and_no_others(tmp_path: Path) -> None:
    files = {
        "compose.yaml": "services: {other: {image: x}}\n",
        "deploy/x.yaml": "services: {web: {image: a}}\n",
        "y.yaml": "services: {web: {volumes: [./src:/src]}}\n",
        ".env": f"COMPOSE_FILE=deploy/x.yaml{os.pathsep}y.yaml\n",
    }
    done = init(Repository(write(tmp_path, files)), FolderCatalog())
    assert (done.source, done.services) == ("deploy/x.yaml, y.yaml", ("web",))
    assert "deploy/src:/src" in done.text


def test_compose_files_that_cannot_be_merged_are_told_of(tmp_path: Path) -> None:
    write(tmp_path, {"compose.yaml": "services: {a: {image: x}}\n", "compose.override.yaml": "- a\n"})
    with pytest.raises(DevenvError) as caught:
        init(Repository(tmp_path), FolderCatalog())
    assert [problem.code for problem in caught.value.problems] == ["DE705", "DE371"]
    assert not (tmp_path / "devenv.yaml").exists()
