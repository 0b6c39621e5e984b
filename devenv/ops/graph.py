"""The stack as a picture. Nothing is written, and no engine is asked."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.drawing.picture import draw
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.model.picture import Picture
from devenv.model.timings import Kind, Record
from devenv.ops.load import resolve_stack
from devenv.ops.select import select
from devenv.ops.timings import history

_ALL = {"COMPOSE_PROFILES": "*"}


def graph(world: World, names: Sequence[str] = (), mode: str | None = None, report: Report | None = None) -> Picture:
    """The services `names` and those of `mode` with everything that they need, else all of them.

    Raises DevenvError as loading does, DE720 for an unknown service, DE721 for an unknown mode.
    """
    stack = resolve_stack(world, report or Report(), paths=False).stack
    chosen = select(stack, names, mode, _ALL)
    modes = {one: select(stack, (), one, _ALL) for one in stack.modes}
    return draw(stack.among(chosen), chosen, modes, _seconds(world, stack.name))


def save(world: World, path: str, text: str) -> None:
    """Writes a picture to `path`, relative to the manifest's folder or absolute. Raises DevenvError DE701."""
    world.project.write(path, text)


def _seconds(world: World, stack: str) -> dict[str, float]:
    """How long each service took when it was last started until it was ready; empty when nothing is remembered."""
    try:
        records = [entry for entry in history(world) if isinstance(entry, Record) and entry.stack == stack]
    except DevenvError:
        return {}  # a journal that cannot be read is `devenv timings`' to tell of
    found: dict[str, float] = {}
    for record in records:
        for timeline in record.services:
            if timeline.ending in ("ready", "completed") and (took := timeline.took(Kind.START)):
                found[timeline.service] = took
    return found
