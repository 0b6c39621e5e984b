"""What came of verifying contracts, as people and programs read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from devenv.records import asdict
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.text import duration, plural, printable_lines, visible


class Mismatch(Protocol):
    """One difference, as `ops.contracts` describes it."""

    @property
    def where(self) -> str: ...
    @property
    def said(self) -> str: ...


class Interaction(Protocol):
    """One interaction, as `ops.contracts` describes it."""

    @property
    def provider(self) -> str: ...
    @property
    def service(self) -> str: ...
    @property
    def consumer(self) -> str: ...
    @property
    def description(self) -> str: ...
    @property
    def states(self) -> tuple[str, ...]: ...
    @property
    def ok(self) -> bool: ...
    @property
    def pending(self) -> bool: ...
    @property
    def seconds(self) -> float: ...
    @property
    def mismatches(self) -> Sequence[Mismatch]: ...


class Verification(Protocol):
    """All of it, as `ops.contracts` describes it."""

    @property
    def interactions(self) -> Sequence[Interaction]: ...
    @property
    def elsewhere(self) -> Sequence[tuple[str, str]]: ...
    @property
    def published(self) -> bool: ...
    @property
    def unpublished(self) -> str: ...
    @property
    def ok(self) -> bool: ...


def format_contracts(found: Verification, *, quiet: bool, colour: bool) -> str:
    """Consumer by consumer, a line an interaction, the differences beneath those that are not kept."""
    lines: list[str] = []
    heading = ""
    for one in found.interactions:
        if quiet and one.ok:
            continue
        whose = f"{visible(one.consumer)} → {visible(one.provider)}"
        whose += "" if one.service == one.provider else f" ({visible(one.service)})"
        if whose != heading:
            lines += ["", paint(whose, "bold", colour)] if lines else [paint(whose, "bold", colour)]
            heading = whose
        lines += _interaction(one, colour)
    for consumer, provider in found.elsewhere if not quiet else ():
        lines.append(f"passed over: {visible(consumer)} → {visible(provider)}, which is no service of this stack")
    if found.unpublished:
        lines.append(f"the broker has no results: {visible(found.unpublished)}")
    kept = sum(one.ok for one in found.interactions)
    total = f"{kept} of {plural(len(found.interactions), 'interaction')} kept"
    return "\n".join([*lines, "", total + (", published" if found.published else "")]).lstrip("\n")


def contracts_as_json(found: Verification) -> str:
    """The same as data, documented in docs/reference/json.md."""
    whole: Any = found
    return json_text({"ok": found.ok, **asdict(whole)})


def _interaction(one: Interaction, colour: bool) -> list[str]:
    state = paint("ok     ", "green", colour) if one.ok else paint("failed ", "bold red", colour)
    if one.pending and not one.ok:
        state = paint("pending", "yellow", colour)
    given = f", given {' and '.join(visible(state) for state in one.states)}" if one.states else ""
    lines = [f"  {state} {visible(one.description)}{given}  {duration(one.seconds)}"]
    for difference in one.mismatches:
        where = f"{visible(difference.where)}: " if difference.where else ""
        first, *more = list(printable_lines(difference.said)) or [""]
        lines += [f"            {where}{first}", *(f"            {line}" for line in more)]
    return lines
