"""What policies have against a value: the findings about its very place."""

from __future__ import annotations

from devenv.model.explanation import Explanation
from devenv.model.lint import Finding, Verdict
from devenv.records import replace

_WRITTEN = ("manifest", "override", "include", "template")


def with_objections(value: Explanation, verdict: Verdict) -> Explanation:
    """The explanation with the findings of policies about its value; what devenv only advises is left out."""
    objections = tuple(one for one in verdict.findings if one.policy and _is_about(one, value))
    waived = tuple(one for one in verdict.waived if one.finding.policy and _is_about(one.finding, value))
    return replace(value, objections=objections, waived=waived)


def _is_about(finding: Finding, value: Explanation) -> bool:
    """A finding names the value's path, or one below it; or one above it, and the place where the value is written."""
    path = finding.path.removeprefix("services.")
    if path == value.path or path.startswith((f"{value.path}.", f"{value.path}[")):
        return True
    above = value.path.startswith((f"{path}.", f"{path}["))
    return above and finding.mark in [step.mark for step in value.steps if step.kind in _WRITTEN]
