"""What a bring-up knows of each service and of each of its containers."""

from __future__ import annotations

from collections.abc import Mapping

from devenv.events import Phase
from devenv.model.observed import Health
from devenv.model.stack import Need, Service
from devenv.records import field, mutable, replace


@mutable
class Live:
    """One container. `fresh` says that its start was seen, so that health from now on is this run's; `since` is when it
    began to run last, or was found running; to count as up it must run for `endure` seconds from then on."""

    id: str
    running: bool = False
    fresh: bool = False
    since: float | None = None
    health: Health | None = None
    exit_code: int | None = None
    deaths: int = 0
    endure: float = 0.0
    oom: bool = False


@mutable
class Track:
    """One service on its way. `since` is when the present phase began, `started` when a container first ran; `pending`
    says that its containers are yet to be made, `made` when they were; `height` is how many services in a row wait for
    it at most."""

    service: Service
    job: bool
    needs: tuple[Need, ...]
    lives: dict[str, Live] = field(default_factory=dict)
    phase: Phase = Phase.WAITING
    since: float = 0.0
    started: float | None = None
    pending: bool = False
    made: float = 0.0
    height: int = 0

    @property
    def running(self) -> bool:
        return bool(self.lives) and all(live.running for live in self.lives.values())

    @property
    def unchecked(self) -> bool:
        """Whether it runs without a health check, so that only time can tell if it stays up."""
        return not self.job and all(live.health == "none" for live in self.lives.values())

    @property
    def healthy(self) -> bool:
        """Whether every container is as its health check wants it, or has none."""
        return all(live.health in ("none", "healthy") for live in self.lives.values())

    @property
    def up_at(self) -> float | None:
        """When the containers that had died before will have run for long enough, without a health check that tells."""
        lives = self.lives.values()
        due = [v.since + v.endure for v in lives if v.endure and v.since is not None and v.health == "none"]
        return max(due, default=None)

    @property
    def begun(self) -> bool:
        """Whether every container runs already, or is on its way up again by the engine's own doing."""
        return bool(self.lives) and all(live.running or live.fresh for live in self.lives.values())

    @property
    def suspect(self) -> Live | None:
        """The first container that does not run, or is not known to be healthy."""
        lives = self.lives.values()
        return next((live for live in lives if not live.running or live.health not in ("none", "healthy")), None)

    def lacks(self, target: Track) -> bool:
        """Whether it waits for a service that does not come, or would if another failure had not skipped it before."""
        needs = [n for n in self.needs if n.service == target.service.name and n.required]
        if self.phase is Phase.SKIPPED and target.started is not None:
            needs = [n for n in needs if n.condition != "started"]
        return self.phase in (Phase.WAITING, Phase.SKIPPED) and bool(needs)


def through_kept(track: Track, tracks: Mapping[str, Track]) -> tuple[Need, ...]:
    """Its needs, and what those among them need that stay as they are: these run, or have run, and are of no use while
    what they need is not up. `tracks` that come before it have theirs already."""
    found = {need.service: need for need in track.needs}
    for need in track.needs:
        kept = tracks[need.service]
        for inner in kept.needs if kept.phase is Phase.KEPT else ():
            if tracks[inner.service].phase is not Phase.KEPT:
                found.setdefault(inner.service, replace(inner, required=inner.required and need.required))
    return tuple(found.values())
