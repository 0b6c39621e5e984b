"""Write the JSON Schema that editors check manifests with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from devenv.cli.options import Quiet
from devenv.cli.session import catalog_at_hand, session_of

EXAMPLE = "devenv schema -o devenv.schema.json"


def command(
    ctx: typer.Context,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write to this file; - prints, as without it.")
    ] = "-",
    template: Annotated[bool, typer.Option("--template", help="The schema of a template.yaml instead.")] = False,
    policy: Annotated[bool, typer.Option("--policy", help="The schema of a policy instead.")] = False,
    quiet: Quiet = False,
) -> int:
    """Write the JSON Schema that editors check manifests with.

    The templates of the catalog and their parameters are in it. `init`, `import`, `up` and `generate` keep it at
    .devenv/devenv.schema.json, where the first line of a manifest tells editors to look.
    """
    from devenv.engine.files import ProjectFolder
    from devenv.errors import DevenvError
    from devenv.ops.schema import manifest_text, policy_text, template_text
    from devenv.ui.text import visible

    if template and policy:
        raise DevenvError.of("DE710", "devenv schema: --template and --policy are two schemas", hint="ask for one")
    session = session_of(ctx, quiet=quiet)
    if template or policy:
        text = policy_text() if policy else template_text()
    else:
        text = manifest_text(catalog_at_hand(session).catalog)
    if output == "-":
        session.console.out.write(text)
        return 0
    path = Path(os.path.normpath(session.path(output).absolute()))
    written = ProjectFolder(path.parent).write(path.name, text)
    if not quiet:
        session.console.print(f"{visible(output)}: {'written' if written else 'up to date'}")
    return 0
