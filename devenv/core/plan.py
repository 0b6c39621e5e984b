"""Stack and containers → Plan: what `up` must do for each service, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from devenv.core import graph
from devenv.core.render import HASH, definition_hashes
from devenv.model.observed import Container
from devenv.model.plan import Action, Plan, Step
from devenv.model.stack import Service, Stack

_STRENGTH = {Action.DONE: 0, Action.KEEP: 1, Action.START: 2, Action.CREATE: 3, Action.RECREATE: 4}


def plan(
    stack: Stack,
    wanted: Sequence[str],
    containers: Iterable[Container],
    applied: Mapping[str, str],
    current: Mapping[str, str] | None = None,
    images: Mapping[str, str] | None = None,
) -> Plan:
    """What must be done so that the services `wanted` (closed over their needs, in start order) run as defined.

    `applied` maps services to the digest of the values they were last created with (ports, secrets, variables),
    `current` to those of today: one that is in both and differs means a new container. `images` maps services to the
    id of the image that their reference names now, where that is known. Raises KeyError for an unknown service.
    """
    by_service: dict[str, list[Container]] = {}
    for container in containers:
        if not container.oneoff:
            by_service.setdefault(container.service, []).append(container)
    hashes = definition_hashes(stack)
    replaced: set[str] = set()
    steps = []
    for name in stack.closure(tuple(wanted)):
        service = stack.services[name]
        changed = name in applied and current is not None and applied[name] != current.get(name)
        judge = _Judge(service, hashes[name], changed, (images or {}).get(name), replaced)
        step = judge.step(by_service.get(name, []))
        if step.action in (Action.CREATE, Action.RECREATE):
            replaced.add(name)
        steps.append(step)
    orphans = tuple(name for name in by_service if name not in stack.services)
    return Plan(stack.name, tuple(steps), orphans)


class _Judge:
    """Decides about one service; `replaced` are services that get new containers in this plan."""

    def __init__(self, service: Service, definition: str, changed: bool, image: str | None, replaced: set[str]) -> None:
        self.service = service
        self.definition = definition
        self.changed = changed
        self.image = image
        self.replaced = replaced

    def step(self, containers: list[Container]) -> Step:
        present = [c for c in containers if c.state != "removing"]
        if (count := _replicas(self.service)) == 0:
            return self._step(Action.DONE, "it is to have no containers", None)
        if not present:
            return self._step(Action.CREATE, "no container yet", None)
        if len(present) < count:
            return self._step(Action.CREATE, f"{len(present)} of {count} containers", None)
        judged = [(*self._one(container), container) for container in present]
        action, reason, container = max(judged, key=lambda one: _STRENGTH[one[0]])
        ready = all(c.state == "running" and c.health in ("healthy", "none") for c in present)
        return self._step(action, reason, container, ready=action is Action.KEEP and ready)

    def _step(self, action: Action, reason: str, container: Container | None, *, ready: bool = False) -> Step:
        kept = container if action in (Action.START, Action.KEEP, Action.DONE) else None
        return Step(self.service.name, action, reason, self.service.needs, kept.id if kept else None, ready)

    def _one(self, container: Container) -> tuple[Action, str]:
        if reason := self._outdated(container):
            return Action.RECREATE, reason
        if container.state == "running":
            return Action.KEEP, _running(container, self.service)
        if self.service.job and container.state == "exited" and container.exit_code == 0:
            return Action.DONE, "ran to its end already"
        if container.state == "created":
            return Action.START, "created, not started yet"
        if container.state == "restarting":
            return Action.KEEP, "restarting"
        code = container.exit_code
        if self.service.job:
            return Action.START, f"failed with exit code {code}" if code is not None else "did not finish"
        return Action.START, "stopped" if not code else f"stopped with exit code {code}"

    def _outdated(self, container: Container) -> str | None:
        """Why the container cannot stay; None when it can."""
        if container.labels.get(HASH) != self.definition:
            return "its definition changed"
        if self.changed:
            return "a value that it is given changed"
        if self.image is not None and container.image_id and container.image_id != self.image:
            return "its image changed"
        if container.state in ("dead", "paused"):
            return f"it is {container.state}"
        for name in graph.derived(self.service.compose):
            if name in self.replaced:
                return f"it shares what belongs to {name}, which is new"
        return None


def _running(container: Container, service: Service) -> str:
    if container.health in ("starting", "unhealthy"):
        return f"running, {container.health}"
    return "running" if not service.has_healthcheck or container.health == "none" else "running, healthy"


def _replicas(service: Service) -> int:
    """How many containers the service has; 1 where a variable says."""
    deploy = service.compose.get("deploy")
    count = service.compose.get("scale", deploy.get("replicas") if isinstance(deploy, dict) else None)
    return count if isinstance(count, int) and not isinstance(count, bool) else 1
