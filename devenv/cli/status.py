"""Show the services: state, image, address, age."""

from __future__ import annotations

import typer

from devenv.cli.options import File, Json, Services
from devenv.cli.session import session_of


def command(ctx: typer.Context, services: Services = None, file: File = None, json: Json = False) -> int:
    """Show the services: state, image, address, age."""
    from devenv.errors import Report
    from devenv.ops.status import status
    from devenv.ui.stack import format_status, status_as_json

    session = session_of(ctx, file=file, json=json)
    world = session.world()
    report = Report()
    stack = status(world, tuple(services or ()), report)
    console = session.console
    if json:
        console.print(status_as_json(stack))
    else:
        session.warn(report)
        console.print(format_status(stack, world.now(), colour=console.colour_out, width=console.width_out))
    return 0
