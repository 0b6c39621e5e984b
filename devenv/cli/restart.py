"""Restart services and wait until they are ready."""

from __future__ import annotations

import typer

from devenv.cli.options import File, Json, Plain, Quiet, Services, Timeout, Verbose
from devenv.cli.session import session_of
from devenv.errors import ExitCode

EXAMPLE = "devenv restart orders"


def command(
    ctx: typer.Context,
    services: Services = None,
    timeout: Timeout = None,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
    plain: Plain = False,
    verbose: Verbose = False,
) -> int:
    """Restart services and wait until they are ready."""
    from devenv.ops.restart import restart

    session = session_of(ctx, file=file, json=json, quiet=quiet, plain=plain, verbose=verbose)
    world = session.world()
    with session.progress() as view:
        result = restart(world, view, services or (), timeout=timeout)
    return ExitCode.OK if result.ok else ExitCode.UNHEALTHY
