"""Find out what this machine lacks, and repair it."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import Json, Verbose, Yes
from devenv.cli.session import session_of
from devenv.errors import ExitCode

EXAMPLE = "devenv doctor --fix"


def command(
    ctx: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Install and start what is missing, after asking.")] = False,
    yes: Yes = False,
    json: Json = False,
    verbose: Verbose = False,
) -> int:
    """Find out what this machine lacks, and repair it."""
    from devenv.ops.doctor import diagnose
    from devenv.ui.doctor import diagnosis_as_json, format_diagnosis

    session = session_of(ctx, json=json, yes=yes, verbose=verbose)
    if fix:
        from devenv.cli.installing import install

        install(session)
    diagnosis, console = diagnose(session.outside.host()), session.console
    if json:
        console.print(diagnosis_as_json(diagnosis))
    else:
        console.print(format_diagnosis(diagnosis, colour=console.colour_out, width=console.width_out))
    return ExitCode.OK if diagnosis.usable else ExitCode.ENGINE
