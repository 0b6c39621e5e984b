"""Bring the stack up and wait until every service is ready."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Json, Mode, Plain, Quiet, Services, Setup, Timeout, Verbose, Yes
from devenv.cli.session import session_of

EXAMPLE = "devenv up\ndevenv up orders              # with everything it needs\ndevenv up --mode backend"


def command(
    ctx: typer.Context,
    services: Services = None,
    mode: Mode = None,
    setup: Setup = None,
    build: Annotated[bool, typer.Option("--build", help="Build images anew that are there already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done, as `devenv plan`.")] = False,
    timeout: Timeout = None,
    yes: Yes = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
    plain: Plain = False,
    verbose: Verbose = False,
) -> int:
    """Bring the stack up and wait until every service is ready."""
    session = session_of(ctx, file=file, json=json, yes=yes, quiet=quiet, plain=plain, verbose=verbose)
    if dry_run:
        from devenv.cli.planning import show_plan

        return show_plan(session, names=services or (), mode=mode, setups=setup or (), build=build)
    from devenv.cli.bringing_up import bring_up

    return bring_up(session, names=services or (), mode=mode, setups=setup or (), build=build, timeout=timeout)
