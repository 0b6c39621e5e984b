"""Images, containers and starts side by side: `up` on a small world whose images take their time."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from devenv.core.stack.render import definition_hashes
from devenv.engine.pulling import failure
from devenv.errors import DevenvError, ExitCode, Report
from devenv.events import Event, Finished, Note, Phase, ServiceChanged, ServiceFailed
from devenv.model.observed import ContainerChange
from devenv.ops.load import load_stack
from devenv.ops.up import UpResult, up
from devenv.records import replace
from tests.fakes import FakeCompose, FakeDaemon, FakeProject, Life, fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { image: "db:1", ports: { main: 5432 }, ready: { tcp: main } }
  seed: { build: ./app, image: shop-seed, job: true, needs: [db] }
  app: { build: ./app, needs: [db] }
  web: { image: "web:1", needs: [app] }
  aside: { image: "web:1" }
"""
LIVES = {"seed": Life(checked=False, exit=0.01)} | {n: Life(checked=False) for n in ("app", "web", "aside")}


class Slow(FakeDaemon):
    """An engine whose pulls take `seconds`, or say words."""

    def __init__(self, *there: str, seconds: float = 0.0, says: dict[str, str] | None = None) -> None:
        super().__init__()
        self.images = set(there)
        self.seconds = seconds
        self.says = says or {}
        self.pulls: list[str] = []
        self.times_pulled: dict[str, float] = {}

    def pull(self, reference, on_bytes=None, platform=None, on_retry=None) -> None:
        self.pulls.append(reference)
        time.sleep(self.seconds)
        if words := self.says.get(reference):
            raise failure(reference, words)
        assert self.images is not None
        self.images.add(reference)
        self.times_pulled[reference] = time.time()


class Building(FakeCompose):
    """Compose whose builds take `seconds`, or fail."""

    seconds = 0.0
    fails: frozenset[str] = frozenset()
    refuses = ""
    bad: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()

    def build(self, services: Sequence[str], on_line=None) -> None:
        super().build(services, on_line)
        time.sleep(self.seconds)
        if self.fails.intersection(services):
            raise DevenvError.of("DE510", "building failed", evidence=["no rule"])

    def create(self, services, on_line=None, *, recreate=False, without=()) -> None:
        if self.refuses:
            raise DevenvError.of(self.refuses, "Compose says no")
        if self.bad.intersection(services) or self.lost.difference(without):
            raise DevenvError.of("DE605", "Compose says no", evidence=["bind source path does not exist: /srv/x"])
        super().create(services, on_line, recreate=recreate, without=without)


class Small:
    def __init__(self, daemon: Slow, manifest: str = MANIFEST) -> None:
        self.daemon = daemon
        self.project = FakeProject({"devenv.yaml": manifest, "app/Dockerfile": "FROM scratch\n", "app/x": ""})
        self.compose = Building(daemon, LIVES)
        self.configuration = ""
        self.world = fake_world(
            daemon,
            project=self.project,
            compose=self.compose,
            configuration=lambda: [("config.yaml", self.configuration)],
        )
        self.compose.labels = lambda name: {
            "dev.devenv.hash": definition_hashes(load_stack(self.world, Report()).stack)[name]
        }
        self.events: list[Event] = []

    def up(self, *names: str, sink: Callable[[Event], None] | None = None, **options) -> UpResult:
        self.events.clear()
        self.compose.calls.clear()
        return up(self.world, sink or self.events.append, names=names, **options)

    def failures(self) -> dict[str, str]:
        return {e.service: e.code for e in self.events if isinstance(e, ServiceFailed)}

    def at(self, service: str, phase: Phase, last: bool = False) -> float:
        changes = [e for e in self.events if isinstance(e, ServiceChanged) and e.service == service]
        return [e.clock for e in changes if e.phase is phase][-1 if last else 0]


ALL = ("db:1", "web:1", "shop-seed", "shop-app")


def test_with_every_image_there_compose_is_called_once() -> None:
    small = Small(Slow(*ALL))
    assert small.up().ok
    assert [call for call in small.compose.calls if not call.startswith("build")] == ["create db seed app web aside"]
    assert small.daemon.pulls == []


def test_what_is_there_is_ready_before_a_slow_build_ends() -> None:
    small = Small(Slow("db:1", "web:1"))
    small.compose.seconds = 3.0  # longer than a busy machine takes for the rest
    assert small.up().ok
    assert small.compose.calls[0] in ("create db aside", "build seed", "build app")
    assert small.at("db", Phase.READY) < small.at("app", Phase.BUILDING, last=True)
    assert sorted(call for call in small.compose.calls if call.startswith("build")) == ["build app", "build seed"]
    assert small.daemon.starts.index("app") < small.daemon.starts.index("web")


class Held(Building):
    """Compose that finds the name of `web` taken, by `holder`, so many `times`."""

    holder = "0abc"
    times = 1

    def create(self, services, on_line=None, *, recreate=False, without=()) -> None:
        if "web" in services and self.times:
            self.times -= 1
            said = f'Conflict. The container name "/shop-web-1" is already in use by container "{self.holder}".'
            raise DevenvError.of("DE606", f"a container's name is in use already: {said}")
        super().create(services, on_line, recreate=recreate, without=without)


def held(times: int, folder: str | None = None) -> tuple[Small, UpResult]:
    small = Small(Slow(*ALL))
    compose = Held(small.daemon, LIVES)
    compose.labels, compose.times = small.compose.labels, times
    small.compose, small.world = compose, replace(small.world, compose=compose)
    if folder is not None:
        small.daemon.add("stranger", labels={"com.docker.compose.project.working_dir": folder}, id="0abc")
    return small, small.up()


def test_a_container_that_a_killed_run_has_asked_for_is_waited_for() -> None:
    small, done = held(3)
    assert done.ok, "the engine does not list it yet"
    assert not small.failures()
    small, done = held(1, f"{Small(Slow()).project.root}/.devenv")
    assert done.ok, "it is there by now"


def test_a_container_that_has_the_name_is_not_waited_for() -> None:
    small, _ = held(99, "/elsewhere/.devenv")
    assert small.failures() == {"web": "DE606"}
    small, _ = held(99, f"{small.project.root}/.devenv")  # of this stack, and not for this service
    assert small.failures() == {"web": "DE606"}


def test_what_waits_for_an_old_container_to_stop_says_so() -> None:
    small = Small(Slow(*ALL))
    small.up()

    def stubborn(services, on_line=None, *, recreate=False, without=()) -> None:
        for name in services if recreate else ():
            small.daemon.change(name, "kill")
            time.sleep(1.3 if name == "web" else 0)
            small.daemon.change(name, "die")
        create(services, on_line, recreate=recreate, without=without)

    create, small.compose.create = small.compose.create, stubborn
    small.project.files["devenv.yaml"] = MANIFEST.replace('image: "web:1"', 'image: "web:1", init: true')
    assert small.up().ok
    changes = [e for e in small.events if isinstance(e, ServiceChanged) and e.phase is Phase.CREATING]
    assert [(e.service, e.detail) for e in changes if "its definition changed" not in e.detail] == [
        ("web", "waiting for the old container to stop")
    ]


def test_a_shared_image_is_pulled_once() -> None:
    small = Small(Slow("db:1", "shop-seed", "shop-app"))
    assert small.up().ok
    assert small.daemon.pulls == ["web:1"]


def test_an_image_that_cannot_be_had_stops_only_who_needs_it() -> None:
    small = Small(Slow("db:1", "shop-seed", "shop-app", says={"web:1": "manifest unknown"}))
    result = small.up()
    assert not result.ok and result.exit_code is ExitCode.UNHEALTHY
    assert small.failures() == {"web": "DE501", "aside": "DE501"}
    assert result.phases["app"] is Phase.READY
    assert "create db seed app" in small.compose.calls
    small.daemon.says = {}
    assert small.up().ok


def test_a_failed_build_skips_its_dependants_and_says_why_once() -> None:
    small = Small(Slow("db:1", "web:1"))
    small.compose.fails = frozenset({"app"})
    result = small.up()
    assert small.failures() == {"app": "DE510"}
    assert result.phases == {
        "db": Phase.READY,
        "seed": Phase.COMPLETED,
        "app": Phase.FAILED,
        "web": Phase.SKIPPED,
        "aside": Phase.READY,
    }
    failed = next(e for e in small.events if isinstance(e, ServiceFailed))
    assert (failed.blocked, failed.log) == (("web",), ("no rule",))


def test_every_image_problem_is_told_also_of_who_is_skipped() -> None:
    small = Small(Slow("shop-seed", seconds=0.05, says={"db:1": "unauthorized", "web:1": "toomanyrequests"}))
    small.compose.fails = frozenset({"app"})
    result = small.up()
    assert small.failures() == {"db": "DE503", "web": "DE504", "aside": "DE504", "app": "DE510"}
    assert result.phases["seed"] is Phase.SKIPPED
    assert not [call for call in small.compose.calls if call.startswith("create")]


def test_a_changed_context_that_cannot_be_built_stops_only_who_needs_it() -> None:
    small = Small(Slow(*ALL), MANIFEST.replace("app: {", "app: { setup: [migrate],"))
    small.compose.lives["app-setup"] = Life(checked=False, exit=0.01)
    assert small.up().ok
    small.project.files["app/x"] = "changed"
    small.compose.fails = frozenset({"app"})
    small.daemon.kill("aside-1", 1)
    small.daemon.kill("web-1", 1)
    for _ in range(2):  # it is not forgotten that the build is yet to be made
        result = small.up()
        assert "build app" in small.compose.calls
        assert {"app", "app-setup"} == {*small.failures()}
        assert result.exit_code is ExitCode.UNHEALTHY
        assert result.phases["web"] is Phase.SKIPPED
        assert isinstance(small.events[-1], Finished)
    assert {result.phases[name] for name in ("db", "aside")} == {Phase.KEPT}
    assert small.daemon.starts[-1] == "aside"
    small.compose.fails = frozenset()
    assert small.up().ok


def test_what_compose_refuses_ends_the_run_and_what_runs() -> None:
    small = Small(Slow(*ALL))
    small.compose.refuses = "DE603"
    with pytest.raises(DevenvError, match="DE603"):
        small.up()
    assert ["stop_all"] in small.world.processes.calls  # type: ignore[attr-defined]
    assert not small.project.locked


@pytest.mark.parametrize("kind", ["bad", "lost"])  # its container cannot be made; a network that it wants is missing
def test_whom_compose_makes_no_container_for_fails_alone(kind: str) -> None:
    small = Small(Slow(*ALL))
    setattr(small.compose, kind, frozenset({"app"}))
    result = small.up()
    assert result.exit_code is ExitCode.UNHEALTHY
    (failed,) = result.failed
    assert (failed.service, failed.code, failed.cause) == ("app", "DE605", "mount-missing")
    assert (failed.state, failed.blocked) == ("", ("web",))
    assert failed.reason == "/srv/x, which it mounts, is not there"
    assert {n for n, p in result.phases.items() if p in (Phase.READY, Phase.COMPLETED)} == {"db", "seed", "aside"}
    small.compose.bad = small.compose.lost = frozenset()
    assert small.up().ok


def test_an_engine_that_dies_while_compose_works_is_told_as_gone() -> None:
    small = Small(Slow(*ALL))

    def create(services, on_line=None, *, recreate=False, without=()) -> None:
        def gone(project):
            raise DevenvError.of("DE401", "no engine answers")

        small.daemon.containers = gone  # type: ignore[method-assign]
        raise DevenvError.of("DE605", "Compose failed", evidence=["unexpected EOF"])

    small.compose.create = create  # type: ignore[method-assign]
    with pytest.raises(DevenvError, match="DE401"):
        small.up()


def test_an_interrupt_ends_builds_and_begins_nothing_more() -> None:
    small = Small(Slow("db:1", "web:1"))
    small.compose.seconds = 0.3

    def interrupt(event: Event) -> None:
        small.events.append(event)
        if isinstance(event, ServiceChanged) and (event.service, event.phase) == ("db", Phase.READY):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small.up(sink=interrupt)
    assert ["stop_all"] in small.world.processes.calls  # type: ignore[attr-defined]
    time.sleep(0.4)
    assert "app" not in " ".join(call for call in small.compose.calls if call.startswith("create"))
    notes = [e.text for e in small.events if isinstance(e, Note)]
    assert any("still coming up: " in text and "app" in text for text in notes)


def test_questions_are_asked_in_the_callers_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr("devenv.engine.debian_image.make_base", lambda p, d, ask, line: ask("install?") or None)
    small = Small(Slow("db:1", "web:1", says={"debian:trixie-slim": "no such host"}))
    small.project.files["app/Dockerfile"] = "FROM debian:trixie-slim\n"
    small.up(consent=lambda question: bool(asked.append(threading.get_ident())) or True)
    assert set(asked) == {threading.get_ident()}


def test_time_does_not_run_while_images_are_made() -> None:
    small = Small(Slow("db:1", "web:1"))
    small.compose.seconds = 0.5
    assert small.up(timeout=0.4).ok


def test_a_mirror_has_the_images_and_goes_when_the_configuration_does() -> None:
    small = Small(Slow("shop-seed", "shop-app"))
    small.configuration = "images: {docker.io/library/: mirror.example/hub/}\n"
    assert small.up().ok
    assert sorted(small.daemon.pulls) == ["mirror.example/hub/db:1", "mirror.example/hub/web:1"]
    assert small.project.variables["DEVENV_IMAGE_DB"] == "mirror.example/hub/db:1"
    assert "mirror.example" not in small.project.files[".devenv/compose.yaml"]

    small.configuration = ""
    small.daemon.remove("db")
    assert small.up().ok
    assert small.daemon.pulls[2:] == ["db:1"]
    assert small.project.variables["DEVENV_IMAGE_DB"] == "db:1"


def test_a_wrong_configuration_is_told_before_anything_is_made() -> None:
    small = Small(Slow(*ALL))
    small.configuration = "imges: {}\n"
    with pytest.raises(DevenvError, match="DE203"):
        small.up()
    assert small.compose.calls == []


def test_a_build_waits_for_the_build_that_it_stands_on() -> None:
    manifest = (
        "devenv: 1\nname: shop\nservices:\n  top: { build: ./top }\n  base: { build: ./app, image: acme/base }\n"
        "  other: { build: ./app }\n"
    )
    small = Small(Slow(), manifest)
    small.project.files["top/Dockerfile"] = "FROM acme/base:latest\n"
    small.compose.seconds = 0.1
    assert small.up().ok
    builds = [call for call in small.compose.calls if call.startswith("build")]
    assert builds.index("build base") < builds.index("build top")
    assert small.daemon.pulls == []


class OneByOne(Building):
    """Compose that makes one container after the other, and says so only when it has made all."""

    def create(self, services, on_line=None, *, recreate=False, without=()) -> None:
        super().create(services, on_line, recreate=recreate, without=without)
        for container in self.daemon.containers(self.daemon.project):
            self.daemon._say(ContainerChange(container.id, container.service, "create", time.time()))
        time.sleep(0.4)
        self.ended = time.time()


def test_a_container_starts_while_compose_makes_the_others() -> None:
    small = Small(Slow(*ALL), MANIFEST.replace('aside: { image: "web:1" }', 'aside: { image: "web:1", scale: 2 }'))
    small.compose = OneByOne(small.daemon, LIVES)
    small.compose.labels = lambda name: {}
    small.world = replace(small.world, compose=small.compose)
    assert small.up().ok
    assert small.daemon.times["db"] < small.compose.ended - 0.2
    assert small.daemon.times["aside"] > small.compose.ended  # nobody knows how many there will be
    assert sorted(small.daemon.starts) == ["app", "aside", "db", "seed", "web"]


def test_what_can_start_is_made_and_started_before_many_others_are_made() -> None:
    names = [f"s{n}" for n in range(8)]
    rest = "".join(f'  {name}: {{ image: "web:1", needs: [db] }}\n' for name in names)
    small = Small(Slow(*ALL), MANIFEST[: MANIFEST.index("  seed")] + rest)
    made: list[tuple[str, list[str]]] = []
    create = small.compose.create

    def creating(services, on_line=None, *, recreate=False, without=()) -> None:
        made.append((" ".join(services), list(small.daemon.starts)))
        create(services, on_line, recreate=recreate)

    small.compose.create = creating  # type: ignore[method-assign]
    small.compose.lives = {"db": Life(ready=0.2)} | {name: Life(checked=False) for name in names}
    assert small.up().ok
    assert made == [("db", []), (" ".join(names), ["db"])]
