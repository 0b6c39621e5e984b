"""`up` and `status` with arguments so plain that no parser is needed, on a stack that is as it should be.

Typer, and the models that it builds for a command's options, take longer to import than everything else that these do.
Whatever is not understood here, or is not as it should be, goes the usual way, which gives the same answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devenv.cli.session import Session
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.events import Event

_FLAGS = {
    "up": {"--json": "json", "--quiet": "quiet", "-q": "quiet", "--plain": "plain", "--verbose": "verbose"}
    | {"-v": "verbose", "--yes": "yes", "-y": "yes"},
    "status": {"--json": "json"},
}
_MODE = ("--mode", "-m")


@dataclass(frozen=True, slots=True)
class Line:
    """A command line that was understood."""

    command: str
    names: tuple[str, ...]
    flags: frozenset[str]
    mode: str | None = None


def understood(args: Sequence[str]) -> Line | None:
    """The parts of a command line; None for one that only the parser knows what to make of."""
    command, rest = (args[0], list(args[1:])) if args else ("", [])
    known = _FLAGS.get(command)
    if known is None:
        return None
    names, flags, mode = [], set(), None
    while rest:
        word = rest.pop(0)
        if word in known:
            flags.add(known[word])
        elif command == "up" and word in _MODE and mode is None and rest and not rest[0].startswith("-"):
            mode = rest.pop(0)
        elif word and not word.startswith("-"):
            names.append(word)
        else:
            return None
    return Line(command, tuple(names), frozenset(flags), mode)


def quick(args: Sequence[str], session: Session) -> int | None:
    """The exit code, when all was as it should be and has been said; None when nothing was said."""
    line = understood(args)
    if line is None:
        return None
    try:
        world = session.world()
    except DevenvError:
        return None
    for flag in line.flags:
        setattr(session, flag, True)
    report = Report()
    done = _up(session, world, line, report) if line.command == "up" else _status(session, world, line, report)
    if done is None:
        session.tried = True
        for flag in line.flags:
            setattr(session, flag, False)
    return done


def _up(session: Session, world: World, line: Line, report: Report) -> int | None:
    from devenv.ops.warm import kept

    events: list[Event] = []
    result = kept(world, events.append, names=line.names, mode=line.mode, report=report)
    if result is None:
        return None
    with session.progress() as view:
        for event in events:
            view(event)
    session.warn(report)
    return result.exit_code


def _status(session: Session, world: World, line: Line, report: Report) -> int | None:
    from devenv.cli.showing import show_status
    from devenv.ops.memory import recall

    if recall(world.project) is None:
        return None
    return show_status(session, world, line.names, report)
