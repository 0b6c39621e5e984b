"""A stack's state, its addresses and its checks, as people and programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from devenv.model.image_name import short_digests
from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.tables import Cell, table
from devenv.ui.text import age, cells, cut, duration, plural, printable_lines, visible, wrapped


class ServiceState(Protocol):
    """One service, as `ops.status` describes it."""

    @property
    def name(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def ready(self) -> bool: ...
    @property
    def image(self) -> str: ...
    @property
    def urls(self) -> tuple[str, ...]: ...
    @property
    def address(self) -> str: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def detail(self) -> str: ...
    @property
    def wanted(self) -> bool: ...


class StackState(Protocol):
    """The whole stack, as `ops.status` describes it."""

    @property
    def name(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def services(self) -> Sequence[ServiceState]: ...
    @property
    def notes(self) -> Sequence[str]: ...


class CheckResult(Protocol):
    """One check's result, as `ops.check` describes it."""

    @property
    def name(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def seconds(self) -> float: ...
    @property
    def detail(self) -> str: ...
    @property
    def evidence(self) -> tuple[str, ...]: ...


_STYLES = {"running": "green", "completed": "green", "absent": "dim", "created": "dim", "starting": "cyan"}
_HEADS = ("service", "state", "ready", "since", "address", "image")
_LEAST = 12
"""Columns in which an image can be told from another."""
_WORDS = {"completed": "done", "absent": "not there"}


def format_status(stack: StackState, now: datetime, *, colour: bool, width: int | None = None) -> str:
    """A line a service, what is wrong beneath, the state of the whole, and what else to know."""
    rows = _fitted([_row(service, now) for service in stack.services], width)
    text = table(_HEADS[: len(rows[0])] if rows else _HEADS, rows, colour=colour)
    wrong = [f"{visible(s.name)}: {visible(s.detail)}" for s in stack.services if s.detail]
    notes = [f"note: {visible(note)}" for note in stack.notes]
    parts = [text, "\n".join(wrong), _whole(stack, colour), "\n".join(notes)]
    return "\n\n".join(part for part in parts if part)


def status_as_json(stack: StackState) -> str:
    """The same as data, documented in docs/reference/json.md."""
    return json_text(stack)


def format_checks(checks: Sequence[CheckResult], *, colour: bool, width: int | None = None) -> str:
    """A line a check, what came back beneath those that failed, and how many held. What was seen and is wider than
    `width` leaves is cut; of a check that failed it stands beneath, whole."""
    lines = []
    names = max((cells(visible(check.name)) for check in checks), default=0)
    for check in checks:
        state = paint("ok    ", "green", colour) if check.ok else paint("failed", "bold red", colour)
        name = visible(check.name) + " " * (names - cells(visible(check.name)))
        took, detail = duration(check.seconds), visible(check.detail)
        room = cells(detail) if width is None else width - 6 - names - cells(took) - 6
        beside = cut(detail, room) if check.ok or cells(detail) <= room else ""
        lines.append(f"{state}  {name}  {took}  {beside}".rstrip())
        if not check.ok:
            lines += [wrapped(" " * 8 + detail, width, " " * 8)] if not beside else []
            lines += ["        | " + line for text in check.evidence for line in printable_lines(text)]
    good = sum(check.ok for check in checks)
    lines += ["", f"{good} of {plural(len(checks), 'check')} passed"]
    return "\n".join(lines)


def format_urls(urls: Sequence[tuple[str, str, str]], *, colour: bool) -> str:
    """Service, name and URL, aligned."""
    return table(("", "", ""), [(service, name, Cell(url, "cyan")) for service, name, url in urls], colour=colour)


def _row(service: ServiceState, now: datetime) -> list[Cell | str]:
    word = _WORDS.get(service.state, service.state)
    style = _STYLES.get(service.state, "yellow") if service.wanted or service.state != "exited" else "dim"
    if service.state == "running" and not service.ready:
        style = "cyan"
    if service.state in ("unhealthy", "exited", "restarting") and service.wanted:
        style = "bold red"
    since = age(service.since, now) if service.since and service.state != "absent" else ""
    ready = "yes" if service.ready else "no" if service.state != "absent" else ""
    web = next((url for url in service.urls if url.startswith(("http://", "https://"))), "")
    where = Cell(web or service.address, "cyan" if web else "") if service.state != "absent" else ""
    return [service.name, Cell(word, style), ready, since, where, short_digests(service.image)]


def _fitted(rows: list[list[Cell | str]], width: int | None) -> list[list[Cell | str]]:
    """Cuts the images, the least telling column, to what the terminal leaves for them, or leaves them out."""
    if width is None or not rows:
        return rows
    texts = [[cell.text if isinstance(cell, Cell) else cell for cell in row] for row in rows]
    used = sum(max(len(head), *(cells(visible(row[i])) for row in texts)) + 2 for i, head in enumerate(_HEADS[:-1]))
    if width - used < _LEAST:
        return [row[:-1] for row in rows]
    return [[*row[:-1], cut(text[-1], width - used)] for row, text in zip(rows, texts, strict=True)]


def _whole(stack: StackState, colour: bool) -> str:
    wanted = [s for s in stack.services if s.wanted]
    name = stack.name if stack.project == stack.name else f"{stack.name} (as {stack.project})"
    style = {"running": "green", "failed": "bold red", "partial": "yellow"}.get(stack.state, "bold")
    if stack.state == "absent":
        return f"{visible(name)} is {paint('not up', style, colour)}"
    ready = f"{sum(s.ready for s in wanted)} of {plural(len(wanted), 'service')} ready"
    verb = "has" if stack.state == "failed" else "is"
    return f"{visible(name)} {verb} {paint(stack.state, style, colour)}: {ready}"
