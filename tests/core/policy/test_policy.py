"""Policies from text: what they say, and every mistake with its place."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from devenv.core.lint.rules import RULES
from devenv.core.policy.policy import load_policy
from devenv.core.schema.policy import policy_schema
from devenv.core.schema.templates import plain
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map
from devenv.model.lint import Severity

WHOLE = """\
policy: 1
name: Acme
link: https://wiki.example/rules
enforce: up
x-team: core
rules:
  loopback: error
  restarts: off
  registries: {allow: [docker.io/library/, ghcr.io/acme/], reason: Scanned., link: https://wiki.example/images}
  memory-budget: {total: 8gb, severity: warning}
  labels: {require: {team: "[a-z]+", tier: }}
  names: {services: "[a-z-]+"}
  slow-probe: {cost: 5s, waivable: true}
  x-ours: {anything: goes}
waivers:
  - rule: loopback
    services: [legacy-*]
    stacks: shop
    owner: core
    until: 2026-06-30
    reason: Goes away.
"""


def load(text: str) -> tuple[Any, Report]:
    report = Report()
    data = parse(text, "policy.yaml", report)
    return load_policy(data, "policy.yaml", report, name="Theirs"), report


def test_a_policy_says_what_is_written() -> None:
    found, report = load(WHOLE)
    assert report.problems == []
    assert (found.name, found.enforce, found.file) == ("Acme", "up", "policy.yaml")
    demands = found.demands
    assert list(demands) == [
        "loopback", "restarts", "registries", "memory-budget", "labels", "names", "slow-probe",
    ]  # fmt: skip
    assert demands["loopback"].severity is Severity.ERROR and demands["loopback"].link == "https://wiki.example/rules"
    assert demands["restarts"].severity is Severity.OFF
    registries = demands["registries"]
    assert registries.options == {"allow": ("docker.io/library/", "ghcr.io/acme/")}
    assert (registries.severity, registries.reason) == (Severity.ERROR, "Scanned.")
    assert registries.link == "https://wiki.example/images"
    assert demands["memory-budget"].options == {"total": 8 << 30}
    assert demands["labels"].options == {"require": {"team": "[a-z]+", "tier": ""}}
    assert demands["names"].options["services"] == "[a-z-]+" and demands["names"].options["stack"] is None
    assert demands["slow-probe"].options == {"cost": 5.0} and demands["slow-probe"].waivable
    (waiver,) = found.waivers
    assert (waiver.rule, waiver.services, waiver.stacks) == ("loopback", ("legacy-*",), ("shop",))
    assert (waiver.owner, waiver.until, waiver.reason) == ("core", date(2026, 6, 30), "Goes away.")


def test_a_policy_without_a_name_is_called_by_its_place() -> None:
    found, _ = load("policy: 1\n")
    assert (found.name, found.enforce, found.demands, found.waivers) == ("Theirs", "lint", {}, ())


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("rules: {loopbak: error}", "did you mean 'loopback'?"),
        ("rules: {DL201: error}", "write 'loopback'"),
        ("waivers: [{rule: dl201, services: a, owner: o, until: 2026-01-01, reason: x}]", "write 'loopback'"),
        ("rules: {loopback: eror}", "did you mean 'error'?"),
        ("rules: {loopback: none}", "write off"),
        ("loopback: error", "rules stand under 'rules'"),
        ("rules: {memory-budget: error}", "it takes the most that all may have together: 8gb"),
        ("enforce: lnt", "did you mean 'lint'?"),
        (
            "rules: {names: {services: ^(a+)+$}}",
            "let the next sign say whether a repeat goes on, as in [a-z]+(-[a-z]+)*",
        ),
        ("rules: {labels: {require: {a: 'a{99999999999}'}}}", None),
    ],
)
def test_a_mistake_comes_with_what_to_do(text: str, hint: str | None) -> None:
    _, report = load(f"policy: 1\n{text}\n")
    assert [problem.hint for problem in report.errors] == [hint]


CASES = [
    (title, body, [(code, int(line)) for code, line in (one.split() for one in wanted.split(", "))])
    for title, wanted, body in (
        re.match(r"(.*) :: (.*)\n((?:.*\n)*)", part).groups()  # type: ignore[union-attr]
        for part in (Path(__file__).parent / "malformed.txt").read_text("utf-8").split("=== ")[1:]
    )
]


@pytest.mark.parametrize(("title", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_every_problem_is_found_at_its_place(title: str, text: str, expected: list[tuple[str, int]]) -> None:
    _, report = load(text)
    problems = report.sorted(report.errors)
    assert [(p.code, p.mark.line) for p in problems if p.mark] == expected
    assert all(p.message and p.message.isprintable() and p.exit_code == 3 for p in problems)


SCHEMA = policy_schema("a test")
JUDGES = Draft7Validator(SCHEMA)


def test_the_schema_accepts_what_the_policy_accepts() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert list(JUDGES.iter_errors(plain(parse(WHOLE, "policy.yaml", Report())))) == []
    assert set(SCHEMA["properties"]["rules"]["properties"]) == set(RULES)


@pytest.mark.parametrize(("title", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_the_schema_marks_the_same_mistakes(title: str, text: str, expected: list[tuple[str, int]]) -> None:
    data = plain(parse(text, "policy.yaml", Report()))
    only_ours = {"waiver with a wrong day"}  # that a month has no such day is no pattern
    if isinstance(data, dict) and title not in only_ours and not _only_a_regex(title):
        assert list(JUDGES.iter_errors(data))


def _only_a_regex(title: str) -> bool:
    return title.startswith("pattern")  # editors check `format`, this library does not


KEYS = st.sampled_from([*RULES, "severity", "allow", "reason", "rules", "waivers", "rule", "until", "services", "name"])
SCALARS = st.none() | st.booleans() | st.integers(-2, 9) | st.text(max_size=5) | KEYS
ANYTHING = st.recursive(
    SCALARS, lambda d: st.lists(d, max_size=3) | st.dictionaries(KEYS, d, max_size=4).map(Map), max_leaves=15
)


@settings(max_examples=300, deadline=None)
@given(ANYTHING, ANYTHING)
def test_any_data_only_reports(rules: object, waivers: object) -> None:
    report = Report()
    load_policy(Map({"policy": 1, "rules": rules, "waivers": waivers}), "policy.yaml", report)
    assert all(p.mark is not None for p in report.problems)
