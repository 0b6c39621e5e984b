"""How two locks differ, and how the files of a template do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from devenv.model import secrecy
from devenv.model.lock import KINDS, ChangeKind, FileDiff, Lock, LockChange, Pin

_LINES = 200
"""Lines of one file's difference that are kept."""


def changes_of(before: Lock, after: Lock) -> tuple[LockChange, ...]:
    """What was pinned, moved and removed, section by section."""
    return tuple(_changes(before, after))


def _changes(before: Lock, after: Lock) -> Iterator[LockChange]:
    if before.devenv != after.devenv:
        yield LockChange(kind="devenv", name="devenv", before=before.devenv or None, after=after.devenv or None)
    for kind in KINDS:
        old = {str(pin.source): pin for pin in before.pins(kind)}
        new = {str(pin.source): pin for pin in after.pins(kind)}
        yield from _compared("catalog" if kind == "catalogs" else "include", _pins(old), _pins(new))
    yield from _compared(
        "template",
        {name: f"{one.catalog} {one.content}" for name, one in before.templates.items()},
        {name: f"{one.catalog} {one.content}" for name, one in after.templates.items()},
    )
    yield from _compared(
        "image",
        {name: image.digest for name, image in before.images.items()},
        {name: image.digest for name, image in after.images.items()},
    )


def _pins(pins: Mapping[str, Pin]) -> dict[str, str]:
    return {name: pin.commit for name, pin in pins.items()}


def _compared(kind: ChangeKind, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[LockChange]:
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            yield LockChange(kind=kind, name=name, before=old.get(name), after=new.get(name))


def file_diffs(old: Mapping[str, str], new: Mapping[str, str], of: str = "") -> Iterator[FileDiff]:
    """The files (`of` a template) that differ, each as a unified difference, with secrets hidden as in any source
    line."""
    for file in sorted(old.keys() | new.keys()):
        before, after = old.get(file, ""), new.get(file, "")
        if before != after:
            name = f"{of}/{file}" if of else file
            lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, n=2, lineterm=""))
            shown = (line[:1] + secrecy.excerpt(line[1:]) for line in lines[:_LINES])
            yield FileDiff(name, tuple(shown), max(0, len(lines) - _LINES))
