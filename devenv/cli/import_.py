"""Write a devenv.yaml that means what Compose files mean."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from devenv.cli.options import Json, Quiet
from devenv.cli.session import catalog_at_hand, session_of

EXAMPLE = (
    "devenv import                                # compose.yaml and its override\n"
    "devenv import compose.yaml compose.dev.yaml  # the second over the first\n"
    "devenv import compose.yaml -o -              # look first"
)


def command(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Compose files, later ones over earlier ones. Else those that stand here."),
    ] = None,
    more: Annotated[
        list[str] | None, typer.Option("--file", "-f", metavar="FILE", help="The same, as Compose takes it.")
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write to this file; - prints. Else devenv.yaml beside the first."
        ),
    ] = None,
    env_files: Annotated[
        list[str] | None,
        typer.Option(
            "--env-file", metavar="FILE", help="Variables for them, as Compose takes it, instead of those in .env."
        ),
    ] = None,
    templates: Annotated[
        bool, typer.Option("--templates", help="Let templates of the catalog take the place of servers they know.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a manifest that is there; its catalogs stay.")
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Write a devenv.yaml that means what Compose files mean.

    Comments, order, anchors and variables stay as they are written. Compose is asked whether the result means the same
    before it is written; what cannot be carried over is named, and then nothing is written.
    """
    from devenv.engine.files import MANIFESTS, ProjectFolder
    from devenv.engine.process import LocalProcesses
    from devenv.errors import Report
    from devenv.ops.catalogs import Found
    from devenv.ops.importing import import_files
    from devenv.ui.importing import imported_as_json, report_lines
    from devenv.ui.problems import tell
    from devenv.ui.text import wrapped

    session = session_of(ctx, json=json, quiet=quiet)
    names = [*(files or ()), *(more or ())]
    paths = [Path(os.path.normpath(session.path(name))) for name in names]
    target = None if output in (None, "-") else Path(os.path.normpath(session.path(output)))
    home = target.parent if target is not None else paths[0].parent if paths else session.directory
    project = ProjectFolder(home.resolve(), target.name if target is not None else MANIFESTS[0])

    def relative(paths: Iterable[Path]) -> list[str]:
        return [Path(os.path.relpath(path, home)).as_posix() for path in paths]

    found = Found(session.outside.catalog(), Report())
    if force and (home / project.manifest).is_file():
        session.file = str(home / project.manifest)
        found = catalog_at_hand(session)
        found.report.raise_if_errors()
    write = output != "-"
    done = import_files(
        project,
        LocalProcesses(),
        found.catalog,
        relative(paths),
        here=relative([session.directory])[0],
        env_files=relative(session.path(name) for name in env_files or ()),
        templates=templates,
        write=write,
        overwrite=force,
    )
    console = session.console
    if json:
        console.print(imported_as_json(done))
        return 0
    if not quiet:
        if done.warnings:
            tell(console, done.warnings)
        for line in report_lines(done, os.path.relpath(home / project.manifest, session.directory)):
            if write:
                console.print(wrapped(line, console.width_out))
            else:
                console.say(wrapped(line, console.width_err))
    if not write:
        console.out.write(done.text)
    return 0
