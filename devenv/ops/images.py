"""Makes every image that a bring-up needs present: pulled, built, or stood in for where no registry answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue

from devenv.core.dockerfile import bases
from devenv.engine import debian_image, pulling
from devenv.engine.build_output import BuildLog
from devenv.engine.pulling import host_of
from devenv.engine.world import World
from devenv.errors import DevenvError, Problem, Report
from devenv.events import Event, Note, Output, Phase, ServiceChanged, Sink, Transfer
from devenv.model.stack import Recipe, Service, Stack
from devenv.ops import image_builds
from devenv.ops.image_needs import Pull, needs_of

Consent = Callable[[str], bool]
"""Asks a person a question; whether they agree."""

_AT_ONCE = 4  # tasks: more pulls than that only share the same line


def ensure_images(
    world: World,
    stack: Stack,
    wanted: Sequence[str],
    sink: Sink,
    *,
    build: bool = False,
    consent: Consent = lambda question: False,
) -> dict[str, str]:
    """Makes the images of the services `wanted` present, in parallel, and returns settings that change with it
    (`DEVENV_IMAGE_DB` → the image to use), to be merged into `.devenv/.env` before containers are created.

    What the engine has costs one look at the engine and no request to any registry; `build` builds again what is
    there. A template's image whose registry cannot be reached at all is built from Debian's packages, and a Note says
    so; `consent` is asked, in this thread, before anything is installed for that. Raises DevenvError with a problem
    (DE501–DE510) for each image that cannot be had.
    """
    needs = needs_of(
        stack, wanted, world.project.environment(), lambda name: world.daemon.image(name) is not None, build
    )
    run = _Run(world, sink, dict(needs.settings))
    tasks: list[Callable[[], None]] = [lambda pull=pull: run.fetch(pull) for pull in needs.pulls]  # type: ignore[misc]
    if needs.builds:
        tasks.append(lambda: run.build(needs.builds))
    run.all(tasks, consent)
    return run.settings


@dataclass(slots=True)
class _Question:
    text: str
    answer: SimpleQueue[bool] = field(default_factory=SimpleQueue)


@dataclass(slots=True)
class _Run:
    """One run's tasks, each in a thread, and what they learn: a dead registry or a base image is found out once."""

    world: World
    sink: Sink
    settings: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    dead: dict[str, str] = field(default_factory=dict)
    _said: SimpleQueue[_Question | BaseException | None] = field(default_factory=SimpleQueue)
    _one: threading.Lock = field(default_factory=threading.Lock)
    _base: threading.Lock = field(default_factory=threading.Lock)

    def all(self, tasks: Sequence[Callable[[], None]], consent: Consent) -> None:
        """Runs the tasks, a few at once, and answers their questions in this thread."""
        left = list(tasks)
        running = 0
        try:
            while left or running:
                while left and running < _AT_ONCE:
                    threading.Thread(target=self._task, args=(left.pop(0),), daemon=True).start()
                    running += 1
                said = self._said.get()
                if isinstance(said, _Question):
                    said.answer.put(consent(said.text))
                    continue
                running -= 1
                if isinstance(said, DevenvError):
                    self.problems.extend(said.problems)
                elif said is not None:
                    raise said
        except BaseException:
            self.world.processes.stop_all()
            raise
        if self.problems:
            raise DevenvError(*Report.sorted(self.problems))

    def fetch(self, pull: Pull) -> None:
        """Pulls an image or, when no registry answers, builds its stand-in."""
        try:
            self._pull(pull.reference, pull.platform, pull.names)
        except DevenvError as error:
            dead = error.problems[0].code == "DE502"
            if dead and self.world.daemon.image(pull.reference) is not None:  # `pull_policy: always`
                text = f"the registry {host_of(pull.reference)} cannot be reached: {pull.reference} stays as it is"
                self.emit(Note(text=text, level="warning"))
                return
            if not dead or pull.recipe is None:
                raise DevenvError(*(_of(service, error.problems[0]) for service in pull.services)) from error
        else:
            self._compare(pull)
            return
        self._stand_in(pull, pull.recipe)

    def build(self, services: Sequence[Service]) -> None:
        """Builds services' images, on our own base image where theirs cannot be had."""
        contexts: dict[str, dict[str, str]] = {}
        problems: list[Problem] = []
        for service in services:
            try:
                contexts[service.name] = self._stand_ins(image_builds.bases_of(self.world, service), (service.name,))
            except DevenvError as error:
                problems.append(_of(service, error.problems[0]))
        if problems:
            raise DevenvError(*problems)
        image_builds.write_contexts(self.world, contexts)
        begun = self.world.clock()
        image_builds.build_services(self.world, services, self.emit)
        self._ended(Phase.BUILDING, [service.name for service in services], "", begun)

    def emit(self, event: Event) -> None:
        with self._one:
            self.sink(event)

    def _task(self, task: Callable[[], None]) -> None:
        try:
            task()
        except BaseException as error:  # handed to the thread that waits, which raises it
            self._said.put(error)
        else:
            self._said.put(None)

    def _pull(self, reference: str, platform: str | None, services: Sequence[str]) -> None:
        host = host_of(reference)
        if host in self.dead:
            raise pulling.failure(reference, self.dead[host])
        for name in services:
            self.emit(ServiceChanged(service=name, phase=Phase.PULLING, detail=reference))

        begun = self.world.clock()

        def progress(current: int, total: int) -> None:
            self.emit(Transfer(image=reference, services=tuple(services), current=current, total=total))

        try:
            self.world.daemon.pull(reference, progress, platform)
        except DevenvError as error:
            if error.problems[0].code == "DE502":
                self.dead[host] = "\n".join(error.problems[0].evidence)
            raise
        self._ended(Phase.PULLING, services, reference, begun)

    def _ended(self, phase: Phase, services: Sequence[str], detail: str, begun: float) -> None:
        """Tells that the services have what they pulled or built, while others may still be at it."""
        seconds = self.world.clock() - begun
        for name in services:
            self.emit(ServiceChanged(service=name, phase=phase, detail=detail, seconds=seconds))

    def _compare(self, pull: Pull) -> None:
        """Tells people of an image that is made for another kind of processor."""
        image = self.world.daemon.image(pull.reference)
        engine = self.world.daemon.info().architecture
        if image and image.architecture and engine and image.architecture != engine and not pull.platform:
            text = (
                f"{pull.reference} is made for {image.architecture}, this engine is {engine}: it may run slowly, or not"
            )
            self.emit(Note(text=text, level="warning"))

    def _stand_in(self, pull: Pull, recipe: Recipe) -> None:
        if self.world.daemon.image(recipe.tag) is None:
            names = bases(self.world.project.read(f"{recipe.folder}/{recipe.dockerfile}"), dict(recipe.args))
            contexts = self._stand_ins(names, pull.names)
            begun = self.world.clock()
            for name in pull.names:
                self.emit(ServiceChanged(service=name, phase=Phase.BUILDING, detail=recipe.tag))
            self.world.compose.build_image(recipe, contexts, self._following(pull.names))
            self._ended(Phase.BUILDING, pull.names, recipe.tag, begun)
        for service in pull.services:
            assert service.image_variable is not None  # see Pull.recipe
            self.settings[service.image_variable] = recipe.tag
        dead = f"the registry {host_of(pull.reference)} cannot be reached"
        who, uses = ", ".join(pull.names), "uses" if len(pull.names) == 1 else "use"
        instead = f"{who} {uses} {recipe.tag}, built from Debian's packages, for {pull.reference}"
        self.emit(Note(text=f"{dead}: {instead}"))

    def _following(self, names: Sequence[str]) -> Callable[[str], None]:
        """Takes a build's lines and tells of its steps."""
        log = BuildLog()

        def take(line: str) -> None:
            step = log.add(line)
            self.emit(Output(source="build", text=line))
            if step is not None:
                for name in names:
                    self.emit(ServiceChanged(service=name, phase=Phase.BUILDING, detail=str(step)))

        return take

    def _stand_ins(self, names: Sequence[str], services: Sequence[str]) -> dict[str, str]:
        """Fetches the base images `names` that the engine lacks, which is quicker to fail than BuildKit is; returns
        named contexts for those that our own base image, made for it, stands in for. Raises DevenvError DE501 or
        DE502 for others, DE507 when it cannot be made."""
        found: dict[str, str] = {}
        for name in names:
            if self.world.daemon.image(name) is not None:
                continue
            try:
                self._pull(name, None, services)
            except DevenvError as error:
                code, context = error.problems[0].code, image_builds.stand_in(name)
                if code == "DE502" and context is not None:
                    found[name] = context
                elif code in ("DE501", "DE502"):
                    raise
                # anything else is for the build to find out: it may ask for another platform
        if found:
            self._ensure_base(services)
        return found

    def _ensure_base(self, services: Sequence[str]) -> None:
        with self._base:
            if self.world.daemon.image(debian_image.BASE) is not None:
                return
            for name in services:
                self.emit(ServiceChanged(service=name, phase=Phase.BUILDING, detail="base image from Debian's archive"))
            debian_image.make_base(
                self.world.processes,
                self.world.daemon,
                self._ask,
                lambda line: self.emit(Output(source="mmdebstrap", text=line)),
            )

    def _ask(self, question: str) -> bool:
        asked = _Question(question)
        self._said.put(asked)
        return asked.answer.get()


def _of(service: Service, problem: Problem) -> Problem:
    """The problem at the service that has it."""
    return replace(problem, mark=service.mark, path=f"services.{service.name}")
