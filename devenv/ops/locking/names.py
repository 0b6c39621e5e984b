"""What can be named to `upgrade`."""

from __future__ import annotations

from devenv.core.lock.names import short_name
from devenv.engine.protocols import Project
from devenv.errors import Report
from devenv.model.lock import KINDS
from devenv.ops.sources import load_lock


def locked_names(project: Project, report: Report) -> list[str]:
    """Everything that the lock pins, and `devenv`."""
    lock = load_lock(project, report)
    if lock is None:
        return []
    sources = [short_name(pin.source) for kind in KINDS for pin in lock.pins(kind)]
    return ["devenv", *lock.images, *lock.templates, *sources]
