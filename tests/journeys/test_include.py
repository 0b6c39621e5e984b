"""Stacks that include others: what Compose makes of the same files, short names, and one server for two."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys import small
from tests.journeys.small import IMAGE
from tests.remotes import Remote

pytestmark = pytest.mark.engine

COMPOSE = {
    "compose.yaml": """\
name: NAME
include:
  - sub/compose.yaml
  - path: [sub/deep/a.yaml, sub/deep/b.yaml]
    project_directory: sub
    env_file: [sub/deep/one.env, two.env]
services:
  web: {image: "w:${V:-0}", environment: {V: "$V", P: null}, depends_on: [api]}
networks: {front: {}}
""",
    ".env": "V=root\n",
    "sub/compose.yaml": """\
name: sub
x-sub: 2
include: [deep/c.yaml]
services:
  api:
    image: a:${V:-d}-${W:-d}-${U:-d}
    build: {context: ./ctx, args: {A: "$W"}}
    environment: {W: null, V: null, Z: null, A: "${W:+alt}x$W", B: $$W}
    env_file: x.env
    volumes: ["./d:/d", "vol:/v", "~/x:/x"]
    networks: [front, back]
    secrets: [s]
volumes: {vol: {}}
networks: {front: {}, back: {}}
secrets: {s: {file: s.txt}}
""",
    "sub/.env": "V=sub\nW=subw\n",
    "sub/x.env": "X=1\n",
    "sub/s.txt": "s\n",
    "sub/ctx/Dockerfile": "FROM scratch\n",
    "sub/deep/a.yaml": 'services: {b: {image: "x:$W$Q$S", build: ., volumes: ["./q:/q"]}}\nvolumes: {vol: {}}\n',
    "sub/deep/b.yaml": 'services: {b: {volumes: ["./r:/r"], ports: ["80"]}}\n',
    "sub/deep/c.yaml": 'services: {c: {image: "c:${W}-${T}", volumes: [".:/c"]}}\n',
    "sub/deep/.env": "T=deep\nW=deepw\n",
    "sub/deep/one.env": "Q=one\nS=${V}\n",
    "two.env": "Q=two\n",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def config(folder: Path, file: str) -> dict[str, Any]:
    """What Compose makes of a file, without what devenv adds to it."""
    run = subprocess.run(
        ["docker", "compose", "--env-file", ".env", "-f", file, "config", "--format", "json"],
        cwd=folder,
        capture_output=True,
        check=True,
    )
    found = json.loads(run.stdout)
    for service in found["services"].values():
        labels = service.get("labels", {})
        service["labels"] = {key: value for key, value in labels.items() if not key.startswith("dev.devenv.")}
    return found  # type: ignore[no-any-return]


def test_a_compose_file_that_includes_others_means_what_it_means_to_compose(stack_of):
    stack = stack_of("devenv: 1\nname: x\n")
    write(stack.folder, COMPOSE)
    written = COMPOSE["compose.yaml"].replace("NAME", stack.name)
    write(stack.folder, {"compose.yaml": written, "devenv.yaml": "devenv: 1\n" + written})
    stack("generate")
    assert config(stack.folder, ".devenv/compose.yaml") == config(stack.folder, "compose.yaml")


LEGACY = """\
services:
  db: {{image: {image}, init: true, command: [sleep, infinity]}}
  app: {{image: {image}, init: true, command: [sleep, infinity], depends_on: [db]}}
"""


def test_services_with_a_prefix_reach_each_other_by_their_short_names(stack_of, base_image):
    service = LEGACY.format(image=IMAGE).partition("\n")[2]
    includes = "include: [{path: one, prefix: one}, {path: two, prefix: two}]"
    stack = stack_of(f"devenv: 1\nname: x\n{includes}\nservices:\n{service}")
    write(stack.folder, dict.fromkeys(("one/deep.yaml", "two/compose.yaml"), "services:\n" + service))
    deep = "include: [{path: deep.yaml, prefix: deep}]\n"
    write(stack.folder, {"one/devenv.yaml": f"devenv: 1\nname: one\n{deep}services:\n{service}"})
    stack("up")
    found = {}
    for prefix in ("", "one-", "one-deep-", "two-"):
        asked = ["getent", "hosts", "db", f"{prefix}db"]
        lines = stack("exec", f"{prefix}app", "--", *asked).stdout.split()
        addresses = stack("exec", f"{prefix}db", "--", "hostname", "-I").stdout.split()
        found[prefix] = lines[0]
        assert lines[0] in addresses  # its own, although there are four of this name
    assert len(set(found.values())) == 4
    assert stack("exec", "app", "--", "getent", "hosts", "one-db").stdout.split()


_ASK = '$s = IO::Socket::INET->new("orders-api:8080") or die; print $s "GET / HTTP/1.0\\r\\n\\r\\n"; print <$s>'


def test_two_repositories_that_include_each_other_are_upgraded_and_rolled_back(stack_of, base_image):
    top = "devenv: 1\nname: x\ninclude:\n  - {git: ./orders.git, prefix: o}\n  - {git: ./billing.git, prefix: b}\n"
    stack = stack_of(top)
    repositories = {name: Remote(stack.folder / f"{name}.git") for name in ("orders", "billing")}
    for own, other in (("orders", "billing"), ("billing", "orders")):
        entry = f"include: [{{git: 'file://{repositories[other].root}', prefix: {other}, mode: api}}]\n"
        services = small.server("api", 8080) + small.script("ui", "sleep 1000", more=f"needs: [api, {other}-api]")
        text = f"devenv: 1\nname: {own}\n{entry}services:\n{services}modes: {{api: [api]}}\n"
        repositories[own].commit(**{"devenv.yaml": text})
    stack("up", "--yes")
    asked = ["perl", "-MIO::Socket::INET", "-e", _ASK]
    assert "hello from api" in stack("exec", "b-ui", "--", *asked).stdout
    before = (stack.folder / "devenv.lock").read_text()
    orders = repositories["orders"]
    orders.commit(**{"devenv.yaml": (orders.root / "devenv.yaml").read_text().replace("hello from", "welcome to")})
    stack("up")
    assert "hello from api" in stack("exec", "b-ui", "--", *asked).stdout  # until somebody upgrades
    stack("upgrade", "--yes", code=None)  # without a registry, digests of images are told as missing
    stack("up")
    assert "welcome to api" in stack("exec", "b-ui", "--", *asked).stdout
    (stack.folder / "devenv.lock").write_text(before)
    stack("up")
    assert "hello from api" in stack("exec", "b-ui", "--", *asked).stdout


def test_a_container_that_could_place_a_link_to_the_host_is_not_brought_up(stack_of, base_image):
    stack = stack_of("devenv: 1\nname: x\ninclude: [{git: ./evil.git}]\n")
    link = small.script("a", "ln -s / /data/x; sleep 1000", more="volumes: [./data:/data]")
    more = "volumes: [./data/x:/host]\nneeds: [a]"
    mount = small.script("b", f"touch /host{stack.folder}/reached; sleep 1000", more=more)
    evil = Remote(stack.folder / "evil.git")
    evil.commit(**{"devenv.yaml": "devenv: 1\nservices:\n" + link + mount, "data__kept": ""})
    assert "DE343" in stack("up", "--yes", code=3).stderr
    assert not (stack.folder / "reached").exists()


_ITEMS = "select current_user || ' ' || name from items"

APP = f"""\
devenv: 1
name: NAME
services:
  db: {{use: postgres@17, with: {{seed: ./seed.sql}}}}
  cache: {{use: valkey}}
  app: {{image: {IMAGE}, init: true, command: [sleep, infinity], needs: [db, cache]}}
"""


def test_two_stacks_share_one_server_and_have_their_own_data(stack_of, base_image):
    a, b = (f"{{path: ../{n}, prefix: {n}, share: {{db: db, cache: cache}}}}" for n in ("a", "b"))
    servers = "services: {db: {use: postgres}, cache: {use: valkey}}"
    stack = stack_of(f"devenv: 1\nname: x\ninclude: [{a}, {b}]\n{servers}\n")
    for name in ("a", "b"):
        seed = f"create table items (name text); insert into items values ('of {name}');\n"
        write(stack.folder.parent / name, {"devenv.yaml": APP.replace("NAME", name), "seed.sql": seed})
    stack("up")
    settings = dict(
        line.split("=", 1) for line in (stack.folder / ".devenv/.env").read_text().splitlines() if "=" in line
    )

    def psql(user: str, database: str) -> str:
        password = settings[f"DEVENV_SECRET_{user.upper()}_PASSWORD"]
        url = f"postgresql://{user}:{password}@db/{database}"
        return stack("exec", "db", "--", "psql", url, "-Atc", _ITEMS, code=None).stdout.strip()

    assert psql("a_db", "a_db") == "a_db of a"
    assert psql("b_db", "b_db") == "b_db of b"
    assert psql("a_db", "b_db") == psql("a_db", "app") == ""  # not its own
    environment = stack("exec", "b-app", "--", "env").stdout
    assert "DB_DATABASE=b_db" in environment and "@db:5432/b_db" in environment
    assert "CACHE_DATABASE=2" in environment and "@cache:6379/2" in environment

    def valkey(user: str, *command: str, code: int | None = 0) -> str:
        password = settings[f"DEVENV_SECRET_{user.upper()}_PASSWORD"]
        url = f"redis://{user}:{password}@cache:6379/{1 if user == 'a_cache' else 2}"
        done = stack("exec", "cache", "--", "valkey-cli", "-e", "-u", url, *command, code=code)
        return str(done.stdout + done.stderr)

    assert "CACHE_USER=b_cache" in environment
    assert "a_cache" in valkey("a_cache", "acl", "whoami").splitlines()
    for forbidden in (("flushall",), ("config", "get", "requirepass"), ("acl", "setuser", "me"), ("shutdown",)):
        assert "NOPERM" in valkey("a_cache", *forbidden, code=None), "the server is not its own"
    assert "OK" in valkey("b_cache", "flushdb").splitlines()
    stack("exec", "a-cache", "--", "valkey-cli", "-n", "1", "set", "who", "a")
    assert stack("exec", "b-cache", "--", "valkey-cli", "-n", "2", "get", "who").stdout.strip() == ""

    again = stack("up", "--plain").stderr
    assert "a-db: unchanged" in again or "done" in again  # what shares is not made again
    (stack.folder.parent / "a" / "devenv.yaml").write_text(
        APP.replace("NAME", "a").replace("needs:", "environment: {NEW: x}, needs:")
    )
    assert "NEW=x" in (stack("up"), stack("exec", "a-app", "--", "env").stdout)[1]
    assert psql("a_db", "a_db") == "a_db of a"
    states = {one["name"]: one["state"] for one in json.loads(stack("status", "--json").stdout)["services"]}
    assert states["a-db"] == "completed"

    manifest = stack.folder / "devenv.yaml"
    manifest.write_text(manifest.read_text().replace(f"{a}, {b}", f"{b}, {a}"))
    stack("up")
    assert "CACHE_DATABASE=1" in stack("exec", "a-app", "--", "env").stdout
    assert stack("exec", "a-cache", "--", "valkey-cli", "-n", "1", "get", "who").stdout.strip() == "a"


def test_mariadb_and_mysql_are_shared_likewise(stack_of, base_image):
    """MySQL's image cannot be had here; MariaDB's answers to MySQL's names, so that its template is run as it is."""
    a, b = (f"{{path: ../{n}, prefix: {n}, share: {{db: db}}}}" for n in ("a", "b"))
    stack = stack_of(f"devenv: 1\nname: x\ninclude: [{a}, {b}]\nservices: {{db: {{use: mariadb}}}}\n")
    seed = "create table items (name text); insert into {} values ('of {}');\n"
    manifest, settings = stack.folder / "devenv.yaml", stack.folder / ".devenv/.env"

    def setting(name: str) -> str:
        return next(line.split("=", 1)[1] for line in settings.read_text().splitlines() if line.startswith(f"{name}="))

    def sql(client: str, user: str, database: str) -> str:
        login = ["-hdb", f"-u{user}", f"-p{setting(f'DEVENV_SECRET_{user.upper()}_PASSWORD')}"]
        query = [database, "-NBe", "select concat(current_user(), ' ', name) from items"]
        return stack("exec", "db", "--", client, "--no-defaults", *login, *query, code=None).stdout.strip()

    for server, client in (("mariadb", "mariadb"), ("mysql", "mysql")):
        for name in ("a", "b"):
            part = f"devenv: 1\nservices: {{db: {{use: {server}, with: {{seed: ./seed.sql}}}}}}\n"
            write(stack.folder.parent / name, {"devenv.yaml": part, "seed.sql": seed.format("items", name)})
        write(stack.folder.parent / "b", {"seed.sql": seed.format("nowhere", "b")})
        told = stack("up", "--plain", code=None)
        assert told.code != 0 and "error[DE623]: b-db" in told.stderr and "nowhere' doesn't exist" in told.stderr
        assert "a-db: done" in told.stderr
        assert server == "mysql" or "WARNING" not in told.stderr
        write(stack.folder.parent / "b", {"seed.sql": seed.format("items", "b")})
        stack("up")  # what the wrong seed left is gone, or the table would be there
        assert sql(client, "a_db", "a_db") == "a_db@% of a"
        assert sql(client, "b_db", "b_db") == "b_db@% of b"
        assert sql(client, "a_db", "b_db") == sql(client, "a_db", "app") == ""  # not its own
        assert "b-db: unchanged" in stack("up", "--plain").stderr
        image = setting("DEVENV_IMAGE_DB")
        stack("down", "--volumes", "--yes")
        manifest.write_text(manifest.read_text().replace("use: mariadb", f'use: mysql, image: "{image}"'))


def test_a_server_without_a_number_for_a_part_says_so(stack_of, base_image):
    entries = ", ".join(f"{{path: part, prefix: {name}, share: {{cache: cache}}}}" for name in ("a", "b"))
    services = "services: {cache: {use: valkey, with: {databases: 2}}}"  # 0 and 1
    stack = stack_of(f"devenv: 1\nname: x\ninclude: [{entries}]\n{services}\n")
    write(stack.folder / "part", {"devenv.yaml": "devenv: 1\nservices: {cache: {use: valkey}}\n"})
    told = stack("up", "--plain", code=None)
    assert told.code != 0 and "DB index is out of range" in told.stderr and "b-cache" in told.stderr
    assert "error[DE623]: a-cache" not in told.stderr
