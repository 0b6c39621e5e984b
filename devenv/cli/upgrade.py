"""Renew what devenv.lock pins, after showing what that changes."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.completion import complete_locked
from devenv.cli.options import File, Json, Yes
from devenv.cli.session import session_of

EXAMPLE = "devenv upgrade --dry-run\ndevenv upgrade postgres:17\ndevenv upgrade catalog --yes"

Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME",
        help="Only these: an image, a service, a template, a catalog, or `devenv`.",
        autocompletion=complete_locked,
    ),
]


def command(
    ctx: typer.Context,
    names: Names = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    yes: Yes = False,
    file: File = None,
    json: Json = False,
) -> int:
    """Renew what devenv.lock pins, after showing what that changes.

    Digests of images, commits of catalogs with how their templates in use differ, and what that means for each service.
    Running containers stay as they are until the next `devenv up`.
    """
    from devenv.errors import DevenvError, ExitCode, Report
    from devenv.ops.locking.upgrade import upgrade, write
    from devenv.ui.consent import consent
    from devenv.ui.lock import NOTHING_FOUND, NOTHING_NEW, format_upgrade, upgrade_as_json
    from devenv.ui.problems import tell
    from devenv.ui.text import visible

    session = session_of(ctx, file=file, json=json, yes=yes)
    console, world, report = session.console, session.world(), Report()
    done = upgrade(world, names or (), report)
    session.warn(report)
    if not json:
        text = format_upgrade(done.changes, done.diffs, done.services, colour=console.colour_out)
        console.print(text or (NOTHING_FOUND if done.problems else NOTHING_NEW))
    for catalog in done.drawn:
        console.say(f"a template comes with its catalog: {visible(catalog)} is renewed, with all that is used of it")
    if done.problems:
        tell(console, done.problems)
    if done.refused:
        raise DevenvError(*done.refused)
    asked = bool(done.changes) and not dry_run
    agreed = asked and consent(console, "Write this to devenv.lock?", yes=session.yes)
    written = agreed and write(world, done)
    if json:
        console.print(upgrade_as_json(done.changes, done.diffs, done.services, done.problems, written=written))
    elif written:
        console.print("devenv.lock: written")
    if asked and not agreed:
        raise DevenvError.of("DE633", "devenv.lock stays as it is: nobody agreed to the change", hint="pass --yes")
    return ExitCode.FAILED if done.problems else ExitCode.OK
