"""Change one value of the manifest."""

from __future__ import annotations

from shlex import quote
from typing import Annotated

import typer

from devenv.cli.completion import complete_paths
from devenv.cli.editing import DryRun, show_edit
from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import session_of
from devenv.errors import DevenvError

SETTINGS = {"ignore_unknown_options": True}
EXAMPLE = (
    "devenv set services.web.ports.http 8081\n"
    "devenv set 'services.web.needs[+]' cache\n"
    "devenv set services.web.environment.DEBUG --unset"
)


def command(
    ctx: typer.Context,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH", help="The value's place: services.web.ports.http.", autocompletion=complete_paths
        ),
    ],
    value: Annotated[
        str | None, typer.Argument(metavar="VALUE", help="The value, as YAML: 8081, true, [db, cache], or text.")
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Take the value out.")] = False,
    dry_run: DryRun = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Change one value of the manifest.

    Comments, order, quotes and indentation stay as they are. What would not validate is not written. A key with a dot
    in it is found as it is, or written in quotes; [0] is the first item of a list, [-1] the last, [+] a new one.
    """
    from devenv.ops.editing.values import set_value, unset_value

    if unset == (value is not None):
        message = "give a value, or --unset" if value is None else "give a value or --unset, not both"
        place, equals, given = path.partition("=")
        hint = f"write `devenv set {quote(place)} {quote(given)}`" if equals and value is None else None
        raise DevenvError.of("DE710", f"devenv set: {message}", hint=hint or "`devenv set --help` tells what it takes")
    session = session_of(ctx, file=file, json=json, quiet=quiet)
    world = session.world()
    edited = unset_value(world, path, dry=dry_run) if value is None else set_value(world, path, value, dry=dry_run)
    return show_edit(session, edited, dry=dry_run)
