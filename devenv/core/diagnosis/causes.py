"""From the facts about a service that failed to a known cause, in words and with steps to take. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from devenv.core.diagnosis import peers, programs
from devenv.core.diagnosis.rules import CODES, RULES, Rule
from devenv.core.diagnosis.symptoms import Facts, Known

_STEPS = 3


def known(facts: Facts) -> Known | None:
    """The first cause that fits, or None. What could not even be run comes first; an exit code that says little,
    last."""
    return (
        programs.unrunnable(facts)
        or next(_matching(RULES, facts), None)
        or peers.unreachable(facts)
        or next(_matching(CODES, facts), None)
    )


def _matching(rules: tuple[Rule, ...], facts: Facts) -> Iterator[Known]:
    for rule in rules:
        if rule.codes and facts.exit_code not in rule.codes:
            continue
        if (groups := _groups(rule, facts)) is not None:
            yield _told(rule, groups, facts)


def _groups(rule: Rule, facts: Facts) -> Mapping[str, str] | None:
    """What the rule's patterns name in the youngest line that fits; None when it does not hold."""
    if not rule.patterns:
        return {}
    for line in (*facts.engine.splitlines(), *reversed(facts.log)):
        for pattern in rule.patterns:
            if found := re.search(pattern, line):
                groups = {name: text for name, text in found.groupdict().items() if text}
                source = facts.source(groups["path"]) if "path" in groups else None
                if rule.mounted and source is None:
                    continue
                return {"source": source, **groups} if source and "source" not in groups else groups
    return None


def _told(rule: Rule, groups: Mapping[str, str], facts: Facts) -> Known:
    values = {"service": facts.service, "template": facts.template, **groups}
    steps = [step.format_map(values) for step in rule.steps if _sayable(step, values)]
    return Known(rule.name, rule.words.format_map(values), tuple(steps[:_STEPS]))


def _sayable(step: str, values: Mapping[str, str]) -> bool:
    """Whether everything that a step names is known."""
    return all(values.get(name) for name in re.findall(r"(?<!\{)\{(\w+)\}", step))
