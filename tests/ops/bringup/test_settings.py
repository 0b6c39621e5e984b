import pytest

from devenv.engine.answers import Holder
from devenv.errors import DevenvError
from devenv.events import Event, Note
from devenv.model.data import Map
from devenv.model.observed import Container
from devenv.model.stack import PublishedPort, SecretVariable, Service, Stack
from devenv.ops.bringup.settings import Settings, prepare
from devenv.records import replace
from tests.fakes import FakeDaemon, FakePorts, FakeProject, fake_world

WORKING_DIR = "com.docker.compose.project.working_dir"


def stack(*, fixed: bool = False) -> Stack:
    port = PublishedPort("http", 80, "tcp", 8080, "DEVENV_PORT_WEB_HTTP", fixed)
    web = Service(name="web", compose=Map(), ports=(port,))
    return Stack("shop", {"web": web}, secrets=(SecretVariable("DEVENV_SECRET_DB_PASSWORD", 24, "db", "password"),))


def settle(
    of: Stack, daemon: FakeDaemon | None = None, taken: dict[int, Holder] | None = None, **variables: str
) -> tuple[Settings, list[str]]:
    project = FakeProject()
    project.variables = variables
    said: list[Event] = []
    world = fake_world(daemon, project=project, ports=FakePorts(taken or {}))
    settings = prepare(world, of, list(of.services), said.append)
    return settings, [e.text for e in said if isinstance(e, Note)]


def test_a_secret_is_made_once_and_kept() -> None:
    first, _ = settle(stack())
    secret = first.values["DEVENV_SECRET_DB_PASSWORD"]
    assert len(secret) == 24
    assert secret.isalnum()
    again, _ = settle(stack(), **first.values)
    assert again.values == first.values


def test_what_is_remembered_of_services_that_are_gone_stays() -> None:
    settings, _ = settle(stack(), DEVENV_SECRET_OLD_PASSWORD="x", DEVENV_IMAGE_WEB="mine")
    assert settings.values["DEVENV_SECRET_OLD_PASSWORD"] == "x"
    assert settings.values["DEVENV_IMAGE_WEB"] == "mine"


def test_the_number_of_a_part_is_kept() -> None:
    part = Service(name="a", compose=Map(), server="cache", number_variable="DEVENV_NUMBER_CACHE__A")
    of = Stack("shop", {"a": part})
    settings, _ = settle(of, DEVENV_NUMBER_CACHE__GONE="1")
    assert settings.values == {"DEVENV_NUMBER_CACHE__GONE": "1", "DEVENV_NUMBER_CACHE__A": "2"}
    assert settle(of, **settings.values)[0].values == settings.values


def test_a_free_port_needs_no_setting() -> None:
    settings, notes = settle(stack())
    assert "DEVENV_PORT_WEB_HTTP" not in settings.values
    assert notes == []


def test_a_busy_port_moves_and_people_are_told_who_has_it() -> None:
    settings, notes = settle(stack(), taken={8080: Holder("process", "nginx", 12)})
    assert settings.values["DEVENV_PORT_WEB_HTTP"] == "8081"
    assert notes == ["port 8080 is taken by process 'nginx' (pid 12), so web (http) is on port 8081"]


def test_a_moved_port_is_remembered_without_another_word() -> None:
    settings, notes = settle(stack(), taken={8080: Holder("unknown")}, DEVENV_PORT_WEB_HTTP="8085")
    assert settings.values["DEVENV_PORT_WEB_HTTP"] == "8085"
    assert notes == []


def test_a_port_that_our_own_container_holds_is_not_busy() -> None:
    daemon = FakeDaemon()
    daemon.add("web", state="running", ports={(80, "tcp"): ("127.0.0.1", 8080)})
    settings, notes = settle(stack(), daemon, taken={8080: Holder("container", "shop-web-1", project="shop")})
    assert "DEVENV_PORT_WEB_HTTP" not in settings.values
    assert notes == []


@pytest.mark.parametrize("state", ["running", "paused", "restarting"])
def test_our_own_container_holds_its_port_whatever_its_state_is(state: str) -> None:
    daemon = FakeDaemon()
    daemon.add("web", state=state, ports={(80, "tcp"): ("127.0.0.1", 8080)})
    settings, notes = settle(stack(), daemon, taken={8080: Holder("process", "docker-proxy", 12)})
    assert (settings.values.get("DEVENV_PORT_WEB_HTTP"), notes) == (None, [])


@pytest.mark.parametrize(("ours", "project", "port"), [(True, "shop", None), (False, "shop-3cb8", "8081")])
def test_what_a_run_of_this_project_has_claimed_is_its_own(ours: bool, project: str, port: str | None) -> None:
    folder = FakeProject()
    folder.claims = {"name shop": ours, "port 8080/tcp": ours}
    world = fake_world(project=folder, ports=FakePorts({8080: Holder("process", "docker-proxy", 12)}))
    settings = prepare(world, stack(), ["web"], lambda event: None)
    assert (settings.project, settings.values.get("DEVENV_PORT_WEB_HTTP")) == (project, port)


def test_a_port_is_claimed_before_it_is_looked_at() -> None:
    """Else another run could start on it, and give its claim back, between the two."""
    order: list[str] = []
    folder, held = FakeProject(), FakePorts()
    folder.claim = lambda what: bool(order.append(what)) or True  # type: ignore[method-assign]
    held.busy = lambda port, *_: bool(order.append(f"look at {port}"))  # type: ignore[method-assign]
    prepare(fake_world(project=folder, ports=held), stack(), ["web"], lambda event: None)
    assert order[-2:] == ["port 8080/tcp", "look at 8080"]


@pytest.mark.parametrize("written", [False, True])
def test_a_fixed_port_is_claimed_too(written: bool) -> None:
    """A run at the same time whose port may be any one then takes another, and neither fails."""
    folder, one = FakeProject(), stack(fixed=True)
    if written:
        one = replace(
            one, services={"web": replace(one.services["web"], ports=(), compose=Map({"ports": ["8080:80"]}))}
        )
    claimed: list[str] = []
    folder.claim = lambda what: bool(claimed.append(what)) or True  # type: ignore[method-assign]
    prepare(fake_world(project=folder), one, ["web"], lambda event: None)
    assert claimed == ["name shop", "port 8080/tcp"]
    assert prepare(fake_world(project=folder), one, [], lambda event: None)
    assert claimed[2:] == ["name shop"]


def test_a_port_that_another_service_of_the_stack_moved_to_is_said_to_be_that_ones() -> None:
    _, notes = settle(two(), taken={8000: Holder("process", "nginx", 12)})
    assert notes == [
        "port 8000 is taken by process 'nginx' (pid 12), so app (http) is on port 8001",
        "port 8001 is taken by app, so other (http) is on port 8002",
    ]


def two() -> Stack:
    app = PublishedPort("http", 8000, "tcp", 8000, "DEVENV_PORT_APP_HTTP")
    other = PublishedPort("http", 8000, "tcp", 8001, "DEVENV_PORT_OTHER_HTTP")
    services = {name: Service(name, Map(), ports=(port,)) for name, port in (("app", app), ("other", other))}
    return Stack("shop", services)


def test_ports_that_are_not_remembered_are_those_of_the_containers() -> None:
    daemon = FakeDaemon()
    for name, number in (("app", 8001), ("other", 8002)):
        daemon.add(name, state="running", ports={(8000, "tcp"): ("127.0.0.1", number)})
    settings, notes = settle(two(), daemon, taken={8001: Holder("unknown"), 8002: Holder("unknown")})
    assert settings.values == {"DEVENV_PORT_APP_HTTP": "8001", "DEVENV_PORT_OTHER_HTTP": "8002"}
    assert notes == []


class Stopped(FakeDaemon):
    """Lists no ports, as the engine does of what does not run."""

    def containers(self, project: str) -> list[Container]:
        return [replace(container, ports={}) for container in super().containers(project)]


def test_a_stopped_container_that_is_not_remembered_is_asked_for_its_port() -> None:
    daemon = Stopped()
    daemon.add("app", state="exited", ports={(8000, "tcp"): ("127.0.0.1", 8001)})
    settings, _ = settle(two(), daemon)
    assert settings.values == {"DEVENV_PORT_APP_HTTP": "8001", "DEVENV_PORT_OTHER_HTTP": "8002"}
    assert settings.displaced == frozenset()
    settings, notes = settle(two(), daemon, taken={8001: Holder("process", "nginx", 12)})
    assert notes[0] == "port 8001 is taken by process 'nginx' (pid 12), so app (http) is on port 8000"
    assert settings.displaced == {"app-1"}


def test_a_port_is_not_taken_over_where_another_one_is_remembered() -> None:
    daemon = FakeDaemon()
    daemon.add("app", state="running", ports={(8000, "tcp"): ("127.0.0.1", 8005)})
    settings, _ = settle(two(), daemon, DEVENV_PORT_APP_HTTP="8003")
    assert settings.values == {"DEVENV_PORT_APP_HTTP": "8003"}
    assert settings.displaced == {"app-1"}


def test_a_fixed_port_that_is_taken_stops_nobody_else() -> None:
    settings, notes = settle(stack(fixed=True), taken={8080: Holder("container", "blog-web-1", project="blog")})
    assert not any(name.startswith("DEVENV_PORT_") for name in settings.values)
    assert notes == []  # the engine will refuse to start web, and the failure says who has the port


def test_a_port_for_which_no_number_is_free_is_an_error_that_names_the_holder() -> None:
    held = dict.fromkeys(range(8080, 65536), Holder("container", "blog-web-1", project="blog"))
    with pytest.raises(DevenvError) as caught:
        settle(stack(), taken=held)
    [problem] = caught.value.problems
    assert problem.code == "DE602"
    assert problem.message == "port 8080 of web is taken by container 'blog-web-1' of stack 'blog'"


def other_checkout(daemon: FakeDaemon, folder: str) -> None:
    daemon.add("web", state="running", labels={WORKING_DIR: folder})


def test_another_checkout_with_this_name_gives_this_one_a_name_of_its_own() -> None:
    daemon = FakeDaemon()
    other_checkout(daemon, "/elsewhere/shop/.devenv")
    project = FakeProject({"/elsewhere/shop/.devenv/compose.yaml": ""})
    said: list[Event] = []
    settings = prepare(fake_world(daemon, project=project), stack(), ["web"], said.append)
    assert settings.project.startswith("shop-")
    assert len(settings.project) == len("shop-") + 4
    assert settings.values["COMPOSE_PROJECT_NAME"] == settings.project
    assert settings.containers == []
    assert [e.text for e in said if isinstance(e, Note)] == [
        f"'shop' is up from /elsewhere/shop already, so this checkout is called '{settings.project}'"
    ]


def test_the_name_of_its_own_is_remembered() -> None:
    settings, notes = settle(stack(), COMPOSE_PROJECT_NAME="shop-ab12")
    assert settings.project == "shop-ab12"
    assert notes == []


def test_a_renamed_stack_drops_the_remembered_name() -> None:
    settings, _ = settle(stack(), COMPOSE_PROJECT_NAME="blog-ab12")
    assert settings.project == "shop"
    assert "COMPOSE_PROJECT_NAME" not in settings.values


def test_a_folder_that_was_moved_takes_its_containers_over_and_makes_them_anew() -> None:
    daemon = FakeDaemon()
    daemon.add("web", state="running", labels={WORKING_DIR: "/gone/.devenv", "dev.devenv.hash": "abc"})
    settings, _ = settle(stack(), daemon)
    assert settings.project == "shop"
    assert settings.containers[0].labels["dev.devenv.hash"] == ""
