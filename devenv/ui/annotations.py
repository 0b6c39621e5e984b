"""Findings for a CI: commands of GitHub's workflows, and SARIF 2.1.0 for code scanning.

Facts of GitHub's documentation of workflow commands and of the OASIS standard.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping
from typing import Any

from devenv import __version__
from devenv.codes import CODES
from devenv.errors import ExitCode, Mark, Problem
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
    are the files that there are. '' when nothing was found."""
    lines = []
    for finding in verdict.findings:
        at = _in_repository(_place(finding, local))
        lines.append(
            _command(_COMMANDS[finding.severity], f"{finding.code} {finding.rule}", _words(finding, at), at, above)
        )
    return "\n".join(lines)


def problems_as_github(problems: Collection[Problem], above: str, local: Collection[str]) -> str:
    """The same for what keeps a stack from being looked at."""
    lines = []
    for problem in problems:
        at = _in_repository(_known(problem.mark, local))
        lines.append(_command(_level(problem), problem.code, _words_of(problem, at), at, above))
    return "\n".join(lines)


def _level(problem: Problem) -> str:
    return "warning" if problem.warning else "error"


def _words_of(problem: Problem, at: Mark | None) -> str:
    """What is wrong, where, unless it is shown `at` that place, and what to do, a line each."""
    lines, mark = [problem.message], problem.mark
    if mark is not None and mark != at:
        lines.append(f"place: {mark.file}:{mark.line}:{mark.column}" + (f": {problem.path}" if problem.path else ""))
    return "\n".join([*lines, *([f"hint: {problem.hint}"] if problem.hint else [])])


def _words(finding: Finding, at: Mark | None) -> str:
    """The same of a finding, and in whose name it is, and which waivers do not count."""
    policies, waivers = (f"policy: {one}" for one in finding.reasons), (f"waiver: {one}" for one in finding.notes)
    return "\n".join([_words_of(finding.problem, at), *policies, *waivers])


def _command(kind: str, title: str, words: str, at: Mark | None, above: str) -> str:
    where: dict[str, object] = {}
    if at is not None:
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
    return _known(finding.mark, local) or finding.via


def _known(mark: Mark | None, local: Collection[str]) -> Mark | None:
    return mark if mark is not None and mark.file in local else None


def _in_repository(mark: Mark | None) -> Mark | None:
    """A place that GitHub knows: it has no files but the repository's."""
    return mark if mark is not None and not posixpath.isabs(mark.file) else None


def _path(at: Mark, above: str) -> str:
    return at.file if posixpath.isabs(at.file) else posixpath.normpath(posixpath.join(above, at.file))


def as_sarif(verdict: Verdict, manifest: str, above: str, local: Collection[str], rules: RuleWords) -> str:
    """A log with one run: every rule that found something, every finding, waived ones marked as suppressed. What has no
    place in the repository is at the top of the `manifest`: code scanning refuses a log with a result that is nowhere.
    """
    found = [(finding, None) for finding in verdict.findings]
    found += [(one.finding, one.waiver) for one in verdict.waived]  # type: ignore[misc]
    codes = sorted({finding.code for finding, _ in found})
    results = []
    for finding, waiver in found:
        at = _place(finding, local) or Mark(manifest, 1, 1)
        result = _result(finding.code, codes.index(finding.code), _LEVELS[finding.severity], _words(finding, at))
        result |= _where(at, above, f"{finding.code}:{finding.path}:{finding.rule}")
        if waiver is not None:
            why = f"{waiver.reason} ({waiver.owner}, until {waiver.until.isoformat()})"
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": why}]
        results.append(result)
    return _log([_rule(code, *rules[code]) for code in codes], results)


def problems_as_sarif(
    problems: Collection[Problem], code: ExitCode, manifest: str, above: str, local: Collection[str]
) -> str:
    """The same for what keeps a stack from being looked at, as a run that ended with `code`."""
    codes = sorted({problem.code for problem in problems})
    results = []
    for problem in problems:
        at = _known(problem.mark, local) or Mark(manifest, 1, 1)
        result = _result(problem.code, codes.index(problem.code), _level(problem), _words_of(problem, at))
        results.append(result | _where(at, above, f"{problem.code}:{problem.path}"))
    rules = [_rule(one, "", CODES[one].title, CODES[one].remedy) for one in codes]
    return _log(rules, results, invocations=[{"executionSuccessful": False, "exitCode": int(code)}])


def _log(rules: list[dict[str, Any]], results: list[dict[str, Any]], **more: object) -> str:
    run = {
        "tool": {"driver": {"name": "devenv", "version": __version__, "rules": rules}},
        **more,
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The top of the repository."}}},
        "results": results,
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(code: str, name: str, title: str, why: str) -> dict[str, Any]:
    named = {"name": name} if name else {}
    return {"id": code, **named, "shortDescription": {"text": title}, "fullDescription": {"text": why}}


def _result(code: str, index: int, level: str, words: str) -> dict[str, Any]:
    return {"ruleId": code, "ruleIndex": index, "level": level, "message": {"text": visible_lines(words)}}


def _where(at: Mark, above: str, lasting: str) -> dict[str, Any]:
    """A result's place, and what stays the same when lines move."""
    region = {"startLine": at.line, "startColumn": at.column, "endColumn": at.column + at.width}
    place = {"physicalLocation": {"artifactLocation": _artifact(at, above), "region": region}}
    return {"locations": [place], "partialFingerprints": {"devenv/v1": lasting}}


def _artifact(at: Mark, above: str) -> dict[str, str]:
    from urllib.parse import quote

    path = _path(at, above)
    return {"uri": f"file://{quote(path)}"} if posixpath.isabs(path) else {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
