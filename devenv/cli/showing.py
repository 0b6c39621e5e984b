"""Shows what `status` found, whichever way the command line was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devenv.cli.session import Session
from devenv.engine.world import World
from devenv.errors import Report

if TYPE_CHECKING:
    from devenv.ops.bringup.memory import Memory


def show_status(
    session: Session, world: World, names: Sequence[str], report: Report, recalled: Memory | None = None
) -> int:
    """Asks for the state of the services and prints it; warnings go to `report`. `recalled` as for `ops.status`."""
    from devenv.ops.status import status
    from devenv.ui.stack import format_status, status_as_json

    stack = status(world, tuple(names), report, recalled)
    console = session.console
    if session.json:
        console.print(status_as_json(stack))
    else:
        session.warn(report)
        console.print(format_status(stack, world.now(), colour=console.colour_out, width=console.width_out))
    return 0
