"""What is noticed on a real engine when something changes, and that only what it touches is made anew."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from devenv.core.compose.dockerignore import Ignore
from devenv.engine.signatures import tree
from tests.core.compose.test_dockerignore import CASES, FILES, kept
from tests.journeys.conftest import Stack
from tests.journeys.small import IMAGE, manifest, script

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

Make = Callable[[str], Stack]

IDLE = "exec sleep 600"


class Changing:
    """A stack that is changed step by step; `up` tells which services have other containers than before."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ids: dict[str, str] = {}
        self.said = ""

    def up(self, *arguments: str, **options: object) -> set[str]:
        run = self.stack("up", "--plain", *arguments, **options)
        self.said = run.stderr
        now = {name: c["Id"] for name, c in self.stack.engine.containers(self.stack.name).items()}
        changed = {name for name in {**now, **self.ids} if now.get(name) != self.ids.get(name)}
        self.ids = now
        again = self.stack("up", "--plain", *arguments, **options).stderr
        assert again.count("unchanged") == len([line for line in again.splitlines() if ": " in line]) - 1, again
        return changed

    def write(self, path: str, text: str) -> None:
        at = self.stack.folder / path
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(text, "utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.stack.folder / path).read_text("utf-8")
        assert old in text
        self.write(path, text.replace(old, new))


@pytest.fixture
def changing(stack_of: Make) -> Changing:
    app = f"  app:\n    build: ./app\n    init: true\n    environment: {{ LEVEL: '{'${LEVEL:-info}'}' }}\n"
    conf = "volumes: ['./web.conf:/etc/web.conf:ro', './live:/live']\nenv_file: [web.env]"
    text = manifest(
        app,
        script("web", IDLE, more=conf),
        script("cache", IDLE, more="configs: [banner]"),
        script("other", IDLE),
        more="configs: { banner: { file: ./banner.txt } }\nmodes: { front: [web] }\n",
    )
    made = Changing(stack_of(text))
    made.write("app/Dockerfile", f'FROM {IMAGE}\nCOPY . /app\nCMD ["sh", "-c", "cat /app/word; exec sleep 600"]\n')
    made.write("app/.dockerignore", "*.md\n")
    made.write("app/word", "first\n")
    made.write("web.conf", "one\n")
    made.write("web.env", "A=1\n")
    made.write("live/a", "a\n")
    made.write("banner.txt", "hello\n")
    return made


def test_definitions_variables_and_files(changing: Changing) -> None:
    stack = changing.stack
    assert changing.up() == {"app", "web", "cache", "other"}
    assert changing.up() == set()

    changing.edit("devenv.yaml", "  other:\n", "  other:\n    labels: { note: new }\n")
    assert changing.up() == {"other"}
    changing.write("devenv.local.yaml", "services: { cache: { environment: { MORE: '1' } } }\n")
    assert changing.up() == {"cache"}
    changing.write(".env", "LEVEL=debug\n")
    assert changing.up() == {"app"}
    assert changing.up(env={"LEVEL": "trace"}) == {"app"}
    assert changing.up() == {"app"}

    changing.write("web.conf", "two\n")
    assert changing.up() == {"web"}
    assert "file ./web.conf" in changing.said
    os.utime(stack.folder / "web.conf")
    assert changing.up() == set()
    changing.write("web.env", "A=2\n")
    assert changing.up() == {"web"}
    changing.write("banner.txt", "good day\n")
    assert changing.up() == {"cache"}
    assert "good day" in stack("exec", "cache", "cat", "/banner").stdout

    changing.write("live/a", "changed\n")
    changing.write("live/b", "new\n")
    assert changing.up() == set()
    assert stack("exec", "web", "cat", "/live/a").stdout == "changed\n"

    stack.engine.docker("rm", "-f", f"{stack.name}-other-1")
    assert changing.up("--mode", "front") == {"other"}
    assert "other" not in changing.ids
    assert changing.up() == {"other"}


def test_what_is_built_is_what_is_checked_out(changing: Changing) -> None:
    stack = changing.stack
    changing.up()
    os.utime(stack.folder / "app/word")
    assert changing.up() == set()
    changing.write("app/notes.md", "ignored\n")
    assert changing.up() == set()
    assert "building" not in changing.said
    changing.write("app/word", "second\n")
    assert changing.up() == {"app"}
    assert "its image changed" in changing.said
    assert "second" in stack("logs", "app").stdout
    changing.edit("app/Dockerfile", "cat /app/word", "cat /app/word /app/word")
    assert changing.up() == {"app"}
    stack("down")
    changing.ids = {}
    changing.write("app/word", "while it was down\n")
    assert changing.up() == {"app", "web", "cache", "other"}
    assert "while it was down" in stack("logs", "app").stdout


def test_a_broken_build_changes_nothing_that_runs(changing: Changing) -> None:
    changing.up()
    before = changing.stack.engine.containers(changing.stack.name)
    changing.edit("app/Dockerfile", "COPY . /app", "RUN false")
    run = changing.stack("up", code=None)
    assert run.code == 5
    assert "DE510" in run.stderr
    after = changing.stack.engine.containers(changing.stack.name)
    assert {name: c["Id"] for name, c in after.items()} == {name: c["Id"] for name, c in before.items()}
    changing.edit("app/Dockerfile", "RUN false", "COPY . /app")
    changing.ids = {name: c["Id"] for name, c in after.items()}
    assert changing.up() == set()


def test_the_short_way_says_what_the_long_way_says(changing: Changing) -> None:
    stack = changing.stack
    changing.up()

    def said(*arguments: str) -> tuple[list[str], str]:
        run = stack(*arguments)
        lines = [line for line in run.stderr.splitlines() if not line.startswith("ready in")]
        return lines, re.sub(r"\d+ s ", "", run.stdout)

    short = said("up", "--plain"), said("status")
    state = stack.folder / ".devenv/state.json"
    data = json.loads(state.read_text("utf-8"))
    data.pop("remembered")
    state.write_text(json.dumps(data), "utf-8")
    status = said("status")
    assert (said("up", "--plain"), status) == short


@pytest.mark.parametrize("case", CASES)
def test_docker_leaves_out_what_we_leave_out(case: str, tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("x")
    (tmp_path / ".dockerignore").write_text(CASES[case])
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    argv = ["docker", "buildx", "build", "-q", "-o", "type=tar,dest=-", str(tmp_path)]
    done = subprocess.run(argv, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        sent = {member.name for member in archive if not member.isdir()}
    assert sent == kept(CASES[case], [*FILES, ".dockerignore", "Dockerfile"])
    assert tree(tmp_path, Ignore(CASES[case]))


def test_networks_volumes_names_and_mounts(stack_of: Make) -> None:
    text = manifest(
        script("db", IDLE, more="networks: [back]\nvolumes: ['data:/data', /nameless]"),
        script("web", IDLE, more="networks: [back, default]\nvolumes: ['./web.conf:/etc/web.conf']"),
        script("make", "true", more="job: true\nnetworks: [back]"),
        script("other", IDLE),
        more="networks: { back: { labels: { team: a } } }\nvolumes: { data: { labels: { team: a } } }\n",
    )
    changing = Changing(stack := stack_of(text))
    engine, name = stack.engine, stack.name
    assert "'web.conf' is not there" in stack("validate").stderr
    changing.up()
    assert "services.web.volumes: 'web.conf' is not there, so the engine makes an empty folder" in changing.said
    assert (stack.folder / "web.conf").is_dir()
    assert changing.up() == set()
    assert "not there" not in changing.said
    stack("exec", "db", "sh", "-c", "echo kept | tee /data/word > /nameless/word")

    changing.edit("devenv.yaml", "back: { labels: { team: a } }", "back: { internal: true, labels: { team: b } }")
    assert "recreate  network back  its definition changed" in stack("plan").stdout
    assert changing.up() == {"db", "web"}
    looked = '{{.Internal}} {{index .Labels "team"}}'
    assert engine.docker("network", "inspect", "-f", looked, f"{name}_back").split() == ["true", "b"]
    assert stack("exec", "db", "cat", "/data/word", "/nameless/word").stdout == "kept\nkept\n"

    changing.edit("devenv.yaml", "data: { labels: { team: a } }", "data: { labels: { team: c } }")
    assert f"docker volume rm {name}_data" in stack("plan").stdout
    assert changing.up() == set()
    assert "volume data: its definition changed, but it holds data" in changing.said
    stack("down")
    engine.docker("volume", "rm", f"{name}_data")
    changing.up()
    assert engine.docker("volume", "inspect", "-f", '{{index .Labels "team"}}', f"{name}_data").strip() == "c"
    assert "its definition changed" not in stack("plan").stdout

    changing.edit("devenv.yaml", f"name: {name}", f"name: {name}-new")
    command = f"docker compose -p {name} down --remove-orphans"
    for said in (stack("status").stdout, stack("plan").stdout, stack("up", "--plain").stderr, stack("status").stdout):
        assert command in said
    subprocess.run([*command.split(), "-t", "0"], cwd=stack.folder, check=True, capture_output=True)
    assert engine.containers(name) == {}
    stack("plan")
    assert command not in stack("status").stdout
    assert stack("status", "--json").stdout.strip().endswith('"notes": []}')


def test_what_ignores_the_signal_to_stop_is_waited_for_with_a_word(changing: Changing) -> None:
    loop = "trap '' TERM; while :; do sleep 0.1; done"
    text = manifest(script("deaf", loop, more="stop_grace_period: 3s"), script("other", IDLE))
    changing.write("devenv.yaml", text.replace("name: small", f"name: {changing.stack.name}"))
    changing.up()
    changing.edit("devenv.yaml", IDLE, IDLE + "0")
    changing.edit("devenv.yaml", "sleep 0.1", "sleep 0.2")
    assert changing.up() == {"deaf", "other"}
    assert changing.said.count("waiting for the old container to stop") == 1
    assert "deaf: creating, waiting for the old container to stop\n" in changing.said
