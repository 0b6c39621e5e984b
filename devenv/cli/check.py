"""Ask the running stack whether it does its job."""

from __future__ import annotations

import json as json_text
from dataclasses import asdict
from typing import Annotated

import typer

from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import session_of
from devenv.errors import ExitCode

EXAMPLE = 'devenv check\ndevenv check "place an order"'


def command(
    ctx: typer.Context,
    checks: Annotated[list[str] | None, typer.Argument(metavar="CHECK", help="Only these checks.")] = None,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Ask the running stack whether it does its job."""
    from devenv.ops.check import check
    from devenv.ui.stack import format_checks

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    console = session.console
    results = check(session.world(), checks or ())
    good = all(result.ok for result in results)
    if json:
        console.print(json_text.dumps({"ok": good, "checks": [asdict(r) for r in results]}, ensure_ascii=False))
    elif not results:
        console.say("the manifest has no checks")
    elif not (quiet and good):
        shown = [r for r in results if not (quiet and r.ok)]
        console.print(format_checks(shown, colour=console.colour_out))
    return ExitCode.OK if good else ExitCode.FAILED
