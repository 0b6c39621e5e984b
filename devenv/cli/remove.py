"""Remove a service from the manifest."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.editing import DryRun, show_edit
from devenv.cli.options import File, Json, Quiet, Service
from devenv.cli.session import session_of

EXAMPLE = "devenv remove cache --dry-run\ndevenv remove db --cascade     # also from the needs and modes that name it"


def command(
    ctx: typer.Context,
    service: Service,
    cascade: Annotated[
        bool, typer.Option("--cascade", help="Also take it out of the needs, depends_on and modes that name it.")
    ] = False,
    dry_run: DryRun = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Remove a service from the manifest.

    Its data stays, and so does its container until the next `devenv up`. While others need it, it is not removed.
    """
    from devenv.ops.editing.services import remove_service

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    edited = remove_service(session.world(), service, cascade=cascade, dry=dry_run)
    return show_edit(session, edited, dry=dry_run)
