"""Fixtures for journeys: a real engine, names that are nobody else's, and clean-up by name."""

from __future__ import annotations

import re
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devenv.engine.daemon import DockerDaemon
from devenv.engine.debian_image import BASE, make_base
from devenv.engine.process import LocalProcesses
from tests.conftest import ROOT, Devenv, Run
from tests.journeys.engines import Engine, alone

PREFIX = f"dvt{secrets.token_hex(3)}-"
"""Everything that this run of the tests makes on an engine is called so."""


_LONGEST = (
    "fresh_machine",
    "catalog_servers",
    "catalog",
    "pages",
    "templates",
    "hard_to_break",
    "shop",
    "pulls",
    "registry",
    "practices",
)
"""Modules that take minutes: they begin first, so that none of them is left for the end, with one processor idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest modules first, and leaves all others in their order."""
    rank = {f"test_{name}.py": place for place, name in enumerate(_LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))


@dataclass(frozen=True)
class Stack:
    """A manifest in a folder of its own, under a name of its own."""

    name: str
    folder: Path
    devenv: Devenv
    engine: Engine

    def __call__(self, *arguments: str | Path, code: int | None = 0, **options: object) -> Run:
        """`devenv …` in the folder. Raises AssertionError when it exits otherwise than with `code` (None: any)."""
        run = self.devenv(*arguments, cwd=self.folder, **options)  # type: ignore[arg-type]
        assert code is None or run.code == code, f"devenv {' '.join(map(str, arguments))}: {run}"
        return run


def _wanted() -> Engine:
    engine = Engine()
    try:
        engine.docker("version", "--format", "{{.Server.Version}}")
    except (AssertionError, OSError, subprocess.TimeoutExpired) as problem:
        pytest.fail(
            f"no Docker engine answers: start one, set DOCKER_HOST, or run tests/run, which starts its own ({problem})",
            pytrace=False,
        )
    return engine


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """The engine of DOCKER_HOST or the one that runs. Afterwards nothing of this run may be left on it."""
    engine = _wanted()
    yield engine
    left = {kind: engine.names(kind, PREFIX) for kind in ("container", "network", "volume")}
    engine.remove(PREFIX)
    assert not any(left.values()), f"tests left things on the engine: {left}"


@pytest.fixture(scope="session")
def base_image(engine: Engine) -> str:
    """The base of all images that are built without a registry, made from Debian's archive when it is missing."""
    with alone("base"):  # two runs at once make it once
        if not engine.docker("image", "ls", "-q", BASE).strip():
            make_base(LocalProcesses(), DockerDaemon(), lambda question: True)
    return BASE


@pytest.fixture
def project_name(request: pytest.FixtureRequest, engine: Engine) -> Iterator[str]:
    """A Compose project name that nobody else has. What bears it is removed afterwards."""
    test = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower()).strip("-")[:24]
    name = f"{PREFIX}{test}-{secrets.token_hex(2)}"
    yield name
    engine.remove(name)


@pytest.fixture
def stack_of(tmp_path: Path, project_name: str, devenv: Devenv, engine: Engine) -> Callable[[str], Stack]:
    """Makes a stack from a manifest's text or from the name of one in compose/ (copied); its `name:` is replaced."""

    def make(source: str) -> Stack:
        folder = tmp_path / "stack"
        if "\n" in source:
            folder.mkdir()
            text = source
        else:
            shutil.copytree(ROOT / "compose" / source, folder, ignore=shutil.ignore_patterns(".devenv"))
            text = (folder / "devenv.yaml").read_text("utf-8")
        renamed, times = re.subn(r"(?m)^name: .*$", f"name: {project_name}", text)
        assert times == 1, "the manifest has one line that names it"
        (folder / "devenv.yaml").write_text(renamed, "utf-8")
        return Stack(project_name, folder, devenv, engine)

    return make
