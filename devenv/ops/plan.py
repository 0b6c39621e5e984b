"""What `up` would do: its first steps, up to the plan that it would carry out. Nothing is written or changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from devenv.engine.world import World
from devenv.errors import Report
from devenv.events import Event, Note
from devenv.model.plan import Plan
from devenv.ops.facts import draw
from devenv.ops.load import load_stack
from devenv.ops.select import choose
from devenv.ops.settings import prepare


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan, the Compose project it is for, and what people should know besides: ports that would move, and why."""

    plan: Plan
    project: str
    notes: tuple[str, ...] = ()


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
    stack = load_stack(world, report or Report()).stack
    wanted, forced = choose(stack, names, mode, setups, world.project.environment())
    settings = prepare(world, stack, wanted, said.append)
    found, _ = draw(world, stack, wanted, settings, forced)
    notes = [event.text for event in said if isinstance(event, Note)]
    if build and any(stack.services[name].build for name in wanted):
        notes.append("images are built again first; services whose image comes out as another one get new containers")
    return Planned(found, settings.project, tuple(notes))
