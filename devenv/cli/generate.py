"""Write the Compose file that the manifest stands for."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import session_of
from devenv.errors import ExitCode

EXAMPLE = (
    "devenv generate -o compose.yaml          # and leave devenv, or use both\n"
    "devenv generate -o compose.yaml --check  # is the committed file up to date?"
)


def command(
    ctx: typer.Context,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to this file; - prints. Else .devenv/compose.yaml."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when the file is not what it should be.")
    ] = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write the Compose file that the manifest stands for."""
    from devenv.errors import Report
    from devenv.ops.generate import SETTINGS_FILE, generate
    from devenv.ui.json_text import json_text
    from devenv.ui.text import visible

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    world = session.world()
    report = Report()
    place = output
    if output not in (None, "-"):
        # What people write is relative to where they are; the operation's paths are relative to the manifest.
        place = os.path.relpath(session.path(output), world.project.root)
    done = generate(world, output=place, check=check, report=report)
    session.warn(report)
    name = visible(output or done.path)
    if json:
        session.console.print(json_text(done))
    elif output == "-":
        session.console.out.write(done.text)
    elif check and done.changed:
        session.console.say(f"{name} is out of date; `devenv generate{f' -o {name}' if output else ''}` writes it anew")
    elif not quiet:
        anew = [path for path in (done.path, SETTINGS_FILE) if path in done.written][:1]
        session.console.print(f"{visible(output or anew[0])}: written" if anew else f"{name}: up to date")
    return ExitCode.FAILED if check and done.changed else ExitCode.OK
