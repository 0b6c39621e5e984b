"""The proofs of templates, as they come and as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from devenv.errors import Problem
from devenv.records import field, frozen
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.problems import format_problems, problem_as_data
from devenv.ui.text import plural, visible

_STYLES = {"ok": "green", "failed": "bold red", "skipped": "yellow", "nothing": "dim"}
_COUNTED = {"failed": "failed", "skipped": "skipped", "nothing": "with nothing to prove"}
_WIDTH = 18


@frozen
class Result:
    """One result to show: `state` is `ok`, `failed`, `skipped` or `nothing`."""

    template: str
    check: str
    state: str
    detail: str
    problems: Sequence[Problem] = ()
    evidence: Sequence[str] = field(default_factory=tuple)


def format_result(result: Result, *, width: int, colour: bool, columns: int | None = None) -> str:
    """One line; a failure's problems and evidence below it. `width` is that of the longest template's name, `columns`
    are the terminal's."""
    state = paint(f"{result.state:7}", _STYLES[result.state], colour)
    line = f"{state}  {visible(result.template):{width}}  {result.check:{_WIDTH}}  {visible(result.detail)}".rstrip()
    if result.state != "failed":
        return line
    below = [f"         {visible(said)}" for said in result.evidence]
    if result.problems:
        below += ["", format_problems(result.problems, colour=colour, width=columns), ""]
    return "\n".join([line, *below])


def format_end(results: Sequence[Result], *, colour: bool) -> str:
    """What it comes to."""
    counts = {state: sum(r.state == state for r in results) for state in _STYLES}
    templates = len({r.template for r in results})
    text = f"{plural(templates, 'template')}: {plural(counts['ok'], 'check')} ok"
    for state, words in _COUNTED.items():
        text += f", {counts[state]} {words}" if counts[state] else ""
    return paint(text, "bold", colour)


def results_as_json(results: Iterable[Result]) -> str:
    """Documented in docs/reference/json.md."""
    checks = [
        {
            "template": r.template,
            "check": r.check,
            "state": r.state,
            "detail": r.detail,
            "problems": [problem_as_data(p) for p in r.problems],
            "evidence": list(r.evidence),
        }
        for r in results
    ]
    ok = not any(c["state"] == "failed" for c in checks)
    return json_text({"ok": ok, "checks": checks})
