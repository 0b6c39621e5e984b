"""Rules for stacks: what a policy demands, whom it spares until when, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Literal

from devenv.errors import Mark, Problem
from devenv.records import field, frozen

POLICY_FORMATS = (1,)
"""The formats of policies that this release reads."""


class Severity(StrEnum):
    """How much a finding weighs: an error fails `devenv lint`, a warning does with `--strict`, an info never."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    OFF = "off"

    @property
    def rank(self) -> int:
        """0 for `off`, more for what weighs more."""
        return (Severity.OFF, Severity.INFO, Severity.WARNING, Severity.ERROR).index(self)


@frozen
class Demand:
    """What one policy says about one rule. `options` are the rule's own, checked; `waivable` lets the waivers of other
    policies count."""

    rule: str
    severity: Severity
    options: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    link: str = ""
    waivable: bool = False
    mark: Mark | None = None


@frozen
class Waiver:
    """Spares some services or stacks (names, or patterns with `*`) a rule, up to and including the day `until`."""

    rule: str
    owner: str
    until: date
    reason: str
    services: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    mark: Mark | None = None


@frozen
class Policy:
    """One `policy.yaml`. `enforce` says whether `up` refuses what is against it, or only `lint` tells; `own` that it
    lies with the manifest, and is not for many stacks."""

    name: str
    file: str
    enforce: Literal["lint", "up"] = "lint"
    demands: Mapping[str, Demand] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    own: bool = False


@frozen
class Fix:
    """A certain repair of what stands at `mark`: the entries `add` are put into a mapping; `value` takes the place of a
    text, or puts it in quotes where it is the same; without either, the entry whose key stands there goes."""

    title: str
    mark: Mark
    value: str | None = None
    add: tuple[tuple[str, str], ...] = ()


@frozen
class Found:
    """What a rule's check finds, before it is known how much it weighs. `service` is whom a waiver must name, or ''
    where it is the stack; `hide` is a value that nobody may see, not even in the source line."""

    message: str
    mark: Mark | None = None
    path: str = ""
    service: str = ""
    hint: str | None = None
    fix: Fix | None = None
    hide: str = ""


@frozen
class Finding:
    """Something that a rule or a piece of advice objects to.

    `mark` is where the value comes from; `via` where the manifest brings that in, when it is another file. `policy`,
    `reason` and `link` are the policy's own words, empty for advice, and `demanded` is where it asks for the rule.
    `note` says why a waiver does not count. `also` are the findings of other policies about the same, none of which
    weighs more.
    """

    code: str
    rule: str
    severity: Severity
    message: str
    mark: Mark | None = None
    path: str = ""
    service: str = ""
    hint: str | None = None
    fix: Fix | None = None
    via: Mark | None = None
    excerpt: str | None = None
    policy: str = ""
    reason: str = ""
    link: str = ""
    demanded: Mark | None = None
    note: str = ""
    enforced: bool = False
    also: tuple[Finding, ...] = ()

    @property
    def reasons(self) -> list[str]:
        """In whose name it is found and why, a line for each policy, the strictest first; [] for advice. A policy that
        several catalogs have, or one at two commits, says the same once."""
        lines = (
            one.policy + (f": {one.reason}" if one.reason else "") + (f" ({one.link})" if one.link else "")
            for one in (self, *self.also)
            if one.policy
        )
        return list(dict.fromkeys(lines))

    @property
    def notes(self) -> list[str]:
        """Why waivers do not count, each once."""
        return list(dict.fromkeys(one.note for one in (self, *self.also) if one.note))

    @property
    def problem(self) -> Problem:
        """The finding in the form of everything else that is shown with a place."""
        return Problem(
            self.code, self.message, self.mark, self.path, self.hint, self.excerpt, warning=self.severity != "error"
        )


@frozen
class Waived:
    """A finding that does not count, and the waiver that says so."""

    finding: Finding
    waiver: Waiver
    policy: str


@frozen
class Verdict:
    """All that was found, by place; `waived` apart. `policies` are the files of those that were applied."""

    findings: tuple[Finding, ...] = ()
    waived: tuple[Waived, ...] = ()
    policies: tuple[str, ...] = ()

    def of(self, severity: Severity) -> list[Finding]:
        """The findings of one severity."""
        return [finding for finding in self.findings if finding.severity == severity]
