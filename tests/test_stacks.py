"""The reference stacks: what is committed is what devenv makes of them. Needs no engine."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT, Devenv

STACKS = sorted(path.parent.name for path in ROOT.glob("compose/*/devenv.yaml"))


@pytest.fixture(params=STACKS)
def copy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A reference stack in a folder of its own."""
    folder = tmp_path / request.param
    shutil.copytree(ROOT / "compose" / request.param, folder, ignore=shutil.ignore_patterns(".devenv"))
    return folder


def test_there_are_stacks() -> None:
    assert {"shop", "notes", "sensors"} <= set(STACKS)


def test_the_manifest_is_valid(copy: Path, devenv: Devenv) -> None:
    run = devenv("validate", cwd=copy)
    assert run.code == 0, run


def test_the_compose_file_is_what_is_generated(copy: Path, devenv: Devenv) -> None:
    committed = (copy / "compose.yaml").read_text("utf-8")
    (copy / "compose.yaml").unlink()
    run = devenv("generate", "-o", "compose.yaml", cwd=copy)
    assert run.code == 0, run
    made = (copy / "compose.yaml").read_text("utf-8")
    assert made == committed, f"out of date; in compose/{copy.name}: devenv generate -o compose.yaml"


def test_the_readme_names_every_service(copy: Path) -> None:
    names = [line.strip().split(":")[0] for line in _services(copy)]
    readme = (copy / "README.md").read_text("utf-8")
    assert [name for name in names if name not in readme] == []


def _services(folder: Path) -> list[str]:
    text = (folder / "devenv.yaml").read_text("utf-8").partition("\nservices:\n")[2]
    block = text.partition("\nmodes:")[0].partition("\nchecks:")[0]
    return [line for line in block.splitlines() if line.startswith("  ") and line[2:3].isalpha()]
