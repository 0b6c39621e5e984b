"""`add`, `remove` and `set` on a project of fakes: what is written, and what is not."""

from __future__ import annotations

import pytest

from devenv.engine.answers import Completed
from devenv.engine.catalog import FolderCatalog
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.ops.editing.services import add_service, remove_service
from devenv.ops.editing.values import keys_below, read_value, set_value, unset_value
from tests.conftest import ROOT
from tests.fakes import FakeDaemon, FakeProcesses, FakeProject, fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { use: postgres@17 }   # the truth

  # what people see
  web:
    image: web
    needs: [db]
    ports: { http: 8080 }
  worker:
    image: worker
    needs: { db: { env: DATABASE } }
modes:
  data: [db]
"""


def world(text: str = MANIFEST, daemon: FakeDaemon | None = None) -> World:
    quiet = FakeProcesses()
    quiet.find = lambda program: None  # type: ignore[method-assign]  # no Compose to ask
    project = FakeProject({"devenv.yaml": text})
    return fake_world(daemon, project=project, catalog=FolderCatalog(ROOT / "templates"), processes=quiet)


def text_of(one: World) -> str:
    return one.project.read("devenv.yaml")


def problems(error: pytest.ExceptionInfo[DevenvError]) -> list[tuple[str, int | None]]:
    return [(p.code, p.mark.line if p.mark else None) for p in error.value.problems]


def test_add_writes_the_service_and_who_needs_it() -> None:
    one = world()
    with_ = ["maxmemory=8mb", "databases=3"]
    edited = add_service(one, "redis", "cache", with_, ["web", "worker"])
    assert edited.written and edited.line == 9
    assert "  cache:\n    use: redis@8\n    with:\n      maxmemory: 8mb\n      databases: 3\nmodes:" in text_of(one)
    assert "    needs: [db, cache]\n" in text_of(one)
    assert "    needs: { db: { env: DATABASE }, cache: {} }\n" in text_of(one)


def test_a_list_is_given_item_by_item_or_as_yaml() -> None:
    one = world()
    add_service(one, "postgres@16", "", ["extensions=pgcrypto,pg_trgm", "extensions=citext"], [])
    assert "use: postgres@16\n    with:\n      extensions: [pgcrypto, pg_trgm, citext]" in text_of(one)


@pytest.mark.parametrize(
    ("use", "name", "with_", "needed_by", "codes"),
    [
        ("postgers", "x", [], [], [("DE301", None)]),
        ("postgres", "db", [], [], [("DE704", None)]),
        ("postgres", "x", ["database"], [], [("DE710", None)]),
        ("postgres", "x", [], ["wbe"], [("DE720", None)]),
        ("postgres@9", "x", [], [], [("DE302", None)]),
        ("postgres", "x", ["databse=a", "max_connections=1"], [], [("DE305", 17), ("DE307", 18), ("DE743", None)]),
        ("postgres", "x y", [], [], [("DE205", 14), ("DE743", None)]),
    ],
)
def test_what_would_not_validate_is_not_added(
    use: str, name: str, with_: list[str], needed_by: list[str], codes: list[tuple[str, int | None]]
) -> None:
    one = world()
    with pytest.raises(DevenvError) as error:
        add_service(one, use, name, with_, needed_by)
    assert problems(error) == codes
    assert [problem.outcome for problem in error.value.problems] == [code == "DE743" for code, _ in codes]
    assert all(problem.hint is None for problem in error.value.problems if problem.outcome), "it is what was typed"
    assert text_of(one) == MANIFEST


def test_remove_says_who_needs_the_service_and_refuses() -> None:
    one = world()
    with pytest.raises(DevenvError) as error:
        remove_service(one, "db")
    assert problems(error) == [("DE744", 9), ("DE744", 13), ("DE744", 15)]
    assert text_of(one) == MANIFEST


def test_remove_takes_the_names_with_it_when_told_and_leaves_the_data() -> None:
    daemon = FakeDaemon("shop-2")
    daemon.kept_volumes = ["shop-2_db-data"]
    one = world(daemon=daemon)
    one.project.save_settings({"COMPOSE_PROJECT_NAME": "shop-2"})
    edited = remove_service(one, "db", cascade=True)
    wanted = (
        "devenv: 1\nname: shop\nservices:\n  # what people see\n  web:\n    image: web\n    ports: { http: 8080 }\n"
    )
    assert text_of(one) == wanted + "  worker:\n    image: worker\n"
    assert edited.says[-1].startswith("its data stays in the volume shop-2_db-data")


class _NoEngine(FakeDaemon):
    def volumes(self, project: str) -> list[str]:
        raise DevenvError.of("DE401", "no engine answers")


def test_remove_speaks_of_data_that_is_there_or_may_be() -> None:
    assert remove_service(world(), "db", cascade=True).says[-1].endswith("is removed")
    assert "shop_db-data" in remove_service(world(daemon=_NoEngine()), "db", cascade=True).says[-1]


def test_a_reference_that_would_be_left_keeps_the_service() -> None:
    one = world(MANIFEST.replace("image: web\n", "image: web\n    environment: { A: '${db.url}' }\n"))
    with pytest.raises(DevenvError) as error:
        remove_service(one, "db", cascade=True)
    assert [code for code, _ in problems(error)] == ["DE310", "DE743"]
    assert "both changes by hand" in error.value.problems[-1].hint, "what is wrong is a line that stays"


def test_set_and_unset() -> None:
    one = world()
    assert set_value(one, "services.web.ports.http", "8081").written
    assert set_value(one, "services.web.needs[+]", "worker").written
    assert unset_value(one, "services.worker.needs").written
    wanted = MANIFEST.replace("8080", "8081").replace("[db]\n    ports", "[db, worker]\n    ports")
    assert text_of(one) == wanted.replace("    needs: { db: { env: DATABASE } }\n", "")
    again = set_value(one, "services.web.ports.http", "8081")
    assert not again.changed and again.line is None and again.diff() == ""


@pytest.mark.parametrize(
    ("written", "data"),
    [
        ("", ""), (" ", " "), ("#fff", "#fff"), ("a #b", "a #b"), ("one\n  two", "one\n  two"),
        ("null", None), ("~", None), ("'a' # b", "a"), ("|\n  a\n", "a\n"), ("!!str 1", "1"), ("8081", 8081),
        ("[a]", ["a"]), ("a: 1\nb: 2", {"a": 1, "b": 2}),
    ],
)  # fmt: skip
def test_what_a_written_value_is(written: str, data: object) -> None:
    assert read_value(written) == data


def test_an_empty_value_is_an_empty_text() -> None:
    one = world()
    set_value(one, "services.web.environment.EMPTY", "")
    assert 'EMPTY: ""\n' in text_of(one)


def test_a_dry_run_shows_and_writes_nothing() -> None:
    one = world()
    edited = set_value(one, "services.web.ports.http", "8081", dry=True)
    assert not edited.written and "+    ports: { http: 8081 }" in edited.diff()
    assert text_of(one) == MANIFEST
    assert set_value(one, "name", "shop", dry=True).diff() == ""


def test_a_diff_shows_no_secret_neither_in_a_changed_line_nor_beside_it() -> None:
    one = world(
        MANIFEST.replace("    image: web\n", "    image: web\n    command:\n      - --password\n      - swordfish\n")
    )
    needs = "     needs: [db]\n     ports: { http: 8080 }\n"
    assert set_value(one, "services.web.command[1]", "sw0rdfish", dry=True).diff() == (
        "--- devenv.yaml\n+++ devenv.yaml\n@@ -9,5 +9,5 @@\n     command:\n       - --password\n"
        f"-      - ********\n+      - ********\n{needs}"
    )
    set_value(one, "services.web.environment.DB_PASSWORD", "sw0rdfish")
    assert "sw0rdfish" in text_of(one)
    for path in ("services.web.environment.LEVEL", "services.web.labels.a", "services.web.command[0]"):
        diff = set_value(one, path, "1", dry=True).diff()
        assert "fish" not in diff and "********" in diff
    assert "fish" not in remove_service(one, "web", dry=True).diff()


@pytest.mark.parametrize(
    ("path", "value", "codes"),
    [
        ("services.web.ports.http", "eighty", [("DE208", 10), ("DE743", None)]),
        ("services.wbe.image", "x", [("DE720", None)]),
        ("services..x", "x", [("DE710", None)]),
        ("name", "[a", [("DE710", None)]),
        ("servces.web.image", "x", [("DE203", 16), ("DE743", None)]),
    ],
)
def test_a_wrong_value_is_not_set(path: str, value: str, codes: list[tuple[str, int | None]]) -> None:
    one = world()
    with pytest.raises(DevenvError) as error:
        set_value(one, path, value)
    assert problems(error) == codes
    assert [problem.outcome for problem in error.value.problems] == [code == "DE743" for code, _ in codes]
    assert text_of(one) == MANIFEST


def test_a_service_of_another_file_is_looked_for_there() -> None:
    files = {
        "devenv.yaml": f"{MANIFEST}include: [orders/devenv.yaml]\n",
        "orders/devenv.yaml": "devenv: 1\nname: orders\ninclude: [deep.yaml]\nservices: {api: {image: a}}\n",
        "orders/deep.yaml": "devenv: 1\nname: deep\nservices: {deepest: {image: a}}\n",
    }
    one = world()
    one.project.files.update(files)  # type: ignore[attr-defined]
    for act, file in (
        (lambda: set_value(one, "services.api.image", "b"), "orders/devenv.yaml"),
        (lambda: remove_service(one, "deepest"), "orders/deep.yaml"),
        (lambda: add_service(one, "valkey", "", (), ["api"]), "orders/devenv.yaml"),
    ):
        with pytest.raises(DevenvError) as error:
            act()
        problem = error.value.problems[0]
        assert (problem.code, file in str(problem.hint)) == ("DE720", True)
    assert text_of(one) == files["devenv.yaml"]


def test_a_manifest_that_was_wrong_before_is_said_to_be() -> None:
    one = world(MANIFEST + "chekcs: {}\n")
    with pytest.raises(DevenvError) as error:
        set_value(one, "services.web.ports.http", "8081")
    assert error.value.problems[-1].message.endswith("it is not valid before the edit either")


def test_compose_is_asked_too() -> None:
    one = world()
    one = fake_world(project=one.project, catalog=one.catalog, processes=_Objecting())
    with pytest.raises(DevenvError) as error:
        set_value(one, "services.web.cpus", "many")
    assert "DE330" in [code for code, _ in problems(error)]
    assert text_of(one) == MANIFEST


class _Objecting(FakeProcesses):
    def run(self, argv, **options):  # type: ignore[no-untyped-def]
        return Completed(1, "", 'services.web.cpus: invalid value "many"')


def test_completion_knows_the_next_steps() -> None:
    assert keys_below(world(), "services.web") == [f"services.web.{key}" for key in ("image", "needs", "ports")]
    assert keys_below(world(), "") == ["devenv", "name", "services", "modes"]
    with pytest.raises(DevenvError, match="whole service"):
        unset_value(world(), "services.web")
