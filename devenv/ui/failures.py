"""Why a service is not ready, in words: reason, last output, probe, who waits for it, what to do next."""

from __future__ import annotations

from datetime import datetime

from devenv.events import ServiceFailed
from devenv.ui.console import paint
from devenv.ui.text import cut, listed, printable_lines, visible, wrapped

_LOG_LINES = 20
_LINE = 1000
"""Columns of a log's line that are shown: some programs write all they know into one."""


def format_failure(event: ServiceFailed, *, colour: bool = False, width: int | None = None) -> str:
    """The whole story of one failure, several lines, no line end; what are our own words is broken at `width`."""
    code = f"error[{event.code}]"
    told = wrapped(f"{code}: {visible(event.service)}: {visible(event.reason)}", width, "    ")
    lines = [paint(code, "bold red", colour) + told.removeprefix(code)]
    if event.state:
        lines.append(f"  state: {visible(event.state)}{_since(event)}")
    if event.log:
        lines.append("  last output:")
        lines += [paint("    | ", "dim", colour) + cut(line, _LINE) for line in _all(event.log)[-_LOG_LINES:]]
    if event.probe.strip():
        lines.append("  its probe said:")
        said = printable_lines(event.probe.strip())[-_LOG_LINES:]
        lines += [paint("    | ", "dim", colour) + cut(line, _LINE) for line in said]
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


def _all(texts: tuple[str, ...]) -> list[str]:
    return [line for text in texts for line in printable_lines(text) or [""]]
