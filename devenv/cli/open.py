"""Show the addresses of the stack, or open one in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.completion import complete_services
from devenv.cli.options import File, Json
from devenv.cli.session import session_of

EXAMPLE = "devenv open\ndevenv open web --browser"

_OPENERS = ("xdg-open", "open", "wslview")


def command(
    ctx: typer.Context,
    service: Annotated[
        str | None, typer.Argument(metavar="SERVICE", help="Only this service.", autocompletion=complete_services)
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser", "-b", help="Open the first web address in the browser.")
    ] = False,
    file: File = None,
    json: Json = False,
) -> int:
    """Show the addresses of the stack, or open one in the browser."""
    from devenv.errors import DevenvError
    from devenv.ops.open import nothing_runs, urls
    from devenv.ops.urls import for_a_program, is_web
    from devenv.ui.json_text import json_text
    from devenv.ui.stack import format_urls

    session = session_of(ctx, file=file, json=json)
    world = session.world()
    found = urls(world, service)
    if json:
        data = [{"service": service, "name": name, "url": url} for service, name, url in found]
        session.console.print(json_text({"urls": data}))
    else:
        session.console.print(format_urls(found, colour=session.console.colour_out))
    if nothing_runs(world):
        session.note("nothing of this stack runs; `devenv up` brings it up")
    if not browser:
        return 0
    address = next((url for _, _, url in found if is_web(url)), None)
    if address is None:
        raise DevenvError.of(
            "DE722", "none of these addresses is one for a browser", hint="it opens http:// and https://"
        )
    opener = next((program for name in _OPENERS if (program := world.processes.find(name))), None)
    if opener is None:
        raise DevenvError.of("DE703", f"no program here opens a browser: {', '.join(_OPENERS)}")
    return world.processes.run([str(opener), for_a_program(address)]).code
