"""Waivers on a day: which of them count, and what is to be told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from fnmatch import fnmatchcase

from devenv.core.lint.rules import WAIVERS
from devenv.core.suggest import suggest
from devenv.errors import Report
from devenv.model.lint import Demand, Finding, Policy, Severity, Waiver

_SOON = timedelta(days=14)


class Waivers:
    """The waivers of all policies for one stack. A waiver counts for advice and for rules of its own policy, and for
    another policy's where that one says `waivable: true`."""

    def __init__(self, policies: Sequence[Policy], stack: str, services: Sequence[str], today: date) -> None:
        self._all = [(waiver, policy) for policy in policies for waiver in policy.waivers]
        self._stack = stack
        self._services = services
        self._today = today
        self._used: set[int] = set()
        self._ended: set[int] = set()
        self._refused: dict[int, str] = {}

    def of(
        self, rule: str, service: str, policy: Policy | None, demand: Demand
    ) -> tuple[tuple[Waiver, str] | None, str]:
        """The first waiver that spares `service` what `policy` demands, with its policy's name; or None, and a note on
        the waivers that do not count: one that ended was meant for this, whatever others there are."""
        first, ended, refused = None, "", ""
        for number, (waiver, whose) in enumerate(self._all):
            if waiver.rule != rule or not self._spares(waiver, service):
                continue
            if policy is not None and whose is not policy and not demand.waivable:
                self._refused[number] = policy.name
                refused = f"the waiver of {waiver.owner} does not count: '{policy.name}' lets nobody else waive it"
            elif waiver.until < self._today:
                self._ended.add(number)
                ended = f"the waiver of {waiver.owner} ended on {waiver.until}"
            else:
                self._used.add(number)
                first = first or (waiver, whose.name)
        return first, "" if first else ended or refused

    def _spares(self, waiver: Waiver, service: str) -> bool:
        stack_fits = not waiver.stacks or any(fnmatchcase(self._stack, one) for one in waiver.stacks)
        return stack_fits and (not waiver.services or any(fnmatchcase(service, one) for one in waiver.services))

    def _concerns(self, waiver: Waiver, policy: Policy) -> bool:
        """Whether a waiver is about this stack: an organisation's policy holds those of many."""
        if waiver.stacks:
            return any(fnmatchcase(self._stack, one) for one in waiver.stacks)
        return policy.own or any(fnmatchcase(name, one) for one in waiver.services for name in self._services)

    def told(self, report: Report) -> Iterator[Finding]:
        """What there is to say of the waivers themselves, once every finding has been asked about."""
        for number, (waiver, policy) in enumerate(self._all):
            if number in self._used:
                if waiver.until - self._today <= _SOON:
                    when = "today" if waiver.until == self._today else f"on {waiver.until}"
                    text = f"this waiver of '{waiver.rule}' ends {when}; ask {waiver.owner}"
                    yield self._told("DL952", waiver, policy, text, report)
            elif number in self._ended:
                text = f"this waiver of '{waiver.rule}' ended on {waiver.until}; ask {waiver.owner}"
                yield self._told("DL951", waiver, policy, text, report)
            elif number in self._refused:
                text = f"this waiver does not count: '{self._refused[number]}' lets nobody else waive '{waiver.rule}'"
                yield self._told("DL954", waiver, policy, text, report)
            elif self._concerns(waiver, policy):
                text, hint = self._unused(waiver)
                yield self._told("DL953", waiver, policy, text, report, hint)

    def _unused(self, waiver: Waiver) -> tuple[str, str | None]:
        """Why a waiver spares nothing, and what may have been meant."""
        for one in waiver.services:
            if not any(fnmatchcase(name, one) for name in self._services):
                return f"there is no service '{one}' here that the waiver could spare", suggest(one, self._services)
        return f"nothing that this waiver names is against '{waiver.rule}' any more: it spares nothing", None

    @staticmethod
    def _told(code: str, waiver: Waiver, policy: Policy, text: str, report: Report, hint: str | None = None) -> Finding:
        return Finding(
            code=code,
            rule=WAIVERS[code][0],
            severity=Severity.WARNING,
            message=text,
            mark=waiver.mark,
            hint=hint,
            policy=policy.name,
            excerpt=report.excerpt(waiver.mark),
        )
