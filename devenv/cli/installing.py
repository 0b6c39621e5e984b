"""Putting an engine on this machine from the command line: notes on stderr, a question, and on with the command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from devenv.cli.session import Session
from devenv.errors import DevenvError
from devenv.events import Event, Note, Output
from devenv.ui.console import paint
from devenv.ui.text import printable_lines, visible

T = TypeVar("T")

_NO_ENGINE = frozenset({"DE401", "DE703"})


def with_engine(session: Session, act: Callable[[], T]) -> T:
    """What `act` returns. When it finds no engine, offers to set one up, and tries once more.

    Raises DevenvError DE402 to DE405 when that is not possible, not wanted, or does not work.
    """
    try:
        return act()
    except DevenvError as error:
        if error.problems[0].code not in _NO_ENGINE:
            raise
        missing = error
    if not install(session, because=missing.problems[0].message):
        raise missing
    return act()


def install(session: Session, *, because: str = "") -> bool:
    """Sets up what is missing on this machine, after consent; False when there is nothing that could be done.

    `because` is said first. Raises DevenvError as `ops.doctor.fix` does.
    """
    from devenv.ops.doctor import diagnose, fix
    from devenv.ui.consent import consent

    host = session.outside.host()
    found = diagnose(host)
    installation, client = found.installation, found.machine.client
    if not installation.steps and not installation.manual:
        return False
    if because and not (installation.manual and client and client.chosen):  # which says the same once more
        session.console.say(visible(because))
    fix(host, lambda question: consent(session.console, question, yes=session.yes), notes(session))
    return True


def notes(session: Session) -> Callable[[Event], None]:
    """A sink for operations that are steps rather than services: their notes, and with --verbose all output."""
    console = session.console

    def sink(event: Event) -> None:
        if isinstance(event, Note):
            console.say(visible(event.text))
        elif isinstance(event, Output) and session.verbose:
            for line in printable_lines(event.text):
                console.say(paint(f"  | {line}", "dim", console.colour_err))

    return sink
