"""Plan and images that are built again first → the steps that may come out otherwise, and say so."""

from __future__ import annotations

from collections.abc import Collection

from devenv.core.planning.plan import REBUILT
from devenv.core.stack import graph
from devenv.model.plan import Action, Plan, Step
from devenv.model.stack import Stack
from devenv.records import replace


def awaiting(stack: Stack, found: Plan, builds: Collection[str]) -> Plan:
    """The plan in which each step that another image would change is marked. `builds` are services whose images are
    built again; their setup jobs, whoever names the same image, and who shares what belongs to these, depend on it."""
    images = {stack.services[name].compose.get("image") for name in builds} - {None}
    unsure: set[str] = set()
    steps: list[Step] = []
    for step in found.steps:
        service = stack.services[step.service]
        built = service.name in builds or not images.isdisjoint((service.compose.get("image"), service.image))
        if built or not unsure.isdisjoint(graph.derived(service.compose)):
            unsure.add(step.service)
            stays = step.job if step.action is Action.DONE else step.action is Action.KEEP
            if stays or (step.action is Action.START and not step.job):
                what = "runs again" if step.job else "made anew"
                reason = f"{step.reason}; {what} if the build makes another image"
                step = replace(step, reason=reason, awaits_build=True)
            elif built and _moved(step):
                reason = f"{step.reason}; stays if the build makes the one that it was made from"
                step = replace(step, reason=reason, awaits_build=True)
        steps.append(step)
    return replace(found, steps=tuple(steps))


def _moved(step: Step) -> bool:
    """Whether a container is made anew for no more than that its image's name means another one now."""
    return step.action is Action.RECREATE and [change.source for change in step.changes] == [REBUILT]
