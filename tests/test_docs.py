"""The docs say what the code does: generated pages are up to date, links lead somewhere, every example holds."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from devenv.cli.commands import COMMANDS
from tests import examples
from tests.cli.running import run
from tests.conftest import ROOT

PAGES = examples.pages()

OFFLINE = (
    "template",
    "validate",
    "generate",
    "catalog",
    "add",
    "remove",
    "set",
    "schema",
    "init",
    "lint",
    "explain",
    "graph",
)
"""Commands that a tutorial's test really runs: none of them needs an engine."""


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_generated_reference_pages_are_up_to_date() -> None:
    result = subprocess.run([sys.executable, ROOT / "docs/generate", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{_name(page)}: {target}")
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_example_of_a_page_holds(page: Path) -> None:
    for block in examples.blocks(page):
        assert block.language in examples.LANGUAGES, (
            f"{block.where}: a block of '{block.info}' is of no kind that is known"
        )
        examples.LANGUAGES[block.language](block)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_in_the_text_are_there(page: Path) -> None:
    prose = examples.without_blocks(page.read_text("utf-8"))
    named = set(re.findall(r"`devenv ([a-z]+)\b", prose))
    assert named <= set(COMMANDS), f"{_name(page)}: there is no command {named - set(COMMANDS)}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "tutorial").glob("*.md")), ids=_name)
def test_a_tutorial_can_be_followed(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are written and its commands run, one after the other, where the reader would be; what needs an engine
    is only read."""
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "Reader")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "reader@example.org")
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    here = tmp_path / "reader"
    here.mkdir()
    for block in examples.blocks(page):
        if block.file is not None:
            (here / block.file).parent.mkdir(parents=True, exist_ok=True)
            (here / block.file).write_text(block.body, "utf-8")
        for line in block.commands:
            here = _follow(line, here, block.where)


def _follow(line: str, here: Path, where: str) -> Path:
    """Runs one line of a tutorial; the folder that the reader is in then."""
    argv = examples.line_words(line)
    if argv[0] == "cd":
        return (here / argv[1]).resolve()
    if argv[0] in ("mkdir", "git"):
        assert shutil.which(argv[0])
        done = subprocess.run(argv, cwd=here, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{where}: {line}: {done.stderr}"
    elif argv[0] == "devenv" and argv[1] in OFFLINE and (argv[1:3] != ["template", "test"] or "--no-engine" in argv):
        result = run("-C", str(here), *argv[1:])
        assert result.code == 0, f"{where}: {line}: {result.out}{result.err}"
    return here


def test_a_block_of_an_unknown_kind_is_noticed(tmp_path: Path) -> None:
    page = ROOT / "docs" / "page.md"
    block = examples.Block(page, 1, "yaml", "strange: 1\n", "")
    with pytest.raises(AssertionError, match="no kind that is known"):
        examples.check_yaml(block)
    for line in ("devenv upp", "devenv up --flaot", "devenv template tset", "devenv catalog show"):
        with pytest.raises(Exception, match=r"no command|No such option|[Mm]issing (?:argument|parameter)"):
            examples.check_command(line)
    wrong = examples.Block(page, 1, "yaml", "devenv: 1\nservices: { a: { imgae: x } }\n", "")
    assert [problem.code for problem in examples.check_yaml(wrong)]
