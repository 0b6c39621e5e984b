"""Where values come from, as people and programs read it."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.errors import Mark
from devenv.model.explanation import Explanation, Step
from devenv.model.lint import Finding
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.lint import finding_as_data, waived_as_data
from devenv.ui.tables import Cell, table
from devenv.ui.text import cells, cut, padded, visible, wrapped

_LONGEST = 240  # characters of a value that are shown
_WIDTH = 120  # columns of a table where there is no terminal


def format_explanations(path: str, values: Sequence[Explanation], *, colour: bool, width: int | None) -> str:
    """One value step by step; several as a table with each one's first place, its values cut to what `width` leaves."""
    if len(values) == 1:
        return "\n".join(_one(values[0], colour, width))
    places = [_first(value) for value in values]
    used = sum(max(map(cells, column), default=0) + 2 for column in ([visible(v.path) for v in values], places))
    rows = [
        (
            Cell(value.path, "bold"),
            Cell(where, "cyan"),
            cut(visible(_line(value.value)), max(16, (width or _WIDTH) - used)),
        )
        for value, where in zip(values, places, strict=True)
    ]
    return table(["", "", ""], rows, colour=colour)


def explanations_as_json(path: str, values: Sequence[Explanation]) -> str:
    """The same as data in one line, documented in docs/reference/json.md."""
    return json_text({"path": path, "values": [_data(value) for value in values]})


def place(mark: Mark | None) -> str:
    """`devenv.yaml:12:5`."""
    return "" if mark is None else f"{visible(mark.file)}:{mark.line}:{mark.column}"


def _one(value: Explanation, colour: bool, width: int | None) -> list[str]:
    lines = [paint(visible(value.path), "bold", colour)]
    about = [("written" if value.own else "generated", value.value)]
    if value.here is not None:
        about.append(("on this machine", value.here))
    start = max(len(word) for word, _ in about)
    for word, text in about:
        first, *more = _short(text).split("\n")
        lines.append(f"  {paint(padded(word, start), 'dim', colour)}  {visible(first)}".rstrip())
        lines += [" " * (start + 4) + visible(line) for line in more if line]
    lines.append("")
    for number, step in enumerate(value.steps, 1):
        lines += _step(step, f"{number}. ", "", colour, width)
    if value.makes:
        lines += ["", f"It has an effect on {', '.join(visible(path) for path in value.makes)}."]
    for finding in value.objections:
        lines += ["", *_objection(finding, colour)]
    for one in value.waived:
        spared = f"waived until {one.waiver.until} by {one.waiver.owner}: {one.waiver.reason}"
        lines += ["", *_objection(one.finding, colour), f"  {visible(spared)}"]
    return lines


def _objection(finding: Finding, colour: bool) -> list[str]:
    """What policies have against a value, and the line of each that says so."""
    heads = []
    for one in (finding, *finding.also):
        words = ": ".join(part for part in (one.policy, one.reason) if part)
        heads.append(f"policy {visible(words)}  {paint(place(one.demanded), 'cyan', colour)}")
    return [*heads, f"  {finding.severity}[{finding.code}] {finding.rule}: {visible(finding.message)}"]


def _step(step: Step, lead: str, indent: str, colour: bool, width: int | None) -> list[str]:
    """A step, the value after it and what it was made from. Sentences are wrapped to `width`; values, which people
    copy, are not."""
    where, inner = place(step.mark), indent + " " * cells(lead)
    head = wrapped(f"{indent}{lead}{visible(step.what)}  {where}".rstrip(), width, inner)
    if where and head.endswith(where):
        head = head.removesuffix(where) + paint(where, "cyan", colour)
    lines = head.split("\n")
    if step.value is not None:
        lines += [f"{inner}{paint('= ', 'dim', colour)}{visible(line)}" for line in _short(step.value).split("\n")[:3]]
    for part in step.parts:
        lines += _step(part, "- ", inner, colour, width)
    return lines


def _first(value: Explanation) -> str:
    """The place where the value in force is written: the last of its first steps that has one."""
    placed = [step for step in value.steps if step.mark is not None]
    written = [step for step in placed if step.kind in ("manifest", "override", "include", "need")]
    return place((written or placed)[-1].mark) if placed else "devenv"


def _line(text: str) -> str:
    return text.replace("\n", " ")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _data(value: Explanation) -> dict[str, object]:
    return {
        "path": value.path,
        "value": value.value,
        "here": value.here,
        "own": value.own,
        "makes": list(value.makes),
        "steps": [step_as_data(step) for step in value.steps],
        "objections": [finding_as_data(finding) | _demanded(finding) for finding in value.objections],
        "waived": [waived_as_data(one) | _demanded(one.finding) for one in value.waived],
    }


def _demanded(finding: Finding) -> dict[str, object]:
    mark = finding.demanded
    return {"demanded": {"file": mark.file, "line": mark.line, "column": mark.column} if mark else None}


def step_as_data(step: Step) -> dict[str, object]:
    """A step and what it was made from."""
    mark = step.mark
    return {
        "kind": step.kind,
        "what": step.what,
        "value": step.value,
        "file": mark.file if mark else None,
        "line": mark.line if mark else None,
        "column": mark.column if mark else None,
        "parts": [step_as_data(part) for part in step.parts],
    }
