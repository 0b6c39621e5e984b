"""What `up` has to do: one step per service, each with its reason, and what happens to data."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Literal

from devenv.model.observed import Container
from devenv.model.stack import Need
from devenv.records import field, frozen


class Action(StrEnum):
    """What happens to a service's container; CREATE, RECREATE and START end with starting it."""

    CREATE = "create"
    RECREATE = "recreate"
    START = "start"
    KEEP = "keep"
    DONE = "done"  # a job that has succeeded: not run again
    REMOVE = "remove"

    @property
    def word(self) -> str:
        """What people read: a job that is not run again is kept, too."""
        return "keep" if self is Action.DONE else self.value


@frozen
class Leaf:
    """One value of a service's definition, after interpolation. Of what is secret or long, `text` is only a digest.
    `items` (JSON) is what can be kept of it to be shown: of a list its items, with digests again for those that are
    secret or long; of a text with a secret in it that text without the secret. It stands for nothing more than `text`
    does."""

    text: str
    kind: Literal["text", "list", "secret", "long"] = "text"
    items: str = ""


Leaves = Mapping[str, Leaf]
"""A definition, flat: `environment.LOG_LEVEL` → its value."""


Resource = tuple[Literal["network", "volume"], str]
"""What services share: its kind, and its name in the manifest."""


@frozen
class Change:
    """A key whose value is another now: in words for people, None where there was or is none. Secrets are hidden.

    `source` says where the new value comes from when it is not the manifest: a variable's name, or ''.
    """

    key: str
    old: str | None
    new: str | None
    source: str = ""

    def __str__(self) -> str:
        if self.old == self.new:
            words = f"{self.old}, another one"
        elif self.old is None:
            words = f"{self.new}, new"
        else:
            words = f"{self.old}, gone" if self.new is None else f"{self.old} → {self.new}"
        return f"{self.key}: {words}" + (f" ({self.source})" if self.source else "")


@frozen
class JobRun:
    """A job that has succeeded: digest of its definition, id of its image, digests of its inputs by path, and what its
    data was (volumes with their creation times, containers of servers without a volume)."""

    definition: str = ""
    image: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)


@frozen
class Facts:
    """What the world says, for a plan.

    `containers` is one listing. `applied` and `current` are each service's values when its container was created and
    today. `images` maps services to the id of the image that their reference names now ('' when there is none), where
    somebody looked. `volumes` maps the project's volumes, by their names on the engine, to their creation times;
    `names` a service to the (name in the manifest → name on the engine) of those it uses. `runs` are the jobs that
    succeeded, `begun` the ids of jobs' containers with what each was started last, `inputs` the digests of every job's
    inputs today. `forced` jobs run whatever they did before.
    `made` and `declared` are the values that each network and volume of the stack was made with, as far as that is
    known, and today's.
    `cut_off` are the ids of containers whose network is gone, so that they cannot be started, `displaced` those of
    containers that have other ports than they are to have. `unfinished` are services whose containers were being made
    anew when that ended too early. `restarted` are the ids of running containers that the engine has started again a
    moment ago, for they had ended. `orphaned` are the ids of containers that share what belonged to one that is gone,
    `stranded` those of running ones in the namespaces of one that has been started anew since.
    """

    containers: tuple[Container, ...] = ()
    applied: Mapping[str, Leaves] = field(default_factory=dict)
    current: Mapping[str, Leaves] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)
    volumes: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    runs: Mapping[str, JobRun] = field(default_factory=dict)
    begun: Mapping[str, JobRun] = field(default_factory=dict)
    inputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    made: Mapping[Resource, Leaves] = field(default_factory=dict)
    declared: Mapping[Resource, Leaves] = field(default_factory=dict)
    forced: frozenset[str] = frozenset()
    cut_off: frozenset[str] = frozenset()
    displaced: frozenset[str] = frozenset()
    unfinished: frozenset[str] = frozenset()
    restarted: frozenset[str] = frozenset()
    orphaned: frozenset[str] = frozenset()
    stranded: frozenset[str] = frozenset()


@frozen
class Step:
    """One service: what to do, why (in words), with which container (None when there is none to go on with).

    `needs` are the service's, so that the executor can wait for them; `ready` says that the container that is kept
    was healthy (or has no health check) when it was listed, so that nothing waits for it. `changes` are the values
    that a new container is made for, `data` what happens to data, in sentences. `containers` are those to remove.
    `stops` says that the containers run, and have to be stopped before they are started.
    `awaits_build` says that another image would change it, which only a build can tell.
    """

    service: str
    action: Action
    reason: str
    needs: tuple[Need, ...] = ()
    container_id: str | None = None
    ready: bool = False
    job: bool = False
    changes: tuple[Change, ...] = ()
    data: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    awaits_build: bool = False
    stops: bool = False


@frozen
class Shared:
    """A network or a volume whose definition is another one than it was made with, in `changes`: RECREATE for what is
    made anew before the containers of all `services` that use it are, KEEP for what stays as it is. `advice` says what
    a person can do then."""

    resource: Resource
    action: Action
    reason: str
    changes: tuple[Change, ...]
    services: tuple[str, ...]
    advice: str = ""

    @property
    def title(self) -> str:
        """For people: `network back`."""
        return " ".join(self.resource)


@frozen
class Plan:
    """`steps` in start order; `removals` are containers of services that the manifest no longer has, and what jobs that
    are done left in a folder that is gone; `strangers` have containers in this project that devenv did not make from
    this manifest: they are left alone. `shared` are networks and volumes that changed; they come first."""

    stack: str
    steps: tuple[Step, ...]
    removals: tuple[Step, ...] = ()
    strangers: tuple[str, ...] = ()
    shared: tuple[Shared, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be created, started or removed."""
        every = [*(step.action for step in self.steps), *(one.action for one in self.shared)]
        return not self.removals and all(action in (Action.KEEP, Action.DONE) for action in every)

    def of(self, *actions: Action) -> list[Step]:
        """The steps with one of these actions, in start order."""
        return [step for step in self.steps if step.action in actions]

    def text(self) -> str:
        """The plan for people and tests: a line a step, beneath it what changed and what happens to data."""
        rows = self.rows()
        width = max((len(title) for _, title, *_ in rows), default=0)
        lines = []
        for action, title, reason, more in rows:
            lines.append(f"{action.word:<8}  {title:<{width}}  {reason}")
            lines += [" " * (width + 12) + line for line in more]
        lines += [f"{'leave':<8}  {name:<{width}}  not made from this manifest" for name in self.strangers]
        return "".join(line.rstrip() + "\n" for line in lines)

    def rows(self) -> list[tuple[Action, str, str, list[str]]]:
        """What happens, to what, why, and lines beneath that: what changed, and what becomes of data."""
        rows = [(s.action, s.title, s.reason, [*map(str, s.changes), *filter(None, [s.advice])]) for s in self.shared]
        steps = (*self.steps, *self.removals)
        return rows + [(s.action, s.service, s.reason, [*map(str, s.changes), *s.data]) for s in steps]
