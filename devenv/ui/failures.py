"""Why a service is not ready, in words: reason, last output, probe, who waits for it, what to do next."""

from __future__ import annotations

from datetime import datetime

from devenv.events import ServiceFailed
from devenv.ui.console import paint
from devenv.ui.text import cut, listed, printable_lines, visible, wrapped

_LOG_LINES = 20
_LINE = 1000
"""Columns of a log's line that are shown: some programs write all they know into one."""
_LOOKED_AT = 2 * _LINE
"""Characters of it that are looked at: some take no column, and this is drawn ten times a second."""


def format_failure(event: ServiceFailed, *, colour: bool = False, width: int | None = None) -> str:
    """The whole story of one failure, several lines, no line end; what are our own words is broken at `width`."""
    code = f"error[{event.code}]"
    told = wrapped(f"{code}: {visible(event.service)}: {visible(event.reason)}", width, "    ")
    lines = [paint(code, "bold red", colour) + told.removeprefix(code)]
    if event.state:
        lines.append(f"  state: {visible(event.state)}{_since(event)}")
    if event.log:
        lines.append("  last output:")
        lines += [paint("    | ", "dim", colour) + line for line in _said(event.log)]
    if event.probe.strip():
        lines.append("  its probe said:")
        lines += [paint("    | ", "dim", colour) + line for line in _said((event.probe.strip(),))]
    if event.blocked:
        lines.append(wrapped(f"  waiting for it: {visible(listed(event.blocked))}", width, "    "))
    if event.steps:
        lines.append("  next:")
        lines += [wrapped(f"    {visible(step)}", width, "      ") for step in event.steps]
    return "\n".join(line.rstrip() for line in lines)


def _since(event: ServiceFailed) -> str:
    """Since when, on this machine's clock."""
    if event.since is None:
        return ""
    return f" since {datetime.fromtimestamp(event.since).astimezone():%H:%M:%S}"


def _said(texts: tuple[str, ...]) -> list[str]:
    lines = [line for text in texts[-_LOG_LINES:] for line in printable_lines(text, _LOOKED_AT) or [""]]
    return [cut(line, _LINE) for line in lines[-_LOG_LINES:]]
