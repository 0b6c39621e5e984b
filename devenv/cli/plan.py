"""Show what `up` would do, and why; nothing is changed."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Json, Mode, Quiet, Services, Setup
from devenv.cli.session import session_of

EXAMPLE = "devenv plan\ndevenv plan orders\ndevenv plan --check            # in a script: is the stack as it should be?"


def command(
    ctx: typer.Context,
    services: Services = None,
    mode: Mode = None,
    setup: Setup = None,
    build: Annotated[bool, typer.Option("--build", help="As for `devenv up --build`.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 when something would change.")] = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Show what `up` would do, and why; nothing is changed."""
    from devenv.cli.planning import show_plan

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    return show_plan(session, names=services or (), mode=mode, setups=setup or (), build=build, check=check)
