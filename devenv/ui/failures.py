"""Why a service is not ready, in words: reason, last output, probe, who waits for it, what to do next."""

from __future__ import annotations

from datetime import datetime

from devenv.events import ServiceFailed
from devenv.ui.console import paint
from devenv.ui.text import listed, printable_lines, visible

_LOG_LINES = 20


def format_failure(event: ServiceFailed, *, colour: bool = False) -> str:
    """The whole story of one failure, several lines, no line end."""
    lines = [paint(f"error[{event.code}]", "bold red", colour) + f": {visible(event.service)}: {visible(event.reason)}"]
    if event.state:
        lines.append(f"  state: {visible(event.state)}{_since(event)}")
    if event.log:
        lines.append("  last output:")
        lines += [paint("    | ", "dim", colour) + line for line in _all(event.log)[-_LOG_LINES:]]
    if event.probe.strip():
        lines.append("  its probe said:")
        lines += [paint("    | ", "dim", colour) + line for line in printable_lines(event.probe.strip())[-_LOG_LINES:]]
    if event.blocked:
        lines.append(f"  waiting for it: {visible(listed(event.blocked))}")
    if event.steps:
        lines.append("  next:")
        lines += [f"    {visible(step)}" for step in event.steps]
    return "\n".join(line.rstrip() for line in lines)


def _since(event: ServiceFailed) -> str:
    """Since when, on this machine's clock."""
    if event.since is None:
        return ""
    return f" since {datetime.fromtimestamp(event.since).astimezone():%H:%M:%S}"


def _all(texts: tuple[str, ...]) -> list[str]:
    return [line for text in texts for line in printable_lines(text) or [""]]
