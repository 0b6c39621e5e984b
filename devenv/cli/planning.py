"""Shows what `up` would do: `devenv plan` and `devenv up --dry-run`."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.cli.session import Session
from devenv.errors import ExitCode


def show_plan(
    session: Session, *, names: Sequence[str], mode: str | None, setups: Sequence[str], build: bool, check: bool = False
) -> int:
    """Prints the plan. The exit code: 1 with `check` when something would change, else 0."""
    from devenv.errors import Report
    from devenv.ops.plan import plan
    from devenv.ui.plan import format_plan, plan_as_json

    report = Report()
    found = plan(session.world(), names=names, mode=mode, setups=setups, build=build, report=report)
    session.warn(report)
    console = session.console
    if session.json:
        console.print(plan_as_json(found.plan, found.project, found.notes, found.builds))
    elif not session.quiet:
        text = format_plan(found.plan, found.notes, found.builds, colour=console.colour_out, columns=console.width_out)
        console.print(text)
    return ExitCode.FAILED if check and not found.empty else ExitCode.OK
