"""Images from a registry: official names through a mirror, names that are not there, and no registry at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.conftest import ROOT, Devenv, stand_in
from tests.journeys.conftest import Stack
from tests.journeys.engines import Engine, free_ports, private_engine, registry

pytestmark = pytest.mark.engine

STACK = """\
devenv: 1
name: pulls
services:
  sessions: { use: memcached@1.6 }
  cache: { use: valkey@8 }
"""
OFFICIAL = ("memcached:1.6", "valkey/valkey:8")
RECIPES = tuple((name, version, stand_in(name, version)) for name, version in (("memcached", "1.6"), ("valkey", "8")))


@dataclass
class Hub:
    """A private engine whose mirror is a private registry that has the official names; `archive` has the same images
    under their own."""

    engine: Engine
    port: int
    folder: Path
    archive: Path
    running: ExitStack

    def start(self) -> None:
        """The registry serves."""
        self.running.enter_context(registry(self.folder, self.port, self.engine.inside))

    def stop(self) -> None:
        """The registry is gone."""
        self.running.close()


def image_of(stack: Stack, service: str) -> str:
    """The image that a service runs, as the engine names it."""
    return stack.engine.docker("inspect", "--format", "{{.Config.Image}}", f"{stack.name}-{service}-1").strip()


@pytest.fixture(scope="module")
def hub(engine: Engine, base_image: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Fills the registry with what the recipes of the catalog make: real images, under the official names."""
    folder = tmp_path_factory.mktemp("hub")
    for template, version, tag in RECIPES:
        named = ("--build-context", f"debian:trixie-slim=docker-image://{base_image}")
        recipe = ("--build-arg", f"VERSION={version}", "-t", tag, str(ROOT / "templates" / template / "image"))
        engine.docker("build", "-q", *named, *recipe, timeout=600)
    images = dict(zip(OFFICIAL, (tag for _, _, tag in RECIPES), strict=True))
    port = free_ports(1)[0]
    archive = folder / "images.tar"
    engine.docker("save", "-o", str(archive), *images.values())
    with (
        private_engine(folder / "engine", f"--registry-mirror=http://127.0.0.1:{port}") as private,
        ExitStack() as running,
    ):
        private.docker("load", "-i", str(archive))
        hub = Hub(private, port, folder / "registry", archive, running)
        hub.start()
        for official, built in images.items():
            pushed = f"127.0.0.1:{port}/{official if '/' in official else 'library/' + official}"
            private.docker("tag", built, pushed)
            private.docker("push", "-q", pushed)
            private.docker("image", "rm", pushed, built)
        hub.stop()
        yield hub
    shutil.rmtree(folder)


@pytest.fixture
def pulls(hub: Hub, tmp_path: Path, project_name: str, devenv: Devenv) -> Iterator[Callable[[str], Stack]]:
    """Makes stacks for the private engine, which has none of the official images."""
    there = replace(devenv, env=hub.engine.env, before=hub.engine.inside)

    def make(text: str) -> Stack:
        (tmp_path / "devenv.yaml").write_text(text.replace("name: pulls", f"name: {project_name}"))
        return Stack(project_name, tmp_path, there, hub.engine)

    yield make
    hub.stop()
    hub.engine.remove(project_name)
    hub.engine.docker("image", "rm", "-f", *OFFICIAL, check=False)


def test_up_pulls_official_names_and_shows_the_bytes(hub: Hub, pulls: Callable[[str], Stack]) -> None:
    hub.start()
    stack = pulls(STACK)
    up = stack("up", "--json", timeout=300)

    for image in OFFICIAL:
        name = image.partition(":")[0]
        digests = json.loads(hub.engine.docker("image", "inspect", image))[0]["RepoDigests"]
        assert [digest.partition("@")[0] for digest in digests] == [name]
    assert {image_of(stack, "sessions"), image_of(stack, "cache")} == set(OFFICIAL)

    events = [json.loads(line) for line in up.stdout.splitlines()]
    sizes = {e["image"]: e["total"] for e in events if e["event"] == "transfer"}
    assert set(sizes) == set(OFFICIAL)
    assert sizes["memcached:1.6"] > 10_000_000


def test_names_that_the_registry_does_not_have_are_errors(hub: Hub, pulls: Callable[[str], Stack]) -> None:
    hub.start()
    stack = pulls(
        "devenv: 1\nname: pulls\nservices:\n"
        "  a: { image: nobody/nothing:1 }\n"
        "  b: { image: postgres:no-such-tag }\n"
        f"  c: {{ image: '127.0.0.1:{hub.port}/nobody/nothing:1' }}\n"
    )
    up = stack("up", code=5)
    assert up.stderr.count("DE501") >= 3
    for name in ("nobody/nothing:1", "postgres:no-such-tag", f"127.0.0.1:{hub.port}/nobody/nothing:1"):
        assert name in up.stderr
    assert "Traceback" not in up.stderr


def test_an_image_is_built_from_debian_where_no_registry_answers(hub: Hub, pulls: Callable[[str], Stack]) -> None:
    hub.engine.docker("load", "-i", str(hub.archive))  # nothing can be built where there is no way out
    stack = pulls(STACK)
    up = stack("up", timeout=300)
    assert image_of(stack, "sessions") == stand_in("memcached", "1.6")
    assert image_of(stack, "cache") == stand_in("valkey", "8")
    assert "docker.io cannot be reached" in up.stderr
    assert "built from Debian's packages" in up.stderr
    assert stack("exec", "cache", "--", "valkey-cli", "ping").stdout.strip() == "PONG"


def test_an_image_without_a_recipe_needs_the_registry(hub: Hub, pulls: Callable[[str], Stack]) -> None:
    stack = pulls("devenv: 1\nname: pulls\nservices:\n  a: { image: nobody/nothing:1 }\n")
    up = stack("up", code=5)
    assert "DE502" in up.stderr
    assert "`curl -sS https://registry-1.docker.io/v2/`" in up.stderr
