"""Commands on a stack that runs while its manifest cannot be used."""

import pytest

from devenv.errors import DevenvError, Report
from devenv.events import Note, Started
from devenv.ops.at_hand import stack_at_hand
from devenv.ops.exec import exec_in
from devenv.ops.load import load_stack
from devenv.ops.restart import restart
from devenv.ops.status import status
from devenv.ops.up import up
from tests.fakes import FakeCompose, FakeDaemon, FakeProcesses, FakeProject, Life, fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { image: "db:1", ports: { main: 5432 }, ready: { tcp: main }, labels: ["team=a=b"] }
  seed: { image: "seed:1", job: true, needs: [db], command: ["echo", "$$HOME ${LEVEL:-info}"] }
  web:
    image: "web:1"
    needs: [seed]
    ports: { http: 8080 }
    setup: [migrate]
    configs: [page]
    environment: { DB: "${db.main.url}" }
  side: { image: "side:1", network_mode: "service:web" }
configs: { page: { content: "a $${b}" } }
"""
WRONG = "devenv.yaml cannot be used: DE203 devenv.yaml:12:5: services.web: unknown key 'enviroment' (hint: did you mean"
"""What is said of BROKEN."""
BROKEN = MANIFEST.replace("environment:", "enviroment:")


class Shop:
    """A stack that is up, and commands on it."""

    def __init__(self) -> None:
        self.daemon, self.processes = FakeDaemon(), FakeProcesses()
        self.project = FakeProject({"devenv.yaml": MANIFEST})
        ends, runs = Life(checked=False, exit=0.02), Life(checked=False)
        lives = {"db": Life(), "seed": ends, "web-setup": ends, "web": runs, "side": runs}
        compose = FakeCompose(self.daemon, lives)
        self.world = fake_world(self.daemon, project=self.project, compose=compose, processes=self.processes)
        self.told: list[str] = []

    def up(self) -> "Shop":
        assert up(self.world, lambda _: None).ok
        return self

    def write(self, manifest: str) -> "Shop":
        self.project.files["devenv.yaml"] = manifest
        return self


@pytest.mark.parametrize(
    ("manifest", "code"),
    [
        (BROKEN, "DE203"),
        (MANIFEST + "a: [", "DE105"),
        ("", "DE201"),
        (MANIFEST + "catalogs: [{ path: ../c }]", "DE308"),
    ],
)
def test_whatever_is_wrong_it_is_told_in_one_line_and_the_last_up_counts(manifest: str, code: str) -> None:
    shop = Shop().up().write(manifest)
    assert list(stack_at_hand(shop.world, shop.told.append).services) == ["db", "seed", "web-setup", "web", "side"]
    [told] = shop.told
    assert told.startswith(f"devenv.yaml cannot be used: {code} ") and "\n" not in told
    assert told.endswith("; until it is mended, the last `devenv up` counts")


def test_a_manifest_that_can_be_used_is() -> None:
    shop = Shop().up()
    assert stack_at_hand(shop.world, shop.told.append) == load_stack(shop.world, Report()).stack
    assert shop.told == []


def test_what_starting_depends_on_is_in_the_generated_file() -> None:
    shop = Shop().up()
    stack = load_stack(shop.world, Report()).stack
    left = stack_at_hand(shop.write(BROKEN).world, shop.told.append)
    assert left.name == stack.name
    for name, one in stack.services.items():
        other = left.services[name]
        for field in ("needs", "has_healthcheck", "job", "setup_of", "engine_starts", "origin"):
            assert getattr(other, field) == getattr(one, field), (name, field)
    assert left.ending == stack.ending


def test_without_containers_what_is_wrong_is_the_answer() -> None:
    shop = Shop().up().write(BROKEN)
    for name in ("db", "seed", "web-setup", "web", "side"):
        shop.daemon.remove(name)
    for command in (lambda: status(shop.world), lambda: restart(shop.world, lambda _: None)):
        with pytest.raises(DevenvError, match=r"DE203.*enviroment"):
            command()


def test_containers_of_another_checkout_are_none() -> None:
    shop = Shop().up().write(BROKEN)
    shop.daemon.remove("db")
    shop.daemon.add("db", state="running", labels={"com.docker.compose.project.working_dir": "/other/.devenv"})
    shop.project.files["/other/.devenv/compose.yaml"] = ""
    with pytest.raises(DevenvError, match="DE203"):
        stack_at_hand(shop.world, shop.told.append)


def test_what_another_manifest_of_the_folder_has_brought_up_is_not_it() -> None:
    shop = Shop().up()
    shop.project.files["other.yaml"] = BROKEN
    shop.project.manifest = "other.yaml"
    with pytest.raises(DevenvError, match="DE203"):
        stack_at_hand(shop.world, shop.told.append)


def test_before_the_first_up_what_is_wrong_is_the_answer() -> None:
    shop = Shop().write(BROKEN)
    shop.daemon.add("db", state="running")
    with pytest.raises(DevenvError, match="DE203"):
        stack_at_hand(shop.world, shop.told.append)


def test_status_shows_what_runs_and_says_what_is_wrong() -> None:
    shop = Shop().up()
    shop.daemon.remove("db")
    ports = {(5432, "tcp"): ("127.0.0.1", 5433)}
    shop.daemon.add("db", state="running", health="healthy", ports=ports)
    found = status(shop.write(BROKEN).world)
    assert (found.state, [s.ready for s in found.services]) == ("running", [True] * 5)
    assert [note.startswith(WRONG) for note in found.notes] == [True]
    assert found.services[0].address == "127.0.0.1:5433"


def test_restart_starts_in_order_and_takes_along_who_shares_namespaces(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop().up().write(BROKEN)
    stop = lambda names, on_line=None: [shop.daemon.kill(f"{name}-1", 0) for name in names]  # noqa: E731
    monkeypatch.setattr(shop.world.compose, "stop", stop)
    shop.daemon.starts.clear()
    events: list[object] = []
    assert restart(shop.world, events.append, ["web"]).ok
    assert shop.daemon.starts == ["web", "side"]
    assert isinstance(events[0], Started) and isinstance(events[1], Note)
    assert (events[1].level, events[1].text.startswith(WRONG)) == ("warning", True)


def test_exec_enters_a_container() -> None:
    shop = Shop().up().write(BROKEN)
    exec_in(shop.world, "web", ["env"], tell=shop.told.append, interactive=False, stdin=False)
    assert shop.processes.calls == [["compose", "exec", "-T", "web", "env"]]
    assert [told.startswith(WRONG) for told in shop.told] == [True]
    with pytest.raises(DevenvError, match="DE720"):
        exec_in(shop.world, "wbe", [], tell=shop.told.append, interactive=False, stdin=False)
