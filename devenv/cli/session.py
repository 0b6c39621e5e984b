"""One run of the command line: the console, the global flags, and the way to the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from devenv.errors import Report
from devenv.ui.consent import consent
from devenv.ui.console import Console

if TYPE_CHECKING:
    import typer

    from devenv.engine.protocols import Host
    from devenv.engine.world import Catalog, World
    from devenv.ui.progress import Progress


class Outside(Protocol):
    """Makes what operations work on. The real one is `cli.world.RealOutside`; tests have their own."""

    def world(self, directory: Path, file: str | None) -> World:
        """The project found from `directory` (or whose manifest is `file`). Raises DevenvError DE101."""
        ...

    def host(self) -> Host:
        """This machine."""
        ...

    def catalog(self) -> Catalog:
        """The built-in templates."""
        ...


@dataclass(slots=True)
class Session:
    """What a command knows besides its own arguments. Commands fill in their shared options with `session_of`."""

    console: Console
    outside: Outside
    directory: Path
    file: str | None = None
    json: bool = False
    yes: bool = False
    quiet: bool = False
    plain: bool = False
    verbose: bool = False
    tried: bool = False  # `cli.quick` has found that something is to be done

    def world(self) -> World:
        """The world of the project at hand. Raises DevenvError DE101 when no manifest is found."""
        return self.outside.world(self.directory, self.file)

    def path(self, name: str) -> Path:
        """A path that the person wrote, relative to `-C DIR`."""
        return self.directory / Path(name).expanduser()

    def progress(self) -> Progress:
        """The view of an operation's events that fits the flags and the terminal."""
        from devenv.ui.progress import choose, progress

        kind = choose(self.console, json=self.json, quiet=self.quiet, plain=self.plain)
        return progress(self.console, kind, verbose=self.verbose)

    def asker(self, view: Progress) -> Callable[[str], bool]:
        """Asks for consent while `view` owns the screen; `--yes` agrees, and nobody to ask is a no."""

        def ask(question: str) -> bool:
            if self.yes:
                return True
            with view.suspended():
                return consent(self.console, question, yes=False)

        return ask

    def warn(self, report: Report) -> None:
        """Shows the warnings that a run collected; with --json they are left to the result."""
        if report.warnings and not (self.json or self.quiet):
            from devenv.ui.problems import format_problems

            self.console.say(format_problems(report.warnings, colour=self.console.colour_err))


def session_of(
    ctx: typer.Context,
    *,
    file: str | None = None,
    json: bool = False,
    yes: bool = False,
    quiet: bool = False,
    plain: bool = False,
    verbose: bool = False,
) -> Session:
    """The run's session, with a command's shared options in it."""
    session = ctx.find_root().obj
    assert isinstance(session, Session)
    session.file, session.json, session.yes = file, json, yes
    session.quiet, session.plain, session.verbose = quiet, plain, verbose
    return session
