"""Pin what the manifest's names stand for in devenv.lock."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Json, Quiet, Yes
from devenv.cli.session import Session, session_of
from devenv.errors import Report

EXAMPLE = "devenv lock                    # then commit devenv.lock\ndevenv lock --check            # in CI"


def command(
    ctx: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the lock does not fit the manifest.")
    ] = False,
    yes: Yes = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Pin what the manifest's names stand for in devenv.lock.

    Images by digest, remote catalogs and includes by commit and content, templates by content. What is pinned already
    stays; `devenv upgrade` renews it. What the manifest does not use any more is removed.
    """
    from devenv.errors import ExitCode
    from devenv.ops.locking.lock import lock
    from devenv.ui.lock import format_changes, lock_as_json
    from devenv.ui.problems import tell

    session = session_of(ctx, file=file, json=json, yes=yes, quiet=quiet)
    report = Report()
    if check:
        return _check(session, report)
    done = lock(session.world(), report)
    session.warn(report)
    console = session.console
    if json:
        console.print(lock_as_json(done.changes, done.problems, written=done.written))
    elif not quiet:
        if done.changes:
            console.print(format_changes(done.changes, colour=console.colour_out))
        console.print(f"devenv.lock: {'written' if done.written or done.changes else 'up to date'}")
    if done.problems:
        tell(console, done.problems)
        return ExitCode.FAILED
    return ExitCode.OK


def _check(session: Session, report: Report) -> int:
    from devenv.errors import ExitCode
    from devenv.ops.locking.lock import check
    from devenv.ui.lock import lock_as_json
    from devenv.ui.problems import tell

    problems = check(session.world(), report)
    session.warn(report)
    console = session.console
    if session.json:
        console.print(lock_as_json((), problems, written=False))
    if problems:
        tell(console, problems)
        return ExitCode.FAILED
    if not (session.json or session.quiet):
        console.print("devenv.lock: fits the manifest")
    return ExitCode.OK
