"""Bring the stack up and wait until every service is ready."""

from __future__ import annotations

from typing import Annotated

import typer

from devenv.cli.options import File, Json, Mode, Plain, Quiet, Services, Setup, Timeout, Verbose, Yes
from devenv.cli.session import session_of

EXAMPLE = "devenv up\ndevenv up orders              # with everything it needs\ndevenv up --mode backend"


def command(
    ctx: typer.Context,
    services: Services = None,
    mode: Mode = None,
    setup: Setup = None,
    build: Annotated[bool, typer.Option("--build", help="Build images anew that are there already.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be done, as `devenv plan`.")] = False,
    timeout: Timeout = None,
    yes: Yes = False,
    file: File = None,
    json: Json = False,
    quiet: Quiet = False,
    plain: Plain = False,
    verbose: Verbose = False,
) -> int:
    """Bring the stack up and wait until every service is ready."""
    from devenv.cli.installing import with_engine
    from devenv.errors import Report
    from devenv.ops.results import UpResult
    from devenv.ops.warm import kept

    session = session_of(ctx, file=file, json=json, yes=yes, quiet=quiet, plain=plain, verbose=verbose)
    if dry_run:
        from devenv.cli.planning import show_plan

        return show_plan(session, names=services or (), mode=mode, setups=setup or (), build=build)
    world = session.world()
    report = Report()

    def bring_up() -> UpResult:
        with session.progress() as view:
            usual = not (build or setup or session.tried)
            if usual and (found := kept(world, view, names=services or (), mode=mode, report=report)):
                return found
            from devenv.ops.up import up  # and with it all that reads manifests

            return up(
                world,
                view,
                names=services or (),
                mode=mode,
                setups=setup or (),
                build=build,
                timeout=timeout,
                consent=session.asker(view),
                report=report,
            )

    result = with_engine(session, bring_up)
    session.warn(report)
    return result.exit_code
