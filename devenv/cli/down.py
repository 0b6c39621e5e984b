"""Stop the stack and remove its containers; data stays."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Json, Plain, Quiet, Verbose, Yes
from devenv.cli.session import session_of
from devenv.errors import ExitCode

EXAMPLE = "devenv down\ndevenv down --volumes     # also deletes the data, after asking"


def command(
    ctx: typer.Context,
    volumes: Annotated[bool, typer.Option("--volumes", help="Delete the data too, after asking.")] = False,
    yes: Yes = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
    plain: Plain = False,
    verbose: Verbose = False,
) -> int:
    """Stop the stack and remove its containers; data stays."""
    from devenv.ops.down import down

    session = session_of(ctx, file=file, json=json, yes=yes, quiet=quiet, plain=plain, verbose=verbose)
    world = session.world()
    with session.progress() as view:
        result = down(world, view, volumes=volumes, consent=session.asker(view))
    return ExitCode.OK if result.ok else ExitCode.FAILED
