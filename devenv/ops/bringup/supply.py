"""Makes the containers that a bring-up lacks while others start already: images in the background, and a Compose call
for all services whose images are there by then."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Event, Phase, ServiceChanged, Sink
from devenv.model.stack import Service, Stack
from devenv.ops.checkouts import FOLDER, home
from devenv.ops.config import configuration
from devenv.ops.images import images
from devenv.ops.images.images import Consent, Images
from devenv.ops.images.needs import Choice, needs_of
from devenv.ops.images.tasks import Task, start

_WORTH_A_CALL = 6
"""Containers whose making takes about as long as one more call of Compose: 50 ms each, 0.3 s."""

_OF_ONE = frozenset({"DE509", "DE602", "DE605", "DE606"})
"""What Compose may fail with for one service, while it makes others."""

_PATIENCE = 30.0
"""Seconds that the engine may take to make a container that an earlier run has asked for: as much as a large volume
takes to be filled with what the image has there."""

_PAUSE = 0.3
"""Seconds between two calls of Compose while it does."""

_HOLDER = re.compile(r'already in use by container "?([0-9a-f]+)')
"""Who has the name, in the engine's words (DE606)."""

_MIRRORED = "mirrored"  # in state.json: the settings that name a mirror's image, so that they go with the mirror


class Arrivals(Protocol):
    """Who waits for the containers. Every method may be called from any thread."""

    def created(self, names: Sequence[str]) -> None:
        """These services have their containers now."""
        ...

    def lacking(self, service: str, error: DevenvError) -> None:
        """A service cannot have an image, or no container of it can be made."""
        ...

    def given_up(self, service: str) -> bool:
        """Whether a service has failed or is skipped, so that nothing more is told of it."""
        ...

    def ask(self, question: Callable[[], bool]) -> bool:
        """What `question` returns when it is called in the thread of who waits."""
        ...

    def under_way(self) -> None:
        """Returns when all that can start has been started, or that takes long."""
        ...

    def ended(self, error: BaseException | None) -> None:
        """Nothing more comes; with `error`, because something failed that is about more than one service."""
        ...


class Supply:
    """Makes containers for the services `names` of a stack. `create` makes those of services whose images are there,
    in one call or few, without a look at the services that it is given besides; `values` are the settings for
    `.devenv/.env`; `sink` may be called from several threads; `fresh` are those of `names` that have no container at
    all; `lacking` are other services, whose image could not be had before, and why.
    """

    def __init__(
        self,
        world: World,
        stack: Stack,
        names: Sequence[str],
        values: Mapping[str, str],
        sink: Sink,
        consent: Consent,
        create: Callable[[Sequence[str], Sequence[str]], None],
        fresh: Sequence[str] = (),
        lacking: Mapping[str, DevenvError] | None = None,
    ) -> None:
        self._fresh = tuple(fresh)
        self._lacking = dict(lacking or {})
        self._world, self._stack, self._sink, self._consent, self._create = world, stack, sink, consent, create
        self._names = tuple(names)
        self._values = dict(values)
        self._ended: SimpleQueue[tuple[Task, BaseException | None]] = SimpleQueue()
        self._stopped = threading.Event()
        self._there: set[str] = set()

    @property
    def services(self) -> tuple[str, ...]:
        """The services that have no container yet, or none that can stay."""
        return (*self._names, *self._lacking)

    @property
    def alone(self) -> frozenset[str]:
        """The services whose container may start as soon as the engine has it, before Compose has made the others:
        there is one, it takes the place of none, and Compose does nothing more to it."""
        return frozenset(name for name in self._fresh if _one_and_done(self._stack.services[name]))

    def begin(self, to: Arrivals) -> None:
        """Starts to work, in threads of its own, and tells `to` what becomes of it."""
        threading.Thread(target=self._run, args=(to,), name="devenv-supply", daemon=True).start()

    def stop(self) -> None:
        """Begins nothing more, and ends the programs that run."""
        self._stopped.set()
        self._world.processes.stop_all()

    def _run(self, to: Arrivals) -> None:
        try:
            self._supply(to)
        except DevenvError as error:
            to.ended(self._gone() or error)
        except BaseException as error:  # handed to the thread that waits, which raises it
            to.ended(error)
        else:
            to.ended(None)

    def _gone(self) -> DevenvError | None:
        """That the engine is gone, if it is: Compose has many words for an engine that goes away while it works."""
        try:
            self._world.daemon.containers(self._stack.name)
        except DevenvError as error:
            return error
        return None

    def _supply(self, to: Arrivals) -> None:
        def tell(event: Event) -> None:
            if not (isinstance(event, ServiceChanged) and to.given_up(event.service)):
                self._sink(event)

        for name, before in self._lacking.items():
            to.lacking(name, before)
        choice = choice_of(self._world)
        environment = self._world.project.environment()
        needs = needs_of(self._stack, self._names, environment, choice)
        chosen = Images(
            self._world, tell, lambda text: to.ask(lambda: self._consent(text)), choice.rewrite, dict(needs.settings)
        )
        running = chosen.tasks(needs)
        start(running, lambda task, error: self._ended.put((task, error)), self._stopped.is_set)
        fetched = frozenset(service.name for task in running for service in task.services)
        lacking = {*fetched, *self._lacking}
        left = dict.fromkeys(self._names)
        while not self._stopped.is_set():
            ready = [name for name in left if lacking.isdisjoint(self._stack.closure([name]))]
            if ready:
                save_chosen(self._world, self._values, chosen.settings, choice)
                for name in fetched.intersection(ready):
                    tell(ServiceChanged(service=name, phase=Phase.CREATING))
                for names in self._in_turn(ready):
                    self._make(names, lacking, to)
                    left = {name: None for name in left if name not in names}
                    if left:
                        to.under_way()
            if not running:
                return
            for task, error in self._news(wait=not ready):
                running.remove(task)
                if error is None:
                    lacking -= {service.name for service in task.services}
                else:
                    for name, failed in task.lacking(error).items():
                        to.lacking(name, failed)

    def _make(self, names: Sequence[str], lacking: set[str], to: Arrivals, alone: bool = False) -> None:
        """Makes the containers of `names`, but not of those that need who is `lacking`. Where Compose fails, it is
        called again without all other services (`alone`), and then for each half, until only those that it fails for
        are left: they join `lacking`."""
        names = [name for name in names if lacking.isdisjoint(self._stack.closure([name]))]
        if not names or self._stopped.is_set():
            return
        try:
            self._create_patiently(names, self._others(names) if alone else ())
        except DevenvError as error:
            if error.problems[0].code not in _OF_ONE or self._stopped.is_set():
                raise
            if gone := self._gone():
                raise gone from error
            if alone and len(names) == 1:
                lacking.add(names[0])
                to.lacking(names[0], error)
                return
            middle = len(names) // 2 if alone else 0
            for part in (names[:middle], names[middle:]):
                self._make(part, lacking, to, alone=True)
        else:
            to.created(names)

    def _create_patiently(self, names: Sequence[str], without: Sequence[str]) -> None:
        """A run that was killed may have asked for containers that the engine is still making: they have their names
        already and are not listed yet. Once they are there, Compose takes them as they are."""
        end = self._world.clock() + _PATIENCE
        while True:
            try:
                return self._create(names, without)
            except DevenvError as error:
                holder = _HOLDER.search("\n".join((error.problems[0].message, *error.problems[0].evidence)))
                if not holder or holder[1] in self._there or self._world.clock() >= end:
                    raise
                if container := self._world.daemon.inspect(holder[1]):
                    if container.labels.get(FOLDER) != home(self._world.project):
                        raise
                    self._there.add(holder[1])
                self._stopped.wait(_PAUSE)

    def _others(self, names: Sequence[str]) -> list[str]:
        needed = self._stack.closure(list(names))
        return [name for name in self._stack.services if name not in needed]

    def _in_turn(self, names: Sequence[str]) -> list[list[str]]:
        """What is made at once: all or, where there is much to make that has to wait for others anyway, first what
        can start, so that the making does not hold up the starts."""
        waiting = [n for n in names if any(need.service in names for need in self._stack.services[n].needs)]
        if len(waiting) < _WORTH_A_CALL:
            return [list(names)]
        return [[name for name in names if name not in waiting], waiting]

    def _news(self, *, wait: bool) -> list[tuple[Task, BaseException | None]]:
        """The tasks that have ended since; with `wait`, at least one."""
        news = [self._ended.get()] if wait else []
        while True:
            try:
                news.append(self._ended.get_nowait())
            except Empty:
                return news


def _one_and_done(service: Service) -> bool:
    compose = service.compose
    several = "scale" in compose or "replicas" in (compose.get("deploy") or {})
    return service.engine_starts and not several and len(compose.get("networks") or ()) <= 1


def choice_of(world: World) -> Choice:
    """How names of images are chosen on this machine. Raises DevenvError for a configuration that is wrong."""
    mirrored = world.project.state().get(_MIRRORED)
    return Choice(images.has(world), configuration(world).image, mirrored if isinstance(mirrored, dict) else {})


def save_chosen(world: World, values: dict[str, str], chosen: dict[str, str], choice: Choice) -> None:
    """Puts the names of images that were chosen into `values` and into `.devenv/.env`."""
    if not chosen.items() - values.items():
        return
    values |= chosen
    world.project.save_settings(values)
    state = dict(world.project.state())
    mirrored = {**choice.mirrored, **{k: v for k, v in chosen.items() if not v.endswith("-debian")}}
    if state.get(_MIRRORED) != mirrored:
        world.project.save_state({**state, _MIRRORED: mirrored})
