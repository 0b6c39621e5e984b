"""Lines of several services in one stream: aligned, and told apart by name and colour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from devenv.ui.console import paint
from devenv.ui.json_text import json_text
from devenv.ui.text import only_colours, padded, printable_lines, visible

_COLOURS = ("cyan", "yellow", "green", "magenta", "blue")
_NARROWEST = 8


class LogFormat:
    """Formats lines as they come. Names are aligned to the longest of `services`; a later longer one widens the column.

    With `terminal`, the programs' own colours stay; their other control sequences never do.
    """

    def __init__(self, services: Iterable[str] = (), *, colour: bool = False, terminal: bool = False) -> None:
        self._width = max((len(name) for name in services), default=_NARROWEST)
        self._colour = colour
        self._keep_colours = terminal and colour
        self._seen: dict[str, str] = {}

    def line(self, service: str, text: str) -> str:
        """`service | text`."""
        style = self._seen.setdefault(service, _COLOURS[len(self._seen) % len(_COLOURS)])
        self._width = max(self._width, len(service))
        name = paint(padded(visible(service), self._width) + " |", style, self._colour)
        shown = only_colours(text) if self._keep_colours else "".join(printable_lines(text)[:1])
        return f"{name} {shown}".rstrip()


def log_as_json(service: str, container: str, at: datetime, text: str) -> str:
    """A line as one JSON object, documented in docs/reference/json.md."""
    time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json_text({"service": service, "container": container, "time": time, "text": text})
