import io
import json

import pytest

from devenv.cli.app import main
from devenv.engine.answers import Completed
from devenv.engine.catalog import FolderCatalog
from devenv.errors import DevenvError
from devenv.ops.check import Checked
from devenv.records import replace
from devenv.ui.console import Console
from devenv.ui.stack import format_checks
from tests.cli.conftest import SHOP, Shop
from tests.cli.running import Outside, Typed, run
from tests.fakes import Life


def test_status_is_a_table_and_the_whole(shop):
    shop.runs("db", "web")
    result = shop("status")
    assert (result.code, result.err) == (0, "")
    assert result.out == (
        "SERVICE  STATE    READY  SINCE  ADDRESS                IMAGE\n"
        "db       running  yes           127.0.0.1:5432         db:1\n"
        "web      running  yes           http://127.0.0.1:8080  web:1\n"
        "\n"
        "shop is running: 2 of 2 services ready\n"
    )


def test_status_of_nothing(shop):
    result = shop("status", "web")
    assert result.code == 0
    assert result.out.splitlines()[1].split() == ["web", "not", "there", "web:1"]
    assert result.out.endswith("\nshop is not up\n")


def test_status_leaves_out_images_that_do_not_fit(shop):
    def rows(columns):
        out = Typed()
        console = Console(out, io.StringIO(), io.StringIO(), {"TERM": "dumb", "COLUMNS": str(columns)})
        assert main(["status"], console=console, outside=shop.outside) == 0
        return out.getvalue().splitlines()[:3]

    shop.runs("db")
    shop.daemon.add("web", state="exited", image="registry.example/team/web:1")
    assert rows(70)[2].endswith("  registry.examp…") and max(map(len, rows(70))) == 70
    assert [line.split()[-1] for line in rows(66)] == ["ADDRESS", "127.0.0.1:5432", "http://127.0.0.1:8080"]


def test_status_says_what_is_wrong(shop):
    shop.runs("db")
    shop.daemon.add("web", state="exited", exit_code=3)
    out = shop("status").out
    assert "web      exited   no" in out
    assert "\nweb: ended with exit code 3\n" in out or "\nweb: ended with " in out
    assert "shop has failed: 1 of 2 services ready" in out


def test_status_as_json(shop):
    shop.runs("db")
    data = shop("status", "--json").data
    assert (data["name"], data["state"]) == ("shop", "partial")
    assert [(s["name"], s["state"], s["ready"]) for s in data["services"]] == [
        ("db", "running", True),
        ("web", "absent", False),
    ]


def test_unknown_names_have_a_suggestion(shop):
    shop.runs("db")
    for argv in (["status", "wbe"], ["up", "wbe"], ["open", "wbe"], ["exec", "wbe", "sh"], ["restart", "wbe"]):
        result = shop(*argv)
        assert (result.code, result.err) == (2, "error[DE720]: there is no service 'wbe'\nhint: did you mean 'web'?\n")
    assert shop("up", "--mode", "dta").err == "error[DE721]: there is no mode 'dta'\nhint: did you mean 'data'?\n"


def test_logs_are_aligned_and_safe(shop):
    shop.runs("db", "web")
    result = shop("logs")
    assert result.out == "db       | ready to accept\nweb      | GET /\n"
    assert shop("logs", "web", "-n", "1").out == "web | GET /\n"
    assert shop("logs", "--json").lines[0] == {
        "service": "db",
        "container": "shop-db-1",
        "time": "2024-01-01T00:00:00.000Z",
        "text": "ready to accept",
    }


def test_logs_since_nonsense(shop):
    shop.runs("db")
    result = shop("logs", "--since", "yesterday")
    assert result.code == 2
    assert result.err.startswith("error[DE710]: 'yesterday' is not a time\nhint: ")


def test_exec_reaches_a_part_of_a_shared_server_in_the_server(shop):
    part = "name: part\nservices:\n  db: { use: postgres }\n"
    share = "include: [{ path: part.yaml, share: { db: db } }]\n"
    shop.project.files |= {
        "part.yaml": f"devenv: 1\n{part}",
        "devenv.yaml": SHOP.replace("image: postgres:17", "use: postgres") + share,
    }
    shop.world = replace(shop.world, catalog=FolderCatalog())
    shop.outside.a_world = shop.world
    shop.runs("db")
    shop("exec", "part-db")
    assert shop.world.processes.calls[-1] == ["compose", "exec", "-T", "db", "psql", "-U", "part_db", "-d", "part_db"]


def test_exec_hands_everything_after_the_service_on_and_returns_its_code(shop):
    shop.runs("db")
    shop.world.processes.answers["compose exec -T db psql --help -f x"] = Completed(7, "", "")
    assert shop("exec", "db", "psql", "--help", "-f", "x").code == 7
    shop("exec", "--shell", "db", "--", "ls", "--", "-l")
    assert shop.world.processes.calls[-1] == ["compose", "exec", "-T", "db", "ls", "--", "-l"]


@pytest.mark.parametrize(
    ("written", "right"),
    [("90", True), ("1.5", True), ("90s", True), ("1m30s", True), ("0", False), ("3x", False), ("inf", False)],
)
def test_a_time_limit_is_seconds_or_a_duration(shop, written, right):
    done = shop("up", "--dry-run", "--timeout", written)
    assert (done.code == 0) is right
    assert right or f"'{written}' is no time of a second or more: write 90, 90s or 1m30s" in done.err


def test_open_shows_addresses_and_opens_one_only_when_asked(shop):
    assert shop("open").out == "web  open  http://127.0.0.1:8080\n"
    assert shop("open", "web", "--json").data["urls"][0]["url"] == "http://127.0.0.1:8080"
    assert shop.world.processes.calls == []
    assert shop("open", "web", "--browser").code == 0
    assert shop.world.processes.calls == [["/usr/bin/xdg-open", "http://127.0.0.1:8080"]]


def test_open_says_when_nothing_answers_there(shop):
    note = "note: nothing of this stack runs; `devenv up` brings it up\n"
    result = shop("open", "--json")
    assert (result.data["urls"][0]["service"], result.err) == ("web", note)
    shop.runs("db")
    assert shop("open").err == ""
    shop.daemon.containers = lambda project: (_ for _ in ()).throw(DevenvError.of("DE401", "no engine"))
    assert (shop("open").code, shop("open").err) == (0, "")


def test_only_web_addresses_are_handed_to_a_program_of_the_machine(shop):
    written = shop.world.project.files["devenv.yaml"]
    assert "open: http\n" in written
    shop.world.project.files["devenv.yaml"] = written.replace("open: http\n", 'open: "file:///tmp/x.desktop"\n')
    assert shop("open", "web", "--browser").code == 0
    assert shop.world.processes.calls == [["/usr/bin/xdg-open", "http://127.0.0.1:8080"]], "its port's own address"
    shell = 'open: "http://x/?a=1&b=%20#`id`$(id)\'; \\"\\n"\n'
    shop.world.project.files["devenv.yaml"] = written.replace("open: http\n", shell)
    assert shop("open", "web", "--browser").code == 0
    url = "http://x/?a=1&b=%20#%60id%60%24%28id%29%27%3B%20%22%0A"
    assert shop.world.processes.calls.pop() == ["/usr/bin/xdg-open", url]
    without = shop("open", "db", "--browser")
    assert without.code == 1 and "DE722" in without.err
    assert len(shop.world.processes.calls) == 1


CHECKS = (
    SHOP
    + """\
checks:
  lists: { run: [list, books], within: 0.1 }
  counts: { run: [count], expect: { body: "3" }, within: 0.1 }
"""
)


def test_check_tells_each_and_fails_for_one():
    shop = Shop(CHECKS)
    shop.runs("db", "web")
    shop.world.processes.answers["list books"] = Completed(0, "a\n", "")
    shop.world.processes.answers["count"] = Completed(0, "2\x1b[2J\n", "")
    result = shop("check")
    assert result.code == 1
    assert result.out == (
        "ok      lists   0.0 s  `list books`: exit code 0\n"
        "failed  counts  0.0 s  `count`: exit code 0, without the text '3'\n"
        "        | 2\n"
        "\n"
        "1 of 2 checks passed\n"
    )
    assert shop("check", "lists", "--quiet").out == ""
    assert shop("check", "--json").data["checks"][1]["ok"] is False


@pytest.mark.parametrize(
    ("state", "words", "hint"),
    [
        ("exited", "it has ended", "`devenv up web` starts it, `devenv logs web` shows why it ended"),
        ("created", "it was never started", "`devenv up web` starts it"),
        (None, "it has no container", "`devenv up web` starts it"),
        ("paused", "it is paused", "`devenv up web` starts it"),
    ],
)
def test_why_a_command_cannot_be_run(shop, state, words, hint):
    shop.runs("db")
    if state:
        shop.daemon.add("web", state=state)
    result = shop("exec", "web", "ls")
    assert (result.code, result.err) == (1, f"error[DE631]: 'web' is not running: {words}\nhint: {hint}\n")


def test_checks_fit_into_the_terminal():
    seen = "GET http://127.0.0.1:8080/orders: status 500, not 200"
    checks = [Checked("an order can be placed", ok, 0.1, 1, seen, ("no db",)) for ok in (True, False)]
    assert format_checks(checks, colour=False, width=60).splitlines() == [
        "ok      an order can be placed  0.1 s  GET http://127.0.0.1…",
        "failed  an order can be placed  0.1 s",
        "        GET http://127.0.0.1:8080/orders: status 500, not",
        "        200",
        "        | no db",
        "",
        "1 of 2 checks passed",
    ]
    assert f"failed  an order can be placed  0.1 s  {seen}" in format_checks(checks, colour=False)


def test_without_checks(shop):
    shop.runs("db")
    result = shop("check")
    assert (result.code, result.out) == (0, "")
    said, _, example = result.err.partition("\n")
    assert said == "the manifest has no checks; this would be one:"
    shop.project.files["devenv.yaml"] += example
    assert shop("validate").code == 0


def test_what_init_says_is_broken_at_spaces(tmp_path):
    (tmp_path / "compose.yaml").write_text("version: '3'\nservices: { a: { image: x } }\n")
    out = Typed()
    console = Console(out, io.StringIO(), io.StringIO(), {"TERM": "dumb", "COLUMNS": "60"})
    assert main(["-C", str(tmp_path), "init"], console=console, outside=Outside(a_catalog=FolderCatalog())) == 0
    lines = out.getvalue().splitlines()
    at = lines.index("`devenv import --force` makes it from the same anew, checked")
    assert lines[at + 1] == "by Compose key by key"


def test_validate_counts_what_is_valid(shop):
    assert shop("validate").out == "devenv.yaml: valid, 2 services\n"
    assert shop("validate", "--quiet").out == ""
    assert shop("validate", "--json").data["valid"] is True


def test_validate_shows_every_problem_with_its_place():
    shop = Shop(SHOP.replace("needs: [db]", "nedes: [db]").replace("open: http", "open: htp"))
    result = shop("validate")
    assert result.code == 3
    assert result.out == ""
    assert " devenv.yaml:9:5: services.web" in result.err
    assert "\n   9 |     nedes: [db]\n     |     ^^^^^\nhint: did you mean 'needs'?\n" in result.err
    data = shop("validate", "--json").data
    assert data["valid"] is False
    assert data["errors"][0]["line"] == 9


def test_generate_writes_once_prints_and_checks(shop):
    assert shop("generate").out == ".devenv/compose.yaml: written\n"
    assert shop("generate").out == ".devenv/compose.yaml: up to date\n"
    assert shop("generate", "-o", "-").out.startswith("# Generated by devenv from devenv.yaml.")
    assert shop("generate", "--check").code == 0
    shop.project.files[".devenv/compose.yaml"] = "else"
    result = shop("generate", "--check")
    assert (result.code, result.out) == (1, "")
    assert result.err == ".devenv/compose.yaml is out of date; `devenv generate` writes it anew\n"
    assert shop("generate", "--json").data["changed"] is True


def test_generate_takes_a_path_from_where_one_is(shop, monkeypatch):
    shop.project.root = shop.project.root.parent
    monkeypatch.setattr("devenv.cli.session.Session.path", lambda self, name: shop.project.root / "shop" / name)
    result = shop("generate", "-o", "compose.yaml")
    assert result.out == "compose.yaml: written\n"
    assert "shop/compose.yaml" in shop.project.files


def test_a_source_that_nobody_agrees_to_names_no_option_that_validate_lacks(shop):
    shop.project.files["devenv.yaml"] += "include: [{git: https://far.example/x.git, ref: v1}]\n"
    result = shop("validate")
    assert "error[DE775]" in result.err and "`devenv lock --yes`" in result.err
    assert "pass --yes" not in result.err


def test_down_removes_and_keeps_data_unless_someone_agrees(shop):
    shop.runs("db")
    shop.daemon.kept_volumes = ["shop_data"]
    shop.project.files[".devenv/compose.yaml"] = "x"
    real = shop.world.compose.down

    def down(**options):
        real(**options)
        shop.daemon.remove("db")

    shop.world.compose.down = down
    result = shop("down", "--volumes")
    assert result.code == 1
    assert "Delete the data of 'shop' for good? Volumes: shop_data. Nobody can be asked" in result.err
    assert "pass --yes to agree" in result.err
    assert shop("down", "--volumes", typed="n\n").code == 1
    assert shop.world.compose.calls == []
    result = shop("down", "--volumes", typed="perhaps\ny\n")
    assert result.code == 0
    assert "Please answer y or n." in result.err
    assert shop.world.compose.calls == ["down --volumes"]
    assert "db: removed\n" in result.err


def test_up_shows_progress_on_stderr_and_addresses_on_stdout(shop):
    result = shop("up")
    assert result.code == 0
    assert result.out == "db   main  tcp://127.0.0.1:5432\nweb  open  http://127.0.0.1:8080\n"
    lines = result.err.splitlines()
    assert lines[0] == "up shop: 2 services"
    assert any(line.startswith("db: ready after ") for line in lines)
    assert lines[-1].startswith("ready in ")
    assert (shop("up", "--quiet").out, shop("up", "--quiet").err) == ("", "")
    assert [line["event"] for line in shop("up", "--json").lines][-1] == "finished"


def test_up_is_5_when_something_does_not_become_ready(shop):
    shop.daemon.lives["db"] = Life(ready=None, exit=0.01, code=3, log=("no space left",))
    result = shop("up")
    assert result.code == 5
    assert ": db: " in result.err
    assert "    | no space left\n" in result.err
    assert result.err.splitlines()[-1].startswith("up failed after ")


def test_an_engine_that_is_missing_is_offered(shop):
    from tests.ops.test_doctor import BARE, FakeHost

    def unreachable(project):
        if not host.performed:
            raise DevenvError.of("DE401", "the engine cannot be reached")
        return []

    host = FakeHost(BARE)
    shop.daemon.containers = unreachable
    shop.outside.a_host = host
    result = shop("up")
    assert result.code == 4
    assert "error[DE403]" in result.err
    assert "--yes" in result.err
    assert host.performed == []
    result = shop("up", "--yes")
    assert host.performed != []
    assert "DE4" not in result.err


def test_an_engine_that_docker_host_names_is_told_once_and_not_installed(shop):
    from tests.ops.test_doctor import CLIENT, READY, FakeHost

    def unreachable(project):
        raise DevenvError.of("DE401", "no Docker engine answers at unix:///x, which DOCKER_HOST names")

    shop.daemon.containers = unreachable
    silent = replace(CLIENT, engine="", endpoint="unix:///x", socket="/x", chosen=True)
    shop.outside.a_host = FakeHost(replace(READY, client=silent))
    result = shop("up", "--yes")
    assert result.code == 4
    assert result.err.count("which DOCKER_HOST names") == 1
    assert "error[DE402]: the engine at unix:///x, which DOCKER_HOST names, does not answer" in result.err


def test_the_catalog_lists_and_shows():
    result = run("catalog")
    assert result.code == 0
    assert result.out.splitlines()[0].split() == ["TEMPLATE", "VERSIONS", "SUMMARY"]
    assert "postgres" in result.out
    assert run("catalog", "list", "--json").data == run("catalog", "--json").data
    result = run("catalog", "show", "postgres")
    assert "PostgreSQL, the relational database" in result.out
    assert "  database " in result.out
    assert "${postgres.url}" in result.out
    assert run("catalog", "show", "postgres@16", "--json").data["name"] == "postgres"
    result = run("catalog", "show", "postgres@9")
    assert result.code == 3 and "error[DE302]: template 'postgres' has no version '9'\nhint: " in result.err
    result = run("catalog", "show", "postgre")
    assert (result.code, "did you mean 'postgres'?" in result.err) == (3, True)


def test_a_folder_is_no_place_for_a_schema(tmp_path):
    (tmp_path / "shop").mkdir()
    result = run("-C", str(tmp_path / "shop"), "schema", "-o", ".", outside=Outside(a_catalog=FolderCatalog()))
    assert (result.code, result.err.splitlines()[0]) == (1, "error[DE701]: cannot write shop: Is a directory")


def test_a_page_is_told_with_the_path_that_it_is_written_at(tmp_path):
    outside = Outside(a_catalog=FolderCatalog())
    assert run("-C", str(tmp_path), "template", "new", "store", outside=outside).code == 0
    result = run("-C", str(tmp_path), "template", "docs", "store", "--write", outside=outside)
    assert result.out == "catalog/store/README.md: written\n"
    assert (tmp_path / "catalog/store/README.md").exists()


def test_a_template_writes_nothing_to_the_terminal_but_text(tmp_path):
    hostile = r'"a\e]0;pwn\a\u202eb"'
    texts = f"summary: {hostile}\nhome: {hostile}\nexample: {hostile}\nparameters:\n  p:\n    type: enum\n"
    texts += f"    values: [{hostile}]\n    default: {hostile}\n    description: {hostile}\n"
    (tmp_path / "spy").mkdir()
    (tmp_path / "spy" / "template.yaml").write_text(f"template: 1\nversions: ['1']\nservice: {{image: x}}\n{texts}")
    for argv in (["catalog", "show", "spy"], ["catalog", "list"], ["template", "docs", "spy"]):
        result = run(*argv, outside=Outside(a_catalog=FolderCatalog(tmp_path)))
        assert result.code == 0, result.err
        assert r"a\x1b]0;pwn\x07\u202eb" in result.out
        assert not {"\x1b", "\x07", "\u202e"} & set(result.out)
    for argv in (["catalog", "show", "spy", "--json"], ["catalog", "list", "--json"], ["schema"]):
        result = run(*argv, outside=Outside(a_catalog=FolderCatalog(tmp_path)))
        assert r"a\u001b]0;pwn\u0007\u202eb" in result.out and result.out.isascii()


def test_every_templates_example_is_a_manifest():
    for found in run("catalog", "--json").data["templates"]:
        text = run("catalog", "show", found["name"], "--json").data["example"]
        shop = Shop("devenv: 1\nname: pasted\n" + text)
        from devenv.engine.catalog import FolderCatalog
        from tests.fakes import fake_world

        outside = Outside(a_world=fake_world(project=shop.project, catalog=FolderCatalog()))
        problems = json.loads(run("validate", "--json", outside=outside).out)["errors"]
        assert [p for p in problems if p["code"] != "DE308"] == [], found["name"]
