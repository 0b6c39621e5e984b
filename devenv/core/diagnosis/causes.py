"""From the facts about a service that failed to a known cause, in words and with steps to take. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from shlex import quote

from devenv.core.diagnosis import peers, programs
from devenv.core.diagnosis.rule import Rule
from devenv.core.diagnosis.rules import CODES, MORE_MEMORY, RULES
from devenv.core.diagnosis.symptoms import Facts, Known

_STEPS = 3


def known(facts: Facts) -> Known | None:
    """The first cause that fits, or None. What could not even be run comes first; an exit code that says little,
    last."""
    return (
        _starved(facts)
        or programs.unasked(facts)
        or programs.unrunnable(facts)
        or next(_matching(RULES, facts), None)
        or peers.unreachable(facts)
        or next(_matching(CODES, facts), None)
    )


def _starved(facts: Facts) -> Known | None:
    if not facts.starved:
        return None
    steps = tuple(step.format(service=facts.service) for step in MORE_MEMORY)
    return Known("memory", "it runs, but the kernel ended a process of it for want of memory", steps)


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
                groups = {**_place(facts, groups.get("path", "")), **groups}
                if not rule.within or rule.within in groups:
                    return groups
    return None


def _place(facts: Facts, path: str) -> Mapping[str, str]:
    """What is known of what is mounted where a path lies: of a volume its name (`volume`) and its `target`; of what is
    mounted from this machine the path there (`source`), the `folder` that this is in, if that is mounted, too, and
    whose rights decide (`place`)."""
    target = facts.target(path)
    if target in facts.volumes:
        return {"volume": facts.volumes[target], "target": target}
    if (source := facts.source(path)) is None:
        return {}
    if path == target:
        return {"source": source, "place": source}
    folder = posixpath.dirname(source)
    return {"source": source, "folder": folder, "place": folder}


def _told(rule: Rule, groups: Mapping[str, str], facts: Facts) -> Known:
    values = {"service": facts.service, "template": facts.template, "image": facts.image, "user": facts.user, **groups}
    values["number"] = facts.user if re.fullmatch(r"\d+(:\d+)?", facts.user) else ""
    words = {name: quote(value) for name, value in values.items()}  # steps are commands, and paths may hold blanks
    steps = [step.format_map(words) for step in rule.steps if _sayable(step, values)]
    return Known(rule.name, rule.words.format_map(values), tuple(steps[:_STEPS]))


def _sayable(step: str, values: Mapping[str, str]) -> bool:
    """Whether everything that a step names is known."""
    return all(values.get(name) for name in re.findall(r"(?<!\{)\{(\w+)\}", step))
