"""`devenv diff` through the command line: on a real Git repository, with and without what runs."""

import json
import os
import subprocess
from unittest.mock import Mock

import pytest

from devenv.core.stack import resources
from devenv.engine.catalog import FolderCatalog
from devenv.engine.files import ProjectFolder
from devenv.engine.git import LocalGit
from devenv.engine.process import LocalProcesses
from tests.cli.running import Outside, run
from tests.core.stacks import POSTGRES
from tests.fakes import FakeDaemon, fake_world
from tests.ops.test_up import MANIFEST as SMALL
from tests.ops.test_up import Small
from tests.remotes import Remote

MANIFEST = """\
devenv: 1
name: shop
services:
  db: { use: postgres@16, with: { database: shop } }
  cache:
    image: valkey:8
    volumes: [cache:/data]
  orders:
    build: ./orders
    needs: [db]
    ports: { http: 8000 }
    ready: { http: / }
    setup: [migrate]
    environment: { LEVEL: "${LEVEL:-info}", API_TOKEN: abcdef }
volumes: { cache: {} }
modes: { data: [db] }
"""


class Checkout:
    """A repository whose manifest lies in a folder of it."""

    def __init__(self, tmp_path):
        self.top = tmp_path / "repository"
        self.root = self.top / "dev"
        (self.root / "orders").mkdir(parents=True)
        self.git("init", "-q", "-b", "main")
        templates = tmp_path / "templates"
        (templates / "postgres/image").mkdir(parents=True)
        (templates / "postgres/template.yaml").write_text(POSTGRES)
        (templates / "postgres/image/Dockerfile").write_text("FROM debian\n")
        self.catalog = FolderCatalog(templates)
        self.commit(MANIFEST)

    def git(self, *words):
        who = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        names = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        command = ["git", "-C", str(self.top), *names, *words]
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ | who)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def write(self, text, name="devenv.yaml"):
        (self.root / name).write_text(text)

    def write_template(self, text, **files):
        folder = self.root / "own/thing"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "template.yaml").write_text(text)
        for name, content in files.items():
            (folder / name).write_text(content)

    def commit(self, text):
        self.write(text)
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "more")

    def __call__(self, *argv):
        project = ProjectFolder(self.root, environ={})
        processes = LocalProcesses()
        git = LocalGit(processes, self.root, cache=self.top.parent / "cache")
        world = fake_world(project=project, catalog=self.catalog, processes=processes, git=git)
        return run("diff", *argv, outside=Outside(world))


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


def keys(data, service):
    (found,) = [one for one in data["services"] if one["service"] == service]
    return {change["key"]: (change["old"], change["new"]) for change in found["changes"]}


def whys(data, service, key):
    (found,) = [one for one in data["services"] if one["service"] == service]
    (change,) = [one for one in found["changes"] if one["key"] == key]
    return [f"{why['in']} {why['file']}:{why['line']}" for why in change["whys"]]


def test_nothing_changes_with_comments_order_and_space(checkout):
    head, rest = MANIFEST.split("  cache:\n")
    checkout.write(f"# a comment\n{head}\n  cache:\n{rest}".replace("{ LEVEL:", "{   LEVEL:"))
    result = checkout("--exit-code")
    assert (result.code, result.out) == (0, "shop: HEAD → the working tree: nothing changes\n")


def test_a_change_is_told_where_it_has_an_effect_with_the_line_that_it_comes_from(checkout):
    checkout.write(MANIFEST.replace("database: shop", "database: orders").replace("LEVEL:-info", "LEVEL:-debug"))
    result = checkout("--exit-code")
    assert result.code == 1
    assert (
        result.out
        == """\
shop: HEAD → the working tree: 3 changed

changed  db            postgres@16
         devenv.yaml:4:45  parameter database, set in the manifest
           environment.POSTGRES_DB: "shop" → "orders"
           ready.run: ["pg_isready", "-d", "shop"] → ["pg_isready", "-d", "orders"]

changed  orders-setup  as orders

changed  orders        built here
         devenv.yaml:14:27
           environment.LEVEL: "${LEVEL:-info}" → "${LEVEL:-debug}"
         devenv.yaml:4:45  parameter database, set in the manifest
           environment.DB_URL: "postgresql://app:${DEVENV_SECRET_DB_PASSWORD}@db:5432/shop" → \
"postgresql://app:${DEVENV_SECRET_DB_PASSWORD}@db:5432/orders"
"""
    )


def test_a_folder_that_is_made_to_look_like_a_repository_runs_nothing(checkout):
    ran, fake = checkout.top.parent / "ran", checkout.root
    checkout.git("init", "-q", "--bare", "fake.git")
    for one in (checkout.top / "fake.git").iterdir():
        one.rename(fake / one.name)
    (fake / "config").write_text(f"[core]\nrepositoryformatversion = 0\nbare = false\nworktree = {fake}\n")
    checkout.git("-C", "dev", "add", "devenv.yaml")
    checkout.git("-C", "dev", "commit", "-q", "-m", "x")
    with (fake / "config").open("a") as config:
        config.write(f'fsmonitor = "touch {ran}; false"\n')
    assert "DE761" in checkout().err
    assert not ran.exists()


def test_no_program_of_the_checkouts_own_configuration_runs(checkout):
    ran = checkout.top.parent / "ran"
    evil = f"touch {ran}; cat"
    mounting = MANIFEST.replace("valkey:8\n", "valkey:8\n    env_file: own.env\n", 1)
    checkout.write("A=1\n", "own.env")
    checkout.commit(mounting)
    checkout.git("config", "include.path", "more")
    (checkout.top / ".git/more").write_text(f'[filter "a=b"]\nclean = "{evil}"\nprocess = "{evil}"\nrequired\n')
    (checkout.top / ".git/info/attributes").write_text("* filter=a=b\n")
    checkout.write("A=2\n", "own.env")
    assert "own.env" in checkout().out
    checkout.git("config", "core.repositoryFormatVersion", "1")
    checkout.git("config", "extensions.partialClone", "far")
    checkout.git("config", "remote.far.url", f"ext::touch {ran}")
    checkout.git("config", "protocol.ext.allow", "always")
    lacking = checkout.git("rev-parse", "HEAD:dev/devenv.yaml").strip()
    (checkout.top / ".git/objects" / lacking[:2] / lacking[2:]).unlink()
    done = checkout()
    assert "this clone lacks devenv.yaml of HEAD" in done.err and "git diff --stat" in done.err
    assert not ran.exists()


def test_services_come_and_go_and_data_is_told_of(checkout):
    gone = MANIFEST.replace("  cache:\n    image: valkey:8\n    volumes: [cache:/data]\n", "  store: { image: s }\n")
    checkout.write(gone.replace("postgres@16", "postgres@17"))
    result = checkout()
    assert "added    store  s  devenv.yaml:5:3\n" in result.out
    assert "removed  cache  valkey:8  HEAD:devenv.yaml:5:3\n" in result.out
    assert "data: volume shop_cache stays, and no service uses it any more" in result.out
    assert "data: volume shop_db-data was written by version 16; version 17 may not read it" in result.out
    assert (
        checkout("--stat").out
        == """\
changed  db     1 change, and its data
added    store  s
removed  cache  valkey:8, and its data
1 added, 1 removed, 1 changed
"""
    )


def test_as_data(checkout):
    checkout.write(
        MANIFEST.replace("needs: [db]", "needs: [cache]")
        .replace("http: 8000", "http: 8001")
        .replace("http: / ", "http: /up ")
        .replace("data: [db]", "data: [cache]")
    )
    data = checkout("--json").data
    changed = keys(data, "orders")
    assert changed["ports"] == ('"127.0.0.1:8000:8000"', '"127.0.0.1:8001:8001"')
    assert changed["ready.http"] == ('"/"', '"/up"')
    assert changed["depends_on.cache.condition"] == (None, '"service_started"')
    assert changed["environment.DB_HOST"] == ('"db"', None)
    assert "healthcheck.test" not in changed and "labels.dev.devenv.hash" not in changed
    assert whys(data, "orders", "ports") == ["new devenv.yaml:11"]
    assert whys(data, "orders", "ready.http") == ["new devenv.yaml:12"]
    assert whys(data, "orders", "depends_on.cache.condition") == ["new devenv.yaml:10"]
    assert whys(data, "orders", "environment.DB_HOST") == ["old devenv.yaml:10"]
    assert [(one["key"], one["old"], one["new"]) for one in data["shared"]] == [("modes.data", '["db"]', '["cache"]')]


def test_two_revisions_and_a_branch_from_where_it_began(checkout):
    checkout.git("switch", "-q", "-c", "work")
    checkout.commit(MANIFEST.replace("valkey:8", "valkey:9"))
    checkout.git("switch", "-q", "main")
    checkout.commit(MANIFEST.replace("LEVEL:-info", "LEVEL:-warn"))
    assert set(keys(checkout("main..work", "--json").data, "orders")) == {"environment.LEVEL"}
    data = checkout("main...work", "--json").data
    assert [service["service"] for service in data["services"]] == ["cache"]
    assert keys(data, "cache") == {"image": ('"valkey:8"', '"valkey:9"')}
    assert checkout("HEAD~1", "--json").data["old"] == "HEAD~1"
    assert "changed" in checkout("HEAD~1..").out
    checkout.write("broken: [")
    assert checkout("main..work").code == 0, "the working tree does not matter"


def test_a_personal_override_counts_when_asked_for_or_kept_in_git(checkout):
    own = "services: { orders: { environment: { LEVEL: mine } }, db: { with: { database: mine } } }\n"
    checkout.write(own, "devenv.local.yaml")
    assert checkout("--json").data["changes"] is False
    assert "devenv.local.yaml is yours alone and left out; --local takes it in" in checkout().out
    data = checkout("--local", "--json").data
    assert whys(data, "orders", "environment.LEVEL") == ["new devenv.local.yaml:1"]
    assert whys(data, "db", "environment.POSTGRES_DB") == ["new devenv.local.yaml:1"]
    checkout.git("add", "-A")
    assert checkout("--json").data["changes"] is True


THING = """\
template: 1
summary: A thing
versions: ["1"]
parameters: { size: { type: integer, default: 1 } }
service:
  image: thing:1
  environment: { WHOSE: "A${with.size}" }
"""


def test_a_default_that_is_overridden_is_no_cause(checkout):
    checkout.write_template(THING)
    manifest = "devenv: 1\nname: shop\ncatalogs: [{ path: ./own }]\nservices:\n  a: { use: thing, with: { size: 2 } }\n"
    checkout.commit(manifest)
    checkout.write_template(THING.replace('"A$', '"AA$').replace("default: 1", "default: 5"))
    data = checkout("--json").data
    assert keys(data, "a") == {"environment.WHOSE": ('"A2"', '"AA2"')}
    assert whys(data, "a", "environment.WHOSE") == ["new ./own/thing/template.yaml:7"]
    checkout.write(manifest.replace("with: { size: 2 }", "with: {}"))
    assert whys(checkout("--json").data, "a", "environment.WHOSE") == ["new ./own/thing/template.yaml:4"]


def test_a_config_of_a_template_names_its_line_and_who_mounts_it(checkout):
    thing = (
        THING
        + """\
  configs: [{ source: text, target: /text }, { source: file, target: /file }]
configs: { text: { content: "size\\n${with.size}\\n" }, file: { file: c.conf } }
"""
    )
    checkout.write_template(thing, **{"c.conf": "a ${with.size}\n"})
    manifest = "devenv: 1\nname: shop\ncatalogs: [{ path: ./own }]\nservices:\n  a: { use: thing, with: { size: 2 } }\n"
    checkout.commit(manifest)
    checkout.write_template(thing.replace("size\\n", "the size\\n"), **{"c.conf": "b ${with.size}\n"})

    def shared():
        return {one["key"]: (one["services"], *one["whys"]) for one in checkout("--json").data["shared"]}

    what = "template thing@1, of which a is an instance"
    file = "./own/thing/template.yaml"
    assert shared() == {
        "configs.a-text.content": (["a"], {"what": what, "file": file, "line": 9, "column": 29, "in": "new"}),
        "configs.a-file.content": (
            ["a"],
            {"what": what, "file": "./own/thing/c.conf", "line": 1, "column": 1, "in": "new"},
        ),
    }
    assert "configs.a-file.content, used by a:\n      @@ -1 +1 @@\n      -a 2\n      +b 2" in checkout().out
    checkout.git("checkout", "-q", "--", "dev/own")
    checkout.write(manifest.replace("size: 2", "size: 3"))
    assert {(why["file"], why["line"]) for _, why in shared().values()} == {("devenv.yaml", 5)}


def test_templates_and_the_lock_are_those_of_each_side(checkout):
    own = POSTGRES.replace("POSTGRES_DB:", "PGDATABASE:").replace("image: image/Dockerfile\n", "")
    checkout.commit(MANIFEST.replace("services:", "catalogs: [{ path: ../templates }]\nservices:", 1))
    template = checkout.top / "templates/postgres/template.yaml"
    template.parent.mkdir(parents=True)
    template.write_text(own)
    old, new = (f"sha256:{digit * 64}" for digit in "12")
    lock = "lock: 1\nimages:\n  valkey:8:\n    digest: DIGEST\n"
    checkout.write(lock.replace("DIGEST", old), "devenv.lock")
    checkout.git("add", "-A")
    checkout.git("commit", "-q", "-m", "templates")
    assert checkout("--json").data["changes"] is False
    (checkout.top / "templates/postgres/template.yaml").write_text(
        own.replace("image: image/Dockerfile\n", "# none\n").replace(
            "postgres:${version}", "postgres:${version}-alpine"
        )
    )
    checkout.write(lock.replace("DIGEST", new), "devenv.lock")
    data = checkout("--json").data
    assert keys(data, "db") == {"image": ('"postgres:16"', '"postgres:16-alpine"')}
    assert whys(data, "db", "image") == ["new ../templates/postgres/template.yaml:10"]
    assert whys(data, "cache", "image") == ["new devenv.lock:3"]


def test_included_files_are_those_of_each_side(checkout):
    (checkout.root / "api").mkdir()
    included = "devenv: 1\nname: api\nservices:\n  app: { image: 'app:1' }\n"
    checkout.write(included, "api/devenv.yaml")
    checkout.commit(MANIFEST.replace("services:", "include: [./api]\nservices:", 1))
    assert checkout("--json").data["changes"] is False
    checkout.write(included.replace("app:1", "app:2"), "api/devenv.yaml")
    data = checkout("--json").data
    assert keys(data, "app") == {"image": ('"app:1"', '"app:2"')}
    assert whys(data, "app", "image") == ["new api/devenv.yaml:4"]


def test_the_network_of_a_prefix_has_the_place_that_includes_it(checkout):
    (checkout.root / "api").mkdir()
    services = "{ app: { image: 'app:1' }, other: { image: 'app:1' } }"
    checkout.write(f"devenv: 1\nname: api\nservices: {services}\n", "api/devenv.yaml")
    including = MANIFEST.replace("services:", "include: [{ path: ./api, prefix: one }]\nservices:", 1)
    checkout.commit(including)
    checkout.write(including.replace("prefix: one", "prefix: two"))
    what = "`include` of the manifest: a prefix has a network of its own, on which services have their short names"
    assert checkout().out.endswith(
        f"""\
shared by all
  devenv.yaml:3:11  {what}
    networks.two-default.name, used by two-app, two-other: "${{COMPOSE_PROJECT_NAME:-shop}}-two", new
  HEAD:devenv.yaml:3:11  {what}
    networks.one-default.name, used by one-app, one-other: "${{COMPOSE_PROJECT_NAME:-shop}}-one", gone
"""
    )


def test_a_time_is_told_as_it_is_written(checkout):
    checkout.commit(MANIFEST + "checks: { up: { tcp: '${orders.host}:1', within: 20s } }\n")
    checkout.write(
        MANIFEST.replace("http: / }", "http: /, within: 90s }")
        + "checks: { up: { tcp: '${orders.host}:1', within: 30s } }\n"
    )
    data = checkout("--json").data
    assert keys(data, "orders") == {"ready.within": ('"60s"', '"90s"')}
    (check,) = data["shared"]
    assert '"within": "20s"' in check["old"] and '"within": "30s"' in check["new"]


def test_what_an_included_files_own_env_fills_is_still_written_in_that_file(checkout):
    included = "devenv: 1\nname: api\nservices:\n  app: { image: 'app:${TAG:-1}' }\n"
    (checkout.root / "api").mkdir()
    checkout.write(included, "api/devenv.yaml")
    checkout.write("TAG=2\n", "api/.env")
    checkout.commit(MANIFEST.replace("services:", "include: [./api]\nservices:", 1))
    checkout.write(included.replace("app:$", "other:$"), "api/devenv.yaml")
    assert whys(checkout("--json").data, "app", "image") == ["new api/devenv.yaml:4"]
    checkout.write(included, "api/devenv.yaml")
    checkout.write("# new\nTAG=3\n", "api/.env")
    assert whys(checkout("--json").data, "app", "image") == ["new api/.env:2"]


def test_an_included_files_own_env_that_git_does_not_keep_is_left_out(checkout):
    (checkout.root / "api").mkdir()
    image = "app:${TAG:-1}"
    checkout.write(f"devenv: 1\nname: api\nservices:\n  app: {{ image: '{image}' }}\n", "api/devenv.yaml")
    checkout.write("api/.env\n", ".gitignore")
    checkout.commit(MANIFEST.replace("services:", "include: [./api]\nservices:", 1))
    checkout.write("TAG=2\n", "api/.env")
    data = checkout("--json").data
    assert data["changes"] is False
    assert data["notes"] == ["api/.env is yours alone and left out; --local takes it in"]
    assert keys(checkout("--local", "--json").data, "app") == {"image": ('"app:${TAG:-1}"', '"app:${TAG:-2}"')}


def test_an_image_is_shown_without_the_variable_for_its_digest(checkout):
    lock = "lock: 1\nimages:\n  app:1: { digest: 'sha256:%s' }\n"
    checkout.write(lock % ("a" * 64), "devenv.lock")
    checkout.commit("devenv: 1\nservices:\n  app: { image: 'app:${TAG:-1}' }\n")
    checkout.write(lock % ("b" * 64), "devenv.lock")
    out = checkout().out
    assert 'image: "app:${TAG:-1@sha256:aaaaaaaaaaaa}" → "app:${TAG:-1@sha256:bbbbbbbbbbbb}"' in out


def test_a_new_digest_of_an_image_that_a_common_env_names_is_told(checkout):
    lock = "lock: 1\nimages:\n  app:1: { digest: 'sha256:%s' }\n  app:2: { digest: 'sha256:%s' }\n"
    a, b, c = (digit * 64 for digit in "abc")
    checkout.write("TAG=2\n", ".env")
    checkout.write(lock % (a, b), "devenv.lock")
    checkout.commit("devenv: 1\nservices:\n  app: { image: 'app:${TAG:-1}' }\n")
    checkout.write(lock % (a, c), "devenv.lock")
    assert checkout().out.splitlines()[2:] == [
        "changed  app  app:${TAG:-1}",
        "         devenv.lock:4:3  the lock says which bytes these are",
        f'           image: "app:2@sha256:{b[:12]}" → "app:2@sha256:{c[:12]}"',
    ]
    checkout.write("TAG=3\n", ".env")
    assert keys(checkout("--json").data, "app") == {
        "${TAG}": ('"2"', '"3"'),
        "image": (f'"app:2@sha256:{b}"', '"app:3"'),
    }


def test_a_changed_variable_is_told_of_where_everybody_has_it_and_a_service_uses_it(checkout):
    manifest = """\
devenv: 1
services:
  app: { image: "app:${TAG:-1}", environment: { PASSWORD: "${DB_PASSWORD}" } }
  other: { image: "other:1", needs: { app: { env: false, until: started } } }
networks:
  default: { name: "net-${NET}" }
"""
    checkout.write("TAG=2\nDB_PASSWORD=mY9first\nNET=a\nGONE=1\n", ".env")
    checkout.commit(manifest)
    checkout.write("# new\nTAG=3\nexport DB_PASSWORD=mY9second\nNET=b\nNEW=1\n", ".env")
    result = checkout()
    assert result.out.splitlines()[2:] == [
        "changed  app  app:${TAG:-1}",
        "         .env:2:1",
        '           ${TAG} in image: "2" → "3"',
        "         .env:3:1",
        "           ${DB_PASSWORD} in environment.PASSWORD: (secret), another one",
        "",
        "shared by all",
        "  .env:4:1",
        '    ${NET} in networks.default.name: "a" → "b"',
    ]
    changes = checkout("--json").data["services"][0]["changes"]
    assert [(change["key"], change["within"]) for change in changes] == [
        ("${TAG}", ["image"]),
        ("${DB_PASSWORD}", ["environment.PASSWORD"]),
    ]
    checkout.commit(manifest)
    checkout.git("rm", "-q", "--cached", str(checkout.root / ".env"))  # one's own now
    assert '           ${TAG} in image: "3", gone' in checkout().out.splitlines()
    assert '           ${TAG} in image: "2" → "3"' in checkout("HEAD~1..HEAD").out.splitlines()


def test_a_changed_variable_is_hidden_where_it_stands_for_a_secret_whatever_its_name(checkout):
    checkout.write("A=swordfish\nB=swordfish\nC=swordfish\n", ".env")
    having = "environment: { PASSWORD: '${A:-x}', URL: 'http://u:${B}@db' }, command: [a, '--token=${C}']"
    checkout.commit(f"devenv: 1\nservices:\n  app: {{ image: 'a:1', {having} }}\n")
    checkout.write("A=tr0ub4dor\nB=tr0ub4dor\nC=tr0ub4dor\n", ".env")
    shown, data = checkout(), checkout("--json")
    assert set(keys(data.data, "app").items()) == {(f"${{{name}}}", ("(secret)", "(secret)")) for name in "ABC"}
    assert "${B} in environment.URL: (secret), another one" in shown.out
    assert not any(secret in shown.out + data.out for secret in ("swordfish", "tr0ub4dor"))


def test_no_secret_is_shown(checkout):
    checkout.write(MANIFEST.replace("abcdef", "ghijkl"))
    result = checkout()
    assert "devenv.yaml:14:56\n           environment.API_TOKEN: (secret), another one" in result.out
    assert "ghijkl" not in result.out + checkout("--json").out
    assert "abcdef" not in result.out + checkout("--json").out


def test_what_lint_would_find_is_not_shown_but_where_it_is_written(checkout):
    changed = MANIFEST.replace("API_TOKEN: abcdef", "GH: ghp_" + "a1" * 20)
    changed = changed.replace("valkey:8\n", "valkey:8\n    command: [valkey-server, --requirepass, swordfish]\n")
    checkout.commit(changed)
    checkout.write(changed.replace("a1a1", "b2b2").replace("swordfish", "tr0ub4dor"))
    result = checkout()
    assert (
        """devenv.yaml:7:14
           command: ["valkey-server", "--requirepass", "(secret)"], another one"""
        in result.out
    )
    assert "environment.GH: (secret), another one" in result.out
    for word in ("a1a1", "b2b2", "swordfish", "tr0ub4dor"):
        assert word not in result.out + checkout("--json").out


def test_of_a_long_command_a_secret_word_is_hidden(checkout):
    words = ["serve", "--requirepass", "swordfish", *(f"--option-{number}=value" for number in range(10))]
    before = MANIFEST.replace("valkey:8\n", f"valkey:8\n    command: {json.dumps(words)}\n")
    checkout.commit(before)
    checkout.write(before.replace("swordfish", "tr0ub4dor").replace("option-1=value", "token=hunter2"))
    shown, data = checkout(), checkout("--json")
    assert keys(data.data, "cache") == {
        "command[2]": ("(secret)", "(secret)"),
        "command[4]": ('"--option-1=value"', '"--token=(secret)"'),
    }
    assert not any(secret in shown.out + data.out for secret in ("swordfish", "tr0ub4dor", "hunter2"))


def test_a_secret_stands_under_its_own_place(checkout):
    before = MANIFEST.replace(
        '{ LEVEL: "${LEVEL:-info}", API_TOKEN: abcdef }', "\n      A: one\n      API_TOKEN: abcdef"
    )
    checkout.commit(before)
    checkout.write(before.replace("A: one", "A: two").replace("abcdef", "ghijkl"))
    data = checkout("--json").data
    assert whys(data, "orders", "environment.A") == ["new devenv.yaml:15"]
    assert whys(data, "orders", "environment.API_TOKEN") == ["new devenv.yaml:16"]


def test_of_what_is_long_the_part_that_changed_is_shown(checkout):
    config = 'configs: { web: { content: "listen 80;\\nroot /a;\\n" } }\n'
    words = [f"--option-{number}=value" for number in range(10)]
    command = f"    command: {json.dumps(['serve', '--size', '16mb', *words])}\n"
    before = MANIFEST.replace("    volumes: [cache:/data]\n", f"    volumes: [cache:/data]\n{command}") + config
    checkout.commit(before)
    checkout.write(before.replace("16mb", "32mb").replace("listen 80", "listen 81"))
    assert (
        checkout().out
        == """\
shop: HEAD → the working tree: 1 changed, 1 change shared by all

changed  cache  valkey:8
         devenv.yaml:8:34
           command[2]: "16mb" → "32mb"

shared by all
  devenv.yaml:18:28
    configs.web.content:
      @@ -1,2 +1,2 @@
      -listen 80;
      +listen 81;
       root /a;
"""
    )
    (change,) = checkout("--json").data["shared"]
    assert change["lines"] == ["@@ -1,2 +1,2 @@", "-listen 80;", "+listen 81;", " root /a;"]


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (["nope"], 2, "Git knows no revision 'nope'"),
        (["--", "-x"], 2, "Git knows no revision '-x'"),
        (["mian"], 2, "did you mean 'main'?"),
        (["main..nope"], 2, "Git knows no revision 'nope'"),
        (["--running", "HEAD"], 2, "--running takes no revision"),
    ],
)
def test_what_names_no_revision(checkout, argv, code, message):
    result = checkout(*argv)
    assert result.code == code
    assert message in result.err


def test_a_clone_without_older_commits_says_how_to_get_them(checkout):
    checkout.commit(MANIFEST.replace("valkey:8", "valkey:9"))
    origin, checkout.top = checkout.top, checkout.top.parent / "shallow"
    checkout.top.mkdir()
    checkout.git("clone", "-q", "--depth", "1", f"file://{origin}", str(checkout.top))
    checkout.root = checkout.top / "dev"
    (checkout.root / "orders").mkdir()
    for older in ("HEAD~1", "main~1", "main^...HEAD"):
        assert "`git fetch --unshallow`" in checkout(older).err


def test_a_clone_of_one_branch_says_how_to_get_another_one(checkout):
    """As CI systems make them: no branch that is there is meant instead."""
    checkout.git("branch", "feature")
    origin, checkout.top = checkout.top, checkout.top.parent / "one"
    checkout.top.mkdir()
    address = f"file://{origin}"
    checkout.git("clone", "-q", "--depth", "1", "--branch", "feature", address, str(checkout.top))
    checkout.root = checkout.top / "dev"
    (checkout.root / "orders").mkdir()
    told = checkout("origin/main...HEAD")
    fetch = "git fetch --unshallow origin +main:refs/remotes/origin/main"
    assert told.code == 2 and f"`{fetch}`" in told.err and "did you mean" not in told.err
    checkout.git(*fetch.split()[1:], "-q")
    assert checkout("origin/main...HEAD").code == 0
    assert "did you mean 'origin/main'?" in checkout("main").err
    assert "did you mean 'origin/feature'?" in checkout("origin/featrue").err


def test_a_submodule_has_the_commit_of_the_revision(checkout):
    """Of what is included from it, and of a catalog in it; one that is not checked out says how it comes to be."""
    there = Remote(checkout.top.parent / "there")
    there.commit(
        **{
            "base__compose.yaml": "services: { log: { image: log:1 } }\n",
            "store__template.yaml": "template: 1\nsummary: s\nversions: ['1']\nservice: { image: 'store:1' }\n",
        }
    )
    checkout.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(there.root), "dev/there")
    more = "include: [{ path: there/base }]\ncatalogs: [{ path: there }]\n"
    checkout.commit(MANIFEST.replace("services:\n", f"{more}services:\n  mine: {{ use: store }}\n"))
    inside = checkout.top / "dev" / "there"
    (inside / "base" / "compose.yaml").write_text("services: { log: { image: log:2 } }\n")
    (inside / "store" / "template.yaml").write_text(
        (there.root / "store" / "template.yaml").read_text().replace("store:1", "store:2")
    )
    assert {one["service"] for one in checkout("--json").data["services"]} == {"log", "mine"}
    checkout.git("-C", str(inside), "commit", "-q", "-a", "-m", "two")
    checkout.git("commit", "-q", "-a", "-m", "moved")
    result = checkout("HEAD~1..HEAD", "--json")
    assert keys(result.data, "log") == {"image": ('"log:1"', '"log:2"')}
    assert keys(result.data, "mine") == {"image": ('"store:1"', '"store:2"')}
    origin, checkout.top = checkout.top, checkout.top.parent / "clone"
    checkout.top.mkdir()
    checkout.git("clone", "-q", str(origin), str(checkout.top))
    checkout.root = checkout.top / "dev"
    told = checkout("HEAD~1..HEAD")
    assert told.code == 3 and "dev/there is a submodule that is not checked out" in told.err
    assert "`git submodule update --init dev/there`" in told.err


def test_a_revision_without_a_manifest_and_one_that_is_wrong(checkout):
    checkout.git("mv", "dev/devenv.yaml", "dev/other.yaml")
    checkout.git("commit", "-q", "-m", "away")
    checkout.commit(MANIFEST.replace("needs:", "neds:"))
    checkout.commit(MANIFEST)
    missing, wrong = checkout("HEAD..HEAD~2"), checkout("HEAD~1")
    assert (missing.code, "DE763" in missing.err) == (1, True)
    assert "there was no devenv.yaml in HEAD~2" in missing.err
    assert "hint: `git log --all --oneline -- devenv.yaml`" in missing.err
    checkout.root = checkout.top / "new"
    checkout.root.mkdir()
    checkout.write(MANIFEST)
    assert "hint: no commit has it yet" in checkout("HEAD..HEAD").err
    assert wrong.code == 3
    assert "HEAD~1:devenv.yaml:10:5: services.orders: unknown key 'neds'" in wrong.err


def test_before_the_manifest_there_was_nothing(checkout):
    """As in the pull request that brings devenv into a repository."""
    checkout.git("mv", "dev/devenv.yaml", "dev/other.yaml")
    checkout.git("commit", "-q", "-m", "away")
    checkout.commit(MANIFEST)
    for revisions in ("HEAD~1", "HEAD~1...HEAD"):
        result = checkout(revisions, "--json")
        assert result.code == 0 and {one["kind"] for one in result.data["services"]} == {"added"}
        assert "modes.data" in [one["key"] for one in result.data["shared"]]
        assert "there was no devenv.yaml in " in result.data["notes"][0]
    assert checkout("HEAD~1", "--exit-code").code == 1
    assert "added    orders" in checkout("HEAD~1").out


def test_outside_of_git(checkout, tmp_path):
    checkout.root = tmp_path / "alone"
    checkout.root.mkdir()
    checkout.write(MANIFEST)
    result = checkout()
    assert (result.code, "DE761" in result.err, "--running" in result.err) == (1, True, True)


def test_files_that_git_keeps_count_by_their_content(checkout):
    def files(*texts):
        for name, text in zip(("app.env", "one.conf", "ignored", "ä b", "src/a.py"), texts, strict=False):
            (checkout.root / name).parent.mkdir(exist_ok=True)
            checkout.write(text, name)

    checkout.write("ignored\n", ".gitignore")
    files("A=1\n", "one\n", "x\n", "\0 one", "one\n")
    mounts = "volumes: ['cache:/data', './one.conf:/c', './ignored:/i', './src:/src']\n    env_file: app.env"
    config = "configs: { c: { file: 'ä b' } }\n"
    manifest = MANIFEST.replace("volumes: [cache:/data]", f"{mounts}\n    configs: [c]") + config
    checkout.commit(manifest)
    (checkout.root / "one.conf").chmod(0o755)
    assert checkout("--json").data["changes"] is False, "a mode is not content"
    files("A=2\n", "two\n", "y\n", "\0 two", "two\n")
    data = checkout("--json").data
    assert list(keys(data, "cache")) == ["env_file app.env", "file ./one.conf", "file ä b"]
    assert set(keys(data, "cache").values()) == {("(content)", "(content)")}
    assert whys(data, "cache", "env_file app.env") == ["new app.env:1"]
    assert [service["service"] for service in data["services"]] == ["cache"]
    checkout.commit(manifest)
    assert checkout("--json").data["changes"] is False
    assert len(keys(checkout("HEAD~1..HEAD", "--json").data, "cache")) == 3


def test_what_lies_outside_of_the_repository_is_not_compared(checkout):
    beside = checkout.top.parent / "beside"
    beside.mkdir()
    (beside / "devenv.yaml").write_text("devenv: 1\nname: beside\nservices:\n  app: { image: 'app:${TAG:-1}' }\n")
    (beside / ".env").write_text("TAG=2\n")
    checkout.commit(MANIFEST.replace("services:", "include: [../../beside]\nservices:", 1))
    data = checkout("--json").data
    assert data["changes"] is False
    notes = [
        f"../../beside/{name} lies outside of the repository: it is taken as it is now"
        for name in ("devenv.yaml", ".env")
    ]
    assert data["notes"] == checkout("HEAD~1..HEAD", "--json").data["notes"] == notes


@pytest.fixture
def small():
    return Small()


def test_against_what_runs(small):
    def diff(*argv):
        return run("diff", "--running", *argv, outside=Outside(small.world))

    small.up()
    assert diff("--exit-code").code == 0
    small.project.files["devenv.yaml"] = SMALL.replace("web:1", "web:2")
    result = diff("--exit-code")
    assert result.code == 1
    assert (
        result.out
        == """\
shop: what runs → the manifest: 1 changed

changed  web  its definition changed
         devenv.yaml:6:17
           image: "web:1" → "web:2"
         data: it has no volume: what it has stored in its container is lost
"""
    )
    assert small.compose.calls == ["create db seed web"]


def test_against_what_runs_of_a_command_with_a_secret_the_word_that_changed(small):
    words = "command: [serve, --auth, '${TOKEN:-abc}', --size, 16mb]"
    manifest = SMALL.replace('image: "web:1"', f'image: "web:1", {words}')
    small.project.files["devenv.yaml"] = manifest
    small.up()
    small.project.files["devenv.yaml"] = manifest.replace("16mb", "32mb")
    result = run("diff", "--running", outside=Outside(small.world))
    assert 'command: "16mb" → "32mb"' in result.out
    assert "abc" not in result.out


def test_against_nothing_that_runs(small):
    result = run("diff", "--running", outside=Outside(small.world))
    assert result.out.splitlines()[0] == "shop: what runs → the manifest: 3 added"
    assert isinstance(small.daemon, FakeDaemon) and small.daemon.starts == []


def test_for_a_change_of_many_services_each_is_looked_at_a_few_times(checkout, monkeypatch):
    def text(tag):
        services = (f"  s{i}: {{ image: 'x:{tag}', volumes: ['v{i}:/data'] }}\n" for i in range(100))
        volumes = (f"  v{i}: {{ labels: {{ tag: {tag} }} }}\n" for i in range(100))
        return f"devenv: 1\nservices:\n{''.join(services)}volumes:\n{''.join(volumes)}"

    checkout.commit(text("a"))
    checkout.write(text("b"))
    used = Mock(side_effect=resources.used)
    monkeypatch.setattr("devenv.core.stack.resources.used", used)
    assert checkout("--stat").out.endswith("100 changed, 100 changes shared by all\n")
    assert used.call_count < 30 * 100
