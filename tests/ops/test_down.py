import pytest

from devenv.events import Event, Finished, Note, Phase, ServiceChanged
from devenv.ops.checkouts import FOLDER, home
from devenv.ops.down import DownResult, down
from tests.fakes import FakeCompose, FakeDaemon, FakeProject, fake_world

FILE = ".devenv/compose.yaml"


class Removing(FakeCompose):
    """Compose that removes the containers."""

    def down(self, *, volumes: bool = False, on_line=None) -> None:
        super().down(volumes=volumes)
        for container in self.daemon.containers("shop"):
            self.daemon.remove(container.service)


def arrange(*services: str, manifest: str = "broken: [") -> tuple[FakeDaemon, Removing, FakeProject]:
    daemon = FakeDaemon()
    for name in services:
        daemon.add(name, state="running")
    project = FakeProject({"devenv.yaml": manifest, FILE: "name: shop\nservices: {}\n"})
    project.kept = {"project": "shop", "services": list(services), "applied": {}}
    return daemon, Removing(daemon), project


def run(daemon: FakeDaemon, compose: Removing, project: FakeProject, **options) -> tuple[DownResult, list[Event]]:
    events: list[Event] = []
    return down(fake_world(daemon, compose=compose, project=project), events.append, **options), events


def test_removes_containers_and_keeps_data_even_with_a_broken_manifest() -> None:
    daemon, compose, project = arrange("db", "web")
    daemon.kept_volumes = ["shop_data"]
    result, events = run(daemon, compose, project)
    assert result == DownResult(True, "shop", ("db", "web"))
    assert compose.calls == ["down"]
    assert [e.service for e in events if isinstance(e, ServiceChanged) and e.phase is Phase.REMOVED] == ["db", "web"]
    assert project.kept["services"] == []
    assert project.kept["project"] == "shop"


def test_data_is_deleted_only_after_naming_it_and_a_yes() -> None:
    daemon, compose, project = arrange("db")
    daemon.kept_volumes = ["shop_data", "shop_cache"]
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    result, events = run(daemon, compose, project, volumes=True, consent=no)
    assert asked == ["Delete the data of 'shop' for good? Volumes: shop_cache, shop_data."]
    assert not result.ok
    assert compose.calls == []
    assert isinstance(events[-1], Finished)
    result, _ = run(daemon, compose, project, volumes=True, consent=lambda q: True)
    assert result.volumes == ("shop_cache", "shop_data")
    assert compose.calls == ["down --volumes"]


def test_who_interrupts_is_told_what_that_leaves() -> None:
    class Interrupted(Removing):
        def down(self, *, volumes: bool = False, on_line=None) -> None:
            raise KeyboardInterrupt

    daemon, _, project = arrange("db")
    events: list[Event] = []
    with pytest.raises(KeyboardInterrupt):
        down(fake_world(daemon, compose=Interrupted(daemon), project=project), events.append)
    assert isinstance(events[-1], Note)
    assert "may still do so. `devenv down` goes on" in events[-1].text


def test_without_data_nobody_is_asked() -> None:
    daemon, compose, project = arrange("db")
    result, _ = run(daemon, compose, project, volumes=True, consent=lambda q: False)
    assert result.ok
    assert compose.calls == ["down"]


def test_data_of_a_stack_that_is_down_can_still_be_deleted() -> None:
    daemon, compose, project = arrange()
    daemon.kept_volumes = ["shop_data"]
    result, _ = run(daemon, compose, project, volumes=True)
    assert result.volumes == ("shop_data",)
    assert compose.calls == ["down --volumes"]


def test_nothing_to_do_is_said_and_is_no_failure() -> None:
    daemon, compose, project = arrange()
    result, events = run(daemon, compose, project)
    assert result.ok
    assert compose.calls == []
    assert [e.text for e in events if isinstance(e, Note)] == ["'shop' is not up: there is nothing to remove"]


def test_another_checkouts_containers_are_left_alone() -> None:
    daemon, compose, project = arrange()
    daemon.add("web", state="running", labels={"com.docker.compose.project.working_dir": "/other/.devenv"})
    project.files["/other/.devenv/compose.yaml"] = ""
    daemon.kept_volumes = ["shop_data"]
    result, _ = run(daemon, compose, project, volumes=True)
    assert result.ok
    assert compose.calls == []


def test_a_stack_that_was_renamed_since_is_removed_under_its_old_name() -> None:
    daemon, compose, project = arrange("db")
    project.files[FILE] = "name: store\nservices: {}\n"
    result, _ = run(daemon, compose, project)
    assert result.stack == "shop"
    assert project.variables["COMPOSE_PROJECT_NAME"] == "shop"


def test_what_still_runs_under_an_earlier_name_is_named() -> None:
    daemon, compose, project = arrange("db")
    project.kept["former"] = ["store"]
    labels = {"dev.devenv.manifest": "../devenv.yaml", FOLDER: home(project)}
    daemon.add("web", project="store", state="running", labels=labels)
    _, events = run(daemon, compose, project)
    [note] = [event.text for event in events if isinstance(event, Note)]
    assert note.startswith("'store', as this stack was called before, is still up: `docker compose -p store down")


def test_the_name_is_found_in_the_generated_file_when_the_state_is_lost() -> None:
    daemon, compose, project = arrange("db")
    project.kept = {}
    result, _ = run(daemon, compose, project)
    assert result.services == ("db",)
