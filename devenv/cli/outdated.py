"""Show what has moved since devenv.lock was made."""

from __future__ import annotations

import typer

from devenv.cli.options import File, Json
from devenv.cli.session import session_of

EXAMPLE = "devenv outdated"


def command(ctx: typer.Context, file: File = None, json: Json = False) -> int:
    """Show what has moved since devenv.lock was made.

    Tags that mean another image now, refs that mean another commit, templates that changed or have a newer version,
    repositories with a tag of a higher number.
    Asks registries and repositories; changes nothing.
    """
    from devenv.errors import ExitCode, Report
    from devenv.ops.locking.outdated import outdated
    from devenv.ui.lock import format_outdated, outdated_as_json
    from devenv.ui.problems import tell

    session = session_of(ctx, file=file, json=json)
    console = session.console
    report = Report()
    found = outdated(session.world(), report)
    session.warn(report)
    if json:
        problems = (*found.problems, *report.warnings, *found.refused)
        console.print(outdated_as_json(found.changes, found.versions, problems))
    else:
        console.print(
            format_outdated(
                found.changes,
                found.versions,
                whole=not found.problems,
                fits=not found.refused,
                colour=console.colour_out,
            )
        )
        if found.refused:
            tell(console, found.refused)
    if found.problems:
        tell(console, found.problems)
        return ExitCode.FAILED
    return ExitCode.OK
