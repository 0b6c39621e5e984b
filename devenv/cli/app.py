"""The command line: finds the command, runs it, and is the only place where failures become words and exit codes."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from devenv import __version__
from devenv.cli.interrupts import listen
from devenv.cli.session import Outside, Session
from devenv.errors import DevenvError, ExitCode, Problem
from devenv.ui.console import Console

if TYPE_CHECKING:
    from devenv.engine.protocols import Host
    from devenv.engine.world import Catalog, World


def main(argv: Sequence[str] | None = None, *, console: Console | None = None, outside: Outside | None = None) -> int:
    """Runs one command line (without the program's name) and returns the process's exit code.

    Never raises and never exits, except for shell completion, which Typer ends by itself. Tests pass `console` and
    `outside`; otherwise they are this process's streams and the real engine, files and machine.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    own = console is None
    console = console or _own_console()
    if own:
        _collect_seldom()
        listen()
    if args == ["--version"]:
        return _version(console)
    session = Session(console, outside or _Outside(), Path(), json=_wants_json(args))
    try:
        code = _run(args or ["--help"], session)
        console.out.flush()
    except DevenvError as error:
        return _report(session, error.problems, error.exit_code)
    except KeyboardInterrupt:
        if own:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends at once what is still being tidied up
        console.say("interrupted")
        return ExitCode.INTERRUPTED
    except BrokenPipeError as error:
        return _broken_pipe(session, error)
    except Exception as error:
        return _bug(session, error, args)
    return code


def _collect_seldom() -> None:
    """What is imported stays: to look through it for garbage, a hundred times at the start and three times at the end,
    takes a fifth of the time of a short command."""
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)


def _own_console() -> Console:
    """This process's streams; a result is never lost to a terminal that lacks a character."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    return Console()


def _run(args: list[str], session: Session) -> int:
    from devenv.cli.quick import quick

    if args[0] in ("up", "status") and (code := quick(args, session)) is not None:
        return code
    from devenv.cli.lazy import run

    return run(args, session)


def _version(console: Console) -> int:
    try:
        console.print(f"devenv {__version__}")
        console.out.flush()
    except BrokenPipeError:
        _silence(console)
    return ExitCode.OK


class _Outside:
    """The real outside; its modules are imported by the commands that need them."""

    def world(self, directory: Path, file: str | None) -> World:
        from devenv.cli.world import open_world

        return open_world(directory, file)

    def host(self) -> Host:
        from devenv.cli.world import open_host

        return open_host()

    def catalog(self) -> Catalog:
        from devenv.cli.world import open_catalog

        return open_catalog()


def _wants_json(args: list[str]) -> bool:
    """Whether errors of the command line itself are to be JSON: what follows `--` is another program's."""
    own = args[: args.index("--")] if "--" in args else args
    return "--json" in own and "exec" not in own


def _report(session: Session, problems: Sequence[Problem], code: ExitCode) -> int:
    """Shows problems on stderr and, with --json, also as one JSON object on stdout."""
    from devenv.ui.problems import problems_as_json, tell

    try:
        tell(session.console, problems)
        if session.json:
            session.console.print(problems_as_json(problems))
            session.console.out.flush()
    except BrokenPipeError:
        _silence(session.console)
    return code


def _broken_pipe(session: Session, error: BrokenPipeError) -> int:
    """Quiet when our reader has gone (`devenv logs | head`); another pipe that broke is a bug."""
    from devenv.cli.bug import reader_gone

    if not (reader_gone(session.console.out) or reader_gone(session.console.err)):
        return _bug(session, error, [])
    _silence(session.console)
    return ExitCode.FAILED


def _bug(session: Session, error: Exception, args: list[str]) -> int:
    from devenv.cli.bug import bug

    return _report(session, [bug(error, args)], ExitCode.BUG)


def _silence(console: Console) -> None:
    """Nobody reads any more: what is still buffered goes nowhere, without a complaint at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    for stream in (console.out, console.err):
        try:
            os.dup2(null, stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue  # not a file of this process
