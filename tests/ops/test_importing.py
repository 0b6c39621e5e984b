"""Every Compose file in `imports`, there and back: Compose is asked about it before and after. Needs no engine."""

import re
import shutil
from pathlib import Path

import pytest

from devenv.core.importing.compare import differences
from devenv.engine.compose_config import ComposeConfig
from tests.roundtrip import compared, config, round_trip, run

IMPORTS = Path(__file__).parent / "imports"
FIRST = ("compose.yaml", "docker-compose.yml")


def project(place, name):
    return Path(shutil.copytree(IMPORTS / name, place / "project"))


def imported(folder, *argv):
    code, said = run("-C", str(folder), "import", *argv)
    assert code == 0, said
    return (folder / "devenv.yaml").read_text(), said


def test_a_file_of_variables_chooses_no_program(tmp_path):
    plugin = tmp_path / "cfg/cli-plugins/docker-compose"
    plugin.parent.mkdir(parents=True)
    plugin.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    plugin.chmod(0o755)
    (tmp_path / ".env").write_text("DOCKER_CONFIG=cfg\n")
    (tmp_path / "compose.yaml").write_text("services: {a: {image: x}}\n")
    imported(tmp_path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", sorted(folder.name for folder in IMPORTS.iterdir()))
def test_it_means_the_same(name, tmp_path):
    folder = project(tmp_path, name)
    files = sorted((path.name for path in folder.glob("*compose*.y*ml")), key=len)
    which = [part for file in files for part in ("-f", file)]
    before = {how: config(folder, *which, interpolate=how) for how in (True, False)}
    assert isinstance(before[True], dict), before[True]
    imported(folder)
    code, said = run("-C", str(folder), "generate")
    assert code == 0, said
    verdict, words = compared(before, folder)
    assert verdict == "equal", words


@pytest.mark.parametrize(
    ("line", "env"),
    [
        ("volumes: ['../../../data:/data', './x:/x']", ""),
        ("volumes: ['${WEB:-./public:/app/public}', '${DIR:-./dir}:/dir:ro']", ""),
        ("volumes: ['${WEB:-./public:/app/public}']", "WEB=.:/app"),
        ("volumes: ['${WEB:-./public:/app/public}']", "WEB=..:/app:ro"),
        ("volumes: ['${WEB:-./public:/app/public}']", "WEB=/srv/app:/app"),
        ("ports: ['${COMPOSE_PORT_HTTP:-9000}:9000']", "COMPOSE_PORT_HTTP=80"),
        ("!!merge <<: *common", ""),
        ("build: {context: '${CODE:-../..}', dockerfile: a/Dockerfile}", ""),
        ("volumes: ['${A:-../a}:/a', '${B-../../b}:/b', {type: bind, source: '${C:-../c}', target: /c}]", ""),
        ("volumes: ['${A:-../a}:/a', '${B-../../b}:/b', {type: bind, source: '${C:-../c}', target: /c}]", "A=./d"),
        ("pull_policy: ${WHEN:-always}", ""),
        ("environment: [OTEL_RESOURCE_ATTRIBUTES, 'A=$OTEL_RESOURCE_ATTRIBUTES,b=1']", "OTEL_RESOURCE_ATTRIBUTES=c=2"),
        ("environment: {A: 2001-12-14t21:59:43.10-05:00, B: 2001-12-15T02:59:43.1Z, C: 2024-01-01 1:2:3.0}", ""),
    ],
)
def test_small_ones_mean_the_same_wherever_they_are_imported_from(line, env, tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    text = f"x-common: &common {{restart: always}}\nservices:\n  web:\n    image: a\n    {line}\n"
    folder = tmp_path / "deep" / "project"
    folder.mkdir(parents=True)
    (folder / "compose.yaml").write_text(text)
    (folder / ".env").write_text(f"{env}\n")
    assert round_trip("compose.yaml", folder) == ("equal", "")


def test_a_mount_that_a_variable_says_follows_the_variable(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a, volumes: ['${WEB:-./public:/public}']}}\n")
    imported(tmp_path)
    (tmp_path / ".env").write_text("WEB=./other:/other\n")
    before = {how: config(tmp_path, interpolate=how) for how in (True, False)}
    run("-C", str(tmp_path), "generate")
    assert compared(before, tmp_path) == ("equal", "")


def test_without_values_a_default_path_is_the_same_path(tmp_path):
    text = "services: {web: {image: 'a:${TAG:?say which}', volumes: ['${DATA:-./data}:/data', '${A:-./a:/b}']}}\n"
    (tmp_path / "compose.yaml").write_text(text)
    assert "compared with Compose as it is written" in imported(tmp_path)[1]


def test_a_default_path_of_another_folder_is_the_same_path(tmp_path):
    (tmp_path / "compose.yaml").write_text("include: [sub/own.yaml, {path: sub/other.yaml, project_directory: ..}]\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/.env").write_text("A=./elsewhere\n")
    volumes = "['${A:-./a}:/a', '${B-./b}:/b', {type: bind, source: '${C:-./c}', target: /c}]"
    for name in ("own", "other"):
        text = f"services: {{{name}: {{image: a, build: '${{CODE:-./{name}}}', volumes: {volumes}}}}}\n"
        (tmp_path / f"sub/{name}.yaml").write_text(text)
    assert round_trip("compose.yaml", tmp_path) == ("equal", "")


def test_another_default_path_is_another_path():
    def shown(source):
        return {"services": {"web": {"volumes": [{"type": "bind", "source": source, "target": "/a"}]}}}

    one = "${A:-./a}"
    assert not differences(shown(one), shown("${DEVENV_MOUNT_A-${A:-../sub/a}}"), ["sub"])
    assert differences(shown(one), shown("${DEVENV_MOUNT_A-${A:-../sub/a}}"), ["."])
    assert differences(shown(one), shown("${DEVENV_MOUNT_A-${A:-../sub/b}}"), ["sub"])


COMMON = """\
services:
  base:
    restart: always
    command: base
    environment: {A: base, TAG: "${TAG-none}"}
    ports: ["9000:9000"]
    volumes: ["./src:/src"]
  gpu: {devices: ["/dev/dri:/dev/dri"], environment: [G=1]}
"""
BASE = "extends: {file: parts/common.yaml, service: base}"
GPU = "extends: {file: parts/common.yaml, service: gpu}"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("web: {image: a, command: x, environment: {A: own}, ports: ['80:80']}", f"web: {{{BASE}, labels: [x=y]}}"),
        (f"web: {{image: a, {BASE}, environment: {{Z: 1}}}}", f"web: {{{GPU}}}"),
        ("web: {image: a, environment: {A: 1, B: 1}}", "{web: {environment: {A: 2}}, job: {extends: web, image: b}}"),
        (f"web: {{image: a, {BASE}, command: !reset null, ports: !override ['1:1']}}", "web: {labels: [x=y]}"),
        (f"web: {{image: a, {BASE}, command: !reset null}}", "web: {command: again}"),
        (f"web: {{image: a, {BASE}}}", "web: {ports: !reset [], environment: !override {N: 1}}"),
        (f"web: {{image: a, {BASE}, tty: true, init: true}}", f"web: {{{GPU}, tty: !reset false}}"),
        ("{b: {image: a, command: x}, web: {extends: b, command: !reset null}}", "web: {labels: [x=y]}"),
        ("{b: {image: a, command: x}, m: {extends: b}, web: {extends: m}}", "b: {command: y}"),
    ],
)
def test_what_a_service_extends_comes_before_what_other_files_say(first, second, tmp_path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/common.yaml").write_text(COMMON)
    write = "services:\n  {}\n".format
    (tmp_path / "compose.yaml").write_text(write(first))
    (tmp_path / "compose.override.yaml").write_text(write(second))
    before = {how: config(tmp_path, interpolate=how) for how in (True, False)}
    said = imported(tmp_path)[1]
    assert ("what it extends is written out: parts/common.yaml can change" in said) is ("parts" in first + second)
    assert run("-C", str(tmp_path), "generate")[0] == 0
    assert compared(before, tmp_path) == ("equal", "")


def test_what_a_service_extends_sees_the_variables_of_its_file(tmp_path):
    (tmp_path / "parts").mkdir()
    passed = "  passed: {environment: [TAG], volumes: ['${DATA:-../data}:/data']}\n"
    (tmp_path / "parts/common.yaml").write_text(COMMON + passed)
    (tmp_path / "compose.yaml").write_text(f"services:\n  web: {{image: a, {BASE}}}\n  gpu: {{image: a, {GPU}}}\n")
    with (tmp_path / "compose.yaml").open("a") as file:
        file.write("  passed: {image: a, environment: {B: 1}, extends: {file: parts/common.yaml, service: passed}}\n")
    (tmp_path / "one.env").write_text("TAG=9\n")
    before = config(tmp_path, "--env-file", "one.env", interpolate=True)
    text, said = imported(tmp_path, "--env-file", "one.env")
    assert "TAG: ${TAG-9}" in text and f"gpu: {{image: a, {GPU}}}" in text
    assert "note: compose.yaml: one.env sets TAG; the values are written as defaults" in said
    assert run("-C", str(tmp_path), "generate")[0] == 0
    assert compared({True: before}, tmp_path) == ("equal", "")


def test_variables_without_a_value_stay_as_they_are_written(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {build: {context: ., args: {A: $ONE, B: $TWO}}}}\n")
    (tmp_path / "one.env").write_text("ONE=1\n")
    assert "{A: '${ONE-1}', B: $TWO}" in imported(tmp_path, "--env-file", "one.env")[0].replace('"', "'")


def test_one_file_keeps_every_line(tmp_path):
    folder = project(tmp_path, "everything")
    before = (folder / "compose.yaml").read_text()
    after, said = imported(folder)
    assert after == f"# yaml-language-server: $schema=.devenv/devenv.schema.json\ndevenv: 1\n\n{before}"
    assert "devenv.yaml: written from compose.yaml, 6 services\n" in said
    assert "compared with Compose: the same, key by key" in said


def test_layers_keep_the_first_files_lines(tmp_path):
    after, said = imported(project(tmp_path, "layers"))
    assert "compose.yaml, compose.override.yaml" in said
    for line in ("# The stack.", "  # what people see", "    image: example/web:1   # pinned", "LEVEL: debug"):
        assert line in after
    assert "command:" not in after
    assert "8080" not in after


def test_the_env_file_names_the_files_and_the_stack(tmp_path):
    (tmp_path / "a.yaml").write_text("services: {web: {image: a, environment: {A: 1}}}\n")
    (tmp_path / "b.yaml").write_text("services: {web: {environment: {B: 2}}}\n")
    (tmp_path / "compose.yaml").write_text("services: {other: {image: x}}\n")
    (tmp_path / ".env").write_text(
        "COMPOSE_PATH_SEPARATOR=;\nCOMPOSE_FILE=a.yaml;b.yaml\nCOMPOSE_PROJECT_NAME=my_shop\n"
    )
    after, said = imported(tmp_path)
    assert "written from a.yaml, b.yaml" in said
    assert "B: 2" in after and "other" not in after
    assert "name: my_shop" in after or '"name": my_shop' in after


def test_nothing_is_written_over_and_nothing_half_written(tmp_path):
    folder = project(tmp_path, "layers")
    (folder / "devenv.yaml").write_text("devenv: 1\n")
    code, said = run("-C", str(folder), "import")
    assert (code, (folder / "devenv.yaml").read_text()) == (1, "devenv: 1\n")
    assert "error[DE704]" in said and "--force" in said
    assert "mail" in imported(folder, "--force")[0]
    (folder / "devenv.yaml").unlink()
    code, said = run("-C", str(folder), "import", "-o", "-")
    assert code == 0 and "\ndevenv: 1\n" in said
    assert not (folder / "devenv.yaml").exists()


def test_compose_has_the_first_word(tmp_path):
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: a\n    prots: [80]\n")
    code, said = run("-C", str(tmp_path), "import")
    assert code == 3
    assert "error[DE203] compose.yaml:4:5: services.web: unknown key 'prots'" in said
    assert "DE370" not in said, "one cause, one error"
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: a\n    healthcheck: {test: b, retries: x}\n")
    assert "error[DE370] compose.yaml:4:" in run("-C", str(tmp_path), "import")[1]
    assert not (tmp_path / "devenv.yaml").exists()


def test_composes_first_format_is_told_from_others(tmp_path):
    (tmp_path / "compose.yaml").write_text("web:\n  image: a\ndb:\n  image: b\n")
    code, said = run("-C", str(tmp_path), "import")
    assert code == 3
    assert "error[DE371] compose.yaml:1:1: compose.yaml has no 'services'" in said
    assert "devenv.yaml:" not in said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("services: {}\n", "services: {}\n"),
        ("# shared\nnetworks:\n  # front\n  a: {}  # one\n", "networks:\n  # front\n  a: {}  # one\nservices: {}\n"),
        ("x-log: &log {driver: local}\nname: b\n", "x-log: &log {driver: local}\nname: b\nservices: {}\n"),
    ],
)
def test_files_without_services_are_stacks_that_start_nothing(text, kept, tmp_path):
    (tmp_path / "compose.yaml").write_text(text)
    assert round_trip("compose.yaml", tmp_path) == ("equal", "")
    after, said = imported(tmp_path, "--force")
    assert after.endswith(f"\n{kept}")
    assert re.search(r"warning\[DE215\] compose.yaml:[12]:1: services: there are no services, so nothing is", said)
    code, said = run("-C", str(tmp_path), "validate")
    assert code == 0 and "warning[DE215]" in said and "valid, 0 services" in said


@pytest.mark.parametrize(
    "text", ["services:\n", "services: []\n", "version: '3'\n", "include: []\n", "web: {image: a}\n"]
)
def test_files_that_compose_finds_empty_are_refused(text, tmp_path):
    (tmp_path / "compose.yaml").write_text(text)
    assert isinstance(config(tmp_path, interpolate=True), str)
    code, said = run("-C", str(tmp_path), "import")
    assert code == 3 and "error[" in said
    assert not (tmp_path / "devenv.yaml").exists()


def test_what_cannot_be_read_is_told_once(tmp_path):
    text = "x: &x {a: 1}\ny: &y {b: 1}\nservices:\n  web:\n    image: a\n    labels:\n      <<: *x\n      <<: *y\n"
    (tmp_path / "compose.yaml").write_text(text)
    code, said = run("-C", str(tmp_path), "import")
    assert (code, said.count("error[")) == (3, 1)
    assert "error[DE106] compose.yaml:8:7: the key '<<' stands twice (first in line 7)" in said
    assert "hint: merge both: `<<: [*ONE, *OTHER]`" in said


def test_a_lone_override_is_told_where_it_belongs(tmp_path):
    (tmp_path / "dev.yaml").write_text("services:\n  web:\n    tty: true\n    networks: [far]\n")
    code, said = run("-C", str(tmp_path), "import", "dev.yaml")
    assert (code, said.count("error[")) == (3, 2)
    assert said.count("`devenv import BASE dev.yaml`") == 2


def test_a_secret_that_only_an_include_has_a_value_for_is_told_of(tmp_path):
    (tmp_path / "compose.yaml").write_text("include: [{path: sub/own.yaml, env_file: inc.env}]\n")
    (tmp_path / "inc.env").write_text("ONLY=here\n")
    (tmp_path / "sub").mkdir()
    own = "services: {own: {image: a, secrets: [s]}}\nsecrets: {s: {environment: ONLY}}\n"
    (tmp_path / "sub/own.yaml").write_text(own)
    said = imported(tmp_path)[1]
    assert (
        "warning[DE371] sub/own.yaml:2:28: the variable ONLY has a value in inc.env, which only sub/own.yaml sees"
        in said
    )


def test_what_is_missing_today_does_not_hinder(tmp_path):
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: a:${TAG:?say which}\n    env_file: .env\n")
    said = imported(tmp_path)[1]
    assert "Compose says: error while interpolating services.web.image: required variable TAG is missing" in said
    (tmp_path / "compose.yaml").write_text(
        "services:\n  web:\n    image: a\n    healthcheck: {test: b, retries: $TRIES}\n    ports: ['80:80']\n"
    )
    said = imported(tmp_path, "--force")[1]
    assert "compared with Compose as it is written" in said and 'Atoi: parsing ""' in said
    (tmp_path / "compose.yaml").write_text("services:\n  web:\n    image: a\n    healthcheck: {test: b, retries: x}\n")
    assert "error[DE370]" in run("-C", str(tmp_path), "import", "--force")[1], (
        "no value that is missing is at fault here"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "include: ['https://example.org/x.git']\n",
            "error[DE371] compose.yaml:1:11: include: 'https://example.org/x.git'",
        ),
        ("include: ['${WHICH}.yaml']\n", "'${WHICH}.yaml' depends on a variable"),
        ("include: [more.yaml]\n", "error[DE371] more.yaml:1:14: configs.a: 'a' is among the configs"),
    ],
)
def test_what_cannot_be_carried_over_is_refused_with_its_place(text, expected, tmp_path):
    (tmp_path / "compose.yaml").write_text(text + "configs: {a: {content: one}}\nservices: {web: {image: a}}\n")
    (tmp_path / "more.yaml").write_text("configs:    {a: {content: two}}\n")
    code, said = run("-C", str(tmp_path), "import")
    assert code == 3
    assert expected in said
    assert not (tmp_path / "devenv.yaml").exists()


SERVERS = """\
services:
  # the database
  db:
    image: postgres:17   # pinned
    environment:
      POSTGRES_USER: shop
      POSTGRES_PASSWORD: secret   # dev only
    ports: ["5432:5432"]
    volumes: [pg:/var/lib/postgresql/data]
    healthcheck: { test: [CMD, pg_isready] }
  cache:
    image: redis:latest
volumes: { pg: }
"""


def test_servers_are_named_and_taken_only_when_asked(tmp_path):
    (tmp_path / "compose.yaml").write_text(SERVERS)
    text, said = imported(tmp_path)
    assert text.endswith(SERVERS)
    assert "db: postgres:17 could be `use: postgres@17`" in said
    assert "cache: redis:latest stays as it is: its tag is none of the template's versions (8" in said
    text, said = imported(tmp_path, "--templates", "--force")
    assert "db: postgres:17 is now `use: postgres@17`" in said
    assert "the same, key by key but for what the templates add" in said
    assert "  # the database\n  # dev only\n  db:\n    use: postgres@17   # pinned\n    with:\n" in text
    assert "      password: secret\n" in text
    assert '    ports: ["5432:5432"]\n    volumes: [pg:/var/lib/postgresql/data]\n' in text
    assert run("-C", str(tmp_path), "generate")[0] == 0
    shown = config(tmp_path, "-f", ".devenv/compose.yaml", interpolate=True)["services"]["db"]
    said = {"POSTGRES_DB": "shop", "POSTGRES_USER": "shop", "POSTGRES_PASSWORD": "secret"}
    assert shown["environment"] == said | {"PGUSER": "shop", "PGDATABASE": "shop"}
    assert shown["healthcheck"]["test"] == ["CMD", "pg_isready"]
    assert [volume["source"] for volume in shown["volumes"]] == ["pg"]


def test_what_an_earlier_stack_has_kept_is_no_part_of_it(tmp_path):
    (tmp_path / "compose.yaml").write_text(SERVERS)
    (tmp_path / ".devenv").mkdir()
    (tmp_path / ".devenv" / ".env").write_text("COMPOSE_PROJECT_NAME=old\nDEVENV_IMAGE_DB=stand-in\n")
    assert "the same, key by key" in imported(tmp_path)[1]


def test_a_template_that_asks_a_port_is_offered_where_a_list_publishes_it(tmp_path):
    elastic = "docker.elastic.co/elasticsearch/elasticsearch:8.19.5"
    services = (
        f"adm: {{image: adminer:5, ports: ['9:8080']}}, es: {{image: {elastic}, ports: ['9200'], environment: *e}}"
    )
    environment = "{discovery.type: single-node, xpack.security.enabled: 'false'}"
    (tmp_path / "compose.yaml").write_text(f"x-e: &e {environment}\nservices: {{{services}}}\n")
    said = imported(tmp_path, "--templates")[1]
    assert "adm: adminer:5 is now `use: adminer@5`" in said
    assert "is now `use: elasticsearch@8.19.5`" in said
    assert run("-C", str(tmp_path), "generate")[0] == 0
    shown = config(tmp_path, "-f", ".devenv/compose.yaml", interpolate=True)["services"]
    assert ":8080" in str(shown["adm"]["healthcheck"]["test"])
    assert ":9200" in str(shown["es"]["healthcheck"]["test"])


TEAMS = """\
template: 1
summary: The team's own database
versions: ["17"]
parameters: { database: { type: string, default: app, description: The database } }
service:
  image: postgres:${version}
  ports: { main: 5432 }
  environment: { POSTGRES_DB: "${with.database}", POSTGRES_HOST_AUTH_METHOD: trust }
adopt: { same: [POSTGRES_HOST_AUTH_METHOD] }
"""


def test_a_manifest_that_is_written_over_keeps_its_catalogs_and_their_servers_are_offered(tmp_path):
    (tmp_path / "own" / "store").mkdir(parents=True)
    (tmp_path / "own" / "store" / "template.yaml").write_text(TEAMS)
    (tmp_path / "compose.yaml").write_text(
        "services:\n  db:\n    image: postgres:17\n    environment:\n      POSTGRES_DB: shop\n"
        "      POSTGRES_HOST_AUTH_METHOD: trust\n"
    )
    assert "db: postgres:17 stays as it is" in imported(tmp_path)[1]
    assert run("-C", str(tmp_path), "catalog", "add", "own")[0] == 0
    text, said = imported(tmp_path, "--templates", "--force")
    assert "db: postgres:17 is now `use: store@17`" in said
    assert "\ncatalogs:\n  - path: ./own\n" in text and "use: store@17\n    with:\n      database: shop\n" in text
    assert run("-C", str(tmp_path), "validate")[0] == 0
    (tmp_path / "own" / "store" / "template.yaml").write_text("template: 2\n")
    assert imported(tmp_path, "--force")[0].count("catalogs:") == 1


KINDS = """\
services:
  mail: { image: axllent/mailpit:v1.29, ports: ["8025:8025", "1025"] }
  mem: { image: memcached:1.6 }
  docs:
    image: mongo:8.0
    environment: { MONGO_INITDB_ROOT_USERNAME: root, MONGO_INITDB_ROOT_PASSWORD: example }
  web: { image: nginx:1.29 }
  more: { image: nginx:1.29 }
"""


def test_servers_of_many_kinds_are_taken_with_their_settings_and_ports(tmp_path):
    (tmp_path / "compose.yaml").write_text(KINDS)
    said = imported(tmp_path, "--templates")[1]
    assert [line for line in said.splitlines() if " is now " in line or " stays " in line] == [
        "mail: axllent/mailpit:v1.29 is now `use: mailpit@1.29`",
        "mem: memcached:1.6 is now `use: memcached@1.6`",
        "docs: mongo:8.0 is now `use: mongodb@8.0`",
        "web, more: nginx:1.29 stays as it is: the template writes the server block itself, with listings of "
        "folders, without caching and for larger requests",
    ]
    assert run("-C", str(tmp_path), "generate")[0] == 0
    shown = config(tmp_path, "-f", ".devenv/compose.yaml", interpolate=True)["services"]
    assert [port.get("published") for port in shown["mail"]["ports"]] == ["8025", None]
    assert "8025/readyz" in str(shown["mail"]["healthcheck"])
    assert shown["docs"]["environment"]["MONGO_INITDB_ROOT_PASSWORD"] == "example"


def test_a_template_that_does_not_fit_is_not_offered(tmp_path):
    (tmp_path / "compose.yaml").write_text(SERVERS.replace("USER: shop", "USER: ${WHO:-Not me}"))
    said = imported(tmp_path)[1]
    assert "db: postgres:17 stays as it is: the template says: 'database' must match" in said
    assert "could be" not in said


def test_a_mount_before_the_templates_own_is_no_hindrance(tmp_path):
    volumes = "volumes: [./init:/docker-entrypoint-initdb.d, pg:/var/lib/postgresql/data]"
    (tmp_path / "compose.yaml").write_text(SERVERS.replace("volumes: [pg:/var/lib/postgresql/data]", volumes))
    assert "could be `use: postgres@17`" in imported(tmp_path)[1]


def test_a_server_by_the_registrys_full_name_is_offered(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {cache: {image: 'docker.io/library/memcached:1.6'}}\n")
    assert "is now `use: memcached@1.6`" in imported(tmp_path, "--templates")[1]


def test_what_compose_misreads_without_values_is_no_difference(tmp_path):
    app = "app: {image: x, volumes: ['${WEB:-./public:/app/public}'], env_file: gone.env}"
    (tmp_path / "compose.yaml").write_text(f"services:\n  {app}\n  cache: {{image: 'memcached:1.6'}}\n")
    assert "cache: memcached:1.6 could be `use: memcached@1.6`" in imported(tmp_path)[1]


@pytest.mark.parametrize(
    ("base", "override"),
    [
        ("8000-8002:9000-9002, 53:53/UDP", "'${P:-81}:82'"),
        ("8000-8001, '[::1]:80:80', 127.0.0.1::81, 90-95:99", "'${A-82}-${B-83}:82-83'"),
        ("80:80, 81, 30000-32000:30000-32000/udp", "'$A'"),
    ],
)
def test_ports_that_compose_shows_as_they_are_written_are_no_difference(base, override, tmp_path):
    """As soon as it cannot read one of them."""
    (tmp_path / "compose.yaml").write_text(f"services: {{a: {{image: x, ports: [{base}]}}}}\n")
    (tmp_path / "over.yaml").write_text(f"services: {{a: {{ports: [{override}]}}}}\n")
    assert "the same, key by key" in imported(tmp_path, "compose.yaml", "over.yaml")[1]


def test_what_compose_cannot_read_either_way_is_not_called_compared(tmp_path):
    volume = "${DATA:-./d}/d:/d:rw"
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  app: {{image: '${{I:?name it}}', volumes: ['{volume}']}}\n  cache: {{image: 'memcached:1.6'}}\n"
    )
    said = imported(tmp_path, "--templates")[1]
    assert "not compared with Compose\nnote: with today's variables Compose says: " in said
    assert f"name it; and without values for them: invalid spec: {volume}: too many colons\n" in said
    assert "memcached:1.6 stays as it is: Compose cannot be asked whether it would be the same" in said


@pytest.mark.parametrize("target", ["/etc/rabbitmq", "/etc/rabbitmq/enabled_plugins"])
def test_a_mount_over_the_templates_own_file_is_one(target, tmp_path):
    (tmp_path / "compose.yaml").write_text(
        f"services: {{mq: {{image: 'rabbitmq:4-management', volumes: ['./mq:{target}']}}}}\n"
    )
    assert f"stays as it is: it mounts {target}, where the template has a file of its own" in imported(tmp_path)[1]


def test_data_in_memory_stays_there(tmp_path):
    text = SERVERS.replace("volumes: [pg:/var/lib/postgresql/data]", "tmpfs: /var/lib/postgresql/data:size=64m")
    (tmp_path / "compose.yaml").write_text(text)
    imported(tmp_path, "--templates")
    assert run("-C", str(tmp_path), "generate")[0] == 0
    shown = config(tmp_path, "-f", ".devenv/compose.yaml", interpolate=True)["services"]["db"]
    assert (shown["tmpfs"], shown.get("volumes")) == (["/var/lib/postgresql/data:size=64m"], None)


@pytest.mark.parametrize(("text", "empty"), [("services:\n  a:\n    image: x\n    - y\n", False), ("", True)])
def test_a_file_that_cannot_be_read_is_not_called_empty(text, empty, tmp_path):
    (tmp_path / "compose.yaml").write_text(text)
    code, said = run("-C", str(tmp_path), "import")
    assert code == 3
    assert ("is empty" in said) is empty


def test_compose_is_asked_nothing_of_what_cannot_be_read(tmp_path, monkeypatch):
    def asked(*arguments, **options):
        raise AssertionError("it might take its minute")

    monkeypatch.setattr(ComposeConfig, "of_files", asked)
    doubled = "".join(f"x-{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 'x'}]\n" for n in range(12))
    (tmp_path / "compose.yaml").write_text(f"{doubled}services: {{a: {{image: x, labels: *a11}}}}\n")
    code, said = run("-C", str(tmp_path), "import")
    assert code == 3 and "error[DE107]" in said


def test_the_command_in_the_generated_file_reads_both_env_files(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: 'a:${TAG:?which}', ports: ['${PORT:-1}:1']}}\n")
    (tmp_path / ".env").write_text("TAG=9\n")
    imported(tmp_path)
    assert run("-C", str(tmp_path), "generate")[0] == 0
    text = (tmp_path / ".devenv" / "compose.yaml").read_text()
    command = re.search(r"`docker compose (--env-file .*) up`", text)
    assert config(tmp_path, *command[1].split(), interpolate=True)["services"]["web"]["image"] == "a:9"
    assert "TAG=" not in (tmp_path / ".devenv" / ".env").read_text()


WITH_TAG = "services: {web: {image: 'a:${TAG:-1}'}}\n"


def test_a_variable_of_another_env_file_than_the_manifests_becomes_a_default(tmp_path):
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "compose.yaml").write_text(WITH_TAG)
    (tmp_path / "deploy" / ".env").write_text("TAG=9\n")
    text, said = imported(tmp_path, "deploy/compose.yaml", "-o", str(tmp_path / "devenv.yaml"))
    assert "a:${TAG:-9}" in text
    assert "note: deploy/compose.yaml: deploy/.env sets TAG; the values are written as defaults" in said
    (tmp_path / ".env").write_text("TAG=9\n")
    text, said = imported(tmp_path, "deploy/compose.yaml", "-o", str(tmp_path / "devenv.yaml"), "--force")
    assert "a:${TAG:-1}" in text and "defaults" not in said
    assert run("-C", str(tmp_path), "import", "deploy/compose.yaml")[0] == 0


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("TAG=8", "deploy/compose.yaml has another value for it from deploy/.env"),
        ("TAG=9\nLEVEL=2", "the manifest's .env sets the variable LEVEL, and deploy/compose.yaml would not see that"),
    ],
)
def test_a_variable_that_the_manifests_env_file_says_otherwise_is_refused(own, expected, tmp_path):
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "compose.yaml").write_text("services: {web: {image: 'a:${TAG}${LEVEL:-1}'}}\n")
    (tmp_path / "deploy" / ".env").write_text("TAG=9\n")
    (tmp_path / ".env").write_text(own)
    code, said = run("-C", str(tmp_path), "import", "deploy/compose.yaml", "-o", str(tmp_path / "devenv.yaml"))
    assert code == 3 and not (tmp_path / "devenv.yaml").exists()
    assert "error[DE371] deploy/compose.yaml:1:25:" in said and expected in said


def test_an_env_file_that_uses_what_only_compose_sees_is_refused_without_its_secrets(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: a, env_file: app.env}}\n")
    (tmp_path / "app.env").write_text("DB_PASSWORD=${PW}\nURL=http://me:${PW}@host\nLEVEL=${LEVEL}\n")
    (tmp_path / "own.env").write_text("PW=hunter22\nLEVEL=debug\n")
    code, said = run("-C", str(tmp_path), "import", "compose.yaml", "--env-file", str(tmp_path / "own.env"))
    assert code == 3 and "report" not in said and "hunter22" not in said
    assert "error[DE371] compose.yaml:1:28: services.web.env_file: app.env uses LEVEL, PW, and" in said
    assert "hint: set LEVEL, PW in the .env beside the manifest" in said and said.count("error[") == 1
    shutil.move(tmp_path / "own.env", tmp_path / ".env")
    imported(tmp_path, "compose.yaml")


def test_every_line_stays_under_a_name_from_the_environment(tmp_path):
    lines = "# what all share\nx-base: &base {restart: always}\nservices:\n  web: {<<: *base, image: a}   # the shop\n"
    (tmp_path / "compose.yaml").write_text(lines)
    (tmp_path / ".env").write_text("COMPOSE_PROJECT_NAME=my_shop\n")
    assert imported(tmp_path)[0].endswith(f"\ndevenv: 1\nname: my_shop\n\n{lines}")


def test_a_name_is_written_as_compose_reads_it(tmp_path):
    (tmp_path / "compose.yaml").write_text("name: My Shop!  # ours\nservices: {web: {image: a}}\n")
    text, said = imported(tmp_path)
    assert "\nname: myshop  # ours\n" in text and "note: Compose reads name: My Shop! as myshop" in said
    assert run("-C", str(tmp_path), "validate")[0] == 0


def test_documents_are_merged_as_files_are(tmp_path):
    (tmp_path / "compose.yaml").write_text(
        "# head\n---\nservices:\n  web: {image: a, ports: ['1:1']}\n--- # more\n"
        "services:\n  # over\n  web: {image: b, ports: ['2:2']}\n  db: {image: c}\n"
    )
    assert round_trip("compose.yaml", tmp_path) == ("equal", "")
    assert "# head" in (tmp_path / "devenv.yaml").read_text() and "# over" in (tmp_path / "devenv.yaml").read_text()
    (tmp_path / "compose.yaml").write_text("services: {a: {image: a}}\n---\nservices:\n  b: {image: b, portz: []}\n")
    code, said = run("-C", str(tmp_path), "import", "--force")
    assert code == 3 and "compose.yaml:4:17:" in said and "4 |   b: {image: b, portz: []}" in said
    (tmp_path / "compose.yaml").write_text("services: {a: {imag: a}}\n---\nservices: {b: {image: b}}\n")
    assert "1 | services: {a: {imag: a}}" in run("-C", str(tmp_path), "import", "--force")[1]


def test_variables_that_only_an_include_sees_become_defaults_in_it(tmp_path):
    (tmp_path / "compose.yaml").write_text(
        "include: [{path: [sub/own.yaml, sub/more.yaml]}]\nservices: {web: {image: 'a:${ONLY-none}'}}\n"
    )
    (tmp_path / ".env").write_text("BOTH=top\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/.env").write_text("ONLY=here$$\nBOTH=sub\nDIR=./data\n")
    (tmp_path / "sub/own.yaml").write_text(
        "include: [deep/deep.yaml]\n"
        "services:\n"
        "  own:\n"
        "    image: 'a:${BOTH}'\n"
        "    environment: [ONLY, OTHER, 'A=${ONLY:?say}']\n"
        "    volumes: ['${DIR}:/data']\n"
        "    command: x\n"
    )
    (tmp_path / "sub/more.yaml").write_text("services: {own: {command: !override ['$ONLY']}}\n")
    (tmp_path / "sub/deep").mkdir()
    (tmp_path / "sub/deep/.env").write_text("ONLY=deep\nDEEP=$ONLY\n")
    (tmp_path / "sub/deep/deep.yaml").write_text("services: {deep: {image: 'b:${ONLY}-${DEEP}'}}\n")
    assert round_trip("compose.yaml", tmp_path) == ("equal", "")
    text = (tmp_path / "devenv.yaml").read_text()
    assert "${ONLY-none}" in text and "${BOTH}" in text and "ONLY=${ONLY-here$$}" in text and "- OTHER" in text
    assert "- ${DIR-./sub/data}:/data" in text and "b:${ONLY-here$$}-${DEEP-here$$}" in text


def test_env_file_says_what_composes_own_does(tmp_path):
    (tmp_path / "compose.yaml").write_text(
        "services:\n  web:\n    image: a:${TAG:-1}\n    environment:\n      TAG:\n      LEVEL:\n"
        "    build:\n      context: .\n      args: [TAG]\n"
    )
    (tmp_path / ".env").write_text("LEVEL=9\n")
    (tmp_path / "one.env").write_text("TAG=2\nLEVEL=9\nCOMPOSE_PROJECT_NAME=one\n")
    (tmp_path / "two.env").write_text("TAG=$TAG.1\n")
    options = ("--env-file", "one.env", "--env-file", "two.env")
    before = config(tmp_path, *options, interpolate=True)
    text, said = imported(tmp_path, *options)
    assert "name: one" in text and "image: a:${TAG:-2.1}" in text
    assert "      TAG: ${TAG-2.1}\n      LEVEL:\n" in text and "TAG=${TAG-2.1}" in text
    assert "note: compose.yaml: two.env sets TAG; the values are written as defaults" in said
    assert run("-C", str(tmp_path), "generate")[0] == 0
    assert compared({True: before}, tmp_path) == ("equal", "")
    code, said = run("-C", str(tmp_path), "import", "--force", "--env-file", "none.env")
    assert code and "error[DE102]: cannot read none.env" in said


@pytest.mark.parametrize(("service", "other"), [(".web", ".n"), ("..web", "-n"), ("_web", "."), ("we-b.", "--x")])
def test_names_are_composes(service, other, tmp_path):
    (tmp_path / "compose.yaml").write_text(
        f"services:\n  {service}: {{image: a, networks: ['{other}']}}\n  b: {{image: b, depends_on: [{service}]}}\n"
        f"networks: {{'{other}': }}\nvolumes: {{'{other}': }}\n"
    )
    assert round_trip("compose.yaml", tmp_path) == ("equal", "")


def test_a_manifest_elsewhere_is_made_from_the_files_here(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "compose.yaml").write_text(WITH_TAG)
    target = tmp_path / "there" / "x.yaml"
    code, said = run("-C", str(tmp_path / "here"), "import", "-o", str(target))
    assert (code, target.exists()) == (0, True), said
    assert f"there is a {target} already" in run("-C", str(tmp_path / "here"), "import", "-o", str(target))[1]
    missing = tmp_path / "nowhere"
    said = run("-C", str(tmp_path / "here"), "import", "compose.yaml", "-o", str(missing / "x.yaml"))[1]
    assert f"error[DE701]: cannot write {missing / 'x.yaml'}: there is no folder {missing}" in said
    assert not missing.exists()


def test_the_schema_that_the_first_line_names_is_kept(tmp_path):
    (tmp_path / "compose.yaml").write_text(WITH_TAG)
    assert run("-C", str(tmp_path), "import", "-o", "-")[0] == 0
    assert not (tmp_path / ".devenv").exists()
    imported(tmp_path)
    assert (tmp_path / ".devenv" / "devenv.schema.json").is_file()
