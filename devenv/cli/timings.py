"""Show how long bringing the stack up took, and why."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from devenv.cli.options import File, Json
from devenv.cli.session import Session, session_of
from devenv.errors import DevenvError

if TYPE_CHECKING:
    from devenv.model.timings import Idle, Record

EXAMPLE = (
    "devenv timings\n"
    "devenv timings --compare                  # what became slower?\n"
    "devenv timings 3 --html onboarding.html   # a run of --list, as a page"
)


def command(
    ctx: typer.Context,
    run: Annotated[
        int | None, typer.Argument(metavar="RUN", help="The number of an earlier run; else the last.")
    ] = None,
    html: Annotated[
        str | None, typer.Option("--html", metavar="FILE", help="Write it to this file as one page; - prints it.")
    ] = None,
    compare: Annotated[bool, typer.Option("--compare", help="Name what became slower than in earlier runs.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="List the runs that are remembered.")] = False,
    file: File = None,
    json: Json = False,
) -> int:
    """Show how long bringing the stack up took, and why."""
    from devenv.ops.timings import history, save_page, timings
    from devenv.ui.text import visible

    session = session_of(ctx, file=file, json=json)
    world, console = session.world(), session.console
    if listing:
        if run is not None or html is not None or compare:
            raise DevenvError.of("DE710", "devenv timings: --list goes with --json only")
        _list(session, history(world))
        return 0
    shown = timings(world, run, against=compare)
    if html is not None:
        from devenv.ui.timings_page import timings_page

        page = timings_page(shown)
        if html == "-":
            if json:
                raise DevenvError.of("DE710", "devenv timings: --json and --html - both print their result")
            console.out.write(page)
            return 0
        # What people write is relative to where they are; the operation's paths are relative to the manifest.
        save_page(world, os.path.relpath(session.path(html), world.project.root), page)
    if json:
        from devenv.ui.timings_json import timings_as_json

        console.print(timings_as_json(shown))
    elif html is not None:
        console.print(f"{visible(html)}: written")
    else:
        from devenv.ui.timings import format_timings

        text = format_timings(shown, colour=console.colour_out, width=console.width_out, unicode=console.unicode_out)
        console.print(text)
    return 0


def _list(session: Session, entries: list[Record | Idle]) -> None:
    console = session.console
    if session.json:
        from devenv.ui.timings_json import history_as_json

        console.print(history_as_json(entries))
    elif not entries:
        console.say("no `devenv up` of this checkout has been recorded yet")
    else:
        from devenv.ui.timings import format_history

        console.print(format_history(entries, colour=console.colour_out))
