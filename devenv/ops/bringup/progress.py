"""Who may start, who is awaited and who has failed while a stack comes up. No I/O and no clock of its own.

`ops.bringup.execute` feeds it what the engine says and does what it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from devenv.events import Phase
from devenv.model.observed import Container, Health
from devenv.model.stack import Need, Service
from devenv.ops.bringup.budget import budget, restarts
from devenv.ops.bringup.tracks import Live, Track, through_kept
from devenv.ops.failures.failures import Cause, Failure

SETTLE = 1.0
"""Seconds that a service without a health check must stay up before `up` may end: long enough to see that a
file is missing or that a program refuses its settings. What needs the service does not wait for that."""

ASIDE = 0.1
"""Seconds for which a container that was just made waits for one on a longer chain that Compose is making beside it:
started together, they hold each other up, and the longer chain takes longer than it must."""

ENDURE = 10.0
"""Seconds that a container without a health check must stay up that had died before `up` began: as long as the engine
takes to believe that."""

DEATHS = 3
"""A container with a restart policy has failed when it dies this often."""

_DONE = frozenset({Phase.READY, Phase.COMPLETED, Phase.KEPT})
_OVER = _DONE | {Phase.FAILED, Phase.SKIPPED}

Tell = Callable[[str, Phase, str, float | None], None]
"""Takes (service, phase, detail, seconds) whenever a service enters a phase."""


class Progress:
    """The state of one bring-up of `services`, given in start order.

    `containers` are those that exist now; `done` names the jobs that need not run again, and why; `stopped` names
    services that were just stopped: under load an engine's listing may still call them running; `pending` those
    whose containers are yet to be made (see `created`): what they have now does not count. `tell` hears of every change
    of phase; failures collect in `failures` until `take_failures`.
    """

    def __init__(
        self,
        services: Sequence[Service],
        containers: Iterable[Container],
        done: Mapping[str, str],
        tell: Tell,
        now: float,
        stopped: AbstractSet[str] = frozenset(),
        pending: AbstractSet[str] = frozenset(),
        restarted: AbstractSet[str] = frozenset(),
    ) -> None:
        names = {s.name for s in services}
        completing = {n.service for s in services for n in s.needs if n.condition == "completed"}
        self._tell, self._restarted = tell, restarted
        self._failures: list[Failure] = []
        self._tracks: dict[str, Track] = {}
        self._of: dict[str, Track] = {}
        for service in services:
            job = service.job or service.setup_of is not None or service.name in completing
            needs = tuple(n for n in service.needs if n.service in names)
            self._tracks[service.name] = Track(service, job, needs, since=now, pending=service.name in pending)
        for waiting in reversed(self._tracks.values()):
            for need in waiting.needs:
                target = self._tracks[need.service]
                target.height = max(target.height, waiting.height + 1)
        for container in containers:
            if (track := self._tracks.get(container.service)) and not track.pending:
                self._adopt(track, container, now, stopped)
        for track in self._tracks.values():
            track.needs = through_kept(track, self._tracks)
            if track.phase is Phase.WAITING and not track.pending:
                self._begin(track, done, now)

    def _adopt(self, track: Track, container: Container, now: float, stopped: AbstractSet[str]) -> None:
        """Takes over a container, which may run already."""
        if container.oneoff:
            return
        live = track.lives[container.id] = Live(container.id)
        self._of[container.id] = track
        if container.service in stopped:
            return
        if container.state in ("running", "restarting"):
            live.running = container.state == "running"
            live.fresh = True
            live.health = container.health
            live.exit_code = container.exit_code
            if not live.running or live.id in self._restarted:
                live.deaths, live.endure = 1, ENDURE
            track.started = live.since = now

    def _begin(self, track: Track, done: Mapping[str, str], now: float) -> None:
        name = track.service.name
        if name in done:
            self._enter(track, Phase.KEPT, done[name], now)
        elif not track.lives:
            self._fail(track, Failure(name, Cause.NOT_CREATED), now)
        elif track.running and not track.job and track.healthy and track.up_at is None:
            self._enter(track, Phase.KEPT, "running", now)
        elif track.begun:
            dying = any(live.endure for live in track.lives.values())
            self._enter(track, Phase.STARTING, "it has died before" if dying else "already started", now)
        elif waiting := self._unmet(track):
            self._enter(track, Phase.WAITING, f"for {', '.join(waiting)}", now)

    def created(self, name: str, containers: Iterable[Container], now: float) -> None:
        """A pending service has these containers now; what one had before stays."""
        track = self._tracks[name]
        if not track.pending:
            return
        track.pending, track.made = False, now
        for container in containers:
            self._adopt(track, container, now, frozenset())
        if track.phase is Phase.WAITING:
            self._begin(track, {}, now)

    # What the engine says.

    def running(self, container_id: str, now: float) -> None:
        """A container has started (again): health from before does not count."""
        if track := self._of.get(container_id):
            live = track.lives[container_id]
            live.running, live.fresh, live.since, live.exit_code = True, True, now, None
            if live.health != "none":
                live.health = None
            if track.started is None:
                track.started = now
            self._settle(track, now)

    def checked(self, container_id: str, health: Health, now: float) -> None:
        """A container's health: from an event, an inspection (`none`: it has no health check) or an outside probe."""
        if not (track := self._of.get(container_id)):
            return
        live = track.lives[container_id]
        if health == "none" and track.service.has_healthcheck:
            return  # an engine that starts has not looked at its health checks yet
        if live.fresh or health == "none":  # that it has no check holds for good, and may be known before its start is
            live.health = health
            self._settle(track, now)

    def out_of_memory(self, container_id: str) -> None:
        """The kernel ended a process of the container for want of memory; a `died` may follow."""
        if track := self._of.get(container_id):
            track.lives[container_id].oom = True

    def died(self, container_id: str, exit_code: int, now: float, *, away: bool = False) -> None:
        """A container has ended; `away` says that the engine did not answer meanwhile."""
        if not (track := self._of.get(container_id)):
            return
        live = track.lives[container_id]
        if not live.fresh and not live.running:
            return
        live.running, live.exit_code, live.deaths = False, exit_code, live.deaths + 1
        if track.phase in (Phase.FAILED, Phase.SKIPPED, Phase.COMPLETED):
            return
        again = restarts(track.service, exit_code)
        if track.job and exit_code == 0:
            self._settle(track, now)
        elif again and live.deaths < DEATHS:
            live.fresh = False
            if track.phase in _DONE:
                self._enter(track, Phase.STARTING, "restarting", now)
        else:
            cause = Cause.ENGINE if away else Cause.RESTARTS if again else Cause.JOB if track.job else Cause.EXITED
            if cause is Cause.EXITED and track.phase in _DONE and not track.unchecked:
                cause = Cause.DIED
            seconds = 0.0 if track.started is None else now - track.started
            failure = Failure(track.service.name, cause, container_id, exit_code, seconds, live.oom)
            self._fail(track, failure, now)

    def gone(self, container_id: str, now: float) -> None:
        """A container was removed."""
        if (track := self._of.get(container_id)) and track.phase not in (Phase.FAILED, Phase.SKIPPED, Phase.COMPLETED):
            self._fail(track, Failure(track.service.name, Cause.GONE), now)

    def seen(self, container: Container, started: bool, now: float, *, away: bool = False) -> None:
        """A container as it was listed after events were lost; `started` says that this run has started it, `away` that
        the engine did not answer meanwhile."""
        if not (track := self._of.get(container.id)):
            return
        live = track.lives[container.id]
        if container.state == "running" and live.exit_code is None and (started or live.fresh):
            if not live.running:
                self.running(container.id, now)
            self.checked(container.id, container.health, now)
        elif container.state in ("exited", "dead") and (live.running or (started and live.exit_code is None)):
            if not live.fresh:
                self.running(container.id, now)
            self.died(container.id, -1 if container.exit_code is None else container.exit_code, now, away=away)

    def refused(self, failure: Failure, now: float) -> None:
        """A service could not be created or started, or cannot be watched."""
        track = self._tracks[failure.service]
        if track.phase is not Phase.FAILED:
            self._fail(track, failure, now)

    # What to do.

    def startable(self, now: float, busy: Collection[str] = (), at_once: int = 1) -> list[str]:
        """Services whose needs are all satisfied and that are to be started now; they count as starting from now on.

        First come those that the longest chain of others waits for, also when they are a moment from being made. While
        containers of `busy` services are being started, `at_once` or more, those that a shorter chain waits for have to
        wait; equals start together, so that the engine looks after all of them while they boot.
        """
        heights = [self._tracks[name].height for name in busy]
        names: list[str] = []
        while True:
            ready = (t for t in self._tracks.values() if t.phase is Phase.WAITING and not t.pending)
            track = max((t for t in ready if not self._unmet(t)), key=lambda t: t.height, default=None)
            if track is None or (len(heights) >= at_once and track.height < max(heights)):
                return names
            if now < track.made + ASIDE and self._longer_coming(track):
                return names
            self._enter(track, Phase.STARTING, "", now)
            self._settle(track, now)  # somebody else may have started it meanwhile, and unlocked others
            if track.phase is Phase.STARTING:
                heights.append(track.height)
                names.append(track.service.name)

    def idle(self, name: str) -> list[str]:
        """Ids of the service's containers that do not run."""
        return [live.id for live in self._tracks[name].lives.values() if not live.running]

    def pending(self, name: str) -> bool:
        """Whether it is a service whose containers are yet to be made."""
        track = self._tracks.get(name)
        return track is not None and track.pending and track.phase is Phase.WAITING

    def containers(self, name: str) -> list[str]:
        """Ids of all containers of the service."""
        return list(self._tracks[name].lives)

    def awaited(self) -> dict[str, tuple[Service, float]]:
        """Services that are starting: each with the clock's reading when its container first ran (or it was begun)."""
        return {
            name: (track.service, track.since if track.started is None else track.started)
            for name, track in self._tracks.items()
            if track.phase is Phase.STARTING
        }

    def unready(self, name: str) -> list[str]:
        """Ids of the service's running containers that are not healthy yet."""
        return [v.id for v in self._tracks[name].lives.values() if v.running and v.health not in ("none", "healthy")]

    def over(self, now: float) -> bool:
        """Whether nothing is awaited any more."""
        return all(t.phase in _OVER for t in self._tracks.values()) and self._settled_at(now) <= now

    def wake_at(self, now: float) -> float | None:
        """When to look at the clock again; None when only the engine can bring news."""
        times = [
            started + limit
            for service, started in self.awaited().values()
            if (limit := budget(service, job=self._tracks[service.name].job)) is not None
        ]
        times += [t.up_at for t in self._tracks.values() if t.phase is Phase.STARTING and t.up_at is not None]
        times += [t.made + ASIDE for t in self._tracks.values() if t.phase is Phase.WAITING and now < t.made + ASIDE]
        if all(t.phase in _OVER for t in self._tracks.values()):
            times.append(self._settled_at(now))
        return min(times, default=None)

    def expire(self, now: float) -> None:
        """Fails what has used up its start-up budget."""
        for name, (service, started) in self.awaited().items():
            track = self._tracks[name]
            limit = budget(service, job=track.job)
            self._settle(track, now)
            if track.phase is Phase.STARTING and limit is not None and now >= started + limit:
                live = track.suspect
                cause = Cause.RESTARTS if live and live.deaths else Cause.NOT_READY
                code = live.exit_code if live else None
                self._fail(track, Failure(name, cause, live.id if live else None, code, limit), now)

    def stop_waiting(self, seconds: float, now: float) -> None:
        """The whole time is used up after `seconds`: fails everything that is still awaited."""
        for name in self.awaited():
            track = self._tracks[name]
            container = next((v.id for v in track.lives.values()), None)
            self._fail(track, Failure(name, Cause.OUT_OF_TIME, container, None, seconds), now)

    def take_failures(self) -> list[Failure]:
        """The failures since the last call."""
        taken, self._failures = self._failures, []
        return taken

    @property
    def phases(self) -> Mapping[str, Phase]:
        return {name: track.phase for name, track in self._tracks.items()}

    # Inside.

    def _enter(self, track: Track, phase: Phase, detail: str, now: float, seconds: float | None = None) -> None:
        track.phase, track.since = phase, now
        self._tell(track.service.name, phase, detail, seconds)

    def _settle(self, track: Track, now: float) -> None:
        """Takes a starting service to where its containers are."""
        if track.phase is not Phase.STARTING:
            return
        seconds = now - track.since
        if track.job:
            if all(live.exit_code == 0 for live in track.lives.values()):
                self._enter(track, Phase.COMPLETED, "", now, seconds)
        elif track.running and track.healthy and now >= (track.up_at or now):
            self._enter(track, Phase.READY, "", now, seconds)

    def _unmet(self, track: Track) -> list[str]:
        return [need.service for need in track.needs if not self._met(need)]

    def _longer_coming(self, track: Track) -> bool:
        return any(t.pending and t.height > track.height and not self._unmet(t) for t in self._tracks.values())

    def _met(self, need: Need) -> bool:
        target = self._tracks[need.service]
        if not need.required and target.phase in (Phase.FAILED, Phase.SKIPPED):
            return True
        if need.condition == "started":
            return target.phase in _DONE or (target.phase is Phase.STARTING and target.running)
        return target.phase in _DONE

    def _settled_at(self, now: float) -> float:
        young = [t for t in self._tracks.values() if t.phase is Phase.READY and t.unchecked]
        begun = (live.since for track in young for live in track.lives.values() if live.since is not None)
        return max((since + SETTLE for since in begun), default=now)

    def _fail(self, track: Track, failure: Failure, now: float) -> None:
        name = track.service.name
        blocked: dict[str, None] = {}
        edge = [name]
        while edge:
            at = edge.pop(0)
            for other in self._tracks.values():
                if other.service.name not in blocked and other.lacks(self._tracks[at]):
                    blocked.setdefault(other.service.name)
                    edge.append(other.service.name)
        self._enter(track, Phase.FAILED, "", now)
        for waiting in blocked:
            if self._tracks[waiting].phase is Phase.WAITING:
                self._enter(self._tracks[waiting], Phase.SKIPPED, f"needs {name}", now)
        self._failures.append(failure.blocking(blocked))
