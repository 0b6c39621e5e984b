"""Makes images present: pulled, built, or stood in for where no registry answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from queue import SimpleQueue

from devenv.core.compose.dockerfile import bases
from devenv.engine import debian_image, pulling
from devenv.engine.build_output import BuildLog
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.events import Note, Output, Phase, ServiceChanged, Sink, Transfer, one_at_a_time
from devenv.model.image_name import canonical, host_of
from devenv.model.stack import Recipe, Service, Stack
from devenv.ops.images import builds, platforms
from devenv.ops.images.needs import Build, Choice, Needs, Pull, Rewrite, needs_of
from devenv.ops.images.tasks import Task, start
from devenv.records import field, mutable

Consent = Callable[[str], bool]
"""Asks a person a question; whether they agree."""


def ensure_images(
    world: World,
    stack: Stack,
    wanted: Sequence[str],
    sink: Sink,
    lacking: dict[str, DevenvError],
    *,
    choice: Choice | None = None,
    build: bool = False,
    consent: Consent = lambda question: False,
) -> dict[str, str]:
    """Makes the images of the services `wanted` present, in parallel, and returns settings that change with it
    (`DEVENV_IMAGE_DB` → the image to use), to be merged into `.devenv/.env` before containers are created.

    What the engine has costs one look at the engine and no request to any registry; `build` builds again what is
    there. A template's image whose registry cannot be reached at all is built from Debian's packages, and a Note says
    so; `consent` is asked, in this thread, before anything is installed for that. Adds to `lacking` the services whose
    image cannot be had, each with its problem (DE501–DE510); raises DevenvError for anything else.
    """
    choice = choice or Choice(has(world))
    needs = needs_of(stack, wanted, world.project.environment(), choice, build)
    said: SimpleQueue[Callable[[], bool]] = SimpleQueue()

    def ask(question: str) -> bool:
        answer: SimpleQueue[bool] = SimpleQueue()

        def reply() -> bool:
            answer.put(consent(question))
            return False

        said.put(reply)
        return answer.get()

    def take(task: Task, error: BaseException | None) -> bool:
        if error is not None:
            lacking.update(task.lacking(error))
        return True

    images = Images(world, one_at_a_time(sink), ask, choice.rewrite, dict(needs.settings))
    tasks = images.tasks(needs)
    try:
        start(tasks, lambda task, error: said.put(partial(take, task, error)))
        ended = 0
        while ended < len(tasks):
            ended += said.get()()
    except BaseException:
        world.processes.stop_all()
        raise
    return images.settings


def has(world: World) -> Callable[[str], bool]:
    """Asks the engine whether it has an image."""
    return lambda reference: world.daemon.image(reference) is not None


@mutable
class Images:
    """What one run's tasks learn and share: a dead registry or a base image is found out once. `settings` are the
    variables that change with what is chosen; `ask` asks a person, from any thread."""

    world: World
    emit: Sink
    ask: Consent
    rewrite: Rewrite
    settings: dict[str, str]
    dead: dict[str, str] = field(default_factory=dict)
    built: frozenset[str] = frozenset()
    digests: Mapping[str, str] = field(default_factory=dict)
    contexts: dict[str, dict[str, str]] = field(default_factory=dict)
    _base: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def tasks(self, needs: Needs) -> list[Task]:
        """A task for each image that `needs` names."""
        self.built, self.digests = frozenset(needs.built), needs.digests
        pulls = [Task(tuple(pull.services), partial(self._fetch, pull)) for pull in needs.pulls]
        if needs.builds:
            builds.write_contexts(self.world, {})
        ended: dict[str, threading.Event] = {}
        made = []
        for build, after in builds.in_order(self.world, needs.builds):
            ended[build.reference] = threading.Event()
            wait = [ended[reference] for reference in after]
            run = partial(self._build_after, build, wait, ended[build.reference])
            made.append(Task(tuple(build.services), run, builds=True))
        return pulls + made

    def _fetch(self, pull: Pull) -> None:
        """Pulls an image or, when no registry answers, builds what stands in for it."""
        try:
            self._pull(pull.reference, pull.platform, pull.names)
        except DevenvError as error:
            dead = error.problems[0].code == "DE502"
            if dead and self.world.daemon.image(pull.reference) is not None:  # `pull_policy: always`
                text = f"the registry {host_of(pull.reference)} cannot be reached: {pull.reference} stays as it is"
                self.emit(Note(text=text, level="warning"))
                return
            if not dead or not pull.recipes:
                raise
        else:
            doubt = platforms.other(self.world.daemon, pull.reference, pull.platform)
            if doubt is not None:
                self.emit(Note(text=doubt, level="warning"))
            return
        for recipe, services in pull.recipes.items():
            self._stand_in(pull.reference, recipe, services)

    def _build_after(self, build: Build, others: Sequence[threading.Event], ended: threading.Event) -> None:
        """Builds a service's image once those that it builds on have ended: if one failed, BuildKit will say so."""
        try:
            for other in others:
                other.wait()
            self._build(build.service)
        finally:
            ended.set()

    def _build(self, service: Service) -> None:
        """Builds a service's image, on our own base image where its own cannot be had."""
        names = [name for name in builds.bases_of(self.world.project, service) if canonical(name) not in self.built]
        found = self._stand_ins(names, (service.name,))
        with self._writing:
            if found:
                self.contexts[service.name] = found
                builds.write_contexts(self.world, self.contexts)
        begun = self.world.clock()
        builds.build_service(self.world, service, self.emit)
        self._ended(Phase.BUILDING, [service.name], "", begun)

    def _pull(self, reference: str, platform: str | None, services: Sequence[str]) -> None:
        host = host_of(reference)
        if host in self.dead:
            raise pulling.failure(reference, self.dead[host])
        for name in services:
            self.emit(ServiceChanged(service=name, phase=Phase.PULLING, detail=reference))
        begun = self.world.clock()
        platforms.check(self.world.daemon, reference, platform)

        def progress(current: int, total: int) -> None:
            self.emit(Transfer(image=reference, services=tuple(services), current=current, total=total))

        def again(reason: str) -> None:
            self.emit(Note(text=f"pulling {reference} again: {reason}", level="warning"))

        try:
            self.world.daemon.pull(reference, progress, platform, again)
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

    def _stand_in(self, reference: str, recipe: Recipe, services: Sequence[Service]) -> None:
        names = tuple(service.name for service in services)
        if self.world.daemon.image(recipe.tag) is None:
            wanted = bases(self.world.project.read(f"{recipe.folder}/{recipe.dockerfile}"), dict(recipe.args))
            contexts = self._stand_ins(wanted, names)
            begun = self.world.clock()
            for name in names:
                self.emit(ServiceChanged(service=name, phase=Phase.BUILDING, detail=recipe.tag))
            self.world.compose.build_image(recipe, contexts, self._following(names))
            self._ended(Phase.BUILDING, names, recipe.tag, begun)
        for service in services:
            assert service.image_variable is not None  # see Pull.recipes
            self.settings[service.image_variable] = recipe.tag
        dead = f"the registry {host_of(reference)} cannot be reached"
        who, uses = ", ".join(names), "uses" if len(names) == 1 else "use"
        instead = f"{who} {uses} {recipe.tag}, built from Debian's packages, for {reference}"
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
        named contexts for those that are pinned, come from a mirror, or have our own base image stand in for them.
        Raises DevenvError DE501 or DE502 for others, DE507 when it cannot be made."""
        found: dict[str, str] = {}
        ours = False
        for name in names:
            wanted = f"{name}@{self.digests[name]}" if name in self.digests else name
            mirrored = self.rewrite(wanted)
            if mirrored != name:
                found[name] = f"docker-image://{mirrored}"
            if self.world.daemon.image(mirrored) is not None:
                continue
            try:
                self._pull(mirrored, None, services)
            except DevenvError as error:
                code, context = error.problems[0].code, builds.stand_in(name)
                if code == "DE502" and context is not None:
                    found[name], ours = context, True
                elif code in ("DE501", "DE502") or mirrored != wanted:
                    raise
                # anything else is for the build to find out: it may ask for another platform
        if ours:
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
                self.ask,
                lambda line: self.emit(Output(source="mmdebstrap", text=line)),
            )
