"""What the services print: merged by time, or followed as it comes."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.observed import Container
from devenv.ops.bringup.settings import elsewhere
from devenv.ops.down import find_project
from devenv.ops.select import known
from devenv.records import frozen

_AGO = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")


@frozen
class LogLine:
    """A line that a service printed. `at` is the engine's time; `container` tells several of one service apart."""

    service: str
    at: datetime
    text: str
    container: str = ""


def logs(
    world: World,
    services: Sequence[str] = (),
    *,
    follow: bool = False,
    since: str | None = None,
    tail: int | None = None,
) -> Iterator[LogLine]:
    """Lines of `services` (all when empty), oldest first; with `follow` on and on, from new containers too.

    `since` is an age (`10m`, `1h30m`) or a time (RFC 3339); `tail` counts lines of each container. Raises
    DevenvError: DE630 when there are no containers, DE720 unknown service, DE710 `since` that is neither.
    """
    start = None if since is None else moment(since, world.now())
    project = find_project(world)
    containers = [c for c in world.daemon.containers(project) if not c.oneoff]
    if not containers or elsewhere(world, containers):
        raise DevenvError.of("DE630", f"'{project}' has no containers", hint="`devenv up` brings it up")
    known(sorted({c.service for c in containers}), services)
    chosen = sorted((c for c in containers if not services or c.service in services), key=lambda c: c.name)
    if follow:
        return _Follower(world, project, tuple(services), start, tail).lines(chosen)
    streams = [_lines(world, c, start, tail) for c in chosen]
    return heapq.merge(*streams, key=lambda line: line.at)


def moment(text: str, now: datetime) -> datetime:
    """The time that `10m` (ago) or an RFC 3339 time means."""
    found = _AGO.fullmatch(text)
    if text and found and any(found.groups()):
        days, hours, minutes, seconds = (int(number or 0) for number in found.groups())
        try:
            return now - timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        except OverflowError:
            return datetime.min.replace(tzinfo=now.tzinfo)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        hint = "write an age like 10m or 1h30m, or a time like 2024-05-01T12:00:00Z"
        raise DevenvError.of("DE710", f"'{text}' is not a time", hint=hint) from None
    return at if at.tzinfo else at.astimezone()


def _lines(world: World, container: Container, since: datetime | None, tail: int | None) -> Iterator[LogLine]:
    for at, text in world.daemon.logs(container.id, since=since, tail=tail):
        yield LogLine(container.service, at, text, container.name)


class _Follower:
    """A thread per running container, and one that reads events and so finds containers that start later."""

    def __init__(
        self, world: World, project: str, services: tuple[str, ...], since: datetime | None, tail: int | None
    ) -> None:
        self._world, self._project, self._services = world, project, services
        self._since, self._tail = since, tail
        self._out: SimpleQueue[LogLine | BaseException] = SimpleQueue()
        self._followed: dict[str, datetime | None] = {}
        self._active: set[str] = set()
        self._ended = Flag()

    def lines(self, containers: Sequence[Container]) -> Iterator[LogLine]:
        """Lines as they come, until the consumer stops asking or the engine goes away (DE401)."""
        with self._world.daemon.watch(self._project) as changes:
            Thread(target=self._watch, args=(changes,), name="devenv-log-events", daemon=True).start()
            past = [_lines(self._world, c, self._since, self._tail) for c in containers if c.state != "running"]
            yield from heapq.merge(*past, key=lambda line: line.at)
            for container in containers:
                if container.state == "running":
                    self._follow(container, self._since, self._tail)
            try:
                while True:
                    line = self._out.get()
                    if isinstance(line, BaseException):
                        raise line
                    yield line
            finally:
                self._ended.set()

    def _follow(self, container: Container, since: datetime | None, tail: int | None) -> None:
        if container.id not in self._active:
            self._active.add(container.id)
            arguments = (container, since, tail)
            Thread(target=self._read, args=arguments, name=f"devenv-log-{container.service}", daemon=True).start()

    def _read(self, container: Container, since: datetime | None, tail: int | None) -> None:
        try:
            for at, text in self._world.daemon.logs(container.id, follow=True, since=since, tail=tail):
                if self._ended.is_set():
                    return
                self._followed[container.id] = at
                self._out.put(LogLine(container.service, at, text, container.name))
        except DevenvError as error:
            if error.problems[0].code == "DE401":
                self._out.put(error)
        finally:
            self._active.discard(container.id)

    def _watch(self, changes: Iterator[object]) -> None:
        """Takes up containers that start, from where their last line was."""
        try:
            for change in changes:
                if getattr(change, "action", "") == "start" or getattr(change, "lost", False):
                    self._take_up()
        except Exception as error:
            if not self._ended.is_set():
                self._out.put(error)

    def _take_up(self) -> None:
        for container in self._world.daemon.containers(self._project):
            wanted = not self._services or container.service in self._services
            if wanted and container.state == "running" and not container.oneoff:
                last = self._followed.get(container.id)
                self._follow(container, last + timedelta(microseconds=1) if last else None, None)
