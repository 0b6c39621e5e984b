"""Show what the services print."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import Json, LongFile, Services
from devenv.cli.session import session_of
from devenv.errors import ExitCode

EXAMPLE = "devenv logs -f orders\ndevenv logs --since 10m -n 100"


def command(
    ctx: typer.Context,
    services: Services = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines come, until Ctrl-C.")] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="WHEN", help="From then on: 10m, 1h30m, or a time.")
    ] = None,
    tail: Annotated[
        int | None, typer.Option("--tail", "-n", metavar="LINES", min=0, help="Only the last lines of each container.")
    ] = None,
    file: LongFile = None,
    json: Json = False,
) -> int:
    """Show what the services print."""
    from devenv.ops.logs import logs
    from devenv.ui.log_lines import LogFormat, log_as_json

    session = session_of(ctx, file=file, json=json)
    console = session.console
    names = tuple(services or ())
    show = LogFormat(names, colour=console.colour_out, terminal=console.width_out is not None)
    try:
        for line in logs(session.world(), names, follow=follow, since=since, tail=tail):
            if json:
                console.print(log_as_json(line.service, line.container, line.at, line.text))
            else:
                console.print(show.line(line.service, line.text))
            if follow:
                console.out.flush()
    except KeyboardInterrupt:
        if not follow:
            raise
        if console.interactive:
            console.say("")  # the shell's prompt does not follow ^C
        return ExitCode.INTERRUPTED  # the way to end it: nothing to say
    return ExitCode.OK
