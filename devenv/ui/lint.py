"""What `lint` found, as people and programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devenv.model.lint import Finding, Severity, Verdict, Waived
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.problems import format_problem, join_blocks, problem_as_data
from devenv.ui.text import plural, visible

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.INFO: "bold blue"}


def format_verdict(
    verdict: Verdict, *, colour: bool, width: int | None = None, only: Sequence[Finding] | None = None
) -> str:
    """Every finding with its place, and how many there are; or `only` some, without a sum. '' when nothing is found."""
    shown = verdict.findings if only is None else only
    blocks = [_finding(finding, colour, width) for finding in shown]
    parts = [join_blocks(blocks)] if blocks else []
    if only is None and (summary := _summary(verdict)):
        parts.append(paint(summary, "bold", colour))
    return "\n\n".join(parts)


def _finding(finding: Finding, colour: bool, width: int | None) -> str:
    """One finding: place, reason, source line, what to do, and in whose name."""
    style = _STYLES[finding.severity]
    lines = [format_problem(finding.problem, colour=colour, width=width, word=finding.severity, style=style)]
    if finding.via is not None:
        file, line, column, _ = finding.via
        lines.append(f"    in service '{visible(finding.service)}' at {visible(file)}:{line}:{column}")
    if finding.fix is not None:
        lines.append(paint("fix:", "bold", colour) + f" {finding.fix.title} (devenv lint --fix)")
    reasons = finding.reasons if finding.rule[:7] != "waiver-" else []
    for word, texts in (("policy:", reasons), ("waiver:", finding.notes)):
        lines += [paint(word, "bold", colour) + f" {visible(text)}" for text in texts]
    return "\n".join(lines)


def _summary(verdict: Verdict) -> str:
    counts = [(len(verdict.of(Severity.ERROR)), "error"), (len(verdict.of(Severity.WARNING)), "warning")]
    parts = [plural(count, word) for count, word in counts if count]
    if infos := len(verdict.of(Severity.INFO)):
        parts.append(plural(infos, "piece") + " of advice")
    if verdict.waived:
        parts.append(f"{len(verdict.waived)} waived")
    text = ", ".join(parts)
    if fixes := sum(finding.fix is not None for finding in verdict.findings):
        text += f"; --fix mends {fixes if fixes < len(verdict.findings) else 'all'} of them"
    return text


def verdict_as_json(stack: str, verdict: Verdict, ok: bool) -> str:
    """One object, documented in docs/reference/json.md."""
    data = {
        "ok": ok,
        "stack": stack,
        "policies": list(verdict.policies),
        "findings": [finding_as_data(finding) for finding in verdict.findings],
        "waived": [waived_as_data(one) for one in verdict.waived],
    }
    return json_text(data)


def finding_as_data(finding: Finding) -> dict[str, Any]:
    """A finding's fields by name."""
    data = problem_as_data(finding.problem)
    del data["evidence"]
    via = finding.via
    return {
        **data,
        "rule": finding.rule,
        "severity": finding.severity.value,
        "service": finding.service or None,
        "fix": finding.fix.title if finding.fix is not None else None,
        "policy": finding.policy or None,
        "reason": finding.reason or None,
        "link": finding.link or None,
        "note": finding.note or None,
        "also": [_also_as_data(one) for one in finding.also],
        "via": {"file": via.file, "line": via.line, "column": via.column} if via is not None else None,
    }


def _also_as_data(finding: Finding) -> dict[str, Any]:
    """What another policy says of a finding."""
    return {
        "policy": finding.policy,
        "severity": finding.severity.value,
        "reason": finding.reason or None,
        "link": finding.link or None,
        "note": finding.note or None,
    }


def waived_as_data(one: Waived) -> dict[str, Any]:
    """A finding that is waived, and by what."""
    waiver = one.waiver
    return {
        **finding_as_data(one.finding),
        "waiver": {
            "owner": waiver.owner,
            "until": waiver.until.isoformat(),
            "reason": waiver.reason,
            "policy": one.policy,
        },
    }


def rules_as_json(rows: Sequence[tuple[str, str, str, str]]) -> str:
    """The same as data, documented in docs/reference/json.md."""
    keys = ("code", "rule", "severity", "title")
    return json_text({"rules": [dict(zip(keys, row, strict=True)) for row in rows]})


def format_rules(rows: Sequence[tuple[str, str, str, str]], *, colour: bool, width: int | None) -> str:
    """The rules there are: code, name, what they weigh by themselves, title."""
    from devenv.ui.tables import Cell, table

    cells = [(code, Cell(name, "bold"), severity, title) for code, name, severity, title in rows]
    return table(("code", "rule", "by itself", "what it finds"), cells, colour=colour, width=width)
