"""Problems as people read them: code, place, reason, the source line with a caret, evidence, hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from devenv.errors import Mark, Problem
from devenv.model.secrecy import excerpt
from devenv.ui.console import Console, paint
from devenv.ui.json_text import json_text
from devenv.ui.text import cells, plural, printable_lines, visible, wrapped

_WIDTH = 100
"""Columns that an excerpt may take, with its margin; a longer line is cut around the caret."""

_NEAR = 300
"""Characters to either side of a place that may be shown: some take no column."""


def tell(console: Console, problems: Sequence[Problem]) -> None:
    """Says all problems on `err`, as wide as that is."""
    console.say(format_problems(problems, colour=console.colour_err, width=console.width_err))


def format_problems(problems: Sequence[Problem], *, colour: bool = False, width: int | None = None) -> str:
    """All problems in the order given, and how many there are when there are several; no line end. Messages are broken
    at `width` columns, and excerpts cut, so that no terminal wraps them and parts a caret from what it points at."""
    text = join_blocks([_block(problem, colour, width) for problem in problems])
    counted = [problem for problem in problems if not problem.outcome]
    if len(counted) > 1:
        text += "\n\n" + paint(_summary(counted), "bold", colour)
    return text


def join_blocks(blocks: Sequence[str]) -> str:
    """Blocks one below the other, with an empty line beside those of several lines."""
    parts = list(blocks[:1])
    for before, block in pairwise(blocks):
        parts += ["\n\n" if "\n" in before or "\n" in block else "\n", block]
    return "".join(parts)


def format_problem(problem: Problem, *, colour: bool, width: int | None, word: str, style: str) -> str:
    """One problem, without a line end; `word` and `style` say what it is where it is neither error nor warning."""
    return _block(problem, colour, width, word, style)


def problems_as_json(problems: Iterable[Problem]) -> str:
    """`{"errors": [...], "warnings": [...]}` in one line, documented in docs/reference/json.md."""
    found = list(problems)
    data: dict[str, Any] = {"errors": [problem_as_data(p) for p in found if not p.warning]}
    if warnings := [problem_as_data(p) for p in found if p.warning]:
        data["warnings"] = warnings
    return json_text(data)


def problem_as_data(problem: Problem) -> dict[str, Any]:
    """A problem's fields by name; places are null when there is none."""
    mark = problem.mark
    return {
        "code": problem.code,
        "message": problem.message,
        "file": mark.file if mark else None,
        "line": mark.line if mark else None,
        "column": mark.column if mark else None,
        "path": problem.path or None,
        "hint": problem.hint,
        "evidence": list(problem.evidence),
    }


def _block(problem: Problem, colour: bool, width: int | None, word: str = "", style: str = "") -> str:
    style = style or ("bold yellow" if problem.warning else "bold red")
    code = f"{word or ('warning' if problem.warning else 'error')}[{problem.code}]"
    place = f"{visible(problem.mark.file)}:{problem.mark.line}:{problem.mark.column}" if problem.mark else ""
    path = f"{visible(problem.path)}: " if problem.path else ""
    first, *more = [visible(line) for line in problem.message.split("\n")]
    told = wrapped(f"{code}{' ' if place else ''}{place}: {path}{first}", width, "    ").removeprefix(code)
    told = told.replace(place, paint(place, "bold", colour), 1) if place else told
    lines = [paint(code, style, colour) + told, *(wrapped("    " + line, width, "    ") for line in more)]
    if problem.mark is not None and problem.excerpt is not None:
        lines += _excerpt(problem.excerpt, problem.mark, style, colour, width or _WIDTH)
    for evidence in problem.evidence:
        lines += ["    " + line for line in printable_lines(evidence) or [""]]
    if problem.hint:
        first, *more = [visible(line) for line in problem.hint.split("\n")]
        told = wrapped(f"hint: {first}", width, "      ").removeprefix("hint:")
        lines += [paint("hint:", "bold", colour) + told, *(wrapped("      " + line, width, "      ") for line in more)]
    return "\n".join(line.rstrip() for line in lines)


def _excerpt(source: str, mark: Mark, style: str, colour: bool, width: int) -> list[str]:
    """The source line, secrets hidden, and beneath what is meant: aligned on the screen whatever characters it has."""
    at = min(max(mark.column - 1, 0), len(source))
    skipped = max(0, at - _NEAR)  # of a file that is one line, what is far away is not even looked at
    near = excerpt(source)[skipped : at + _NEAR]
    plain = near.isascii() and near.isprintable()  # asked once: a file that is one line may be shown a thousand times
    shown = list(near) if plain else [_shown(char) for char in near]
    start = at - skipped
    end = min(max(start + mark.width, start + 1), max(len(shown), start + 1))
    gutter = " " * max(4, len(str(mark.line)))
    widths = [1] * len(shown) if plain else [cells(s) for s in shown]
    first, last = _window(widths, start, end, min(width, _WIDTH) - len(gutter) - len(" | "))
    before, after = ("…" if skipped + first > 0 else ""), ("…" if skipped + last < len(source) else "")
    text = before + "".join(shown[first:last]) + after
    indent = cells(before + "".join(shown[first:start]))
    carets = "^" * max(1, cells("".join(shown[start : min(end, last)])))
    return [
        f"{paint(f'{mark.line:>4} |', 'dim', colour)} {text}",
        f"{paint(f'{gutter} |', 'dim', colour)} {' ' * indent}{paint(carets, style, colour)}",
    ]


def _shown(char: str) -> str:
    return "    " if char == "\t" else visible(char)


def _window(widths: list[int], start: int, end: int, width: int) -> tuple[int, int]:
    """Which characters to show in `width` columns: all of them, or those around `start` to `end` that fit."""
    if sum(widths) <= width:
        return 0, len(widths)
    first = last = start
    used = 0
    while last < min(end, len(widths)) and used + widths[last] <= width * 4 // 5:
        used += widths[last]
        last += 1
    room = width - 2
    left = True
    while used < room and (first > 0 or last < len(widths)):
        if first > 0 and (left or last >= len(widths)):
            first -= 1
            used += widths[first]
        elif last < len(widths):
            used += widths[last]
            last += 1
        left = not left
    return first, last


def _summary(problems: Sequence[Problem]) -> str:
    errors = sum(not p.warning for p in problems)
    counts = [plural(errors, "error")] if errors else []
    if len(problems) > errors:
        counts.append(plural(len(problems) - errors, "warning"))
    files = dict.fromkeys(p.mark.file for p in problems if p.mark)
    where = ""
    if files and all(p.mark for p in problems):
        where = f" in {visible(next(iter(files)))}" if len(files) == 1 else f" in {len(files)} files"
    return ", ".join(counts) + where
