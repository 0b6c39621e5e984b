from time import sleep

import pytest

from devenv.core.stack.render import definition_hashes
from devenv.errors import DevenvError, Report
from devenv.events import Event, Finished, Note, Phase, ServiceChanged, Started
from devenv.model.plan import Action
from devenv.ops.bringup import applied
from devenv.ops.checkouts import FOLDER, home
from devenv.ops.load import load_stack
from devenv.ops.plan import plan
from devenv.ops.restart import restart
from devenv.ops.schema import SCHEMA_FILE
from devenv.ops.status import status
from devenv.ops.up import UpResult, up
from devenv.records import replace
from tests.fakes import FakeCompose, FakeDaemon, FakeProject, Life, fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { image: "db:1", ports: { main: 5432 }, ready: { tcp: main } }
  seed: { image: "seed:1", job: true, needs: [db] }
  web: { image: "web:1", ports: { http: 8080 }, needs: [seed], environment: { LEVEL: "${LEVEL:-info}" }, open: http }
  tool: { image: "tool:1", profiles: [tools] }
modes: { data: [seed] }
"""

LIVES = {
    "db": Life(),
    "seed": Life(checked=False, exit=0.02),
    "web": Life(checked=False),
    "tool": Life(checked=False),
}


VOLUMES = (
    MANIFEST.replace("ready: { tcp: main }", "ready: { tcp: main }, volumes: ['data:/data']")
    .replace("job: true", "job: true, inputs: ['sql/*']")
    .replace("modes:", "volumes: { data: {} }\nmodes:")
)

SAME = "succeeded before with the same command, image, inputs and data"


class Small:
    """A project, an engine and Compose, for several commands in a row."""

    def __init__(self, manifest: str = MANIFEST, **lives: Life) -> None:
        self.daemon = FakeDaemon()
        self.project = FakeProject({"devenv.yaml": manifest})
        self.compose = FakeCompose(self.daemon, LIVES | lives)
        self.world = fake_world(self.daemon, project=self.project, compose=self.compose)
        self.compose.labels = lambda name: {"dev.devenv.hash": self.hashes()[name]}
        self.events: list[Event] = []

    def hashes(self) -> dict[str, str]:
        return definition_hashes(load_stack(self.world, Report()).stack)

    def up(self, *names: str, **options: object) -> UpResult:
        self.events.clear()
        self.compose.calls.clear()
        self.daemon.calls.clear()
        self.daemon.starts.clear()
        return up(self.world, self.events.append, names=names, **options)  # type: ignore[arg-type]

    def up_cut_short(self) -> None:
        """An `up` that ends as soon as Compose has made containers."""
        create = self.compose.create

        def cut_short(services: list[str], *_: object, recreate: bool = False, **__: object) -> None:
            create(services, recreate=recreate)
            raise DevenvError.of("DE603", "Compose was ended")

        self.compose.create = cut_short  # type: ignore[method-assign, assignment]
        with pytest.raises(DevenvError):
            self.up()
        self.compose.create = create  # type: ignore[method-assign]

    def notes(self) -> list[str]:
        return [e.text for e in self.events if isinstance(e, Note)]


def test_a_paused_container_is_stopped_in_its_own_time_and_started() -> None:
    small = Small()
    small.up()
    small.daemon._containers["web-1"] = replace(small.daemon._containers["web-1"], state="paused")
    assert small.up().ok
    assert [call for call in small.daemon.calls if call.endswith(" web-1")][:2] == ["stop web-1", "start web-1"]
    assert small.compose.calls == []


def test_a_paused_container_that_only_compose_can_start_is_stopped_before() -> None:
    text = "services: {web: {image: w, configs: [c]}}\nconfigs: {c: {content: hi}}\n"
    small = Small(f"devenv: 1\nname: shop\n{text}", web=Life(checked=False))
    small.up()
    small.daemon._containers["web-1"] = replace(small.daemon._containers["web-1"], state="paused")
    assert small.up().ok
    assert [call for call in small.daemon.calls if call.startswith("stop")] == ["stop web-1"]
    assert small.compose.calls == ["up web"]


def test_the_first_up_creates_and_starts_everything_in_order() -> None:
    small = Small()
    result = small.up()
    assert result.ok
    assert small.compose.calls == ["create db seed web"]
    assert "network shop" in small.daemon.calls
    assert small.daemon.starts == ["db", "seed", "web"]
    assert result.phases == {"db": Phase.READY, "seed": Phase.COMPLETED, "web": Phase.READY}
    assert result.urls == (("db", "main", "tcp://127.0.0.1:5432"), ("web", "open", "http://127.0.0.1:8080"))
    first, last = small.events[0], small.events[-1]
    assert isinstance(first, Started)
    assert first.services == (("db", ()), ("seed", ("db",)), ("web", ("seed",)))
    assert isinstance(last, Finished)
    assert last.ok


def test_files_are_written_before_anything_starts() -> None:
    small = Small()
    small.up()
    assert small.project.files[".devenv/compose.yaml"].startswith("#")
    assert small.project.kept["project"] == "shop"
    assert small.project.kept["services"] == ["db", "seed", "web"]


def test_a_schema_that_cannot_be_written_keeps_nothing_from_coming_up() -> None:
    small = Small()
    write = small.project.write

    def full(path: str, text: str, *, private: bool = False) -> bool:
        if path == SCHEMA_FILE:
            raise DevenvError.of("DE701", "No space left on device")
        return write(path, text, private=private)

    small.project.write = full  # type: ignore[method-assign]
    assert small.up().ok
    assert SCHEMA_FILE not in small.project.files


def test_nothing_to_do_costs_one_listing_and_no_compose_call() -> None:
    small = Small()
    small.up()
    result = small.up()
    assert result.ok
    assert small.daemon.calls == ["list"]
    assert small.compose.calls == []
    kept = [(e.service, e.detail) for e in small.events if isinstance(e, ServiceChanged) and e.phase is Phase.KEPT]
    assert kept == [("db", "running, healthy"), ("seed", SAME), ("web", "running")]
    assert result.urls == (("db", "main", "tcp://127.0.0.1:5432"), ("web", "open", "http://127.0.0.1:8080"))


def test_what_was_stopped_is_started_without_compose() -> None:
    small = Small()
    small.up()
    small.daemon.kill("web-1", 143)
    assert small.up().ok
    assert small.compose.calls == []
    assert small.daemon.starts == ["web"]


def test_a_changed_definition_makes_only_that_service_anew() -> None:
    small = Small()
    small.up()
    small.project.files["devenv.yaml"] = MANIFEST.replace("web:1", "web:2")
    assert small.up().ok
    assert small.compose.calls == ["recreate web"]
    (detail,) = [e.detail for e in small.events if isinstance(e, ServiceChanged) and e.phase is Phase.CREATING]
    assert detail == 'its definition changed: image: "web:1" → "web:2"'
    assert small.daemon.starts == ["web"]


def test_a_changed_variable_that_a_file_of_variables_refers_to_makes_the_service_anew() -> None:
    small = Small("devenv: 1\nname: shop\nservices:\n  web: { image: 'web:1', env_file: [web.env] }\n")
    small.project.files["web.env"] = "A=${LEVEL}\nINHERITED\n"
    for name, value in (("LEVEL", "one"), ("LEVEL", "two"), ("INHERITED", "x")):
        small.project.variables[name] = value
        assert small.up().ok
        assert "create web" in " ".join(map(str, small.compose.calls)), f"{name}={value}"
        small.project.variables["OTHER"] = value
        assert small.up().ok
        assert not small.compose.calls


def test_a_changed_variable_makes_the_service_that_reads_it_anew() -> None:
    small = Small()
    small.up()
    small.project.variables["LEVEL"] = "debug"
    assert small.up().ok
    assert small.compose.calls == ["recreate web"]
    assert small.up().ok
    assert small.compose.calls == []


def test_what_compose_did_not_end_is_made_anew_though_the_variable_is_as_it_was() -> None:
    small = Small()
    small.up()
    small.project.variables["LEVEL"] = "debug"
    small.up_cut_short()
    small.project.variables["LEVEL"] = "info"
    assert small.up().ok
    assert small.compose.calls == ["recreate web"]
    assert small.up().ok
    assert small.compose.calls == []


def test_what_was_made_first_is_known_with_its_values_though_compose_did_not_end() -> None:
    small = Small()
    small.up_cut_short()
    assert {step.action for step in plan(small.world).plan.steps} == {Action.START}
    small.project.variables["LEVEL"] = "debug"
    assert small.up().ok
    assert small.compose.calls == ["recreate web"]


def test_a_file_that_a_job_makes_for_a_service_is_no_change_of_it() -> None:
    small = Small(MANIFEST.replace('image: "web:1",', 'image: "web:1", volumes: ["./made/app.js:/app.js"],'))

    def seeds(event: Event) -> None:
        if isinstance(event, ServiceChanged) and (event.service, event.phase) == ("seed", Phase.COMPLETED):
            small.project.files["made/app.js"] = "1"

    assert up(small.world, seeds).ok
    small.up()
    assert small.compose.calls == []
    small.project.files["made/app.js"] = "2"
    small.up()
    assert small.compose.calls == ["recreate web"]


def test_names_and_modes_bring_up_what_they_need() -> None:
    small = Small()
    assert set(small.up("db").phases) == {"db"}
    assert set(small.up(mode="data").phases) == {"db", "seed"}
    assert small.project.kept["services"] == ["db", "seed"]
    assert set(small.up("tool").phases) == {"tool"}


def test_a_profile_that_is_active_comes_up_with_the_rest() -> None:
    small = Small()
    small.project.variables["COMPOSE_PROFILES"] = "other,tools"
    assert "tool" in small.up().phases


OPTIONAL = """\
devenv: 1
name: shop
services:
  web: { image: "web:1", depends_on: { db: OF, tool: OF, gone: OF } }
  db: { image: "db:1", ready: { run: [x] } }
  tool: { image: "tool:1", profiles: [tools], provision: [x] }
""".replace("OF", "{ condition: service_healthy, required: false }")


@pytest.mark.parametrize(
    ("names", "profiles", "starts"),
    [
        ((), "", ["db", "web"]),
        (("web",), "", ["db", "web"]),
        (("web",), "tools", ["db", "tool", "tool-provision", "web"]),
        (("web", "tool"), "", ["db", "tool", "tool-provision", "web"]),
    ],
)
def test_what_need_not_be_there_is_waited_for_where_it_is(names: tuple[str, ...], profiles: str, starts: list[str]):
    small = Small(OPTIONAL, **{"tool-provision": Life(checked=False, exit=0.02)})
    small.project.variables["COMPOSE_PROFILES"] = profiles
    assert small.up(*names).ok
    assert small.daemon.starts[-1] == "web" and sorted(small.daemon.starts) == starts
    [needs] = [needs for name, needs in small.events[0].services if name == "web"]  # type: ignore[attr-defined]
    assert sorted(needs) == starts[:-1]
    small.daemon.starts.clear()
    assert restart(small.world, small.events.append, ("web",)).ok
    assert small.daemon.starts == ["web"]


@pytest.mark.parametrize(
    ("names", "mode", "code", "hint"),
    [
        (["wbe"], None, "DE720", "did you mean 'web'?"),
        (["zzz"], None, "DE720", "services of this stack: db, seed, web, tool"),
        ([], "dta", "DE721", "did you mean 'data'?"),
    ],
)
def test_unknown_names_are_told_before_anything_happens(
    names: list[str], mode: str | None, code: str, hint: str
) -> None:
    small = Small()
    with pytest.raises(DevenvError) as caught:
        small.up(*names, mode=mode)
    assert [(p.code, p.hint) for p in caught.value.problems] == [(code, hint)]
    assert small.daemon.calls == []
    assert not small.project.locked


def test_a_failure_is_in_the_result_and_the_next_up_goes_on() -> None:
    small = Small(seed=Life(checked=False, exit=0.02, code=3))
    result = small.up()
    assert not result.ok
    assert [f.service for f in result.failed] == ["seed"]
    assert result.phases["web"] is Phase.SKIPPED
    small.daemon.lives["seed"] = Life(checked=False, exit=0.02)
    result = small.up()
    assert result.ok
    assert small.compose.calls == []
    assert result.phases == {"db": Phase.KEPT, "seed": Phase.COMPLETED, "web": Phase.READY}


def test_services_that_left_the_manifest_are_removed_and_those_of_others_left_alone() -> None:
    small = Small()
    small.daemon.add("old", state="running", labels={"dev.devenv.manifest": "../devenv.yaml"}, volumes=("shop_old",))
    small.daemon.add("theirs", state="running")
    small.up()
    assert small.notes() == [
        "old: removed, no longer in the manifest; volume shop_old stays; `docker volume rm` deletes it",
        "theirs: not made from this manifest, so it is left alone; `devenv down` removes it",
    ]
    assert "delete old-1" in small.daemon.calls
    assert {c.service for c in small.daemon.containers("shop")} == {"db", "seed", "web", "theirs"}


def test_restart_stops_through_compose_and_starts_in_order() -> None:
    small = Small()
    small.up()
    for name in ("db", "web"):
        small.daemon.kill(f"{name}-1", 0)  # what `compose stop` does
    small.daemon.starts.clear()
    result = restart(small.world, small.events.append)
    assert result.ok
    assert small.daemon.starts == ["db", "web"]
    with pytest.raises(DevenvError, match="DE631"):
        restart(small.world, small.events.append, ["tool"])


def test_who_interrupts_a_restart_is_told_what_that_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(services: list[str], on_line: object = None) -> None:
        raise KeyboardInterrupt

    small = Small()
    small.up()
    monkeypatch.setattr(small.compose, "stop", interrupted)
    with pytest.raises(KeyboardInterrupt):
        restart(small.world, small.events.append, ["web"])
    assert isinstance(small.events[-1], Note)
    assert "`devenv up` starts it again" in small.events[-1].text


def test_restart_of_a_stack_that_is_not_up() -> None:
    small = Small()
    with pytest.raises(DevenvError, match="DE630"):
        restart(small.world, small.events.append)


def test_a_job_is_remembered_after_down_and_forgotten_when_it_fails() -> None:
    small = Small()
    small.up()
    assert list(small.project.kept["jobs"]) == ["seed"]  # type: ignore[call-overload]
    for name in ("db", "seed", "web"):
        small.daemon.remove(name)
    applied.forget(small.project)
    small.daemon.images = {"db:1", "seed:1", "web:1"}
    result = small.up()
    assert small.notes() == []
    assert small.compose.calls == ["create db seed web"]  # the database has no volume, so its data went with it
    assert result.phases["seed"] is Phase.COMPLETED
    small.daemon.lives["seed"] = Life(checked=False, exit=0.02, code=3)
    assert not small.up(setups=["seed"]).ok
    assert small.project.kept["jobs"] == {}


def test_a_job_is_not_run_again_while_its_volume_is_there() -> None:
    small = Small(VOLUMES)
    small.daemon.made = {"shop_data": "monday"}
    small.up()
    for name in ("db", "seed", "web"):
        small.daemon.remove(name)
    result = small.up()
    assert small.compose.calls == ["create db web"]
    assert small.daemon.starts == ["db", "web"]
    assert result.phases["seed"] is Phase.KEPT
    small.daemon.made = {"shop_data": "tuesday"}
    assert small.up().phases["seed"] is Phase.COMPLETED
    assert small.compose.calls == ["create seed"]


def test_inputs_make_a_job_run_again_and_up_says_so() -> None:
    small = Small(VOLUMES)
    small.project.files["sql/one.sql"] = "1"
    small.up()
    assert small.up().phases["seed"] is Phase.KEPT
    small.project.files["sql/one.sql"] = "2"
    assert small.up().phases["seed"] is Phase.COMPLETED
    assert small.notes() == ["seed: runs, its inputs changed (sql/*)"]
    assert small.daemon.starts == ["seed"]
    assert small.up(setups=["seed"]).phases["seed"] is Phase.COMPLETED
    assert small.notes() == ["seed: runs, as --setup asks"]


def test_a_job_whose_first_start_is_interrupted_is_not_started_twice() -> None:
    small = Small(VOLUMES)
    small.daemon.made = {"shop_data": "monday"}
    small.up()
    for name in ("db", "seed", "web"):
        small.daemon.remove(name)
    small.daemon.made = {"shop_data": "tuesday"}
    start = small.daemon.start

    def interrupted(container_id: str) -> None:
        start(container_id)
        if container_id.startswith("seed"):
            raise KeyboardInterrupt

    small.daemon.start = interrupted  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        small.up()
    small.daemon.start = start  # type: ignore[method-assign]
    while small.daemon._containers["seed-1"].state == "running":  # it ends while nobody looks
        sleep(0.01)
    assert small.up().phases["seed"] in (Phase.COMPLETED, Phase.KEPT)
    assert "seed" not in small.daemon.starts
    assert small.up().phases["seed"] is Phase.KEPT


def test_a_job_that_ended_well_while_nobody_looked_is_done() -> None:
    small = Small(VOLUMES)
    small.daemon.made = {"shop_data": "monday"}
    small.up()
    small.daemon.made = {"shop_data": "tuesday"}
    before = small.project.kept
    small.up()
    small.project.kept = before  # as if it had been killed meanwhile
    small.project.files["sql/one.sql"] = "1"
    assert small.up().phases["seed"] is Phase.COMPLETED
    assert small.notes() == ["seed: runs, its inputs changed (sql/*)"]
    small.project.kept = before
    assert small.up().phases["seed"] is Phase.KEPT
    assert (small.notes(), small.daemon.starts) == ([], [])
    small.daemon.remove("seed")
    assert small.up().phases["seed"] is Phase.KEPT, "it is remembered now"


def test_a_job_that_is_done_and_has_no_container_counts_as_completed() -> None:
    small = Small(VOLUMES)
    small.up()
    small.daemon.remove("seed")
    found = {service.name: service for service in status(small.world).services}
    assert (found["seed"].state, found["seed"].ready) == ("completed", True)
    assert status(small.world).state == "running"
    for name in ("db", "web"):
        small.daemon.remove(name)
    assert status(small.world).state == "absent"


SHARED = MANIFEST.replace('image: "web:1",', 'image: "web:1", networks: [back], volumes: ["data:/data"],').replace(
    "modes:", "networks: { back: { driver_opts: { mtu: 1400 } } }\nvolumes: { data: { labels: { team: a } } }\nmodes:"
)


def test_a_changed_network_is_taken_down_before_its_services_are_made_anew() -> None:
    small = Small(SHARED)
    small.up()
    assert small.project.kept["made"]["network"]["back"] == {"driver_opts.mtu": "1400"}  # type: ignore[index]
    small.project.files["devenv.yaml"] = SHARED.replace("mtu: 1400", "mtu: 1300")
    small.daemon.on["back"] = {"web-1": "shop-web-1"}
    assert small.up().ok
    assert small.compose.calls == ["stop web", "recreate web"]
    assert "delete network back" in small.daemon.calls
    assert small.notes() == ['network back: made anew, its definition changed: driver_opts.mtu: "1400" → "1300"']
    told = [(e.phase, e.detail) for e in small.events if isinstance(e, ServiceChanged) and e.service == "web"]
    assert told[:2] == [
        (Phase.STOPPING, "its network is made anew"),
        (Phase.CREATING, "its network back is made anew"),
    ]
    small.up()
    assert (small.daemon.calls, small.compose.calls) == (["list"], [])


def test_a_service_that_left_the_manifest_does_not_hold_the_network_that_it_is_on() -> None:
    small = Small(SHARED)
    small.up()
    small.daemon.add("old", state="running", labels={"dev.devenv.manifest": "../devenv.yaml"})
    small.project.files["devenv.yaml"] = SHARED.replace("mtu: 1400", "mtu: 1300")
    small.daemon.on["back"] = {"web-1": "shop-web-1", "old-1": "shop-old-1"}
    plan(small.world)
    assert small.up().ok
    assert small.compose.calls == ["stop web", "recreate web"]


def test_a_network_that_something_else_is_on_is_left_alone_with_who_is_on_it() -> None:
    small = Small(SHARED)
    small.up()
    small.project.files["devenv.yaml"] = SHARED.replace("mtu: 1400", "mtu: 1300")
    small.daemon.on["back"] = {"web-1": "shop-web-1", "x": "debugger"}
    with pytest.raises(DevenvError) as caught:
        small.up()
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == (
        "DE607",
        "the network back cannot be made anew while something else is on it: debugger",
    )
    assert (small.compose.calls, small.notes()) == ([], [])
    with pytest.raises(DevenvError, match="something else is on it: debugger"):
        plan(small.world)
    del small.daemon.on["back"]["x"]
    assert small.up().ok
    assert "delete network back" in small.daemon.calls


def test_what_services_use_that_were_not_asked_for_stays_as_it_was_made() -> None:
    small = Small(SHARED)
    small.up()
    small.project.files["devenv.yaml"] = SHARED.replace("mtu: 1400", "mtu: 1300").replace("db:1", "db:2")
    assert small.up("db").ok
    assert small.compose.calls == ["recreate db"]
    assert small.up().ok
    assert small.notes() == ['network back: made anew, its definition changed: driver_opts.mtu: "1400" → "1300"']


def test_after_down_a_changed_volume_is_noticed_and_a_network_is_made_as_it_is_now() -> None:
    small = Small(SHARED)
    small.up()
    applied.forget(small.project)
    for name in ("db", "seed", "web"):
        small.daemon.remove(name)
    small.daemon.made = {"shop_data": "then"}
    small.project.files["devenv.yaml"] = SHARED.replace("mtu: 1400", "mtu: 1300").replace("team: a", "team: b")
    assert [one.title for one in plan(small.world).plan.shared] == ["volume data"]


def test_a_changed_volume_stays_until_it_is_gone() -> None:
    small = Small(SHARED)
    small.up()
    small.daemon.made = {"shop_data": "monday"}
    small.project.files["devenv.yaml"] = SHARED.replace("team: a", "team: b")
    assert small.up().ok
    assert small.compose.calls == []
    assert len([note for note in small.notes() if note.startswith("volume data: its definition changed, but")]) == 1
    assert small.project.kept["made"]["volume"]["data"] == {"labels.team": "a"}  # type: ignore[index]
    small.daemon.made = {}
    small.daemon.remove("web")
    assert small.up().ok
    assert small.project.kept["made"]["volume"]["data"] == {"labels.team": "b"}  # type: ignore[index]


def test_what_an_older_devenv_has_made_counts_as_it_is_declared() -> None:
    small = Small(SHARED)
    small.up()
    del small.project.kept["made"]
    assert small.up().ok
    assert small.compose.calls == []
    assert small.project.kept["made"]["volume"]["data"] == {"labels.team": "a"}  # type: ignore[index]


def test_a_stack_that_was_called_otherwise_before_is_named_until_it_is_gone() -> None:
    small = Small()
    small.up()
    labels = {"dev.devenv.manifest": "../devenv.yaml", FOLDER: home(small.project)}
    small.daemon.add("web", number=7, state="running", labels=labels)
    for name in ("db", "seed"):
        small.daemon.remove(name)
    small.project.files["devenv.yaml"] = MANIFEST.replace("name: shop", "name: store")
    small.daemon.project = "store"
    note = (
        "'shop', as this stack was called before, is still up: "
        "`docker compose -p shop down --remove-orphans` ends it and keeps its volumes"
    )
    assert status(small.world).notes == (note,)
    assert plan(small.world).notes == (note,)
    assert restart(small.world, small.events.append, ["web"]).project == "shop", "what runs is what is restarted"
    small.up()
    assert small.notes() == [note]
    assert status(small.world).notes == (note,)
    assert small.project.kept["former"] == ["shop"]
    small.daemon.remove("web")
    small.up()
    assert (small.notes(), small.project.kept["former"]) == ([], [])
    small.daemon.calls.clear()
    status(small.world)
    assert small.daemon.calls == ["list"]


@pytest.mark.parametrize(
    "other", [{FOLDER: "/elsewhere"}, {"dev.devenv.manifest": "../other.yaml"}, {"dev.devenv.manifest": ""}]
)
def test_what_another_folder_or_manifest_runs_under_the_name_before_is_not_spoken_of(other: dict[str, str]) -> None:
    small = Small()
    small.up()
    for name in ("db", "seed", "web"):
        small.daemon.remove(name)
    labels = {"dev.devenv.manifest": "../devenv.yaml", FOLDER: home(small.project)} | other
    small.daemon.add("web", number=7, state="running", labels=labels)
    small.project.files["devenv.yaml"] = MANIFEST.replace("name: shop", "name: store")
    small.daemon.project = "store"
    assert status(small.world).notes == ()
    assert plan(small.world).notes == ()
