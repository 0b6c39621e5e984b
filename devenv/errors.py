"""What can go wrong, as data: problems with a code, a place, a reason and a hint."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from devenv.records import field, frozen, mutable


class ExitCode(IntEnum):
    """What the process says to its caller; documented in docs/reference/exit-codes.md."""

    OK = 0
    FAILED = 1
    USAGE = 2
    INVALID = 3
    ENGINE = 4
    UNHEALTHY = 5
    BUG = 70
    INTERRUPTED = 130


class Mark(NamedTuple):
    """A place in a file: 1-based line and column, and how many characters to underline."""

    file: str
    line: int
    column: int
    width: int = 1


class Traced(Mark):
    """A place whose value has a past, which `devenv explain` tells; it equals the Mark without it.

    `over` is the value that a merge replaced, `written` the text with placeholders that the value was made from, each
    with its place. `by` says what replaced the value of `over` where that is no merge. Marks go wherever values go, so
    nobody else has to carry this along.
    """

    over: tuple[object, Mark | None] | None = None
    written: tuple[object, Mark | None] | None = None
    by: str = ""

    @classmethod
    def of(
        cls,
        mark: Mark,
        *,
        over: tuple[object, Mark | None] | None = None,
        written: tuple[object, Mark | None] | None = None,
        by: str = "",
    ) -> Traced:
        """`mark` with a past added to the one that it has."""
        traced = cls(*mark)
        traced.over = over or getattr(mark, "over", None)
        traced.by = by if over else getattr(mark, "by", "")
        traced.written = written or getattr(mark, "written", None)
        return traced


@frozen
class Problem:
    """One thing that is wrong (or, as a warning, doubtful).

    `path` is the dotted place in the data (`services.cache.ports`); `excerpt` is the source line
    at `mark`; `evidence` is what another program said (a probe's output, git's own words). An `outcome` tells what
    came of the problems beside it, and is not counted as one more.
    """

    code: str
    message: str
    mark: Mark | None = None
    path: str = ""
    hint: str | None = None
    excerpt: str | None = None
    evidence: tuple[str, ...] = ()
    warning: bool = False
    outcome: bool = False

    @property
    def exit_code(self) -> ExitCode:
        from devenv.codes import CODES  # the table takes 1.5 ms, and most runs have no problem

        return ExitCode(CODES[self.code].exit)


class DevenvError(Exception):
    """Any failure that a person can do something about; carries at least one problem."""

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("a DevenvError carries at least one problem")
        super().__init__("; ".join(f"{p.code}: {p.message}" for p in problems))
        self.problems = problems

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the first problem: later ones are often its consequences."""
        return self.problems[0].exit_code

    @classmethod
    def of(cls, code: str, message: str, *, hint: str | None = None, evidence: Iterable[str] = ()) -> DevenvError:
        """A failure with one problem that has no place in a file."""
        return cls(Problem(code, message, hint=hint, evidence=tuple(evidence)))


@mutable
class Report:
    """Collects every problem of a run, so that a person sees all of them at once.

    Each step of the pipeline takes the same report and adds to it; `raise_if_errors` ends the run.
    `source` remembers a file's text, from which excerpts are cut.
    """

    problems: list[Problem] = field(default_factory=list)
    _lines: dict[str, list[str]] = field(default_factory=dict)

    def source(self, file: str, text: str) -> None:
        """Remembers the text of `file` (the name that marks carry)."""
        self._lines[file] = text.split("\n")

    def add(
        self,
        code: str,
        message: str,
        mark: Mark | None = None,
        *,
        path: str = "",
        hint: str | None = None,
        warning: bool = False,
    ) -> None:
        """Adds a problem; `code` is a key of `devenv.codes.CODES`."""
        excerpt = self.excerpt(mark)
        self.problems.append(Problem(code, message, mark, path, hint, excerpt, warning=warning))

    def excerpt(self, mark: Mark | None) -> str | None:
        """The source line at `mark`; None when it is not known."""
        lines = self._lines.get(mark.file, ()) if mark is not None else ()
        return lines[mark.line - 1].rstrip("\r") if mark is not None and 1 <= mark.line <= len(lines) else None

    @property
    def errors(self) -> list[Problem]:
        return [p for p in self.problems if not p.warning]

    @property
    def warnings(self) -> list[Problem]:
        return self.sorted(p for p in self.problems if p.warning)

    def raise_if_errors(self) -> None:
        """Raises DevenvError with every error found so far, sorted by place."""
        if errors := self.errors:
            raise DevenvError(*self.sorted(errors))

    @staticmethod
    def sorted(problems: Iterable[Problem]) -> list[Problem]:
        """By file, line and column; what has no place comes last. Equal ones are one."""
        nowhere = Mark("\uffff", 0, 0)
        return sorted(dict.fromkeys(problems), key=lambda p: (*(p.mark or nowhere)[:3], p.code, p.message))
