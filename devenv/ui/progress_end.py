"""How an operation's end is told: its last line, and where everything is."""

from __future__ import annotations

from devenv.events import Finished
from devenv.ui.console import paint
from devenv.ui.tables import Cell, table
from devenv.ui.text import duration

_DONE = {"up": "ready", "down": "down", "restart": "restarted"}


def end_text(event: Finished, *, colour: bool = False) -> str:
    """The last line, `ready in 12.3 s`, in the colour of its outcome."""
    took = duration(event.seconds)
    if not event.ok:
        return paint(f"{event.operation} failed after {took}", "bold red", colour)
    return paint(f"{_DONE.get(event.operation, event.operation + ' done')} in {took}", "bold green", colour)


def urls_table(event: Finished, *, colour: bool = False) -> str:
    """Where the services can be reached: service, port's name, URL; empty without any."""
    return table(("", "", ""), [(s, n, Cell(url, "cyan")) for s, n, url in event.urls], colour=colour)
