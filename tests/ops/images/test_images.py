import json
import threading
import time
from collections.abc import Callable

import pytest

from devenv.engine.answers import Completed
from devenv.engine.pulling import failure
from devenv.errors import DevenvError, Mark, Report
from devenv.events import Event, Note, Phase, ServiceChanged, Transfer
from devenv.model.data import Map
from devenv.model.observed import EngineInfo, Image
from devenv.model.stack import Recipe, Service, Stack
from devenv.ops.images.images import ensure_images
from devenv.records import replace
from tests.fakes import FakeProcesses, FakeProject, fake_world

BASE = "devenv/debian:trixie-slim"
CONTEXT = {"debian:trixie-slim": f"docker-image://{BASE}"}
UNREACHABLE = "dial tcp: lookup registry-1.docker.io: no such host"


class Engine:
    """Images that are there, and what a pull of others says: words, or None for success."""

    def __init__(self, *there: str, says: dict[str, str | None] | None = None, otherwise: str = UNREACHABLE) -> None:
        self.there = set(there)
        self.says = says or {}
        self.otherwise = otherwise
        self.pulls: list[tuple[str, str | None]] = []
        self.most = self.now = 0
        self.architectures: dict[str, str] = {}
        self.imported: list[str] = []
        self.asked: list[str] = []
        self.offers: dict[str, tuple[str, ...]] = {}
        self._lock = threading.Lock()

    def info(self) -> EngineInfo:
        return EngineInfo(architecture="amd64")

    def image(self, reference: str) -> Image | None:
        architecture = self.architectures.get(reference, "amd64")
        return Image(reference, (reference,), architecture, 1) if reference in self.there else None

    def platforms(self, reference: str) -> tuple[str, ...]:
        self.asked.append(reference)
        return self.offers.get(reference, ())

    def pull(self, reference, on_bytes=None, platform=None, on_retry=None) -> None:
        with self._lock:
            self.pulls.append((reference, platform))
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        with self._lock:
            self.now -= 1
        if words := self.says.get(reference, self.otherwise):
            raise failure(reference, words)
        on_bytes(7, 7)
        self.there.add(reference)

    def import_root(self, tar, reference) -> None:
        self.imported.append(reference)
        self.there.add(reference)


class Builder:
    """Builds what it is asked to, and says what BuildKit would."""

    def __init__(self, engine: Engine, lines: tuple[str, ...] = (), error: DevenvError | None = None) -> None:
        self.engine = engine
        self.lines = lines
        self.error = error
        self.recipes: list[tuple[str, dict[str, str]]] = []
        self.builds: list[list[str]] = []

    def build(self, services, on_line=None) -> None:
        self.builds.append(list(services))
        for line in self.lines:
            on_line(line)
        if self.error:
            raise self.error

    def build_image(self, recipe, contexts, on_line=None) -> None:
        assert BASE in self.engine.there or not contexts
        self.recipes.append((recipe.tag, dict(contexts)))
        on_line("#5 [2/3] RUN apt-get install")
        self.engine.there.add(recipe.tag)


RECIPE = Recipe("/templates/postgres/image", "Dockerfile", "devenv/postgres:17-debian", (("VERSION", "17"),))
FILES = {
    "/templates/postgres/image/Dockerfile": "FROM debian:trixie-slim\n",
    "services/web/Dockerfile": "FROM debian:trixie-slim\nRUN make\n",
    "services/api/Dockerfile": "FROM python:3.12\n",
}


def template(name: str = "db", image: str = "postgres:17", recipe: Recipe | None = RECIPE) -> Service:
    variable = f"DEVENV_IMAGE_{name.upper()}"
    compose = Map({"image": f"${{{variable}:-{image}}}"})
    mark = Mark("devenv.yaml", 4, 3)
    return Service(name, compose, image=image, image_variable=variable, recipe=recipe, mark=mark)


def plain(name: str, image: str, **compose: str) -> Service:
    return Service(name, Map({"image": image, **compose}), image=image)


def built(name: str = "web", folder: str = "./services/web", **compose: object) -> Service:
    return Service(name, Map({"build": folder, **compose}), build=True)


def run(engine: Engine, *services: Service, **options) -> tuple[dict[str, str], list[Event], Builder, FakeProject]:
    builder = options.pop("builder", None) or Builder(engine)
    project = options.pop("project", None) or FakeProject(FILES)
    processes = options.pop("processes", None) or FakeProcesses()
    world = fake_world(daemon=engine, compose=builder, project=project, processes=processes)
    stack = Stack("shop", {service.name: service for service in services}, digests=options.pop("digests", {}))
    events: list[Event] = options.pop("events", [])
    lacking: dict[str, DevenvError] = {}
    settings = ensure_images(world, stack, list(stack.services), events.append, lacking, **options)
    if lacking:
        raise DevenvError(*Report.sorted(problem for error in lacking.values() for problem in error.problems))
    return settings, events, builder, project


def codes(raised: pytest.ExceptionInfo[DevenvError]) -> list[str]:
    return [problem.code for problem in raised.value.problems]


def notes(events: list[Event]) -> list[str]:
    return [event.text for event in events if isinstance(event, Note)]


def test_what_the_engine_has_costs_no_request():
    engine = Engine("postgres:17", "shop-web")
    settings, events, builder, _ = run(engine, template(), built())
    assert (settings, events, engine.pulls, builder.builds) == ({}, [], [], [])


def test_one_pull_for_each_name_and_its_progress_for_all_its_services():
    engine = Engine(says={"redis:8": None})
    _, events, _, _ = run(engine, plain("a", "redis:8"), plain("b", "redis:8"))
    assert engine.pulls == [("redis:8", None)]
    pulling = [e for e in events if isinstance(e, ServiceChanged) and e.phase is Phase.PULLING]
    assert [(e.service, e.seconds is None) for e in pulling] == [("a", True), ("b", True), ("a", False), ("b", False)]
    assert [e.services for e in events if isinstance(e, Transfer)] == [("a", "b")]


def test_pulls_run_side_by_side_within_a_bound():
    names = [f"image{i}:1" for i in range(10)]
    engine = Engine(says=dict.fromkeys(names))
    run(engine, *(plain(f"s{i}", name) for i, name in enumerate(names)))
    assert len(engine.pulls) == 10 and 2 <= engine.most <= 4


def test_without_a_registry_a_template_is_built_from_packages():
    engine = Engine(BASE)
    settings, events, builder, _ = run(engine, template())
    assert settings == {"DEVENV_IMAGE_DB": RECIPE.tag}
    assert builder.recipes == [(RECIPE.tag, CONTEXT)]
    assert notes(events) == [
        "the registry docker.io cannot be reached: "
        "db uses devenv/postgres:17-debian, built from Debian's packages, for postgres:17"
    ]
    assert "step 2/3 RUN apt-get install" in [e.detail for e in events if isinstance(e, ServiceChanged)]


def test_a_stand_in_that_is_there_already_is_not_built_again():
    engine = Engine(RECIPE.tag)
    settings, _, builder, _ = run(engine, template())
    assert (settings, builder.recipes) == ({"DEVENV_IMAGE_DB": RECIPE.tag}, [])


def test_services_with_one_image_each_get_the_stand_in_of_their_own_recipe():
    own = replace(RECIPE, folder="/catalog/store/image", tag="devenv/store:17-debian")
    engine, project = Engine(BASE), FakeProject({**FILES, "/catalog/store/image/Dockerfile": "FROM scratch\n"})
    services = [template("a"), template("b", recipe=own), template("c")]
    settings, events, builder, _ = run(engine, *services, project=project)
    assert settings == {"DEVENV_IMAGE_A": RECIPE.tag, "DEVENV_IMAGE_B": own.tag, "DEVENV_IMAGE_C": RECIPE.tag}
    assert (engine.pulls, builder.recipes) == ([("postgres:17", None)], [(RECIPE.tag, CONTEXT), (own.tag, {})])
    assert [note.split(": ")[1].split(",")[:2] for note in notes(events)] == [
        ["a", f" c use {RECIPE.tag}"],
        [f"b uses {own.tag}", " built from Debian's packages"],
    ]


def test_a_chosen_stand_in_stays_and_asks_nobody():
    engine = Engine(RECIPE.tag)
    project = FakeProject(FILES)
    project.variables["DEVENV_IMAGE_DB"] = RECIPE.tag
    assert run(engine, template(), project=project)[0] == {}
    assert engine.pulls == []


@pytest.mark.parametrize("chosen", [RECIPE.tag, "devenv/postgres:16-debian"])
def test_a_stand_in_that_is_gone_or_of_another_version_gives_way(chosen):
    engine = Engine("devenv/postgres:16-debian", says={"postgres:17": None})
    project = FakeProject(FILES)
    project.variables["DEVENV_IMAGE_DB"] = chosen
    assert run(engine, template(), project=project)[0] == {"DEVENV_IMAGE_DB": "postgres:17"}
    assert engine.pulls == [("postgres:17", None)]


def test_an_image_that_a_person_chose_is_left_to_them():
    engine = Engine("acme/postgres:17")
    project = FakeProject(FILES)
    project.variables["DEVENV_IMAGE_DB"] = "acme/postgres:17"
    assert run(engine, template(), project=project)[0] == {}


def test_a_name_that_a_reachable_registry_lacks_is_an_error_and_never_a_build():
    engine = Engine(BASE, otherwise="manifest unknown")
    with pytest.raises(DevenvError) as raised:
        run(engine, template(), plain("x", "nosuch:1"))
    assert codes(raised) == ["DE501", "DE501"]
    first = raised.value.problems[0]
    assert (first.path, first.mark) == ("services.db", Mark("devenv.yaml", 4, 3))


def test_no_registry_and_no_recipe_is_an_error_beside_all_others():
    engine = Engine(BASE, says={"other.example/app:1": "unauthorized"})
    with pytest.raises(DevenvError) as raised:
        run(engine, template(), plain("x", "nats:2"), plain("y", "other.example/app:1"))
    assert sorted(codes(raised)) == ["DE502", "DE503"]


def test_a_dead_registry_is_asked_no_more_and_others_still_are():
    services = [plain(f"s{i}", f"image{i}:1") for i in range(20)]
    engine = Engine(says={"ghcr.io/acme/app:1": None})
    with pytest.raises(DevenvError) as raised:
        run(engine, *services, plain("other", "ghcr.io/acme/app:1"))
    assert codes(raised) == ["DE502"] * 20
    assert len(engine.pulls) <= 8
    assert "ghcr.io/acme/app:1" in engine.there
    assert {p.message for p in raised.value.problems} >= {"the registry docker.io cannot be reached, pulling image19:1"}


def test_a_service_of_ones_own_is_built_on_our_base_image():
    engine = Engine(BASE)
    lines = ("#4 [web 1/2] FROM debian:trixie-slim", "#5 [web 2/2] RUN make")
    builder = Builder(engine, lines)
    _, events, _, project = run(engine, built(), builder=builder)
    assert builder.builds == [["web"]]
    assert json.loads(project.files[".devenv/build.yaml"]) == {
        "services": {"web": {"build": {"additional_contexts": CONTEXT}}}
    }
    details = [(e.service, e.detail) for e in events if isinstance(e, ServiceChanged) and e.phase is Phase.BUILDING]
    assert ("web", "step 2/2 RUN make") in details


def test_with_a_registry_a_build_needs_no_contexts():
    engine = Engine(says={"debian:trixie-slim": None})
    _, _, builder, project = run(engine, built())
    assert builder.builds == [["web"]]
    assert ".devenv/build.yaml" not in project.files


def test_a_build_stands_on_the_base_image_that_the_lock_names():
    pinned = f"debian:trixie-slim@sha256:{'a' * 64}"
    lock = {"debian:trixie-slim": f"sha256:{'a' * 64}"}
    engine = Engine(says={pinned: None})
    _, _, builder, project = run(engine, built(), digests=lock)
    assert engine.pulls == [(pinned, None)] and builder.builds == [["web"]]
    contexts = {"debian:trixie-slim": f"docker-image://{pinned}"}
    assert json.loads(project.files[".devenv/build.yaml"]) == {
        "services": {"web": {"build": {"additional_contexts": contexts}}}
    }
    _, _, _, project = run(Engine(BASE), built(), digests=lock)
    assert json.loads(project.files[".devenv/build.yaml"]) == {
        "services": {"web": {"build": {"additional_contexts": CONTEXT}}}
    }, "without a registry ours stands in all the same"


def test_contexts_of_an_earlier_build_are_taken_back():
    project = FakeProject(FILES | {".devenv/build.yaml": "old"})
    run(Engine("debian:trixie-slim"), built(), project=project)
    assert json.loads(project.files[".devenv/build.yaml"]) == {"services": {}}


def test_a_base_image_that_nothing_stands_in_for_is_told_by_name():
    engine = Engine(BASE)
    with pytest.raises(DevenvError, match="DE502") as raised:
        run(engine, built("api", "./services/api"))
    assert "python:3.12" in raised.value.problems[0].message
    assert raised.value.problems[0].path == "services.api"


def test_a_service_and_its_setup_job_are_built_once():
    image = "${COMPOSE_PROJECT_NAME:-shop}-web"
    job = Service("web-setup", Map({"build": "./services/web", "image": image}), build=True, setup_of="web")
    builder = run(Engine(BASE), job, built(image=image))[2]
    assert builder.builds == [["web"]]


def test_build_again_when_asked():
    builder = run(Engine(BASE, "shop-web"), built(), build=True)[2]
    assert builder.builds == [["web"]]


def test_a_failing_step_is_told_with_its_line():
    lines = ("#5 [web 2/2] RUN make", "#5 0.1 no rule", "#5 ERROR: exit code: 2")
    error = DevenvError.of("DE510", "x", evidence=["no rule", "exit code: 2"])
    engine = Engine(BASE)
    with pytest.raises(DevenvError) as raised:
        run(engine, built(), builder=Builder(engine, lines, error))
    problem = raised.value.problems[0]
    assert problem.message == "building web failed at services/web/Dockerfile:2: RUN make"
    assert problem.evidence == ("no rule", "exit code: 2")


def test_what_a_build_prints_is_told_without_secrets():
    token = f"ghp_{'a1B2' * 9}"
    lines = (f"#5 [web 2/2] RUN make {token}", "#5 0.1 with s3cretOfThisMachine", "#5 ERROR: exit code: 2")
    error = DevenvError.of("DE510", f"x {token}", evidence=["with s3cretOfThisMachine", f"token={token}"])
    project = FakeProject(FILES)
    project.save_settings({"DEVENV_SECRET_DB_PASSWORD": "s3cretOfThisMachine"})
    events: list[Event] = []
    with pytest.raises(DevenvError) as raised:
        run(Engine(BASE), built(), builder=Builder(Engine(BASE), lines, error), project=project, events=events)
    problem = raised.value.problems[0]
    assert problem.message.endswith("RUN make ********")
    assert problem.evidence == ("with ********", "token=********")
    assert any("RUN make ********" in str(event) for event in events)
    assert not any(token in str(event) or "s3cret" in str(event) for event in events)


def test_pull_policies():
    engine = Engine("a:1", says={"a:1": None})
    run(engine, plain("always", "a:1", pull_policy="always"), plain("never", "b:1", pull_policy="never"))
    assert engine.pulls == [("a:1", None)]


def test_what_should_always_be_pulled_stays_where_no_registry_answers():
    events = run(Engine("a:1"), plain("x", "a:1", pull_policy="always"))[1]
    assert notes(events) == ["the registry docker.io cannot be reached: a:1 stays as it is"]


def test_a_platform_of_ones_own_is_pulled():
    engine = Engine(says={"a:1": None})
    run(engine, plain("x", "a:1", platform="linux/arm64"))
    assert engine.pulls == [("a:1", "linux/arm64")]


def test_an_image_for_another_processor_is_told():
    engine = Engine(says={"a:1": None})
    engine.architectures["a:1"] = "arm64"
    assert notes(run(engine, plain("x", "a:1"))[1]) == [
        "a:1 is made for arm64, this engine is amd64: it may run slowly, or not"
    ]


class Without(FakeProcesses):
    """A machine without mmdebstrap until apt-get brings it."""

    def find(self, program):
        missing = program == "mmdebstrap" and not any(call[0] == "apt-get" for call in self.calls)
        return None if missing else super().find(program)


def answering(answer: bool, asked: list[tuple[str, int]]) -> Callable[[str], bool]:
    return lambda question: asked.append((question, threading.get_ident())) or answer


def test_the_base_image_is_made_once_after_consent_in_the_callers_thread(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    engine, processes, asked = Engine(), Without(), []
    run(engine, template(), built(), processes=processes, consent=answering(True, asked))
    assert engine.imported == [BASE]
    assert len(asked) == 1 and asked[0][1] == threading.get_ident()
    assert sorted({call[0] for call in processes.calls}) == ["apt-get", "mmdebstrap"]


def test_without_consent_the_command_is_named(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(DevenvError) as raised:
        run(Engine(), template(), processes=Without(), consent=answering(False, []))
    assert codes(raised) == ["DE507"]
    assert "apt-get install" in str(raised.value.problems[0].hint)


def test_an_interrupt_ends_what_runs():
    processes = FakeProcesses()

    def interrupt(event: Event) -> None:
        raise KeyboardInterrupt

    world = fake_world(daemon=Engine(), compose=Builder(Engine()), project=FakeProject(FILES), processes=processes)
    with pytest.raises(KeyboardInterrupt):
        ensure_images(world, Stack("shop", {"a": plain("a", "a:1")}), ["a"], interrupt, {})
    assert ["stop_all"] in processes.calls


def test_a_failing_archive_is_an_error():
    processes = FakeProcesses()
    processes.run = lambda argv, **options: Completed(25, "", "E: no mirror\n")  # type: ignore[method-assign]
    with pytest.raises(DevenvError, match="DE507"):
        run(Engine(), template(), processes=processes)
