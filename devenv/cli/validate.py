"""Check the manifest and show every problem in it."""

from __future__ import annotations

import typer

from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import session_of


def command(ctx: typer.Context, file: File = None, json: Json = False, quiet: Quiet = False) -> int:
    """Check the manifest and show every problem in it."""
    from devenv.ops.validate import validate
    from devenv.ui.json_text import json_text
    from devenv.ui.problems import problem_as_data, tell
    from devenv.ui.text import plural, visible

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    world = session.world()
    console = session.console
    found = validate(world)
    errors = [p for p in found.problems if not p.warning]
    shown = errors if quiet else found.problems
    if shown and not json:
        tell(console, shown)
    name = visible(file or world.project.manifest)
    if json:
        data = {"valid": found.ok, "file": name, "stack": found.stack, "services": found.services}
        lists = {
            "errors": [problem_as_data(p) for p in errors],
            "warnings": [problem_as_data(p) for p in found.problems if p.warning],
        }
        console.print(json_text(data | lists))
    elif found.ok and not quiet:
        console.print(f"{name}: valid, {plural(found.services, 'service')}")
    return errors[0].exit_code if errors else 0
