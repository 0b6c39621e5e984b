"""Add a service from the catalog to the manifest."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.completion import complete_parameters, complete_services
from devenv.cli.editing import DryRun, show_edit
from devenv.cli.options import File, Json, Quiet, Template
from devenv.cli.session import session_of

EXAMPLE = "devenv add postgres --as db --with database=shop --needed-by orders"


def command(
    ctx: typer.Context,
    template: Template,
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="What to call the service; else as the template.")
    ] = "",
    with_: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            metavar="KEY=VALUE",
            help="A parameter; may be given several times.",
            autocompletion=complete_parameters,
        ),
    ] = None,
    needed_by: Annotated[
        list[str] | None,
        typer.Option(
            "--needed-by",
            metavar="SERVICE",
            help="This service needs it; may be given several times.",
            autocompletion=complete_services,
        ),
    ] = None,
    dry_run: DryRun = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Add a service from the catalog to the manifest.

    It is written below the services that are there, with the template's version; nothing else of the file changes. What
    would not validate is not written.
    """
    from devenv.ops.editing.services import add_service

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    edited = add_service(session.world(), template, name, with_ or (), needed_by or (), dry=dry_run)
    return show_edit(session, edited, dry=dry_run)
