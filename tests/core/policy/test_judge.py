"""Policies together: what counts, how much, and what waivers spare on which day."""

from __future__ import annotations

from datetime import date

import pytest

from devenv.errors import Report
from devenv.model.lint import Severity, Verdict
from tests.core.lint.linting import policy, subject, verdict

STACK = """\
services:
  a: {image: redis, ports: ['80:80'], privileged: true}
  b: {image: redis, ports: ['81:81']}
"""


def told(found: Verdict, *rules: str) -> list[str]:
    return [
        f"{one.severity} {one.rule} {one.service or '-'}" + (f" ({one.policy})" if one.policy else "")
        for one in found.findings
        if not rules or one.rule in rules
    ]


def test_what_any_policy_demands_counts_and_the_strictest_severity_of_all() -> None:
    strict = "name: strict\nrules: {loopback: {severity: error, reason: Cafés.}}\n"
    mild = "name: mild\nlink: https://b.example\nrules: {loopback: {severity: info, reason: Trains.}}\n"
    for both in ((strict, mild), (mild, strict)):
        found = verdict(subject(STACK), *both)
        assert told(found, "loopback") == ["error loopback a (strict)", "error loopback b (strict)"]
        for one in (one for one in found.findings if one.rule == "loopback"):
            assert one.reasons == ["strict: Cafés.", "mild: Trains. (https://b.example)"]
    assert all(one.reasons == [] for one in verdict(subject(STACK)).findings)


def test_each_policy_is_named_once_and_equals_stand_as_they_come() -> None:
    twice = "services:\n  a: {image: 'x:1', volumes: ['/etc:/a', '/etc:/a']}\n"
    one, other = (f"rules: {{host-mounts: {{severity: info, reason: {word}.}}}}\n" for word in ("One", "Other"))
    found = verdict(subject(twice), policy("name: p\n" + one), policy("name: p\n" + other))
    assert [finding.reasons for finding in found.findings] == [["p: One.", "p: Other."]] * 2
    assert [len(finding.also) for finding in verdict(subject(twice), one).findings] == [0, 0]


def test_no_reason_of_another_policy_brings_a_secret_along() -> None:
    stack = subject("services:\n  a: {image: 'x:1', environment: {DB_PASSWORD: swordfish}}\n")
    found = verdict(stack, "rules: {plain-secret: error}\n", "rules: {plain-secret: info}\n")
    assert found.findings[0].also and "swordfish" not in repr(found.findings)


def test_a_repository_cannot_switch_off_what_an_organisation_demands() -> None:
    theirs, ours = "name: acme\nrules: {loopback: error}\n", "name: ours\nrules: {loopback: off, privileged: off}\n"
    assert told(verdict(subject(STACK), theirs, ours), "loopback", "privileged") == [
        "error loopback a (acme)",
        "error loopback b (acme)",
    ]


def test_allowed_lists_of_two_policies_both_hold() -> None:
    one = "name: one\nrules: {registries: {allow: [docker.io/, quay.io/]}}\n"
    other = "name: other\nrules: {registries: {allow: [docker.io/]}}\n"
    stack = subject("services:\n  a: {image: 'quay.io/x:1'}\n  b: {image: 'ghcr.io/x:1'}\n  c: {image: 'x:1'}\n")
    found = verdict(stack, one, other)
    assert told(found, "registries") == ["error registries a (other)", "error registries b (one)"]


def test_advice_weighs_what_policies_say_and_by_itself_only_where_none_speaks() -> None:
    assert told(verdict(subject(STACK)), "unpinned-tag") == ["warning unpinned-tag a", "warning unpinned-tag b"]
    assert told(verdict(subject(STACK), "rules: {unpinned-tag: off}"), "unpinned-tag") == []
    found = verdict(subject(STACK), "name: p\nrules: {unpinned-tag: error}")
    assert told(found, "unpinned-tag") == ["error unpinned-tag a (p)", "error unpinned-tag b (p)"]


WAIVER = "{{rule: {rule}, services: {services}, owner: core, until: {until}, reason: later}}"


def waived(rule: str = "loopback", services: str = "a", until: str = "2026-06-30", more: str = "") -> str:
    return (
        f"name: p\nrules: {{{rule}: error}}\nwaivers:\n  - "
        + WAIVER.format(rule=rule, services=services, until=until)
        + more
    )


@pytest.mark.parametrize(
    ("today", "expected", "spared"),
    [
        (date(2026, 6, 1), ["error loopback b (p)"], 1),
        (date(2026, 6, 15), ["error loopback b (p)"], 1),
        (date(2026, 6, 16), ["warning waiver-ends-soon - (p)", "error loopback b (p)"], 1),
        (date(2026, 6, 30), ["warning waiver-ends-soon - (p)", "error loopback b (p)"], 1),
        (date(2026, 7, 1), ["warning waiver-ended - (p)", "error loopback a (p)", "error loopback b (p)"], 0),
    ],
)
def test_a_waiver_counts_until_its_last_day_and_says_so_before_and_after(
    today: date, expected: list[str], spared: int
) -> None:
    found = verdict(subject(STACK), policy_file(waived()), today=today)
    about_loopback = told(found, "loopback", "waiver-ends-soon", "waiver-ended", "waiver-unused")
    assert sorted(about_loopback) == sorted(expected)
    assert len(found.waived) == spared
    if not spared:
        notes = {one.service: one.note for one in found.findings if one.rule == "loopback"}
        assert notes == {"a": "the waiver of core ended on 2026-06-30", "b": ""}


def policy_file(text: str, file: str = "policy.yaml", *, own: bool = False):
    return policy(text, Report(), file, own=own)


def test_what_was_waived_is_kept_with_its_waiver() -> None:
    found = verdict(subject(STACK), waived(services="'*'"))
    assert [(one.finding.service, one.waiver.owner, one.policy) for one in found.waived] == [
        ("a", "core", "p"),
        ("b", "core", "p"),
    ]


def test_patterns_and_stacks_say_who_is_spared() -> None:
    waiver = "{rule: loopback, stacks: {s}, owner: o, until: 2027-01-01, reason: r}"
    text = f"name: p\nrules: {{loopback: error}}\nwaivers: [{waiver}]\n"
    assert told(verdict(subject(STACK), text.replace("{s}", "'sh*'")), "loopback") == []
    found = verdict(subject(STACK), text.replace("{s}", "[other]"))
    assert told(found, "loopback", "waiver-unused") == ["error loopback a (p)", "error loopback b (p)"]


def test_a_waiver_that_spares_nothing_is_told_where_it_is_about_this_stack() -> None:
    own = policy_file(waived(rule="devices", services="gone"), own=True)
    assert told(verdict(subject(STACK), own), "waiver-unused") == ["warning waiver-unused - (p)"]
    organisations = policy_file(waived(rule="devices", services="gone"))
    assert told(verdict(subject(STACK), organisations), "waiver-unused") == []
    about_a_service_of_ours = policy_file(waived(rule="devices", services="a"))
    assert told(verdict(subject(STACK), about_a_service_of_ours), "waiver-unused") == ["warning waiver-unused - (p)"]


@pytest.mark.parametrize(
    ("services", "message", "hint"),
    [
        ("a", "nothing that this waiver names is against 'devices' any more: it spares nothing", None),
        ("legcy", "there is no service 'legcy' here that the waiver could spare", "did you mean 'legacy'?"),
        ("[a, 'old-*']", "there is no service 'old-*' here that the waiver could spare", None),
    ],
)
def test_why_a_waiver_spares_nothing_is_told(services: str, message: str, hint: str | None) -> None:
    stack = STACK + "  legacy: {image: 'x:1', devices: [/dev/fuse]}\n"
    found = verdict(subject(stack), policy_file(waived(rule="devices", services=services), own=True))
    (unused,) = (one for one in found.findings if one.rule == "waiver-unused")
    assert (unused.message, unused.hint) == (message, hint)


def test_a_policy_that_is_there_at_two_commits_says_the_same_once() -> None:
    rules = "name: p\nrules: {loopback: {severity: error, reason: Trains.}}\n"
    found = verdict(
        subject(STACK), policy_file(rules, "x at v1/policy.yaml"), policy_file(rules, "x at v2/policy.yaml")
    )
    assert {tuple(one.reasons) for one in found.findings if one.rule == "loopback"} == {("p: Trains.",)}


def test_a_waiver_of_another_policys_rule_counts_only_where_that_one_lets_it() -> None:
    ours = policy_file(
        "name: ours\nwaivers: [" + WAIVER.format(rule="privileged", services="a", until="2027-01-01") + "]\n"
    )
    theirs = "name: acme\nrules: {privileged: {severity: error%s}}\n"
    found = verdict(subject(STACK), theirs % "", ours)
    assert told(found, "privileged", "waiver-not-allowed") == [
        "error privileged a (acme)",
        "warning waiver-not-allowed - (ours)",
    ]
    notes = [one.note for one in found.findings if one.rule == "privileged"]
    assert notes == ["the waiver of core does not count: 'acme' lets nobody else waive it"]
    found = verdict(subject(STACK), theirs % ", waivable: true", ours)
    assert told(found, "privileged", "waiver-not-allowed") == [] and len(found.waived) == 1


def test_that_a_policys_own_waiver_ended_is_told_before_that_anothers_does_not_count() -> None:
    rules = "rules: {privileged: error}\n"
    over = "waivers: [" + WAIVER.format(rule="privileged", services="a", until="2026-06-%s") + "]\n"
    both = (policy_file(f"name: ours\n{rules}{over % 10}"), policy_file(f"name: acme\n{rules}{over % 12}"))
    for order in (both, both[::-1]):
        (found,) = (one for one in verdict(subject(STACK), *order).findings if one.rule == "privileged")
        notes = {one.policy: one.note for one in (found, *found.also)}
        assert notes == {
            "ours": "the waiver of core ended on 2026-06-10",
            "acme": "the waiver of core ended on 2026-06-12",
        }


def test_a_waiver_that_counts_is_not_told_to_be_refused_by_another_policy() -> None:
    found = verdict(subject(STACK), waived(services="a"), "name: ours\nrules: {loopback: info}\n")
    assert told(found, "loopback", "waiver-not-allowed") == ["info loopback a (ours)", "error loopback b (p)"]
    assert [one.note for one in found.findings if one.rule == "loopback"] == [
        "the waiver of core does not count: 'ours' lets nobody else waive it", "",
    ]  # fmt: skip
    ended = verdict(subject(STACK), waived(until="2026-06-01"), "name: ours\nrules: {loopback: info}\n")
    assert told(ended, "waiver-ended", "waiver-not-allowed") == ["warning waiver-ended - (p)"]


def test_of_two_waivers_for_the_same_neither_is_told_to_spare_nothing() -> None:
    both = [WAIVER.format(rule="loopback", services=names, until="2027-01-01") for names in ("[a, b]", "'*'")]
    found = verdict(subject(STACK), f"name: p\nrules: {{loopback: error}}\nwaivers: [{', '.join(both)}]\n")
    assert told(found, "loopback", "waiver-unused") == [] and len(found.waived) == 2
    over = WAIVER.format(rule="loopback", services="[a]", until="2026-01-01")
    found = verdict(subject(STACK), f"name: p\nrules: {{loopback: error}}\nwaivers: [{both[0]}, {over}]\n")
    assert told(found, "loopback", "waiver-unused", "waiver-ended") == ["warning waiver-ended - (p)"]


def test_a_repositorys_waiver_counts_for_advice() -> None:
    ours = policy_file(
        "name: ours\nwaivers: [" + WAIVER.format(rule="privileged", services="a", until="2027-01-01") + "]\n"
    )
    assert told(verdict(subject(STACK), ours), "privileged") == []


def test_a_waiver_in_one_policy_leaves_the_others_findings() -> None:
    other = "name: other\nrules: {loopback: warning}\n"
    found = verdict(subject(STACK), waived(), other)
    assert told(found, "loopback") == ["warning loopback a (other)", "error loopback b (p)"]
    assert found.waived == ()


def test_only_errors_of_a_policy_that_says_so_are_refused_by_up() -> None:
    found = verdict(subject(STACK), "name: p\nenforce: up\nrules: {loopback: error, unpinned-tag: warning}\n")
    assert {one.rule for one in found.findings if one.enforced} == {"loopback"}
    assert not [one for one in verdict(subject(STACK), waived()).findings if one.enforced]


def test_the_rank_of_severities() -> None:
    assert sorted(Severity, key=lambda one: one.rank) == ["off", "info", "warning", "error"]
