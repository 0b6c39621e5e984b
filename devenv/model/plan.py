"""What `up` has to do: one step per service, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from devenv.model.stack import Need


class Action(StrEnum):
    """What happens to a service's container; all but KEEP and DONE end with starting it."""

    CREATE = "create"
    RECREATE = "recreate"
    START = "start"
    KEEP = "keep"
    DONE = "done"  # a job that exited 0 with this definition: not run again


@dataclass(frozen=True, slots=True)
class Step:
    """One service: what to do, why (in words), with which container (None when there is none to go on with).

    `needs` are the service's, so that the executor can wait for them; `ready` says that the container that is kept
    was healthy (or has no health check) when it was listed, so that nothing waits for it.
    """

    service: str
    action: Action
    reason: str
    needs: tuple[Need, ...] = ()
    container_id: str | None = None
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` in start order; `orphans` are services that have containers but are no longer in the stack."""

    stack: str
    steps: tuple[Step, ...]
    orphans: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether nothing is to be created or started."""
        return all(step.action in (Action.KEEP, Action.DONE) for step in self.steps)

    def of(self, *actions: Action) -> list[Step]:
        """The steps with one of these actions, in start order."""
        return [step for step in self.steps if step.action in actions]

    def text(self) -> str:
        """The plan for people and tests: a line per step, then a line per orphan."""
        width = max((len(step.service) for step in self.steps), default=0)
        lines = [f"{step.action:<8} {step.service:<{width}}  {step.reason}" for step in self.steps]
        lines += [f"{'orphan':<8} {name:<{width}}  no longer in the stack" for name in self.orphans]
        return "".join(line.rstrip() + "\n" for line in lines)
