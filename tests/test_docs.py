"""The docs say what the code does: generated pages are up to date, links lead somewhere, every example holds."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from devenv.cli.commands import COMMANDS
from devenv.codes import CODES
from tests import examples, pages
from tests.conftest import ROOT

PAGES = pages.pages()


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_generated_reference_pages_are_up_to_date() -> None:
    result = subprocess.run([sys.executable, ROOT / "docs/generate", "--check"], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_every_code_is_explained_and_every_one_explained_is_given() -> None:
    given = "".join(file.read_text("utf-8") for file in ROOT.glob("devenv/**/*.py") if file.name != "codes.py")
    assert set(re.findall(r"\bDE\d{3}\b", given)) == set(CODES)


def test_links_between_pages_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{_name(page)}: {target}")
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_example_of_a_page_holds(page: Path) -> None:
    for block in pages.blocks(page):
        assert block.language in examples.LANGUAGES, (
            f"{block.where}: a block of '{block.info}' is of no kind that is known"
        )
        examples.LANGUAGES[block.language](block)


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_every_mark_of_a_page_is_understood(page: Path) -> None:
    comments = re.findall(r"<!--(?! keys: )", page.read_text("utf-8"))
    marks = [mark for block in pages.blocks(page) for mark in block.marks]
    assert len(comments) == len(marks), f"{_name(page)}: a comment that is no mark of a block below it"
    for block in pages.blocks(page):
        about = [text for kind, text in block.marks if kind.startswith(("answer", "exits "))]
        unknown = [text for text in about if not any(line.startswith(text) for line in block.commands)]
        assert not unknown, f"{block.where}: marks of commands that are not there: {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_commands_in_the_text_are_there(page: Path) -> None:
    prose = pages.without_blocks(page.read_text("utf-8"))
    named = set(re.findall(r"`devenv ([a-z]+)\b", prose))
    assert named <= set(COMMANDS), f"{_name(page)}: there is no command {named - set(COMMANDS)}"


def test_a_block_says_how_it_is_run() -> None:
    page = ROOT / "docs" / "page.md"
    text = """Run:

<!-- run:
mkdir app
-->
<!-- exits 5: devenv up -->
<!-- answer me secret: devenv status -->

```console
$ devenv up
error[DE621]: app: ended
$ devenv status
```

```text
printed
```

And then:

```
devenv down
```

In CI:

```yaml
jobs:
  all:
    steps:
      - uses: actions/checkout@v4
      - run: |
          devenv lint
          devenv check
```
"""
    first, second, third, workflow = pages.blocks_of(page, text)
    assert (first.marked("run"), first.before) == (["mkdir app"], "Run:")
    assert [first.exit_code(line) for line in first.commands] == [5, 0]
    assert [first.answer(line) for line in first.commands] == ["", "me\nsecret\n"]
    assert first.printed == {"devenv up": "error[DE621]: app: ended\n"}
    assert [block.follows for block in (first, second, third)] == [False, True, False]
    assert workflow.steps_of_ci == ["devenv lint", "devenv check"]
    with pytest.raises(AssertionError, match="`text` block"):
        examples.LANGUAGES[""](pages.Block(page, 1, "", "app: ended\n", ""))


def test_a_block_of_an_unknown_kind_is_noticed(tmp_path: Path) -> None:
    page = ROOT / "docs" / "page.md"
    block = pages.Block(page, 1, "yaml", "strange: 1\n", "")
    with pytest.raises(AssertionError, match="no kind that is known"):
        examples.check_yaml(block)
    for line in ("devenv upp", "devenv up --flaot", "devenv template tset", "devenv catalog show"):
        with pytest.raises(Exception, match=r"no command|No such option|[Mm]issing (?:argument|parameter)"):
            examples.check_command(line)
    wrong = pages.Block(page, 1, "yaml", "devenv: 1\nservices: { a: { imgae: x } }\n", "")
    assert [problem.code for problem in examples.check_yaml(wrong)]
