"""Every page of the documentation is followed: its files are written and its commands run, from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import pages
from tests.conftest import ROOT, Devenv
from tests.journeys.engines import Engine, free_ports, registry
from tests.journeys.reader import Reader

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

PAGES = [page for page in pages.pages() if page == ROOT / "README.md" or page.is_relative_to(ROOT / "docs")]
WITH_COMMANDS = [page for page in PAGES if any(block.commands for block in pages.blocks(page))]


@pytest.fixture(scope="module")
def mirror(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A registry, by its name."""
    port = free_ports(1)[0]
    with registry(tmp_path_factory.mktemp("mirror"), port):
        yield f"127.0.0.1:{port}"
    listing = ("image", "ls", "--digests", "--format", "{{.Repository}}@{{.Digest}}")
    for image in engine.docker(*listing).split():
        if image.startswith(f"127.0.0.1:{port}/"):
            engine.docker("image", "rm", image, check=False)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_can_be_followed(page: Path, tmp_path: Path, devenv: Devenv, engine: Engine, mirror: str) -> None:
    reader = Reader(tmp_path, devenv, engine, mirror)
    try:
        reader.follow(page)
    finally:
        reader.leave()
