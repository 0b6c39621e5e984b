"""`devenv explain` through the command line, on files: every step that a value can take, with its place."""

import pytest

from devenv.engine.catalog import FolderCatalog
from devenv.engine.files import ProjectFolder
from devenv.errors import Report
from devenv.ops.explain import explain
from devenv.ui.explain import format_explanations
from tests.cli.running import Outside, run
from tests.conftest import ROOT
from tests.core.stacks import POSTGRES, POSTGRES_FILES
from tests.fakes import fake_world

MANIFEST = """\
devenv: 1
name: shop
services:
  db:
    use: postgres@16
    with: { database: shop }
  orders:
    build: ./orders
    needs: [db]
    ports: { http: 8000 }
    ready: { http: /healthz }
    setup: [python -m orders.migrate]
    provision: [seed]
    environment:
      LOG_LEVEL: ${LOG_LEVEL:-info}
      REPORTS: ${db.url}?schema=reports
      API_TOKEN: abcdef
  web:
    image: web:1
    environment: ["MODE=dev", "ORDERS=${orders.url}"]
    ports: ["9000:9000"]
    depends_on: [orders]
volumes:
  spare: {}
modes:
  data: [db]
"""
LOCAL = """\
services:
  orders:
    environment:
      LOG_LEVEL: debug
  db:
    with: { database: mine }
"""


class Files:
    def __init__(self, tmp_path):
        self.root = tmp_path / "shop"
        self.root.mkdir()
        self.write("devenv.yaml", MANIFEST)
        catalog = tmp_path / "templates" / "postgres"
        (catalog / "image").mkdir(parents=True)
        (catalog / "template.yaml").write_text(POSTGRES)
        (catalog / "image/Dockerfile").write_text(POSTGRES_FILES["image/Dockerfile"])
        self.catalog = FolderCatalog(tmp_path / "templates")
        self.environ = {}

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def __call__(self, *argv):
        project = ProjectFolder(self.root, environ=self.environ)
        return run("explain", *argv, outside=Outside(fake_world(project=project, catalog=self.catalog)))


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def steps(data):
    """The steps of the only value: `kind file:line value`, parts indented."""
    (value,) = data["values"]

    def lines(found, indent=""):
        for step in found:
            where = f" {step['file']}:{step['line']}" if step["file"] else ""
            said = "" if step["value"] is None else f" = {step['value']}"
            yield f"{indent}{step['kind']}{where}{said}"
            yield from lines(step["parts"], indent + "  ")

    return list(lines(value["steps"]))


def test_a_variable_that_a_need_brings_is_followed_to_the_templates_parameters(files):
    files.write(".devenv/.env", "DEVENV_SECRET_DB_PASSWORD=s3cr3t\n")
    result = files("orders.environment.DB_URL")
    assert result.code == 0, result.err
    assert (
        result.out
        == """\
orders.environment.DB_URL
  generated        postgresql://app:${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}@db:5432/shop
  on this machine  postgresql://app:(secret)@db:5432/shop

1. `needs` of the manifest puts what db tells into the environment  devenv.yaml:9:13
   = db
2. the output 'url' of db  postgres/template.yaml:20:8
   = postgresql://app:${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}@db:5432/shop
   - template postgres@16  postgres/template.yaml:20:8
     = postgresql://app:${secret.password}@${host}:${port}/${with.database}
     - secret.password: made at random on each machine  postgres/template.yaml:8:13
       = ${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}
     - host: the service's name, which is its address  devenv.yaml:4:3
       = db
     - port: the port main of template postgres@16  postgres/template.yaml:11:18
       = 5432
     - parameter database, set in the manifest  devenv.yaml:6:23
       = shop
       - instead of the default  postgres/template.yaml:5:38
         = app
3. DEVENV_SECRET_DB_PASSWORD, made at random for this machine, kept in .devenv/.env
   = (secret)
"""
    )


def test_a_reference_is_followed_to_the_output_it_names(files):
    data = files("services.orders.environment.REPORTS", "--json").data
    assert steps(data)[:3] == [
        "manifest devenv.yaml:16 = ${db.url}?schema=reports",
        "reference devenv.yaml:16 = postgresql://app:${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}"
        "@db:5432/shop?schema=reports",
        "  reference postgres/template.yaml:20 = postgresql://app:${DEVENV_SECRET_DB_PASSWORD:-devenv-insecure-default}"
        "@db:5432/shop",
    ]


def test_an_override_comes_after_what_it_replaces(files):
    files.write("devenv.local.yaml", LOCAL)
    assert steps(files("orders.environment.LOG_LEVEL", "--json").data) == [
        "manifest devenv.yaml:15 = ${LOG_LEVEL:-info}",
        "override devenv.local.yaml:4 = debug",
    ]
    assert steps(files("db.environment.POSTGRES_DB", "--json").data) == [
        "template postgres/template.yaml:12 = ${with.database}",
        "  parameter devenv.local.yaml:6 = mine",
        "    parameter postgres/template.yaml:5 = app",
        "    parameter devenv.yaml:6 = shop",
    ]
    assert (
        files("db.with.database").out
        == """\
db.with.database
  written  mine

1. parameter database, set in your own override  devenv.local.yaml:6:23
   = mine
   - instead of the default  postgres/template.yaml:5:38
     = app
   - instead of what the manifest sets  devenv.yaml:6:23
     = shop

It has an effect on db.environment.POSTGRES_DB, db.healthcheck.test.
"""
    )


def test_what_with_does_not_set_is_the_templates(files):
    files.write("devenv.yaml", MANIFEST.replace("    with: { database: shop }\n", ""))
    assert steps(files("db.with.database", "--json").data) == ["parameter postgres/template.yaml:5 = app"]
    assert [value["path"] for value in files("db.with", "--json").data["values"]] == [
        "db.with.password",
        "db.with.database",
        "db.with.seed",
    ]
    assert steps(files("db.with.password", "--json").data)[0].startswith("devenv postgres/template.yaml:8 = ${DEVENV_S")


def test_a_secret_that_is_given_is_told_with_its_place(files):
    files.write("devenv.yaml", MANIFEST.replace("with: { database: shop }", "with: { password: swordfish }"))
    assert steps(files("db.with.password", "--json").data) == ["parameter devenv.yaml:6 = (secret)"]
    assert steps(files("db.environment.POSTGRES_PASSWORD", "--json").data) == [
        "template postgres/template.yaml:12 = ${secret.password}",
        "  parameter devenv.yaml:6 = (secret)",
    ]
    template = files.root.parent / "templates/postgres/template.yaml"
    template.write_text(POSTGRES.replace("password:", "root:", 1))
    files.write("devenv.yaml", MANIFEST.replace("with: { database: shop }", "with: { root: swordfish }"))
    assert "swordfish" not in files("db.with").out + files("db.with.root").out


def test_a_variable_that_is_written_counts_more_than_one_of_needs(files):
    files.write("devenv.local.yaml", "services: { orders: { environment: { DB_HOST: elsewhere } } }\n")
    assert steps(files("orders.environment.DB_HOST", "--json").data) == [
        "need devenv.yaml:9 = db",
        "override devenv.local.yaml:1 = elsewhere",
    ]


@pytest.mark.parametrize(
    ("dotenv", "environ", "source", "here"),
    [
        ("", {}, None, "info"),
        ("LOG_LEVEL=warn\n", {}, ".env", "warn"),
        ("LOG_LEVEL=warn\n", {"LOG_LEVEL": "error"}, "the environment", "error"),
    ],
)
def test_a_variable_of_compose_is_told_with_the_place_that_sets_it(files, dotenv, environ, source, here):
    files.write(".env", dotenv)
    files.environ = environ
    (value,) = files("orders.environment.LOG_LEVEL", "--json").data["values"]
    assert (value["value"], value["here"]) == ("${LOG_LEVEL:-info}", here)
    said = "LOG_LEVEL is not set on this machine" if source is None else f"LOG_LEVEL, set in {source}"
    assert value["steps"][-1]["what"] == said


def test_a_variable_without_a_value_is_this_machines(files):
    files.write("devenv.yaml", MANIFEST.replace('["MODE=dev", ', '["MODE", '))
    assert steps(files("web.environment.MODE", "--json").data) == ["manifest devenv.yaml:20 = ", "variable"]
    files.write(".env", "MODE=test\n")
    (value,) = files("web.environment.MODE", "--json").data["values"]
    assert (value["here"], value["steps"][-1]["what"]) == ("test", "MODE, set in .env")


def test_a_variable_of_an_env_file_is_named_with_the_file(files):
    files.write("devenv.yaml", MANIFEST.replace("    depends_on: [orders]", "    env_file: [a.env, b.env]"))
    files.write("a.env", "TOKENS=hunter2\n")
    files.write("b.env", "OTHER=1\n")
    result = files("web.environment.TOKENS")
    assert result.code == 2 and "hunter2" not in result.err
    assert "TOKENS is not in the generated file: Compose reads it from a.env, an env_file of web" in result.err


def test_a_reference_in_what_services_share_is_followed(files):
    files.write("devenv.yaml", MANIFEST + "configs: { c: { content: 'at ${db.host}' } }\n")
    assert steps(files("configs.c.content", "--json").data)[:3] == [
        "manifest devenv.yaml:27 = at ${db.host}",
        "reference devenv.yaml:27 = at db",
        "  reference devenv.yaml:4 = db",
    ]


def test_no_secret_is_shown(files):
    files.write(".env", "PASSWORD=hunter2\n")
    files.write(
        "devenv.yaml", MANIFEST.replace("reports\n", "reports\n      DB: postgres://a:${PASSWORD:-hunter3}@x/y\n")
    )
    for path in ("orders", "orders.environment.DB", "orders.environment.API_TOKEN"):
        for flags in ((), ("--json",)):
            shown = files(path, *flags).out
            assert "hunter" not in shown and "abcdef" not in shown
    assert files("orders.environment.DB", "--json").data["values"][0]["here"] == "postgres://a:(secret)@x/y"


def test_what_lint_would_find_is_not_shown(files):
    files.write(".env", "DBPW=swordfish\n")
    written = """\
x-keys: &keys { GH: ghp_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1 }
services:
  a:
    image: a:1
    configs: [c]
    environment: { <<: *keys, DEFAULTED_PASSWORD: "${DBPW:-swordfish}", DB: "postgres://u:${DBPW}@pg/x", KEPT: me }
    command: [redis-server, --requirepass, swordfish]
    entrypoint: x --token ${DBPW}
configs: { c: { content: "ghp_a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1" } }
"""
    files.write("devenv.yaml", f"devenv: 1\nname: shop\n{written}")
    for key in ("environment.GH", "environment.DEFAULTED_PASSWORD", "environment.DB", "command", "entrypoint"):
        for flags in ((), ("--json",)):
            shown = files(f"a.{key}", *flags)
            assert shown.code == 0 and "(secret)" in shown.out
            assert "a1a1" not in shown.out and "swordfish" not in shown.out
    shown = files("a").out + files("configs.c.content").out + files("x-keys").out
    assert "a1a1" not in shown and "swordfish" not in shown and "me" in shown


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("db.image", ["template postgres/template.yaml:10 = postgres:${version}", "  parameter devenv.yaml:5 = 16"]),
        ("orders.ports[0]", ["manifest devenv.yaml:10 = 8000", "devenv"]),
        ("orders.healthcheck.test", ["manifest devenv.yaml:11 = /healthz", "devenv"]),
        ("orders.depends_on.db.condition", ["need devenv.yaml:9 = db"]),
        ("orders.depends_on.orders-setup.condition", ["devenv devenv.yaml:12"]),
        ("orders-setup.command", ['manifest devenv.yaml:12 = ["python -m orders.migrate"]', "devenv"]),
        ("orders-setup.restart", ["devenv devenv.yaml:12 = no"]),
        ("orders-provision.command", ['manifest devenv.yaml:13 = ["seed"]', "devenv"]),
        ("orders-provision.depends_on.orders.condition", ["devenv devenv.yaml:7"]),
        ("orders.build", ["manifest devenv.yaml:8 = ./orders", "devenv = ../orders"]),
        ("web.environment.MODE", ["manifest devenv.yaml:20 = dev"]),
        ("web.environment.ORDERS", ["manifest devenv.yaml:20 = ${orders.url}"]),
        ("web.ports[0]", ["manifest devenv.yaml:21 = 9000:9000"]),
        ("web.depends_on.orders.condition", ["manifest devenv.yaml:22 = orders"]),
        ("web.labels.dev.devenv.origin", ["devenv"]),
        ("db.with.database", ["parameter devenv.yaml:6 = shop"]),
        ("orders.ready.http", ["manifest devenv.yaml:11 = /healthz"]),
        ("volumes.spare", ["manifest devenv.yaml:24 = {}"]),
        ("volumes.db-data", ["template devenv.yaml:4 = {}"]),
        ("modes.data[0]", ["manifest devenv.yaml:26 = db"]),
    ],
)
def test_every_sort_of_value_has_its_steps(files, path, expected):
    assert steps(files(path, "--json").data)[: len(expected)] == expected


def test_a_key_of_devenvs_own_says_what_it_has_an_effect_on(files):
    assert files("orders.ready.http", "--json").data["values"][0]["makes"] == ["orders.healthcheck"]
    makes = files("orders.needs[0]", "--json").data["values"][0]["makes"]
    assert {"orders.depends_on.db", "orders.environment.DB_URL"} <= set(makes)
    assert files("orders.ports.http", "--json").data["values"][0]["makes"] == ["orders.ports[0]"]


def test_a_whole_service_is_a_table_of_its_values(files):
    lines = files("web").out.splitlines()
    assert lines[:2] == [
        "web.depends_on.orders.condition  devenv.yaml:22:18  service_started",
        "web.environment.MODE             devenv.yaml:20:19  dev",
    ]


def test_a_terminal_breaks_no_word_and_no_row(files):
    def shown(path, **options):
        found = explain(fake_world(project=ProjectFolder(files.root), catalog=files.catalog), path, Report())
        return format_explanations(path, found.values, **options).splitlines()

    table = shown("orders", colour=False, width=80)
    assert max(map(len, table)) <= 80
    assert any(line.endswith("…") for line in table)
    steps = shown("orders.environment.DB_URL", colour=True, width=60)
    at = steps.index("1. `needs` of the manifest puts what db tells into the")
    assert steps[at + 1] == "   environment  \x1b[36mdevenv.yaml:9:13\x1b[0m"


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("order.image", "there is no service 'order'", "did you mean 'orders'?"),
        ("orders.environment.DB_UL", "orders has no 'environment.DB_UL'", "did you mean 'environment.DB_URL'?"),
        ("", "there is no service ''", "services of this stack: db, orders-setup, orders, orders-provision, web"),
        ("orders.xyzzy", "orders has no 'xyzzy'", "it has build, depends_on,"),
    ],
)
def test_a_path_that_is_not_there_is_an_error_with_a_suggestion(files, path, message, hint):
    result = files(path)
    assert result.code == 2
    assert message in result.err and hint in result.err


@pytest.mark.parametrize(
    ("override", "path", "place", "before"),
    [
        ("orders: { environment: { LOG_LEVEL: !reset null } }", "orders.environment.LOG_LEVEL", "2:39", "15:18"),
        ("orders: { environment: !reset null }", "services.orders.environment.LOG_LEVEL", "2:26", "15:7"),
        ("web: { environment: { MODE: !reset null } }", "web.environment.MODE", "2:31", "20:19"),
        ("web: !reset null", "web.image", "2:8", "19:5"),
    ],
)
def test_what_a_reset_takes_away_is_told_with_its_place(files, override, path, place, before):
    files.write("devenv.local.yaml", f"services:\n  {override}\n")
    result = files(path)
    assert result.code == 2
    assert f"devenv.local.yaml:{place}: `!reset` takes '{path}' away" in result.err
    assert f"it stands at devenv.yaml:{before}" in result.err


def test_a_digest_is_the_locks_for_the_defaults_of_a_name(files):
    digest = f"sha256:{'a' * 64}"
    files.write("devenv.yaml", MANIFEST.replace("web:1", "web:${TAG:-1}"))
    files.write("devenv.lock", f"lock: 1\nimages:\n  web:1: {{ digest: '{digest}' }}\n")
    assert steps(files("web.image", "--json").data)[:2] == [
        "manifest devenv.yaml:19 = web:${TAG:-1}",
        f"lock devenv.lock:3 = ${{DEVENV_LOCKED_9FEB1356:-web:${{TAG:-1@{digest}}}}}",
    ]


def test_a_digest_is_the_locks_for_the_name_that_variables_make_now(files):
    files.write("devenv.yaml", MANIFEST.replace("web:1", "web:${TAG:-1}"))
    digests = {tag: f"sha256:{letter * 64}" for tag, letter in (("1", "a"), ("2", "b"))}
    images = "".join(f"  web:{tag}: {{ digest: '{digest}' }}\n" for tag, digest in digests.items())
    files.write("devenv.lock", f"lock: 1\nimages:\n{images}")
    files.write(".env", "TAG=2\n")
    files.write(".devenv/.env", f"DEVENV_LOCKED_9FEB1356=web:1@{digests['1']}\n")  # of another day
    found = files("web.image", "--json").data["values"][0]
    assert found["here"] == f"web:2@{digests['2']}"


def test_paths_are_completed(files):
    from devenv.ops.explain import candidates

    world = fake_world(project=ProjectFolder(files.root, environ={}), catalog=files.catalog)
    assert candidates(world, "or") == ["orders-setup", "orders", "orders-provision"]
    assert candidates(world, "orders.environment.DB_U") == ["orders.environment.DB_URL", "orders.environment.DB_USER"]
    assert candidates(world, "services.orders.buil") == ["services.orders.build"]


def test_what_a_switch_of_the_manifest_brings(files):
    files.catalog = FolderCatalog()
    files.write("devenv.yaml", MANIFEST.replace("services:\n", "observability: true\nservices:\n", 1))
    (value,) = files("orders.environment.OTEL_SERVICE_NAME", "--json").data["values"]
    assert value["value"] == "orders"
    assert value["steps"][0]["what"] == "`observability`, a switch of the manifest"
    assert (value["steps"][0]["file"], value["steps"][0]["line"]) == ("devenv.yaml", 3)


POLICY = """\
policy: 1
name: Acme
rules:
  loopback: { severity: error, reason: no café }
  known-secret: warning
  unpinned-tag: error
  memory-limits: error
waivers:
  - { rule: unpinned-tag, services: [web], owner: ops, until: 2099-01-31, reason: a trial }
"""


def test_what_policies_have_against_a_value_comes_last(files):
    files.write("devenv.policy.yaml", POLICY)
    files.write(
        "devenv.yaml",
        MANIFEST.replace("web:1", "web").replace("MODE=dev", "MODE=ghp_" + "a1" * 20),
    )
    assert files("web.ports[0]").out.split("\n\n", 2)[2] == (
        "policy Acme: no café  devenv.policy.yaml:4:3\n"
        "  error[DL201] loopback: everybody in the network can reach this port\n"
    )
    assert files("web.image").out.split("\n\n", 2)[2] == (
        "policy Acme  devenv.policy.yaml:6:3\n"
        "  error[DL103] unpinned-tag: the image 'web' has no tag: what it means changes without anybody's doing\n"
        "  waived until 2099-01-31 by ops: a trial\n"
    )
    (value,) = files("web.environment.MODE", "--json").data["values"]
    (found,) = value["objections"]
    assert (found["code"], found["rule"], found["severity"]) == ("DL801", "known-secret", "warning")
    assert (value["waived"], found["demanded"]) == ([], {"file": "devenv.policy.yaml", "line": 5, "column": 3})
    (value,) = files("web.image", "--json").data["values"]
    assert value["objections"] == [] and value["waived"][0]["waiver"]["owner"] == "ops"
    for path in ("web.environment.ORDERS", "orders.environment.LOG_LEVEL", "web.depends_on.orders.condition"):
        assert "policy" not in files(path).out


def test_without_a_policy_nothing_is_linted(files, monkeypatch):
    monkeypatch.setattr("devenv.ops.lint.subject_of", None)
    files.write("devenv.yaml", MANIFEST.replace("web:1", "web"))
    assert "policy" not in files("web.image").out


def test_devenvs_own_advice_is_not_told(files):
    files.write("devenv.policy.yaml", "policy: 1\nname: Acme\nrules: { loopback: error }\n")
    files.write("devenv.yaml", MANIFEST.replace("web:1", "web"))
    assert "unpinned-tag" not in files("web.image").out


def test_a_policy_that_cannot_be_read_is_a_warning(files):
    files.write("devenv.policy.yaml", "policy: 2\n")
    result = files("web.image")
    assert result.code == 0 and "a policy cannot be read" in result.err


def test_what_a_part_of_a_shared_server_brings(files):
    files.catalog = FolderCatalog()
    files.write(
        "one/devenv.yaml",
        "devenv: 1\nname: one\nservices:\n  db: { use: postgres@17 }\n  api: { image: 'api:1', needs: [db] }\n",
    )
    files.write(
        "devenv.yaml",
        "devenv: 1\nname: shop\ninclude: [{ path: one, prefix: one, share: { db: db } }]\n"
        "services:\n  db: { use: postgres@17, with: { user: me } }\n",
    )
    template = (ROOT / "templates/postgres/template.yaml").read_text().splitlines()
    share = template.index("share:")

    def line(text, start=0):
        return 1 + next(i for i in range(start, len(template)) if template[i].strip().startswith(text))

    url = "postgresql://one_db:${DEVENV_SECRET_ONE_DB_PASSWORD:-devenv-insecure-default}@db:5432/one_db"
    written = line("url:", share)
    assert steps(files("one-api.environment.DB_URL", "--json").data)[:-1] == [
        'need one/devenv.yaml:5 = {"env": "DB"}',
        f"output postgres/template.yaml:{written} = {url}",
        "  manifest devenv.yaml:3",
        f"  template postgres/template.yaml:{written} = postgresql://${{tenant}}:${{secret.password}}@${{host}}:${{port}}"
        "/${tenant}",
        "    manifest devenv.yaml:3 = one_db",
        f"    devenv postgres/template.yaml:{line('password: { generate')} = "
        "${DEVENV_SECRET_ONE_DB_PASSWORD:-devenv-insecure-default}",
        "    devenv devenv.yaml:5 = db",
        f"    parameter postgres/template.yaml:{line('ports:')} = 5432",
    ]
    assert steps(files("one-api.environment.DB_HOST", "--json").data)[1:] == [
        "output devenv.yaml:5 = db",
        "  manifest devenv.yaml:3",
        "  devenv devenv.yaml:5 = db",
    ]
    assert steps(files("one-db.environment.PGUSER", "--json").data) == [
        f"template postgres/template.yaml:{line('PGUSER:', share)} = ${{server.with.user}}",
        "  parameter devenv.yaml:5 = me",
        f"    parameter postgres/template.yaml:{line('user:')} = app",
    ]
    for key in ("image", "depends_on.db.condition"):
        assert steps(files(f"one-db.{key}", "--json").data)[0].startswith("manifest devenv.yaml:3")


def test_a_servers_command_keeps_its_places_where_parts_add_to_it(files):
    files.catalog = FolderCatalog()
    files.write("one/devenv.yaml", "devenv: 1\nname: one\nservices: { cache: { use: valkey } }\n")
    files.write(
        "devenv.yaml",
        "devenv: 1\nname: shop\ninclude: [{ path: one, prefix: one, share: { cache: cache } }]\n"
        "services:\n  cache: { use: valkey, with: { maxmemory: 32mb } }\n",
    )
    command = files("cache.command", "--json").data["values"][0]["steps"]
    parts = [(part["what"], part["line"]) for part in command[0]["parts"]]
    assert ("parameter maxmemory, set in the manifest", 5) in parts
    assert parts[-1] == ("`share` of the manifest makes one-cache a part of cache", 3)
    assert "cache.command                     valkey/template.yaml:" in files("cache").out
    words = files("cache.command[4]", "--json").data["values"][0]
    assert (words["value"], words["steps"][0]["parts"][0]["line"]) == ("33554432", 5)
    assert steps(files("cache.command[12]", "--json").data) == ["manifest devenv.yaml:3 = one_cache"]


def test_what_an_included_file_brings(files):
    files.write(
        "api/devenv.yaml", "devenv: 1\nname: api\nservices:\n  app: { image: 'app:1', environment: { A: b } }\n"
    )
    including = MANIFEST.replace("services:\n", "include: [{ path: ./api, prefix: api }]\nservices:\n", 1)
    files.write("devenv.yaml", including)
    assert steps(files("api-app.environment.A", "--json").data) == ["include api/devenv.yaml:4 = b"]


def test_the_network_of_a_prefix_is_told_by_the_include(files):
    files.write(
        "api/devenv.yaml", "devenv: 1\nname: api\nservices: { app: { image: 'app:1' }, db: { image: 'db:1' } }\n"
    )
    files.write("devenv.yaml", "devenv: 1\nname: shop\ninclude: [{ path: ./api, prefix: api }]\n")
    assert steps(files("api-app.networks.default", "--json").data) == ["manifest devenv.yaml:3 = "]
    assert steps(files("api-app.networks.api-default", "--json").data) == ["manifest devenv.yaml:3 = app"]
    first, _ = steps(files("networks.api-default.name", "--json").data)
    assert first == "manifest devenv.yaml:3 = ${COMPOSE_PROJECT_NAME:-shop}-api"


@pytest.mark.parametrize("written", ["{ LEVEL: '${LEVEL:-low}' }", "['LEVEL=${LEVEL:-low}']"])
def test_a_variable_of_an_included_files_own_env(files, written):
    files.write("api/.env", "LEVEL=x\n")
    files.write(
        "api/devenv.yaml",
        f"devenv: 1\nname: api\nservices:\n  app: {{ image: 'app:1', environment: {written} }}\n",
    )
    files.write("devenv.yaml", "devenv: 1\nname: shop\ninclude: [./api]\n")
    first, second, part, _ = steps(data := files("app.environment.LEVEL", "--json").data)
    assert part == "  variable api/.env:1 = x"
    assert first.startswith("include api/devenv.yaml:4 = ") and first.endswith("${LEVEL:-low}")
    assert second.startswith("variable = ") and second.endswith("${LEVEL:-x}")
    assert data["values"][0]["steps"][1]["what"] == "LEVEL, set in api/.env"


def test_a_config_of_a_template_is_written_in_the_template(files):
    folder = files.root.parent / "templates" / "thing"
    folder.mkdir()
    (folder / "template.yaml").write_text(
        'template: 1\nsummary: A thing\nversions: ["1"]\nparameters: { size: { type: integer, default: 1 } }\n'
        "service:\n  image: thing:1\n  configs: [{ source: c, target: /c }]\n"
        'configs:\n  c: { content: "${with.size}" }\n'
    )
    files.write("devenv.yaml", MANIFEST.replace("services:\n", "services:\n  a: { use: thing }\n", 1))
    assert steps(files("configs.a-c.content", "--json").data) == [
        "template thing/template.yaml:9 = ${with.size}",
        "  parameter thing/template.yaml:4 = 1",
    ]
