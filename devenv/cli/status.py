"""Show the services: state, image, address, age."""

from __future__ import annotations

import typer

from devenv.cli.options import File, Json, Services
from devenv.cli.session import session_of


def command(ctx: typer.Context, services: Services = None, file: File = None, json: Json = False) -> int:
    """Show the services: state, image, address, age."""
    from devenv.cli.showing import show_status
    from devenv.errors import Report

    session = session_of(ctx, file=file, json=json)
    return show_status(session, session.world(), services or (), Report())
