"""`up` and `status` with arguments so plain that no parser is needed.

Typer, and the models that it builds for a command's options, take longer to import than everything else that these do
on a stack that is as it should be. What is not understood here goes the usual way, which does the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from devenv.cli.session import Session
from devenv.errors import DevenvError, Report
from devenv.records import frozen

_FLAGS = {
    "up": {"--json": "json", "--quiet": "quiet", "-q": "quiet", "--plain": "plain", "--verbose": "verbose"}
    | {"-v": "verbose", "--yes": "yes", "-y": "yes"},
    "status": {"--json": "json"},
}
_MODE = ("--mode", "-m")


@frozen
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
    """The exit code of a command line that is understood; None, with nothing said, for one that the parser is needed
    for, or the manifest."""
    line = understood(args)
    if line is None:
        return None
    for flag in line.flags:
        setattr(session, flag, True)
    if line.command == "up":
        from devenv.cli.bringing_up import bring_up

        return bring_up(session, names=line.names, mode=line.mode)
    done = _status(session, line)
    if done is None:
        for flag in line.flags:
            setattr(session, flag, False)
    return done


def _status(session: Session, line: Line) -> int | None:
    from devenv.cli.showing import show_status
    from devenv.ops.bringup.memory import recall

    try:
        world = session.world()
    except DevenvError:
        return None
    if (recalled := recall(world.project)) is None:
        return None
    return show_status(session, world, line.names, Report(), recalled)
