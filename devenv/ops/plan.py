"""What `up` would do: its first steps, up to the plan that it would carry out. Nothing is written or changed."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.planning.builds import awaiting
from devenv.engine.world import World
from devenv.errors import Report
from devenv.events import Event, Note
from devenv.model.plan import Plan
from devenv.ops.bringup import beforehand
from devenv.ops.bringup.carry_out import on_renewed
from devenv.ops.bringup.facts import draw
from devenv.ops.bringup.settings import prepare, variables_with
from devenv.ops.enforce import refuse
from devenv.ops.images import contexts
from devenv.ops.load import load_stack
from devenv.ops.select import choose
from devenv.records import frozen


@frozen
class Planned:
    """The plan, the Compose project it is for, and what people should know besides: ports that would move, and why,
    files that are mounted and not there, ports that others' files open, and what still runs under an earlier name.

    `builds` are services whose images are built again first, though they are there. Whether one comes out as another
    image, so that its containers are made anew, only the build can tell.
    """

    plan: Plan
    project: str
    notes: tuple[str, ...] = ()
    builds: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether `up` would do nothing."""
        return self.plan.empty and not self.builds


def plan(
    world: World,
    *,
    names: Sequence[str] = (),
    mode: str | None = None,
    setups: Sequence[str] = (),
    build: bool = False,
    report: Report | None = None,
) -> Planned:
    """The plan of `up` with the same options. Raises DevenvError as `up` does before it changes anything."""
    said: list[Event] = []
    report = Report() if report is None else report
    loaded = load_stack(world, report)
    refuse(world, loaded, report)
    wanted, forced = choose(world, loaded.stack, names, mode, setups)
    stack = loaded.stack.among(wanted)
    beforehand.warn(world.project, loaded, wanted, said.append)
    settings = prepare(world, stack, wanted, said.append, text=loaded.text)
    found, _ = draw(world, stack, wanted, settings, forced)
    on_renewed(world, found, settings.project)
    notes = tuple(event.text for event in said if isinstance(event, Note))
    built_from = contexts.digests(world.project, stack, wanted, variables_with(world, settings), {})
    builds = list(built_from) if build else contexts.changed(world, stack, built_from, found)
    return Planned(awaiting(stack, found, builds), settings.project, notes, tuple(builds))
