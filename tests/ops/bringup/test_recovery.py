"""`.devenv` was taken away, and containers and volumes are still there."""

from collections.abc import Sequence

from devenv.events import Event, Note
from devenv.model.data import Map
from devenv.model.stack import PublishedPort, SecretVariable, Service, Stack
from devenv.ops.bringup import recovery
from devenv.ops.bringup.settings import prepare
from tests.fakes import FakeDaemon, FakeProject, Life, fake_world

PASSWORD, ROOT = "DEVENV_SECRET_DB_PASSWORD", "DEVENV_SECRET_DB_ROOT"
URL = f"pg://app:${{{PASSWORD}:-default}}@db:5432/shop"


def stack() -> Stack:
    db = Map({"environment": Map({"PW": f"${{{PASSWORD}:-default}}", "NAME": "shop"}), "volumes": ["data:/data"]})
    app = Map({"environment": [f"URL={URL}", "HOME"]})
    port = PublishedPort("http", 8000, "tcp", 8000, "DEVENV_PORT_APP_HTTP")
    services = {"db": Service("db", db, data=("data",)), "app": Service("app", app, ports=(port,))}
    named = (SecretVariable(PASSWORD, 24, "db", "password"), SecretVariable(ROOT, 24, "db", "root_password"))
    return Stack("shop", services, Map({"volumes": Map({"data": None})}), secrets=named)


def settle(daemon: FakeDaemon, remembered: Sequence[str] = (), **variables: str) -> tuple[dict[str, str], list[str]]:
    project = FakeProject()
    project.kept = {"applied": {name: {} for name in remembered}}
    project.variables = variables
    said: list[Event] = []
    settings = prepare(fake_world(daemon, project=project), stack(), ["db", "app"], said.append)
    return settings.values, [event.text for event in said if isinstance(event, Note)]


def test_a_secret_is_that_of_its_own_servers_container() -> None:
    daemon = FakeDaemon()
    daemon.add("app", Life(environment={"URL": "pg://app:newer@db:5432/shop"}), state="running")
    daemon.add("db", Life(environment={"PW": "first", "NAME": "shop"}), state="exited")
    values, _ = settle(daemon)
    assert values[PASSWORD] == "first"


def test_a_secret_is_told_by_another_container_where_its_server_has_none() -> None:
    daemon = FakeDaemon()
    daemon.add("app", Life(environment={"URL": "pg://app:first@db:5432/shop"}), state="running")
    assert settle(daemon)[0][PASSWORD] == "first"
    daemon.lives["app"].environment = {"URL": "pg://root:first@elsewhere/shop"}  # of another definition
    assert len(settle(daemon)[0][PASSWORD]) == 24


def test_a_container_of_one_command_tells_no_secret() -> None:
    daemon = FakeDaemon()
    daemon.add("db", Life(environment={"PW": "by hand"}), state="running", oneoff=True)
    assert settle(daemon)[0][PASSWORD] != "by hand"


def test_with_nothing_missing_nobody_is_asked() -> None:
    daemon = FakeDaemon()
    daemon.add("db", Life(environment={"PW": "other"}), state="running")
    values, notes = settle(daemon, ["db"], **{PASSWORD: "mine", ROOT: "mine, too"})
    assert (values[PASSWORD], notes, daemon.calls) == ("mine", [], ["list"])


def test_a_secret_that_was_made_anew_while_nothing_was_remembered_gives_way_to_the_containers() -> None:
    daemon = FakeDaemon()
    daemon.add("db", Life(environment={"PW": "first"}), state="running")
    values, [note] = settle(daemon, **{PASSWORD: "anew", ROOT: "mine"})
    assert (values[PASSWORD], values[ROOT]) == ("first", "mine")
    assert note == "db keeps the password of its containers; the new one in .devenv/.env is dropped"
    assert settle(daemon, **{PASSWORD: "first", ROOT: "mine"})[1] == []


def test_a_volume_that_was_made_with_a_secret_that_is_lost_is_told_of() -> None:
    daemon = FakeDaemon()
    assert settle(daemon)[1] == []
    daemon.made = {"shop_data": "then", "shop_other": "then"}
    [note] = settle(daemon)[1]
    assert note.startswith("db gets a new password and root_password, but has data already (shop_data)")
    assert "`devenv down && docker volume rm shop_data`" in note
    daemon.add("db", Life(environment={"PW": "first"}), state="running")
    values, [note] = settle(daemon)
    assert note.startswith("db gets a new root_password, but")
    assert not any(values[name] in note for name in (PASSWORD, ROOT))


def test_ports_are_those_of_containers_only_where_nothing_is_remembered() -> None:
    daemon, project = FakeDaemon(), FakeProject()
    daemon.add("app", state="running", ports={(8000, "tcp"): ("127.0.0.1", 8001)})
    world = fake_world(daemon, project=project)
    there = daemon.containers("shop")
    assert recovery.variables(world, stack(), lambda: there) == {"DEVENV_PORT_APP_HTTP": "8001"}
    project.variables = {"DEVENV_PORT_APP_HTTP": "8002"}
    assert recovery.variables(world, stack(), lambda: there) == {"DEVENV_PORT_APP_HTTP": "8002"}
    project.variables, project.kept = {}, {"applied": {"app": {"image": "x"}}}
    assert recovery.variables(world, stack(), lambda: 1 / 0) == {}  # type: ignore[arg-type,return-value]
