"""Pulls from a real registry behind a proxy that misbehaves, a mirror for official names, and other processors."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import Devenv, Run
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, free_ports, private_engine, registry, stop, wait_for

pytestmark = pytest.mark.engine

PROXY = Path(__file__).parent / "proxy.py"
LAYER = 3 << 20  # bytes of data that no compression makes smaller
ARM = "linux/arm64"


@dataclass
class Shelf:
    """A private engine, and a registry for it at 127.0.0.1:`port` that does as it is told."""

    engine: Engine
    port: int
    folder: Path

    def order(self, text: str) -> None:
        """What the registry does from now on (see proxy.py); its list of requests begins anew."""
        (self.folder / "orders").write_text(text)
        (self.folder / "requests").write_text("")

    def requests(self, words: str) -> list[str]:
        return [line for line in (self.folder / "requests").read_text().splitlines() if words in line]

    def name(self, path: str) -> str:
        return f"127.0.0.1:{self.port}/{path}"


@pytest.fixture(scope="module")
def shelf(engine: Engine, base_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Has `team/app:1`, `mirror/debian:12` and `mirror/postgres:17`, which sleep, and `team/arm:1`."""
    folder = tmp_path_factory.mktemp("shelf")
    archive = folder / "base.tar"
    engine.docker("save", "-o", str(archive), base_image)
    behind, port = free_ports(2)
    with private_engine(folder / "engine") as private, registry(folder / "data", behind, private.inside):
        shelf = Shelf(private, port, folder)
        shelf.order("")
        private.docker("load", "-i", str(archive))
        _fill(private, behind, folder, base_image)
        argv = [*private.inside, sys.executable, str(PROXY), str(port), str(behind), str(folder)]
        process = subprocess.Popen(argv, start_new_session=True)
        try:
            ask = [*private.inside, "curl", "-fsS", "-o", "/dev/null", f"http://127.0.0.1:{port}/v2/"]
            wait_for(lambda: subprocess.run(ask, capture_output=True).returncode == 0, 20)
            yield shelf
        finally:
            stop(process)
    shutil.rmtree(folder)


def _fill(engine: Engine, port: int, folder: Path, base: str) -> None:
    context = folder / "context"
    context.mkdir()
    (context / "data").write_bytes(os.urandom(LAYER))
    (context / "Dockerfile").write_text(f'FROM {base}\nCOPY data /data\nCMD ["sleep", "600"]\n')
    app, arm = f"127.0.0.1:{port}/team/app:1", f"127.0.0.1:{port}/team/arm:1"
    engine.docker("build", "-q", "-t", app, str(context))
    (context / "Dockerfile").write_text("FROM scratch\nCOPY data /data\n")
    engine.docker("build", "-q", "--provenance=false", "--platform", ARM, "-t", arm, str(context))
    names = [app, arm]
    for name in ("mirror/debian:12", "mirror/postgres:17"):
        names.append(f"127.0.0.1:{port}/{name}")
        engine.docker("tag", app, names[-1])
    for name in names:
        engine.docker("push", "-q", name)
    engine.docker("image", "rm", "-f", *names, base)
    engine.docker("builder", "prune", "-af")


Make = Callable[[str], Stack]


@pytest.fixture
def stacks(shelf: Shelf, tmp_path: Path, project_name: str, devenv: Devenv) -> Iterator[Make]:
    """Makes stacks for the private engine; `AT/` in a manifest is the registry."""
    there = replace(devenv, env=shelf.engine.env, before=shelf.engine.inside)

    def make(services: str) -> Stack:
        text = f"devenv: 1\nname: {project_name}\nservices:\n{services}".replace("AT/", shelf.name(""))
        (tmp_path / "devenv.yaml").write_text(text)
        return Stack(project_name, tmp_path, there, shelf.engine)

    yield make
    shelf.engine.remove(project_name)
    images = [name for name in shelf.engine.names("image", "") if not name.startswith("<none>")]
    shelf.engine.docker("image", "rm", "-f", *images, check=False)
    shelf.order("")


def events(run: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_an_image_of_two_services_is_pulled_once(shelf: Shelf, stacks: Make) -> None:
    shelf.order("")
    run = stacks("  a: { image: 'AT/team/app:1' }\n  b: { image: 'AT/team/app:1' }\n")("up", "--json")
    blobs = [line.split()[1] for line in shelf.requests("GET") if "/blobs/" in line]
    layers = [blob for blob in blobs if blobs.count(blob) == 1]
    assert len(layers) >= 2, "each layer is fetched once (the configuration is read to know the platform, too)"
    transfers = [e for e in events(run) if e["event"] == "transfer"]
    assert transfers and all(e["services"] == ["a", "b"] for e in transfers)


def test_an_image_that_is_missing_stops_nobody_else(shelf: Shelf, stacks: Make) -> None:
    missing = "  b: { image: 'AT/team/nothing:1' }\n  c: { image: 'AT/x/y:1', needs: [b] }\n"
    stack = stacks("  a: { image: 'AT/team/app:1' }\n" + missing)
    run = stack("up", code=5)
    assert run.stderr.count("DE501") == 2
    assert shelf.name("team/nothing:1") in run.stderr and "check the name and the tag" in run.stderr
    assert {name: c["State"]["Status"] for name, c in shelf.engine.containers(stack.name).items()} == {"a": "running"}


def test_a_transfer_that_breaks_is_taken_up_again(shelf: Shelf, stacks: Make) -> None:
    shelf.order("break once")
    stacks("  a: { image: 'AT/team/app:1' }\n")("up")
    assert (shelf.folder / "orders").read_text() == ""
    assert shelf.requests("bytes="), "it goes on where it broke"


def test_a_registry_that_is_busy_is_asked_again(shelf: Shelf, stacks: Make) -> None:
    stack = stacks("  a: { image: 'AT/team/app:1' }\n")
    shelf.order("503")
    run = stack("up", code=5)
    assert "DE502" in run.stderr and "503" in run.stderr
    assert run.stderr.count(f"pulling {shelf.name('team/app:1')} again") == 3
    shelf.order("")
    stack("up")


@pytest.mark.parametrize(
    ("order", "code", "words"),
    [("429", "DE504", "rate limit"), ("401", "DE503", "docker login 127.0.0.1:")],
)
def test_a_definite_answer_is_told_for_what_it_is(
    order: str, code: str, words: str, shelf: Shelf, stacks: Make
) -> None:
    shelf.order(order)
    run = stacks("  a: { image: 'AT/team/app:1' }\n")("up", code=5)
    assert code in run.stderr and words in run.stderr
    assert "again: " not in run.stderr


def test_an_image_for_another_processor_is_refused_before_it_is_pulled(shelf: Shelf, stacks: Make) -> None:
    shelf.order("")
    run = stacks("  a: { image: 'AT/team/arm:1' }\n")("up", code=5)
    assert "DE505" in run.stderr and f"platform: {ARM}" in run.stderr
    assert not shelf.engine.docker("image", "ls", "-q").strip()


def test_official_names_come_from_the_mirror_that_the_configuration_names(
    shelf: Shelf, stacks: Make, tmp_path: Path
) -> None:
    shelf.order("")
    stack = stacks(
        "  db: { image: 'postgres:17' }\n"
        "  own: { build: { context: ., dockerfile_inline: 'FROM debian:12' }, command: [sleep, '60'] }\n"
    )
    config = tmp_path / "config.yaml"
    config.write_text(f"images:\n  docker.io/library/: {shelf.name('mirror/')}\n")
    stack("up", env={"DEVENV_CONFIG": str(config)})
    containers = shelf.engine.containers(stack.name)
    assert containers["db"]["Config"]["Image"] == shelf.name("mirror/postgres:17")
    assert containers["own"]["State"]["Status"] == "running"
    names = shelf.engine.names("image", "")
    assert "postgres:17" not in names and "debian:12" not in names, "official names are never given to others"
    text = (stack.folder / ".devenv/compose.yaml").read_text()
    assert "${DEVENV_IMAGE_DB:-postgres:17}" in text and str(shelf.port) not in text
    stack("up")
