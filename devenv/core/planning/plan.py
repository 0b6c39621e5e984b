"""Stack and facts → Plan: what `up` must do for each service, and why, and what happens to data."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from devenv.core.planning import jobs, shared
from devenv.core.planning.definition import changes, networks, sources
from devenv.core.stack import graph, replicas
from devenv.core.stack.render import HASH, MANIFEST, definition_hashes
from devenv.model.observed import Container
from devenv.model.plan import Action, Change, Facts, Plan, Step
from devenv.model.stack import Service, Stack

IMAGE = "com.docker.compose.image"
"""Compose's label with the id of the image that a container was made from."""

NUMBER = "com.docker.compose.container-number"
"""Compose's label with the number of a service's container, from 1."""

REBUILT = "built or pulled again"
"""Where another image comes from that bears the same name."""

_MOVED = "it was made for another folder, which is gone"
_NONE_WANTED = "it is to have no containers"
_STRENGTH = {Action.DONE: 0, Action.KEEP: 1, Action.START: 2, Action.CREATE: 3, Action.RECREATE: 4}
_ANONYMOUS = re.compile(r"[0-9a-f]{64}")


def plan(stack: Stack, wanted: Sequence[str], facts: Facts) -> Plan:
    """What must be done so that the services `wanted` (closed over their needs, in start order) run as defined, and
    that containers go whose services this manifest no longer has. Raises KeyError for an unknown service."""
    by_service: dict[str, list[Container]] = {}
    for container in facts.containers:
        if not container.oneoff:
            by_service.setdefault(container.service, []).append(container)
    hashes = definition_hashes(stack)
    steps: dict[str, Step] = {}
    left: list[Step] = []
    closed = stack.closure(tuple(wanted))
    changed = shared.outdated(stack, closed, facts)
    renewed = {one.resource[1] for one in changed if one.action is Action.RECREATE}
    for name in closed:
        judge = _Judge(stack, stack.services[name], hashes[name], facts, steps, renewed)
        steps[name] = judge.step(by_service.get(name, []))
        left += judge.left
    gone = {name: found for name, found in by_service.items() if name not in stack.services}
    ours = {name: found for name, found in gone.items() if all(_made_from(stack, c) for c in found)}
    removals = tuple(_removal(name, found) for name, found in ours.items())
    removals += tuple(left)
    strangers = tuple(name for name in gone if name not in ours)
    return Plan(stack.name, tuple(steps.values()), removals, strangers, changed)


class _Judge:
    """Decides about one service; `steps` are those of the services before it, `renewed` networks that are made anew."""

    def __init__(
        self,
        stack: Stack,
        service: Service,
        definition: str,
        facts: Facts,
        steps: dict[str, Step],
        renewed: Collection[str],
    ) -> None:
        self.stack, self.service, self.facts, self.steps = stack, service, facts, steps
        self.renewed = [name for name in networks(service) if name in renewed]
        self.definition = definition
        self.changes: tuple[Change, ...] = ()
        self.left: list[Step] = []
        """Takes away containers of a service that stays: what a job that is done has left behind in another folder,
        and those of one that is to have fewer."""

    def step(self, containers: list[Container]) -> Step:
        present = [c for c in containers if c.state != "removing"]
        if (count := replicas.count(self.service.compose)) == 0:
            if present:
                self._take_away(present, _NONE_WANTED)
            return self._step(Action.DONE, _NONE_WANTED, None, [])
        moved = bool(present) and all(_done_elsewhere(c) for c in present)
        if self.service.job and (moved or not present):
            action, reason = self._job_without_container(present[0].image_id if moved else "")
            if moved and action is Action.DONE:
                self._take_away(present, _MOVED)
            if not moved or action is Action.DONE:
                return self._step(action, reason, None, [])
        if not present:
            return self._step(Action.CREATE, "no container yet", None, [])
        stay = sorted(present, key=_number)[:count]
        judged = [(*self._one(container), container) for container in stay]
        action, reason, container = max(judged, key=lambda one: _STRENGTH[one[0]])
        if len(stay) < len(present) and action is not Action.RECREATE:  # Compose, which makes anew, sees to that itself
            self._take_away([c for c in present if c not in stay], f"{count} of {len(present)} containers are to stay")
            present = stay
        if count is not None and len(present) < count and action is not Action.RECREATE:
            return self._step(Action.CREATE, f"{len(present)} of {count} containers", None, present)
        ready = all(c.state == "running" and c.health in ("healthy", "none") for c in present)
        ready = ready and self.facts.restarted.isdisjoint(c.id for c in present)
        return self._step(action, reason, container, present, ready=action is Action.KEEP and ready)

    def _take_away(self, containers: list[Container], reason: str) -> None:
        self.left.append(Step(self.service.name, Action.REMOVE, reason, containers=tuple(c.id for c in containers)))

    def _step(
        self, action: Action, reason: str, container: Container | None, present: list[Container], *, ready: bool = False
    ) -> Step:
        kept = container if action in (Action.START, Action.KEEP, Action.DONE) else None
        if self.service.job and action in (Action.CREATE, Action.RECREATE, Action.START):
            reason = f"runs, {reason}"
        return Step(
            self.service.name,
            action,
            reason,
            self.service.needs,
            kept.id if kept else None,
            ready,
            self.service.job,
            self.changes if action is Action.RECREATE else (),
            tuple(_data(self.service, action, present, self.facts)),
            stops=action is Action.START and any(self._left_alone(c) for c in present),
        )

    def _one(self, container: Container) -> tuple[Action, str]:
        if reason := self._outdated(container):
            return Action.RECREATE, reason
        if why := self._left_alone(container):
            return Action.START, why
        if container.id in self.facts.restarted:
            return Action.KEEP, "running, restarted a moment ago"
        if container.state == "running":
            return Action.KEEP, _running(container, self.service)
        if container.state == "restarting":
            return Action.KEEP, "restarting"
        if container.state == "paused":
            return Action.START, "it is paused"
        if self.service.job:
            action, reason = self._job(container)
            return (Action.RECREATE if action is Action.START and self._cut_off(container) else action), reason
        if container.state == "created":
            return Action.START, "created, not started yet"
        code = container.exit_code
        return Action.START, "stopped" if not code else f"stopped with exit code {code}"

    def _left_alone(self, container: Container) -> str | None:
        """Why a running container has no network, or not the one that it is to share; None when it has."""
        if container.state != "running":
            return None
        if container.id in self.facts.stranded:
            return "what it shares belongs to a container that was started anew since"
        for other in graph.joined(self.service.compose):
            if other in self.steps and self.steps[other].action is Action.START:
                return f"it shares what belongs to {other}, which is started anew"
        return None

    def _job(self, container: Container) -> tuple[Action, str]:
        """A job whose container does not run and is as it should be."""
        name, code = self.service.name, container.exit_code
        if name in self.facts.forced:
            return Action.START, "as --setup asks"
        before = self.facts.runs.get(name)
        if container.state != "exited" and before is None:
            return Action.START, "created, not started yet" if container.state == "created" else "it did not finish"
        if code:
            return Action.START, f"it failed with exit code {code}"
        if container.state == "exited":  # maybe while nobody looked
            before = self.facts.begun.get(container.id, before)
        if before is None:
            return Action.DONE, "ran to its end already"
        now = jobs.run_of(self.stack, name, self.facts, self.steps, container.image_id)
        again = jobs.why_again(before, now)
        return (Action.START, again) if again else (Action.DONE, jobs.SUCCEEDED)

    def _cut_off(self, container: Container) -> str | None:
        """Why the container is not, or cannot be started, on the networks that it was made for."""
        if container.id in self.facts.cut_off:
            return "its network is gone"
        if container.id in self.facts.orphaned:
            return "what it shares belonged to a container that is gone"
        attached = container.state in ("running", "paused")
        if attached and len(container.networks) < len(networks(self.service)):
            return "it was taken off a network that it is to be on"
        return f"its network {self.renewed[0]} is made anew" if self.renewed else None

    def _job_without_container(self, ran: str) -> tuple[Action, str]:
        """A job that has none, or none that can stay; that one `ran` the image of this id."""
        name = self.service.name
        before = self.facts.runs.get(name)
        if name in self.facts.forced:
            return Action.CREATE, "as --setup asks"
        if before is None:
            return Action.CREATE, "it has not succeeded yet"
        image = self.facts.images.get(name)
        if image == "":
            return Action.CREATE, "its image is gone"
        now = jobs.run_of(self.stack, name, self.facts, self.steps, image or ran)
        again = jobs.why_again(before, now)
        return (Action.CREATE, again) if again else (Action.DONE, jobs.SUCCEEDED)

    def _outdated(self, container: Container) -> str | None:
        """Why the container cannot stay; None when it can."""
        name, facts = self.service.name, self.facts
        label = container.labels.get(HASH)
        same = label == self.definition
        if name in facts.applied and name in facts.current:
            named = sources(self.stack, self.service) if same else None
            self.changes = changes(facts.applied[name], facts.current[name], named)
        if not same:
            if label == "":
                return _MOVED
            return "its definition changed" if label else "devenv did not make it"
        if self.changes:
            return "a value that it is given changed"
        if name in facts.unfinished:
            return "it was being made anew when that was interrupted"
        if container.id in facts.displaced:
            return "its port moved"
        image, made_from = facts.images.get(name), container.labels.get(IMAGE) or container.image_id
        if image and made_from and image != made_from:
            self.changes = (Change("image", _short(made_from), _short(image), REBUILT),)
            return "its image changed"
        if (why := self._cut_off(container)) and not (self.service.job and container.state in ("created", "exited")):
            return why
        if moved := shared.replaced(facts, name):
            return f"its volume {moved[0]} is another one"
        if container.state == "dead":
            return "it is dead"
        for other in graph.derived(self.service.compose):
            if other in self.steps and self.steps[other].action in (Action.CREATE, Action.RECREATE):
                return f"it shares what belongs to {other}, which is new"
        return None


def _data(service: Service, action: Action, present: list[Container], facts: Facts) -> list[str]:
    """What becomes of the service's data, in sentences; nothing where its containers stay."""
    if action not in (Action.CREATE, Action.RECREATE):
        return []
    names = list(facts.names.get(service.name, {}).values())
    mounted = list(dict.fromkeys(volume for c in present for volume in c.volumes))
    sentences = []
    for name in names:
        there = name in mounted or name in facts.volumes
        sentences.append(f"keeps volume {name}" if there else f"makes volume {name}")
    if action is Action.RECREATE:
        anonymous = [volume for volume in mounted if _ANONYMOUS.fullmatch(volume)]
        if anonymous:
            sentences.append(f"keeps {len(anonymous)} anonymous volume{'s' if len(anonymous) > 1 else ''}")
        left = [volume for volume in mounted if volume not in names and volume not in anonymous]
        sentences += [f"volume {volume} stays, no longer used by it" for volume in left]
        if not mounted and not names and not service.build and not service.job:
            sentences.append("it has no volume: what it has stored in its container is lost")
    return sentences


def _removal(name: str, containers: list[Container]) -> Step:
    volumes = list(dict.fromkeys(volume for c in containers for volume in c.volumes))
    data = tuple(f"volume {volume} stays; `docker volume rm` deletes it" for volume in volumes)
    ids = tuple(container.id for container in containers)
    return Step(name, Action.REMOVE, "no longer in the manifest", data=data, containers=ids)


def _done_elsewhere(container: Container) -> bool:
    return container.state == "exited" and container.exit_code == 0 and container.labels.get(HASH) == ""


def _made_from(stack: Stack, container: Container) -> bool:
    """Whether devenv made a container from this manifest, not from another one in the same folder."""
    made = container.labels.get(MANIFEST)
    return made is not None and made.rpartition("/")[2] == stack.manifest.rpartition("/")[2]


def _short(image: str) -> str:
    return image.removeprefix("sha256:")[:12]


def _running(container: Container, service: Service) -> str:
    if container.health in ("starting", "unhealthy"):
        return f"running, {container.health}"
    return "running" if not service.has_healthcheck or container.health == "none" else "running, healthy"


def _number(container: Container) -> int:
    number = container.labels.get(NUMBER, "")
    return int(number) if number.isdecimal() else 0
