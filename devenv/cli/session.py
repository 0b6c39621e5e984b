"""One run of the command line: the console, the global flags, and the way to the world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from devenv.engine.user_folders import expanded
from devenv.errors import DevenvError, Report
from devenv.records import mutable, replace
from devenv.ui.consent import consent
from devenv.ui.console import Console

if TYPE_CHECKING:
    import typer

    from devenv.engine.protocols import Host
    from devenv.engine.world import Catalog, World
    from devenv.ops.catalogs import Found
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


@mutable
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

    def world(self) -> World:
        """The world of the project at hand. Raises DevenvError DE101 when no manifest is found."""
        return replace(self.outside.world(self.directory, self.file), agree=self._agree)

    def path(self, name: str) -> Path:
        """A path that the person wrote, relative to `-C DIR`."""
        return self.directory / expanded(name)

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

    def note(self, text: str) -> None:
        """Says something beside the result."""
        from devenv.ui.text import visible

        self.console.say(f"note: {visible(text)}")

    def _agree(self, question: str) -> bool:
        """Without a terminal the refusal says what to do: not every command that reads a manifest has `--yes`."""
        return self.yes or (self.console.interactive and consent(self.console, question, yes=False))

    def warn(self, report: Report) -> None:
        """Shows the warnings that a run collected; with --json they are left to the result."""
        if report.warnings and not (self.json or self.quiet):
            from devenv.ui.problems import tell

            tell(self.console, report.warnings)


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


def catalog_at_hand(session: Session) -> Found:
    """The catalog of the project at hand, or the built-in one where there is none."""
    from devenv.ops.catalogs import Found, project_catalog

    try:
        world = session.world()
    except DevenvError as error:
        if session.file is not None or error.problems[0].code != "DE101":
            raise
        return Found(session.outside.catalog(), Report())
    return project_catalog(world)
