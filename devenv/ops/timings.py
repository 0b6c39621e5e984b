"""Tells how long bring-ups took, from the journal that each of them leaves."""

from __future__ import annotations

from devenv.core.timing.changes import compare
from devenv.core.timing.lines import Entry, load
from devenv.core.timing.timings import longest_path
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.timings import Idle, Record, Timings
from devenv.ops.bringup.recording import JOURNAL


def timings(world: World, number: int | None = None, *, against: bool = False) -> Timings:
    """The run `number`, or the last one that did something, with its longest path and, when `against` is set, the
    comparison with all earlier ones.

    Raises DevenvError DE730 when there is none yet, DE731 for an unknown number, DE102 to DE104 for a journal that
    cannot be read.
    """
    entries = history(world)
    records = [entry for entry in entries if isinstance(entry, Record)]
    if not records:
        hint = "nothing was to be done so far" if entries else None
        raise DevenvError.of("DE730", "no `devenv up` of this checkout has been recorded yet", hint=hint)
    record = records[-1] if number is None else next((r for r in records if r.number == number), None)
    if record is None:
        there = f"runs {records[0].number} to {records[-1].number}" if len(records) > 1 else f"run {records[0].number}"
        raise DevenvError.of("DE731", f"there is no run {number}", hint=f"{there} can be shown")
    since = entries[entries.index(record) + 1 :] if record is records[-1] else []
    comparison = compare(record, [r for r in records if r.number < record.number]) if against else None
    return Timings(record, longest_path(record), tuple(e for e in since if isinstance(e, Idle)), comparison)


def history(world: World) -> list[Entry]:
    """Every run that is remembered, oldest first, those without anything to do among them. Raises DevenvError as
    `timings` does for a journal that cannot be read."""
    return load(world.project.read(JOURNAL)) if world.project.exists(JOURNAL, "file") else []


def save_page(world: World, path: str, text: str) -> None:
    """Writes a page to `path`, relative to the manifest's folder or absolute. Raises DevenvError DE701."""
    world.project.write(path, text)
