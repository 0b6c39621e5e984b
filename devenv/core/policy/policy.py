"""Raw data → Policy: every problem of a `policy.yaml` in one run, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal, cast

from devenv.core.compose.sizes import bytes_of
from devenv.core.lint.rules import RULES
from devenv.core.lint.subject import Option, Rule
from devenv.core.manifest.node import Node, kind_of, quoted
from devenv.core.templates.patterns import SLOW, wrong_pattern_of_policy
from devenv.errors import Mark, Report
from devenv.model.data import Data, Map, text
from devenv.model.lint import POLICY_FORMATS, Demand, Policy, Severity, Waiver

_TOP = ("policy", "name", "link", "enforce", "rules", "waivers")
_OF_A_RULE = ("severity", "reason", "link", "waivable")
_OF_A_WAIVER = ("rule", "services", "stacks", "owner", "until", "reason")
_SEVERITIES = tuple(severity.value for severity in Severity)
_START = "start it with the line 'policy: 1'"


def load_policy(data: Data, file: str, report: Report, *, own: bool = False, name: str = "") -> Policy | None:
    """The policy in `data` (of `core.yaml.source.parse`), or None when it cannot be made sense of. `name` is what
    people call it when it has no name of its own; `own` says that it is the repository's.

    What is wrong goes to `report` and is left out of the result.
    """
    if not isinstance(data, Map):
        what = "the file is empty" if data is None else f"a policy is a mapping, not {kind_of(data)}"
        report.add("DE801", what, getattr(data, "mark", None) or Mark(file, 1, 1), hint=_START)
        return None
    root = Node(data, "", report, Mark(file, 1, 1))
    if not _format(root):
        return None
    for key in data:
        if key not in _TOP and not key.startswith("x-"):
            is_rule = "rules stand under 'rules'" if key in RULES else None
            root.unknown(key, _TOP, is_rule)
    link = _text(root, "link", "a link to what is behind the rules")
    return Policy(
        name=_text(root, "name", "a name") or name or file,
        file=file,
        enforce=cast(Literal["lint", "up"], _choice(root, "enforce", ("lint", "up"), "lint")),
        demands=_demands(root, link),
        waivers=_waivers(root),
        own=own,
    )


def _format(root: Node) -> bool:
    if "policy" not in root.value:
        root.problem("DE802", "the line 'policy: 1' is missing", _START)
        return False
    node = root.child("policy")
    value = node.meant
    if isinstance(value, int) and not isinstance(value, bool) and value in POLICY_FORMATS:
        return True
    known = " or ".join(map(str, POLICY_FORMATS))
    what = quoted(text(value)) if not isinstance(value, dict | list | None) else kind_of(value)
    node.problem("DE802", f"the format {what} is not known; this release reads format {known}", "write 'policy: 1'")
    return False


def _text(node: Node, key: str, wanted: str) -> str:
    return node.child(key).text(wanted) or "" if key in node.value else ""


def _choice(node: Node, key: str, choices: tuple[str, ...], default: str) -> str:
    if key not in node.value:
        return default
    child = node.child(key)
    value = child.text(" or ".join(f"'{one}'" for one in choices))
    if value is not None and value not in choices:
        said = ", ".join(f"'{one}'" for one in choices)
        child.problem("DE214", f"takes one of {said}, not {quoted(value)}", child.suggest(value, choices))
        return default
    return value or default


def _demands(root: Node, link: str) -> dict[str, Demand]:
    if root.value.get("rules") is None:
        return {}
    node = root.child("rules")
    if node.mapping("a mapping of rules", "write 'latest: error' under it") is None:
        return {}
    demands = {}
    for name, child in node.children():
        rule = RULES.get(name)
        if rule is None:
            if not name.startswith("x-"):
                _no_rule(child, name, of_key=True)
        elif (demand := _demand(rule, child, link)) is not None:
            demands[name] = demand
    return demands


def _no_rule(node: Node, name: str, *, of_key: bool = False) -> None:
    by_code = next((one.name for one in RULES.values() if one.code == name.upper()), None)
    hint = f"write '{by_code}'" if by_code else node.suggest(name, RULES)
    hint = hint or "`devenv lint --list` lists the rules"
    node.problem("DE803", f"there is no rule {quoted(name)}", hint, of_key=of_key)


def _demand(rule: Rule, node: Node, link: str) -> Demand | None:
    """One rule, as a severity alone or as a mapping."""
    if not isinstance(node.value, dict):
        severity = _severity(node)
        return None if severity is None or not _enough(rule, node, severity) else _plainly(rule, node, severity, link)
    severity = _severity(node.child("severity")) if "severity" in node.value else Severity.ERROR
    known = (*_OF_A_RULE, *rule.options)
    for key in node.value:
        if key not in known and not key.startswith("x-"):
            node.unknown(key, known)
    before = len(node.report.errors)
    options = {name: _option(name, option, node) for name, option in rule.options.items()}
    waivable = node.child("waivable").boolean() if "waivable" in node.value else False
    reason = _text(node, "reason", "the reason, for people")
    link = _text(node, "link", "a link") or link
    if severity is None or len(node.report.errors) > before or not _enough(rule, node, severity):
        return None
    return Demand(rule.name, severity, options, reason, link, bool(waivable), node.key_mark)


def _plainly(rule: Rule, node: Node, severity: Severity, link: str) -> Demand:
    return Demand(rule.name, severity, rule.defaults(), link=link, mark=node.key_mark)


def _enough(rule: Rule, node: Node, severity: Severity) -> bool:
    """Reports options that are missing; whether the rule says something."""
    given = node.value if isinstance(node.value, dict) else {}
    missing = [name for name, option in rule.options.items() if option.required and name not in given]
    if severity is Severity.OFF or any(key not in (*_OF_A_RULE, *rule.options) and key[:2] != "x-" for key in given):
        return not missing or severity is Severity.OFF
    for name in missing:
        hint = f"it takes {rule.options[name].words.replace('`', '')}"
        node.problem("DE217", f"the rule needs '{name}'", hint, of_key=True)
    if rule.needs_option and not any(name in given for name in rule.options):
        names = ", ".join(f"'{name}'" for name in rule.options)
        node.problem("DE217", f"the rule says nothing without one of {names}", of_key=True)
        return False
    return not missing


def _severity(node: Node) -> Severity | None:
    value = "off" if node.meant is False else node.text(_SAID)
    if value is not None and value not in _SEVERITIES:
        hint = "write off" if value.lower() in ("no", "none", "ignore") else node.suggest(value, _SEVERITIES)
        node.problem("DE214", f"takes {_SAID}, not {quoted(value)}", hint)
        return None
    return None if value is None else Severity(value)


_SAID = "error, warning, info or off"


def _option(name: str, option: Option, node: Node) -> Any:
    if name not in node.value:
        return option.default
    child = node.child(name)
    value = _READ[option.kind](child)
    return option.default if value is None else value


def _texts(node: Node) -> tuple[str, ...] | None:
    if isinstance(node.value, str):
        return (text(node.value),)
    names = node.names("a list")
    return None if names is None else tuple(name for name, _ in names)


def _labels(node: Node) -> Mapping[str, str] | None:
    if not isinstance(node.value, dict):
        names = _texts(node)
        return None if names is None else dict.fromkeys(names, "")
    found = {name: _pattern(child) if child.value is not None else "" for name, child in node.children()}
    return {name: pattern for name, pattern in found.items() if pattern is not None}


_CLEAR = "let the next sign say whether a repeat goes on, as in [a-z]+(-[a-z]+)*"


def _pattern(node: Node) -> str | None:
    written = node.text("a regular expression")
    if written is not None and (wrong := wrong_pattern_of_policy(written)):
        node.problem("DE214", wrong, _CLEAR if wrong == SLOW else None)
        return None
    return written


def _size(node: Node) -> int | None:
    written = node.text("a size such as 512m or 2g")
    size = bytes_of(written) if written is not None else None
    if written is not None and not size:
        node.problem("DE214", f"takes a size such as 512m or 2g, not {quoted(written)}")
        return None
    return size


_READ = {
    "texts": _texts,
    "labels": _labels,
    "pattern": _pattern,
    "size": _size,
    "duration": Node.duration,
}


def _waivers(root: Node) -> tuple[Waiver, ...]:
    if root.value.get("waivers") is None:
        return ()
    node = root.child("waivers")
    if not isinstance(node.value, list):
        node.wrong_kind("a list of waivers", "write each as '- rule: …', with its keys below")
        return ()
    found = (_waiver(item) for item in node.items())
    return tuple(waiver for waiver in found if waiver is not None)


def _waiver(node: Node) -> Waiver | None:
    if node.mapping("a mapping with 'rule', 'services' or 'stacks', 'owner', 'until' and 'reason'") is None:
        return None
    before = len(node.report.errors)
    for key in node.value:
        if key not in _OF_A_WAIVER and not key.startswith("x-"):
            node.unknown(key, _OF_A_WAIVER, _MEANT.get(key))
    missing = [key for key in ("rule", "owner", "until", "reason") if key not in node.value]
    misspelt = any(key not in _OF_A_WAIVER for key in node.value)
    for key in missing if not misspelt else ():
        node.problem("DE217", f"the waiver has no '{key}'", _WHY[key])
    if not {"services", "stacks"} & set(node.value) and not misspelt:
        hint = "name the services or the stacks that are spared"
        node.problem("DE217", "the waiver spares nobody in particular", hint)
    rule = _text(node, "rule", "a rule's name")
    if rule and rule not in RULES:
        _no_rule(node.child("rule"), rule)
    until = _day(node.child("until")) if "until" in node.value else None
    names = {key: _texts(node.child(key)) or () for key in ("services", "stacks") if key in node.value}
    owner, reason = _text(node, "owner", "a person or a team"), _text(node, "reason", "the reason, for people")
    if len(node.report.errors) > before or until is None:
        return None
    return Waiver(rule, owner, until, reason, names.get("services", ()), names.get("stacks", ()), node.mark)


_MEANT = {"service": "did you mean 'services'? it takes a name or a list", "stack": "did you mean 'stacks'?",
          "expires": "did you mean 'until'?", "end": "did you mean 'until'?"}  # fmt: skip
_WHY = {
    "rule": "name the rule that it is about",
    "owner": "name who sees to it that it is not needed any more",
    "until": "every waiver ends: write its last day, as 2026-06-30",
    "reason": "say why, for those who read it later",
}


def _day(node: Node) -> date | None:
    written = node.text("a day, as 2026-06-30")
    if written is None:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
            raise ValueError("not in that form")
        return date.fromisoformat(written)
    except ValueError:
        node.problem("DE804", f"{quoted(written)} is no day", "write year, month and day, as 2026-06-30")
        return None
