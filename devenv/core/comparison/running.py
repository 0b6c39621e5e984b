"""The plan of `up` as a difference: from what runs to what the manifest describes."""

from __future__ import annotations

from collections.abc import Sequence

from devenv.core.comparison.causes import causes
from devenv.core.provenance import paths
from devenv.core.provenance.explain import Explainer
from devenv.model.difference import Difference, Kind, ServiceDifference, StackDifference, Why
from devenv.model.plan import Action, Change, Plan, Step

RUNNING = "what runs"
MANIFEST = "the manifest"

_KINDS: dict[Action, Kind] = {
    Action.CREATE: "added",
    Action.RECREATE: "changed",
    Action.START: "changed",
    Action.REMOVE: "removed",
}


def against_running(plan: Plan, notes: Sequence[str], builds: Sequence[str], explainer: Explainer) -> StackDifference:
    """What a plan changes; `builds` are services whose images are built again."""
    services = [_service(step, explainer) for step in (*plan.steps, *plan.removals) if step.action in _KINDS]
    told = {service.service for service in services}
    services += [
        ServiceDifference(name, "changed", "what its image is built from changed")
        for name in builds
        if name not in told
    ]
    return StackDifference(plan.stack, RUNNING, MANIFEST, tuple(services), notes=tuple(notes))


def _service(step: Step, explainer: Explainer) -> ServiceDifference:
    changes = tuple(_difference(step.service, change, explainer) for change in step.changes)
    mark = explainer.mark(step.service) if step.action is not Action.REMOVE else None
    return ServiceDifference(step.service, _KINDS[step.action], step.reason, mark, changes, step.data)


def _difference(service: str, change: Change, explainer: Explainer) -> Difference:
    whys: tuple[Why, ...] = (Why(change.source),) if change.source else ()
    if not whys and change.new is not None:
        path = paths.find(explainer.definition(service), change.key)
        whys = causes((), explainer.steps(service, path)) if path else ()
    return Difference(change.key, change.old, change.new, whys)
