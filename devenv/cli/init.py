"""Write a first devenv.yaml from what is in the folder."""

from __future__ import annotations

import typer

from devenv.cli.options import Json, Quiet
from devenv.cli.session import session_of

EXAMPLE = "devenv -C my-repository init"


def command(ctx: typer.Context, json: Json = False, quiet: Quiet = False) -> int:
    """Write a first devenv.yaml from what is in the folder.

    Looks at Dockerfiles, Compose files, pyproject.toml, package.json, go.mod and an example of .env. Puts devenvw
    beside it, so that colleagues need no devenv of their own. Overwrites nothing.
    """
    from devenv.engine.repository import Repository
    from devenv.ops.init import MANIFEST, init
    from devenv.ui.json_text import json_text
    from devenv.ui.problems import tell
    from devenv.ui.text import plural, visible, wrapped

    session = session_of(ctx, json=json, quiet=quiet)
    console = session.console
    done = init(Repository(session.directory), session.outside.catalog())
    if json:
        fields = {"written": done.written, "kept": done.kept, "services": done.services, "source": done.source}
        fields["notes"] = done.notes
        console.print(json_text(fields))
        return 0
    if quiet:
        return 0
    if done.warnings:
        tell(console, done.warnings)
    origin = f" from {visible(done.source)}" if done.source else ""
    lines = [f"{MANIFEST}: written{origin}, {plural(len(done.services), 'service')}"]
    lines += [f"{name}: written" for name in done.written[1:]]
    lines += [f"{name}: was there, left as it is" for name in done.kept]
    lines += [f"note: {visible(note)}" for note in done.notes]
    if done.source:
        lines.append("`devenv import --force` makes it from the same anew, checked by Compose key by key")
    lines.append("next: read devenv.yaml, then run ./devenvw up; commit what was written")
    for line in lines:
        console.print(wrapped(line, console.width_out))
    return 0
