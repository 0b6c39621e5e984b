"""Show what a change of files means for the stack."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import session_of
from devenv.errors import DevenvError, ExitCode

EXAMPLE = (
    "devenv diff                # what have I changed since the last commit?\n"
    "devenv diff main...HEAD    # what does this branch change?\n"
    "devenv diff v1.2..v1.3 --stat\n"
    "devenv diff --running      # is what runs what the manifest says?"
)


def command(
    ctx: typer.Context,
    revision: Annotated[
        str | None,
        typer.Argument(metavar="REV", help="A Git revision, else HEAD; REV1..REV2 compares two, REV1...REV2 a branch."),
    ] = None,
    running: Annotated[bool, typer.Option("--running", help="Compare with what runs, not with a revision.")] = False,
    local: Annotated[
        bool,
        typer.Option(
            "--local", help="Also what is yours alone: a devenv.local.yaml, or a .env of an included file, not in Git."
        ),
    ] = False,
    stat: Annotated[bool, typer.Option("--stat", help="Show only how much changes.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 1 when something changes.")] = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Show what a change of files means for the stack."""
    from devenv.errors import Report
    from devenv.ops.diff import diff, diff_running
    from devenv.ui.diff import diff_as_json, format_diff, format_stat

    if running and (revision is not None or local):
        raise DevenvError.of("DE710", "devenv diff: --running takes no revision and no --local")
    session = session_of(ctx, file=file, json=json, quiet=quiet)
    console, report = session.console, Report()
    world = session.world()
    found = diff_running(world, report) if running else diff(world, revision or "HEAD", local=local, report=report)
    session.warn(report)
    if json:
        console.print(diff_as_json(found))
    elif not quiet:
        shown = format_stat if stat else format_diff
        console.print(shown(found, colour=console.colour_out))
    return ExitCode.FAILED if exit_code and not found.empty else ExitCode.OK
