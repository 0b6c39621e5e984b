"""The steps of a value before and after → what caused it to be another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from devenv.model.difference import Why
from devenv.model.explanation import Step

_VERSION = re.compile(r"@\S+")
_REF = re.compile(r" at \S+?(?= \(|/)|@[^@:]+(?=:[^@:]*$)")  # as `Source` and remote includes are called


def causes(before: Sequence[Step], after: Sequence[Step]) -> tuple[Why, ...]:
    """The innermost steps that are others now and have an effect. For a value that came or went: the first place of
    it."""
    if not after:
        return tuple(_first(before, old=True))
    if not before:
        return tuple(_first(after))
    known = {_identity(step) for root in before for step in root.all()}
    now = {_identity(step) for root in after for step in root.all()}
    found = [Why(step.what, step.mark) for step in _innermost(after, known)]
    if not any(why.mark for why in found):  # something that was written is not written any more
        gone = [Why(step.what, step.mark, old=True) for step in _innermost(before, now) if step.mark is not None]
        found = gone or found
    placed = [why for why in found if why.mark is not None]
    return tuple(dict.fromkeys(placed or found))


def _innermost(steps: Sequence[Step], known: set[tuple[object, ...]]) -> Iterator[Step]:
    for step in _effective(steps):
        below = list(_innermost(step.parts, known))
        if below:
            yield from below
        elif _identity(step) not in known:
            yield step


def _identity(step: Step) -> tuple[object, ...]:
    """What a step is, wherever its line has moved to, whatever version of a template or of a remote file it is of."""
    file = _REF.sub("", step.mark.file) if step.mark else None
    return step.kind, _VERSION.sub("", step.what), getattr(step.value, "whole", step.value), file


def _first(steps: Sequence[Step], *, old: bool = False) -> Iterator[Why]:
    placed = [step for step in _effective(steps) if step.mark is not None]
    for step in (placed or list(steps))[:1]:
        yield Why(step.what, step.mark, old)


def _effective(steps: Sequence[Step]) -> list[Step]:
    return [step for step in steps if not step.replaced]
