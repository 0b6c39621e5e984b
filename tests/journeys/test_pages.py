"""Every page of the documentation is followed: its files are written and its commands run, from top to bottom."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pages
from tests.conftest import ROOT, Devenv
from tests.journeys.engines import Engine, free_ports, registry
from tests.journeys.reader import Reader

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

PAGES = [page for page in pages.pages() if not page.is_relative_to(ROOT / "compose")]
"""Those of the stacks in `compose` are followed by test_shop.py and test_stacks.py."""
WITH_COMMANDS = [page for page in PAGES if any(block.commands or block.steps_of_ci for block in pages.blocks(page))]
LOGIN = "me:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a"
"""Of `me` with the password `secret`, as a registry keeps it."""


@pytest.fixture(scope="module")
def machine(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What all readers have: a registry, another one that wants a login for the same images, and a cache, so that
    `devenvw` and `tests/run` set up their environments once."""
    folder = tmp_path_factory.mktemp("machine")
    tests = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "devenv-tests")
    tests.mkdir(parents=True, exist_ok=True)
    (folder / "cache").mkdir()
    (folder / "cache" / "devenv-tests").symlink_to(tests)
    ports = free_ports(2)
    mirror, private = (f"127.0.0.1:{port}" for port in ports)
    data = folder / "registry"
    with registry(data, ports[0]), registry(folder / "private", ports[1], data=data, login=LOGIN):
        yield {"MIRROR": mirror, "PRIVATE": private, "XDG_CACHE_HOME": str(folder / "cache")}
    listing = ("image", "ls", "--digests", "--format", "{{.Repository}}@{{.Digest}}")
    for image in engine.docker(*listing).split():
        if image.startswith((mirror, private)):
            engine.docker("image", "rm", image, check=False)
    for host in (mirror, private):
        engine.remove(f"{host}/")


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_can_be_followed(
    page: Path, tmp_path: Path, devenv: Devenv, engine: Engine, machine: dict[str, str]
) -> None:
    with Reader(tmp_path, devenv, engine, machine) as reader:
        reader.follow(page)
