"""Show the stack as a picture, its longest path marked."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from devenv.cli.options import File, Json, Mode, Services
from devenv.cli.session import session_of
from devenv.errors import DevenvError

EXAMPLE = (
    "devenv graph\n"
    "devenv graph --mode backend --svg backend.svg\n"
    "devenv graph --mermaid                  # for a README or a merge request"
)


def command(
    ctx: typer.Context,
    services: Services = None,
    mode: Mode = None,
    svg: Annotated[
        str | None, typer.Option("--svg", metavar="FILE", help="Write it to this file as SVG; - prints it.")
    ] = None,
    mermaid: Annotated[bool, typer.Option("--mermaid", help="Print it in Mermaid.")] = False,
    file: File = None,
    json: Json = False,
) -> int:
    """Show the stack as a picture, its longest path marked."""
    from devenv.errors import Report
    from devenv.ops.graph import graph, save
    from devenv.ui.text import visible

    if mermaid + json + (svg == "-") > 1:
        raise DevenvError.of("DE710", "devenv graph: of --mermaid, --json and --svg - only one can be printed")
    session = session_of(ctx, file=file, json=json)
    world, console, report = session.world(), session.console, Report()
    picture = graph(world, services or (), mode, report)
    session.warn(report)
    if svg is not None:
        from devenv.ui.graph_svg import svg as draw

        if svg == "-":
            console.out.write(draw(picture))
            return 0
        # What people write is relative to where they are; the operation's paths are relative to the manifest.
        save(world, os.path.relpath(session.path(svg), world.project.root), draw(picture))
    if json:
        from devenv.ui.graph import graph_as_json

        console.print(graph_as_json(picture))
    elif mermaid:
        from devenv.ui.graph_mermaid import mermaid as write

        console.out.write(write(picture))
    elif svg is not None:
        console.print(f"{visible(svg)}: written")
    else:
        from devenv.ui.graph import format_graph

        width = console.width_out or 120
        console.print(format_graph(picture, colour=console.colour_out, width=width, unicode=console.unicode_out))
    return 0
