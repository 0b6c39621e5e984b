"""Starts a stack's containers, each the moment its needs are satisfied, led by the engine's own events.

Threads start containers, one thread reads the event stream, and one loop, fed by one queue, decides nothing
but order: what may start, what is awaited and what has failed is `ops.bringup.progress`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event as Flag
from threading import Thread

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Note, Phase, ServiceChanged, ServiceFailed, Sink
from devenv.model.observed import Container, ContainerChange
from devenv.model.stack import Service
from devenv.ops.bringup.absence import Absence
from devenv.ops.bringup.asking import Asking
from devenv.ops.bringup.begun import Beginnings
from devenv.ops.bringup.progress import Progress
from devenv.ops.bringup.replacing import Replacing
from devenv.ops.bringup.results import Outcome
from devenv.ops.bringup.supply import Supply
from devenv.ops.bringup.workers import Workers
from devenv.ops.failures.failures import Cause, Failure

_AT_ONCE = max(1, (os.cpu_count() or 2) // 2)
"""Starts beside which one on a shorter chain waits: on two processors, one takes 0.22 s alone, 0.33 s beside one."""

_PATIENT = 2.0
"""Seconds that the making of further containers waits for starts that are under way."""

_LAST_WORDS = 1.0
"""Seconds that an interrupt waits for failures that are being explained."""

_LOOKS = (0.7, 2.0, 5.0)
"""Seconds after a container's start at which a service that is still not ready is looked at, and then every ten."""


def execute(
    world: World,
    project: str,
    services: Sequence[Service],
    sink: Sink,
    *,
    done: Mapping[str, str] | None = None,
    stopped: AbstractSet[str] = frozenset(),
    timeout: float | None = None,
    supply: Supply | None = None,
    neighbours: Mapping[str, Service] | None = None,
    beginnings: Beginnings | None = None,
    restarted: AbstractSet[str] = frozenset(),
) -> Outcome:
    """Brings up `services` (in start order) and returns when all are ready or have failed. Their containers exist, or
    `supply` makes them meanwhile.

    `done` names jobs that are not run again, and why, `stopped` services that the caller has just stopped; `timeout`
    bounds the whole from the moment on in which all containers are made, in seconds; `neighbours` are all services of
    the stack, so that a need that is missing can be named; `beginnings` remember what jobs are started with;
    `restarted` are containers that may be dying again and again.
    Raises DevenvError when the engine goes away or Compose fails, and passes KeyboardInterrupt on after saying what is
    still coming up; containers stay as they are, and the next call goes on from there.
    """
    with world.daemon.watch(project) as changes:
        run = _Run(world, project, services, sink, done or {}, stopped, supply, restarted)
        run.neighbours, run.beginnings = neighbours or {}, beginnings
        Thread(target=run.read, args=(changes,), name="devenv-events", daemon=True).start()
        try:
            if supply is not None:
                supply.begin(run)
            run.loop(timeout)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                run.interrupted()
            if supply is not None:
                supply.stop()
            raise
        finally:
            run.close()
    return Outcome(dict(run.progress.phases), tuple(run.failed))


class _Run:
    """The threads of one bring-up. Everything but `read`, what `supply.Arrivals` names, and what `_workers` do is the
    loop's own."""

    def __init__(
        self,
        world: World,
        project: str,
        services: Sequence[Service],
        sink: Sink,
        done: Mapping[str, str],
        stopped: AbstractSet[str],
        supply: Supply | None,
        restarted: AbstractSet[str],
    ) -> None:
        self._world, self._project, self._sink = world, project, sink
        self._services = {s.name: s for s in services}
        self.neighbours: Mapping[str, Service] = {}
        self.beginnings: Beginnings | None = None
        self._inbox: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._workers = Workers(lambda error: self._inbox.put(partial(_raise, error)))
        self._closed = Flag()
        self._explaining = 0
        self._starting: set[str] = set()
        self._until_started: list[Flag] = []
        self._looks: dict[str, int] = {}
        self._begun: set[str] = set()
        self.failed: list[ServiceFailed] = []
        pending = frozenset(supply.services if supply else ())
        self._alone = supply.alone if supply else frozenset()
        self._supplied = Flag()
        if supply is None:
            self._supplied.set()
        self._absence = Absence(world, project, sink)
        listed = world.daemon.containers(project) if pending < self._services.keys() else []
        self._paused = {c.id for c in listed if c.state == "paused"}
        self.progress = Progress(services, listed, done, self._tell, world.clock(), stopped, pending, restarted)
        self._replacing = Replacing(self.progress, sink)
        self._asking = Asking(world, self.progress, self._inbox, self._closed, sink)
        for name in self.progress.awaited():
            self._asking.anew(name, self.progress.unready(name))

    def loop(self, timeout: float | None) -> None:
        """Runs until every service is ready, completed, failed or skipped."""
        clock, progress = self._world.clock, self.progress
        end: float | None = None
        while True:
            now = clock()
            if end is None and timeout is not None and self._supplied.is_set():
                end = now + timeout
            self._absence.bear(now)
            self._replacing.tell(now)
            if self._absence.since is None:
                progress.expire(now)
            if end is not None and timeout is not None and now >= end:
                progress.stop_waiting(timeout, now)
            for name in progress.startable(now, self._starting, _AT_ONCE) if self._absence.since is None else ():
                self._starting.add(name)
                self._workers.submit(self._start, self._services[name], progress.idle(name))
            if not self._starting:
                while self._until_started:
                    self._until_started.pop().set()
            for failure in progress.take_failures():
                self._explaining += 1
                self._workers.submit(self._explain, failure)
            done = self._supplied.is_set() and progress.over(now) and not self._explaining
            if done and self._absence.since is None:
                return
            self._take(self._patience(now, end))

    def read(self, changes: Iterable[ContainerChange]) -> None:
        """The reader thread: from the engine's stream to the loop's queue."""
        try:
            for change in changes:
                self._inbox.put(partial(self._changed, change))
        except Exception as error:
            if not self._closed.is_set():
                self._inbox.put(partial(_raise, error))

    def interrupted(self) -> None:
        """Says what is still coming up, after why others have failed: who sees that one did may interrupt at once."""
        end = self._world.clock() + _LAST_WORDS
        with suppress(DevenvError):
            while self._explaining and (left := end - self._world.clock()) > 0:
                self._take(left)
        waiting = [n for n, p in self.progress.phases.items() if p in (Phase.WAITING, Phase.STARTING)]
        names = f"; still coming up: {', '.join(waiting)}" if waiting else ""
        self._sink(Note(text=f"interrupted{names}. `devenv up` goes on from here.", level="warning"))

    def close(self) -> None:
        """Ends the threads; a start that is under way is left to the engine."""
        self._closed.set()
        self._workers.close()

    # What the supply says (`supply.Arrivals`), from its threads.

    def created(self, names: Sequence[str]) -> None:
        listed = self._world.daemon.containers(self._project)
        self._inbox.put(partial(self._created, {n: [c for c in listed if c.service == n] for n in names}))

    def lacking(self, service: str, error: DevenvError) -> None:
        failure = Failure(service, Cause.REFUSED, error=error)
        self._inbox.put(lambda: self.progress.refused(failure, self._world.clock()))

    def given_up(self, service: str) -> bool:
        return self.progress.phases.get(service) in (Phase.FAILED, Phase.SKIPPED)

    def ask(self, question: Callable[[], bool]) -> bool:
        answer: SimpleQueue[bool] = SimpleQueue()
        self._inbox.put(lambda: answer.put(question()))
        return answer.get()

    def under_way(self) -> None:
        started = Flag()
        self._inbox.put(lambda: self._until_started.append(started))
        started.wait(_PATIENT)

    def ended(self, error: BaseException | None) -> None:
        self._inbox.put(self._supplied.set if error is None else partial(_raise, error))

    # The loop's own.

    def _created(self, containers: Mapping[str, Sequence[Container]]) -> None:
        for name, found in containers.items():
            self.progress.created(name, found, self._world.clock())

    def _tell(self, service: str, phase: Phase, detail: str, seconds: float | None) -> None:
        self._sink(ServiceChanged(service=service, phase=phase, detail=detail, seconds=seconds))

    def _take(self, patience: float | None) -> None:
        """Waits for news, and takes all that there is."""
        try:
            self._inbox.get(timeout=patience)()
            while True:
                self._inbox.get_nowait()()
        except Empty:
            return

    def _patience(self, now: float, end: float | None) -> float | None:
        """Seconds until the clock matters; looks at services that have been starting for a while.

        What was due by `now` is done: to wait no time for it would keep a processor busy while a failure is explained.
        """
        clocks = (self.progress.wake_at(now), end, *self._absence.times(), *self._replacing.times())
        times = [t for t in clocks if t is not None and t > now]
        for name, (_, started) in self.progress.awaited().items():
            looks = self._looks.get(name, 0)
            due = started + (_LOOKS[looks] if looks < len(_LOOKS) else 10.0 * (looks - len(_LOOKS) + 1))
            if due <= now:
                self._looks[name] = looks + 1
                self._workers.submit(self._look, self._services[name], self.progress.unready(name))
            else:
                times.append(due)
        return min(times) - now if times else None

    def _changed(self, change: ContainerChange) -> None:
        now = self._world.clock()
        self._replacing.hear(change, now)
        if change.lost:
            self._workers.submit(self._list_again)
        elif change.away:
            self._absence.begin(now)
        elif change.action == "create" and change.service in self._alone:
            self._workers.submit(self._made, change.service, change.container_id)
        elif change.action == "start":
            self.progress.running(change.container_id, now)
        elif change.action == "health_status" and change.health is not None:
            self.progress.checked(change.container_id, change.health, now)
        elif change.action == "kill":
            self._absence.signalled(change.container_id)
        elif change.action == "oom":
            self.progress.out_of_memory(change.container_id)
        elif change.action == "die":
            code = -1 if change.exit_code is None else change.exit_code
            self.progress.died(change.container_id, code, now, away=self._absence.lasts(now))
        elif change.action == "destroy":
            self.progress.gone(change.container_id, now)

    def _listed(self, containers: list[Container], begun: set[str]) -> None:
        now = self._world.clock()
        away = self._absence.lasts(now)
        self._absence.end()
        for container in containers:
            self.progress.seen(container, container.id in begun, now, away=away)
        there = {c.id for c in containers}
        for name in self._services:
            for missing in [c for c in self.progress.containers(name) if c not in there]:
                self.progress.gone(missing, now)

    def _explained(self, event: ServiceFailed) -> None:
        self._explaining -= 1
        self.failed.append(event)
        self._sink(event)

    # In threads of their own.

    def _made(self, name: str, container_id: str) -> None:
        """A container that need not wait until Compose has made all the others."""
        container = self._world.daemon.inspect(container_id)
        if container is not None and not container.oneoff:
            self._inbox.put(partial(self._created, {name: [container]}))

    def _start(self, service: Service, ids: list[str]) -> None:
        beginnings = self.beginnings if service.job else None
        try:
            if beginnings:
                beginnings.look(service, ids)
            started = self._started(service, ids)
            if started and beginnings:
                beginnings.keep(service, ids)
        finally:
            self._inbox.put(partial(self._starting.discard, service.name))
        if not started:
            return
        self._begun.update(ids)
        if not service.has_healthcheck and not service.job:
            self._asking.for_check(ids)

    def _started(self, service: Service, ids: list[str]) -> bool:
        """Starts the containers; False when the engine refuses to."""
        try:
            for container_id in ids:
                if container_id in self._paused:
                    self._world.daemon.stop(container_id)
                if service.engine_starts:
                    self._world.daemon.start(container_id)
            if not service.engine_starts:
                self._world.compose.up_one(service.name)
        except DevenvError as error:
            if error.problems[0].code == "DE401":
                raise
            self.lacking(service.name, error)
            return False
        return True

    def _look(self, service: Service, ids: list[str]) -> None:
        try:
            self._asking.look(service, ids)
        except DevenvError as error:
            if error.problems[0].code != "DE401":  # of which the event stream will tell
                raise

    def _list_again(self) -> None:
        daemon, begun = self._world.daemon, set(self._begun)  # copied before the listing
        listed = daemon.containers(self._project)
        ended = {c.id: daemon.inspect(c.id) for c in listed if c.state in ("exited", "dead")}
        self._inbox.put(partial(self._listed, [ended.get(c.id) or c for c in listed], begun))

    def _explain(self, failure: Failure) -> None:
        from devenv.ops.failures.explaining import explained  # the known causes, which most runs can do without

        if (blamed := self._absence.blamed(failure)) is not failure:
            failure = blamed
            self._inbox.put(lambda: self._absence.begin(self._world.clock()))
        containers = self.progress.containers(failure.service)
        said = self._asking.said.get(failure.container or "")
        event = explained(self._world, failure, {**self._services, **self.neighbours}, containers, said)
        self._inbox.put(partial(self._explained, event))


def _raise(error: BaseException) -> None:
    raise error
