"""Findings for a CI: commands of GitHub's workflows, and SARIF 2.1.0 for code scanning.

Facts of GitHub's documentation of workflow commands and of the OASIS standard.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Any

from devenv import __version__
from devenv.errors import Mark, Problem
from devenv.model.lint import Finding, Severity, Verdict
from devenv.ui.json_text import json_text
from devenv.ui.text import visible_lines

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

RuleWords = Mapping[str, tuple[str, str, str]]
"""By code: the rule's name, its title, and what it is for."""


def as_github(verdict: Verdict, above: str, local: Collection[str]) -> str:
    """A line for each finding, which GitHub shows beside the changed line. Paths begin at the repository's top; `local`
    are the files that lie in it. '' when nothing was found."""
    lines = []
    for finding in verdict.findings:
        at = _place(finding, local)
        lines.append(
            _command(_COMMANDS[finding.severity], f"{finding.code} {finding.rule}", _words(finding), at, above)
        )
    return "\n".join(lines)


def problems_as_github(problems: Collection[Problem], above: str) -> str:
    """The same for what keeps a stack from being looked at."""
    lines = []
    for problem in problems:
        words = "\n".join([problem.message, *([f"hint: {problem.hint}"] if problem.hint else [])])
        lines.append(_command("warning" if problem.warning else "error", problem.code, words, problem.mark, above))
    return "\n".join(lines)


def _words(finding: Finding) -> str:
    """What is wrong, what to do, and in whose name, a line each."""
    lines = [finding.message]
    if finding.hint:
        lines.append(f"hint: {finding.hint}")
    return "\n".join([*lines, *(f"policy: {one}" for one in finding.reasons)])


def _command(kind: str, title: str, words: str, at: Mark | None, above: str) -> str:
    where: dict[str, object] = {}
    if at is not None and not posixpath.isabs(at.file):  # GitHub knows no files but the repository's
        where = {"file": _path(at, above), "line": at.line, "col": at.column, "endColumn": at.column + at.width}
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in {**where, "title": title}.items())
    return f"::{kind} {properties}::{_data(visible_lines(words))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def _place(finding: Finding, local: Collection[str]) -> Mark | None:
    """Where the finding is in the repository: for what a catalog brings, where the manifest brings it in. A file of the
    machine has its own place; what another repository's policy says of itself has none here."""
    mark = finding.mark
    if mark is not None and (mark.file in local or posixpath.isabs(mark.file)):
        return mark
    return finding.via


def _path(at: Mark, above: str) -> str:
    return at.file if posixpath.isabs(at.file) else posixpath.normpath(posixpath.join(above, at.file))


def as_sarif(verdict: Verdict, above: str, local: Collection[str], rules: RuleWords) -> str:
    """A log with one run: every rule that found something, every finding, waived ones marked as suppressed."""
    found = [(finding, None) for finding in verdict.findings]
    found += [(one.finding, one.waiver) for one in verdict.waived]  # type: ignore[misc]
    codes = sorted({finding.code for finding, _ in found})
    results = []
    for finding, waiver in found:
        result = _result(finding, codes.index(finding.code), above, local)
        if waiver is not None:
            why = f"{waiver.reason} ({waiver.owner}, until {waiver.until.isoformat()})"
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
        results.append(result)
    driver = {
        "name": "devenv",
        "version": __version__,
        "rules": [_rule(code, rules[code]) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the repository."}}},
        "results": results,
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, words: tuple[str, str, str]) -> dict[str, Any]:
    name, title, why = words
    return {"id": code, "name": name, "shortDescription": {"text": title}, "fullDescription": {"text": why}}


def _result(finding: Finding, index: int, above: str, local: Collection[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": visible_lines(_words(finding))},
    }
    if (at := _place(finding, local)) is not None:
        result["locations"] = [{"physicalLocation": _location(at, above)}]
    # What stays the same when lines move.
    result["partialFingerprints"] = {"devenv/v1": f"{finding.code}:{finding.path}:{finding.rule}"}
    return result


def _location(at: Mark, above: str) -> dict[str, Any]:
    region = {"startLine": at.line, "startColumn": at.column, "endColumn": at.column + at.width}
    return {"artifactLocation": _artifact(at, above), "region": region}


def _artifact(at: Mark, above: str) -> dict[str, str]:
    from urllib.parse import quote

    path = _path(at, above)
    return {"uri": f"file://{quote(path)}"} if posixpath.isabs(path) else {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
