"""Stacks from text, linted, for tests of rules and policies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from devenv.core.lint.rules import RULES
from devenv.core.lint.subject import Context, Subject
from devenv.core.manifest import manifest
from devenv.core.policy.judge import judge
from devenv.core.policy.policy import load_policy
from devenv.core.stack.resolve import resolve
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.lint import Finding, Policy, Verdict
from devenv.model.template import Template

TODAY = date(2026, 6, 15)


def subject(
    text: str,
    *templates: Template,
    report: Report | None = None,
    contexts: Mapping[str, Context] | None = None,
    above: str = "",
    variables: Mapping[str, str] | None = None,
) -> Subject:
    """What rules look at, from a manifest's text (without its first two lines)."""
    report = report or Report()
    whole = f"devenv: 1\nname: shop\n{text}"
    loaded = manifest.load(parse(whole, "devenv.yaml", report), "devenv.yaml", report)
    assert loaded is not None, report.problems
    by_name = {one.name: one for one in templates}
    stack = resolve(loaded, by_name, report, known=sorted(by_name))
    assert stack is not None and not report.errors, report.problems
    return Subject(stack, loaded, report, by_name, contexts or {}, above, variables=variables or {})


def policy(text: str, report: Report | None = None, file: str = "policy.yaml", *, own: bool = False) -> Policy:
    """A policy from its text (without its first line)."""
    report = report or Report()
    found = load_policy(parse(f"policy: 1\n{text}", file, report), file, report, own=own, name=file)
    assert found is not None and not report.errors, report.problems
    return found


def verdict(looked_at: Subject, *policies: str | Policy, today: date = TODAY) -> Verdict:
    """What policies, given as text or ready, and advice find."""
    ready = [policy(one, looked_at.report) if isinstance(one, str) else one for one in policies]
    return judge(looked_at, ready, today)


def of_rule(looked_at: Subject, name: str, options: str = "") -> list[str]:
    """What one rule finds: `line:column path: message`."""
    demand = f"rules: {{{name}: {{severity: error, {options}}}}}\n" if options else f"rules: {{{name}: error}}\n"
    found = verdict(looked_at, demand)
    return [shown(one) for one in found.findings if one.rule == name]


def shown(finding: Finding) -> str:
    at = finding.mark
    file = "" if at is None or at.file == "devenv.yaml" else f"{at.file}:"
    return f"{file}{at.line}:{at.column} {finding.path}: {finding.message}" if at else finding.message


assert RULES
