"""The pages of the documentation, and the fenced blocks in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.conftest import ROOT

PROGRAMS = (
    "devenv",
    "./devenvw",
    "docker",
    "git",
    "uv",
    "pip",
    "ruff",
    "mypy",
    "lint-imports",
    "pytest",
    "tests/run",
    "cd",
    "mkdir",
    "rm",
    "npm",
    "curl",
)
_FENCE = re.compile(r"^(?P<pad> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=pad)```[ ]*$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(r"<!-- (?P<kind>run|each|answer(?: \w+)*|exits \d+):\s(?P<text>.*?)\s*-->", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: `info` is what stands behind its fence, `before` the paragraph above it.

    `marks` are the comments above it that say how it is run; `follows` says that nothing stands between it and
    the block before."""

    page: Path
    line: int
    info: str
    body: str
    before: str
    marks: tuple[tuple[str, str], ...] = ()
    follows: bool = False

    @property
    def where(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def language(self) -> str:
        return self.info.split(" ", 1)[0]

    @property
    def file(self) -> str | None:
        """The file that it is: the last word in backticks of a paragraph that ends with a colon."""
        found = re.findall(r"`([^`]+)`", self.before)
        named = [name for name in found if re.fullmatch(r"[\w./~-]+\.\w+|[\w./-]*Dockerfile", name)]
        return named[-1] if named and self.before.rstrip().endswith(":") else None

    @property
    def commands(self) -> list[str]:
        """The command lines in it; none when it shows what a program prints."""
        lines = re.sub(r"\\\n\s*", "", self.body).split("\n")
        if self.language == "console":
            return [line[2:] for line in lines if line.startswith("$ ")]
        first = next((line.split(" ", 1)[0] for line in lines if line.strip() and not line.startswith("#")), "")
        shell = self.language in ("", "sh") and first in PROGRAMS
        return [line for line in lines if line.strip() and not line.startswith("#")] if shell else []

    @property
    def steps_of_ci(self) -> list[str]:
        """What the steps of a workflow of GitHub's run."""
        if self.language != "yaml" or not re.search(r"(?m)^jobs:$", self.body):
            return []
        jobs = yaml.safe_load(self.body)["jobs"].values()
        return [line for job in jobs for step in job["steps"] for line in str(step.get("run", "")).splitlines()]

    @property
    def printed(self) -> dict[str, str]:
        """What a `console` block shows below each of its commands."""
        parts = re.split(r"(?m)^\$ (.*)\n?", self.body)[1:] if self.language == "console" else []
        return {line: text for line, text in zip(parts[::2], parts[1::2], strict=True) if text.strip()}

    @property
    def is_manifest(self) -> bool:
        """Whether it is the whole manifest of a stack."""
        return self.language == "yaml" and {"devenv", "services"} <= set(re.findall(r"(?m)^(\w+):", self.body))

    def marked(self, kind: str) -> list[str]:
        """The texts of its marks of a kind."""
        return [text for one, text in self.marks if one == kind]

    def answer(self, line: str) -> str:
        """What is typed while a command line of it runs: the words of its mark, each on a line, else "y"."""
        for kind, start in self.marks:
            if kind.startswith("answer") and line.startswith(start):
                return "".join(f"{word}\n" for word in kind.split()[1:] or ["y"])
        return ""

    def exit_code(self, line: str) -> int:
        """The exit code that a command line of it ends with."""
        ends = [int(kind[6:]) for kind, text in self.marks if kind.startswith("exits ") and line.startswith(text)]
        return ends[0] if ends else 0


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page."""
    return blocks_of(page, page.read_text("utf-8"))


def blocks_of(page: Path, text: str) -> list[Block]:
    """Every fenced block of a text, which stands on `page`."""
    found: list[Block] = []
    end = 0
    for match in _FENCE.finditer(text):
        body = re.sub(rf"^{match['pad']}", "", match["body"], flags=re.MULTILINE)
        between = text[end : match.start()]
        marks = tuple((mark["kind"], mark["text"]) for mark in _MARK.finditer(between))
        prose = _MARK.sub("", between).rstrip()
        line, before = text.count("\n", 0, match.start()) + 1, prose.rpartition("\n\n")[2]
        found.append(Block(page, line, match["info"].strip(), body, before, marks, bool(found) and not prose.strip()))
        end = match.end()
    return found


def pages() -> list[Path]:
    """All pages for people."""
    own = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return [*own, *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("compose/*/README.md"))]


def without_blocks(text: str) -> str:
    """A page's text without its fenced blocks."""
    return _FENCE.sub("", text)
