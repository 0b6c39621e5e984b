"""Ask the running stack whether it does its job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from devenv.cli.options import File, Json, Quiet
from devenv.cli.session import Session, session_of
from devenv.errors import ExitCode

EXAMPLE = 'devenv check\ndevenv check "place an order"\ndevenv check --contracts'


def command(
    ctx: typer.Context,
    checks: Annotated[
        list[str] | None, typer.Argument(metavar="CHECK", help="Only these checks, or providers.")
    ] = None,
    contracts: Annotated[
        bool, typer.Option("--contracts", help="Verify the pacts of consumers against the running providers instead.")
    ] = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Ask the running stack whether it does its job."""
    from devenv.ops.check import check
    from devenv.ui.json_text import json_text
    from devenv.ui.stack import format_checks

    session = session_of(ctx, file=file, json=json, quiet=quiet)
    console = session.console
    if contracts:
        return _contracts(session, checks or (), json=json, quiet=quiet)
    results = check(session.world(), checks or ())
    good = all(result.ok for result in results)
    if json:
        console.print(json_text({"ok": good, "checks": results}))
    elif not results:
        console.say(
            "the manifest has no checks; this would be one:\nchecks:\n  a page is served: { http: '${web.http.url}/' }"
        )
    elif not (quiet and good):
        shown = [r for r in results if not (quiet and r.ok)]
        console.print(format_checks(shown, colour=console.colour_out, width=console.width_out))
    return ExitCode.OK if good else ExitCode.FAILED


def _contracts(session: Session, names: Sequence[str], *, json: bool, quiet: bool) -> int:
    from devenv.ops.contracts import verify
    from devenv.ui.contracts import contracts_as_json, format_contracts

    console = session.console
    found = verify(session.world(), names)
    if json:
        console.print(contracts_as_json(found))
    elif not found.interactions:
        console.say("there is no pact about a service of this stack")
        console.print(format_contracts(found, quiet=quiet, colour=console.colour_out))
    elif not (quiet and found.ok):
        console.print(format_contracts(found, quiet=quiet, colour=console.colour_out))
    return ExitCode.OK if found.ok else ExitCode.FAILED
