"""Run a command in a service's container."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Service
from devenv.cli.session import session_of

SETTINGS = {"allow_interspersed_args": False}
EXAMPLE = "devenv exec db          # the client that fits: psql, redis-cli, or a shell\ndevenv exec orders env"


def command(
    ctx: typer.Context,
    service: Service,
    argv: Annotated[
        list[str] | None,
        typer.Argument(metavar="COMMAND", help="The command; without one, the service's own client or a shell."),
    ] = None,
    shell: Annotated[bool, typer.Option("--shell", "-s", help="A shell, also where there is a client.")] = False,
    user: Annotated[str | None, typer.Option("--user", "-u", metavar="USER", help="As this user.")] = None,
    workdir: Annotated[str | None, typer.Option("--workdir", "-w", metavar="DIR", help="In this folder.")] = None,
    file: File = None,
) -> int:
    """Run a command in a service's container."""
    from devenv.ops.exec import exec_in

    session = session_of(ctx, file=file)
    line = list(argv or ())
    if line[:1] == ["--"]:
        del line[0]
    session.console.out.flush()
    world = session.world()
    given = {"interactive": session.console.has_terminal, "stdin": session.console.has_input}
    return exec_in(world, service, line, tell=session.note, **given, user=user, workdir=workdir, shell=shell)
