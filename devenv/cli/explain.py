"""Show where a value of the stack comes from, step by step."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.completion import complete_explained
from devenv.cli.options import File, Json
from devenv.cli.session import session_of

EXAMPLE = (
    "devenv explain orders.environment.DB_URL   # one value, step by step\n"
    "devenv explain orders.environment          # each value of a key\n"
    "devenv explain orders"
)


def command(
    ctx: typer.Context,
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="A service, a key or a value: SERVICE.KEY.NAME, as in the generated file or the manifest.",
            autocompletion=complete_explained,
        ),
    ],
    file: File = None,
    json: Json = False,
) -> int:
    """Show where a value of the stack comes from, step by step."""
    from devenv.errors import Report
    from devenv.ops.explain import explain
    from devenv.ui.explain import explanations_as_json, format_explanations

    session = session_of(ctx, file=file, json=json)
    report = Report()
    found = explain(session.world(), path, report)
    console = session.console
    session.warn(report)
    if json:
        console.print(explanations_as_json(found.path, found.values))
    else:
        text = format_explanations(found.path, found.values, colour=console.colour_out, width=console.width_out)
        console.print(text)
    return 0
