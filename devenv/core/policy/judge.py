"""Rules over a stack, weighed by policies: what is found, how much it counts, and what a waiver spares.

Every policy is judged by itself, and what any of them finds counts: none can weaken another. Where several object to
the same thing it weighs as much as the strictest says, and all are named. A piece of advice weighs what the strictest
of the policies that speak of it says; without any, what it says itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from devenv.core.lint.rules import RULES
from devenv.core.lint.subject import Rule, Subject
from devenv.core.policy.waivers import Waivers
from devenv.errors import Mark
from devenv.model.lint import Demand, Finding, Found, Policy, Severity, Verdict, Waived
from devenv.model.secrecy import without
from devenv.records import replace

_Key = tuple[str, str, Mark | None, str]


def judge(subject: Subject, policies: Sequence[Policy], today: date) -> Verdict:
    """All that there is to say about a stack on the day `today`, by place."""
    waivers = Waivers(policies, subject.stack.name, [service.name for service in subject.services], today)
    about: dict[_Key, dict[int, Finding]] = {}  # by place, and there by policy
    spared: list[Waived] = []
    hidden: set[str] = set()
    for rule in RULES.values():
        for policy, demand in _demands(rule, policies):
            for found in rule.check(subject, demand.options):
                hidden |= {line.strip() for line in found.hide.splitlines()} - {""}
                finding = _finding(rule, policy, demand, found, subject)
                by, note = waivers.of(rule.name, found.service, policy, demand)
                if by is not None:
                    spared.append(Waived(finding, *by))
                    continue
                about.setdefault(_key(finding), {}).setdefault(id(policy), replace(finding, note=note))
    findings = [*(_together(list(same.values())) for same in about.values()), *waivers.told(subject.report)]
    spared = [one for one in spared if _key(one.finding) not in about]
    lines = {one.excerpt for one in (*findings, *(waived.finding for waived in spared)) if one.excerpt is not None}
    masked = {
        line: without(line, hidden, as_long=True) for line in lines
    }  # each once: many findings may be about one line
    return Verdict(
        tuple(_masked(finding, masked) for finding in _sorted(findings)),
        tuple(replace(one, finding=_masked(one.finding, masked)) for one in spared),
        tuple(policy.file for policy in policies),
    )


def _demands(rule: Rule, policies: Sequence[Policy]) -> Iterator[tuple[Policy | None, Demand]]:
    """Who asks for the rule; the rule itself, where no policy speaks of it."""
    said = [(policy, policy.demands[rule.name]) for policy in policies if rule.name in policy.demands]
    if not said:
        said_by_none = Demand(rule.name, rule.severity, rule.defaults())
        yield from [(None, said_by_none)] if rule.severity is not Severity.OFF else []
    yield from ((policy, demand) for policy, demand in said if demand.severity is not Severity.OFF)


def _finding(rule: Rule, policy: Policy | None, demand: Demand, found: Found, subject: Subject) -> Finding:
    service = subject.stack.services.get(found.service)
    via = service.mark if service is not None else None
    written = subject.manifest.services.get(found.service)
    if written is not None and written.included is not None:
        via = written.included.at or via
    elsewhere = via is not None and found.mark is not None and via.file != found.mark.file
    return Finding(
        code=rule.code,
        rule=rule.name,
        severity=demand.severity,
        message=found.message,
        mark=found.mark,
        path=found.path,
        service=found.service,
        hint=found.hint,
        fix=found.fix if found.fix is not None and found.fix.mark.file == subject.manifest.file else None,
        via=via if elsewhere else None,
        excerpt=subject.report.excerpt(found.mark),
        policy=policy.name if policy is not None else "",
        reason=demand.reason,
        link=demand.link,
        demanded=demand.mark,
        enforced=policy is not None and policy.enforce == "up" and demand.severity is Severity.ERROR,
    )


def _together(same: Sequence[Finding]) -> Finding:
    """What several policies find, as the strictest of them says it, and the others beside it."""
    strictest, *others = sorted(same, key=_weight, reverse=True)
    return replace(strictest, also=tuple(replace(one, excerpt=None) for one in others)) if others else strictest


def _weight(finding: Finding) -> tuple[int, bool]:
    return finding.severity.rank, finding.enforced


def _key(finding: Finding) -> _Key:
    return finding.code, finding.path, finding.mark, finding.message


def _sorted(findings: Sequence[Finding]) -> list[Finding]:
    nowhere = Mark("\uffff", 0, 0)
    return sorted(findings, key=lambda f: (*(f.mark or nowhere)[:3], f.code, f.message))


def _masked(finding: Finding, masked: Mapping[str, str]) -> Finding:
    """Without any value that nobody may see in its source line."""
    line = masked.get(finding.excerpt or "", finding.excerpt)
    return finding if line == finding.excerpt else replace(finding, excerpt=line)
