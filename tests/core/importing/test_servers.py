import pytest

from devenv.core.importing.servers import candidates, lost
from devenv.core.templates.catalog import load_template
from devenv.core.yaml.source import dump, parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.model.data import Map
from devenv.ops.load import read_template
from devenv.records import replace

NO_PORT = "its network_mode leaves it no port of its own, and the template publishes one"
RABBIT = "its tag is none of the template's versions (4-management, 4.1-management, 4.0-management, 3.13-management)"
COPIES = "it runs in several copies, which would share the template's ports and data"


@pytest.fixture(scope="module")
def templates():
    catalog = FolderCatalog()
    return [read_template(catalog, name, Report()) for name in catalog.names()]


def found(text, templates):
    return candidates({"a": parse(text, "", Report())}, templates)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x}\nports: ['1:5432']",
            'use: postgres@17\nwith:\n  database: postgres\n  user: postgres\n  password: x\nports:\n  - "1:5432"\n',
        ),
        (
            "image: docker.io/library/postgres:16.2-alpine\nenvironment: [POSTGRES_PASSWORD=x, POSTGRES_USER=u, A=b]",
            "use: postgres@16\nwith:\n  database: u\n  user: u\n  password: x\n"
            "image: docker.io/library/postgres:16.2-alpine\nenvironment:\n  - A=b\n",
        ),
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x, PGUSER: me}",
            "use: postgres@17\nwith:\n  database: postgres\n  user: postgres\n  password: x\n"
            "environment:\n  PGUSER: me\n",
        ),
        ("image: redis:7.2", 'use: redis@7.2\nwith:\n  maxmemory: "0"\n  password: ""\n'),
        ("image: memcached:1.6\ncommand: [-m, '8']", 'use: memcached@1.6\ncommand:\n  - -m\n  - "8"\n'),
        ("image: axllent/mailpit:v1.29", "use: mailpit@1.29\nwith:\n  max_messages: 500\n"),
        (
            "image: mariadb:11.8\nenvironment: {MYSQL_DATABASE: a, MARIADB_USER: b, MYSQL_PASSWORD: c,"
            " MYSQL_ROOT_PASSWORD: d}",
            "use: mariadb@11.8\nwith:\n  database: a\n  user: b\n  password: c\n  root_password: d\n"
            "environment:\n  MYSQL_DATABASE: a\n  MYSQL_PASSWORD: c\n  MYSQL_ROOT_PASSWORD: d\n",
        ),
        (
            "image: mongo:8.0\nenvironment: {MONGO_INITDB_ROOT_USERNAME: u, MONGO_INITDB_ROOT_PASSWORD: p}",
            "use: mongodb@8.0\nwith:\n  database: test\n  user: u\n  password: p\n",
        ),
        ("image: mongo:8.0", "it sets no MONGO_INITDB_ROOT_USERNAME, and the template would"),
        (
            "image: opensearchproject/opensearch:2\nenvironment: [discovery.type=single-node]",
            "it does not set DISABLE_SECURITY_PLUGIN to true, as the template does",
        ),
        (
            "image: opensearchproject/opensearch:2\n"
            "environment: [discovery.type=single-node, DISABLE_SECURITY_PLUGIN=true]",
            "use: opensearch@2\nwith:\n  cluster: docker-cluster\nenvironment:\n  - discovery.type=single-node\n"
            "  - DISABLE_SECURITY_PLUGIN=true\n",
        ),
        ("image: postgres:17", "it sets no POSTGRES_PASSWORD, and the template would"),
        ("image: postgres:latest", "its tag is none of the template's versions (17, 18, 16, 15, 14)"),
        (
            "image: postgres:${V}",
            "with no variable set, its tag is none of the template's versions (17, 18, 16, 15, 14)",
        ),
        ("image: postgres:${V:?which}", "its tag is none of the template's versions (17, 18, 16, 15, 14)"),
        (
            "image: ${MIRROR-docker.io}/postgres:${V:-17}\nenvironment: {POSTGRES_PASSWORD: '${PASSWORD}',"
            " POSTGRES_DB: '${DB:-shop}'}",
            "use: postgres@17\nwith:\n  database: ${DB:-shop}\n  user: postgres\n  password: ${PASSWORD}\n"
            "image: ${MIRROR-docker.io}/postgres:${V:-17}\n",
        ),
        ("image: postgres:17\nenv_file: x", "its env_file may set what the template sets"),
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x, POSTGRES_USER_FILE: /u}",
            "POSTGRES_USER_FILE and the template's own setting exclude each other",
        ),
        (
            "image: redis:7.2\ncommand: redis-server --save 60 1",
            "its command says --save 60 1, and no parameter of the template does",
        ),
        (
            "image: redis:8\ncommand: redis-server --maxmemory 256m",
            "its command says --maxmemory 256m, and no parameter of the template does",
        ),
        (
            "image: redis:8\ncommand: [redis-server, /redis.conf]",
            "its command says /redis.conf, and no parameter of the template does",
        ),
        ("image: redis:8\ncommand: redis-server --port 1", "its command says port 1, where the template has 6379"),
        (
            "image: redis:8\ncommand: redis-server --requirepass ${R:-x} --appendonly yes --maxmemory 256mb",
            "use: redis@8\nwith:\n  maxmemory: 256mb\n  eviction: noeviction\n  persistence: aof\n"
            "  password: ${R:-x}\n",
        ),
        (
            "image: valkey/valkey:8\ncommand: [--maxmemory-policy, allkeys-lru, --maxmemory, 1gb]",
            'use: valkey@8\nwith:\n  maxmemory: 1gb\n  eviction: allkeys-lru\n  password: ""\n',
        ),
        (
            "image: rabbitmq:4-management\nvolumes: [q:/var/lib/rabbitmq]",
            "use: rabbitmq@4\nwith:\n  vhost: /\n  user: guest\n  password: guest\nvolumes:\n  - q:/var/lib/rabbitmq\n",
        ),
        ("image: rabbitmq:4-management\nhostname: q", "its hostname says what the template would say"),
        (
            "image: hashicorp/vault:1.21\nenvironment: {VAULT_DEV_ROOT_TOKEN_ID: root}\ncap_add: [IPC_LOCK]",
            "use: vault@1.21\nwith:\n  log: info\n  token: root\ncap_add:\n  - IPC_LOCK\n",
        ),
        ("image: hashicorp/vault:1.21", "it sets no VAULT_DEV_ROOT_TOKEN_ID, and the template would"),
        ("image: hashicorp/vault:1.21\ncommand: server", "its command says what the template would say"),
        (
            "image: zookeeper:3.9.3\nenvironment: {ZOO_TICK_TIME: 1000, ZOO_MY_ID: 1}",
            "use: zookeeper@3.9\nwith:\n  heap: 1000\n  tick: 1000\n  max_connections: 60\n  admin: true\n"
            "image: zookeeper:3.9.3\nenvironment:\n  ZOO_MY_ID: 1\n",
        ),
        (
            "image: ghcr.io/kafbat/kafka-ui:v1.5.0\nenvironment:\n  KAFKA_CLUSTERS_0_NAME: here\n"
            "  KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS: kafka:9092\n  KAFKA_CLUSTERS_0_SCHEMAREGISTRY: http://r:8081",
            "use: kafka-ui@1.5.0\nwith:\n  bootstrap: kafka:9092\n  name: here\n  read_only: false\nenvironment:\n"
            "  KAFKA_CLUSTERS_0_SCHEMAREGISTRY: http://r:8081\n",
        ),
        (
            "image: public.ecr.aws/docker/library/memcached:1.6",
            "use: memcached@1.6\nimage: public.ecr.aws/docker/library/memcached:1.6\n",
        ),
        (
            "image: elasticsearch:8.19.5\nenvironment: [discovery.type=single-node, xpack.security.enabled=false]",
            "use: elasticsearch@8.19.5\nwith:\n  cluster: docker-cluster\nimage: elasticsearch:8.19.5\nenvironment:\n"
            "  - discovery.type=single-node\n  - xpack.security.enabled=false\n",
        ),
        (
            "image: nats:2.10",
            "its tag is none of the template's versions (2-alpine, 2.12-alpine, 2.11-alpine, 2.10-alpine)",
        ),
        (
            "image: rabbitmq:3.13.7-management-alpine",
            "use: rabbitmq@3.13\nwith:\n  vhost: /\n  user: guest\n  password: guest\n"
            "image: rabbitmq:3.13.7-management-alpine\n",
        ),
        ("image: rabbitmq:4.1-alpine", RABBIT),
        ("image: memcached:1.6@sha256:0", "use: memcached@1.6\nimage: memcached:1.6@sha256:0\n"),
        ("image: memcached@sha256:0", "its tag is none of the template's versions (1.6, 1)"),
        ("image: docker.io/library/memcached:1.6", "use: memcached@1.6\nimage: docker.io/library/memcached:1.6\n"),
        ("image: wiremock/wiremock:3.13.2", "use: wiremock@3.13.2\nwith:\n  templating: false\n"),
        ("image: mysql:8.0\nenvironment: {MYSQL_DATABASE: a}", "it sets no MYSQL_USER, and the template would"),
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x, POSTGRES_USER: }",
            "it takes POSTGRES_USER from the environment, and the template would not",
        ),
        (
            "image: postgres:17\nenvironment: [POSTGRES_PASSWORD]",
            "it takes POSTGRES_PASSWORD from the environment, and the template would not",
        ),
        ("image: memcached:1.6\nnetwork_mode: service:b", NO_PORT),
        ("image: memcached:1.6\nnetwork_mode: ${MODE:-host}", NO_PORT),
        ("image: memcached:1.6\nnetwork_mode: bridge", "use: memcached@1.6\nnetwork_mode: bridge\n"),
        ("image: memcached:1.6\nscale: 2", COPIES),
        ("image: memcached:1.6\ndeploy: {replicas: '${N:-1}'}", COPIES),
        ("image: memcached:1.6\ndeploy: {replicas: 1}", "use: memcached@1.6\ndeploy:\n  replicas: 1\n"),
        (
            "image: memcached:1.6\ncommand: -p ${P:-11222}",
            "its command says port 11222, where the template has 11211",
        ),
        (
            "image: memcached:1.6\ncommand: [memcached, -p, 11211]",
            "use: memcached@1.6\ncommand:\n  - memcached\n  - -p\n  - 11211\n",
        ),
        ("image: wiremock/wiremock:3.13.2\ncommand: --port=9", "its command says what the template would say"),
        (
            "image: postgres:17\nenvironment: {POSTGRES_PASSWORD: x}\ncommand: [-c, port=5433]",
            "its command says port 5433, where the template has 5432",
        ),
        (
            "image: temporalio/temporal:latest\ncommand: server start-dev --ip 0.0.0.0 -n orders",
            "use: temporal@1.9.1\nwith:\n  namespace: orders\nimage: temporalio/temporal:latest\n",
        ),
        (
            "image: temporalio/temporal:1.8.3\n"
            "command: [server, start-dev, --ip=0.0.0.0, '--namespace=${N:-a}', --db-filename, /data/temporal.db]",
            "use: temporal@1.8.3\nwith:\n  namespace: ${N:-a}\n",
        ),
        (
            "image: temporalio/temporal\ncommand: server start-dev --ip 0.0.0.0",
            "use: temporal@1.9.1\nwith:\n  namespace: default\nimage: temporalio/temporal\n",
        ),
        (
            "image: temporalio/temporal\ncommand: server start-dev --ip 0.0.0.0 --headless",
            "its command says --headless, and no parameter of the template does",
        ),
        (
            "image: temporalio/temporal\ncommand: server start-dev --ip 0.0.0.0 --port 7000",
            "its command says port 7000, where the template has 7233, 8233",
        ),
        (
            "image: temporalio/temporal\ncommand: operator namespace create orders",
            "its command does not say --ip 0.0.0.0",
        ),
        (
            "image: temporalio/temporal\nentrypoint: temporal server start-dev --ip 0.0.0.0",
            "its entrypoint says what the template would say",
        ),
        (
            "image: maildev/maildev:2.2.1\nenvironment: {MAILDEV_WEB_PORT: 80}",
            "its MAILDEV_WEB_PORT says port 80, where the template has 1025, 1080",
        ),
    ],
)
def test_a_server_is_what_the_catalog_has(text, expected, templates):
    (one,) = found(text, templates)
    assert (dump(one.service) if one.service is not None else one.reason) == expected


@pytest.mark.parametrize("image", ["bitnami/postgresql:17", "example/postgres:17", "postgis/postgis:17-3.5", "x"])
def test_other_images_are_other_servers(image, templates):
    assert found(f"image: {image}", templates) == []


@pytest.mark.parametrize(("today", "taken"), [({}, True), ({"V": "17.2"}, True), ({"V": "18"}, False)])
def test_a_version_holds_with_todays_variables_too(today, taken, templates):
    service = parse("image: postgres:${V:-17}\nenvironment: {POSTGRES_PASSWORD: x}", "", Report())
    (one,) = candidates({"a": service}, templates, today)
    assert (one.service is not None) is taken
    assert taken or one.reason == "it is postgres:18 with today's variables, and another version without"


@pytest.mark.parametrize(
    ("text", "today", "reason"),
    [
        ("image: memcached:1.6\nnetwork_mode: ${MODE:-bridge}", {"MODE": "host"}, NO_PORT),
        (
            "image: grafana/grafana:13.2.1\nenvironment: ['GF_SERVER_HTTP_PORT=${PORT:-3000}']",
            {"PORT": "80"},
            "its GF_SERVER_HTTP_PORT says what the template would say",
        ),
        (
            "image: grafana/loki:3.7.7\nports: ['${PORT:-3100}']",
            {"PORT": "80"},
            "it does not publish port 3100, where the template asks whether it is ready",
        ),
        (
            "image: prom/prometheus:v3.5.0\ncommand: --web.listen-address=:${PORT:-9090}",
            {"PORT": "80"},
            "its --web.listen-address says what the template would say",
        ),
    ],
)
def test_what_a_service_says_holds_with_todays_variables_too(text, today, reason, templates):
    services = {"a": parse(text, "", Report())}
    assert [one.reason for one in candidates(services, templates)] == [""]
    assert [one.reason for one in candidates(services, templates, today)] == [reason]


@pytest.mark.parametrize("extends", ["a", "{service: a}"])
def test_what_another_extends_stays(extends, templates):
    services = parse(f"a: {{image: 'memcached:1.6'}}\nb: {{extends: {extends}}}", "", Report())
    (one,) = candidates(services, templates)
    assert (one.service, one.reason) == (None, "b extends it, and would be given what the template adds")


@pytest.mark.parametrize("extends", ["{service: a, file: other.yaml}", "{service: c}"])
def test_what_extends_another_is_no_hindrance(extends, templates):
    services = parse(f"a: {{image: 'memcached:1.6'}}\nb: {{extends: {extends}}}", "", Report())
    assert [one.reason for one in candidates(services, templates)] == [""]


def test_a_service_without_an_image_is_no_server(templates):
    built = replace(templates[0], name="built", service=Map())
    assert found("extends: {file: x.yaml, service: a}", [*templates, built]) == []


def test_what_is_added_is_not_lost():
    before = {"ports": [{"target": 1}], "command": None, "environment": {"A": "1"}}
    assert not lost(
        before, {"ports": [{"target": 2}, {"target": 1, "x": 1}], "command": ["x"], "environment": {"A": "1"}}
    )
    assert lost(before, {"ports": [{"target": 2}], "environment": {"A": "1"}})
    assert lost(before, {"ports": [{"target": 1}], "environment": {"A": "2"}})


OWN = """\
template: 1
summary: A server
versions: ["1"]
parameters:
  config: { type: file, optional: true, description: Its file }
  names: { type: list, default: [a], description: Names }
  memory: { type: size, default: 64mb, description: Memory }
  peer: { type: string, default: x, description: Another }
  kept: { type: boolean, default: true, description: Whether it keeps anything }
service:
  image: own/server:v${version}
  command: [server, "--keep=${with.kept}"]
  environment: { NAMES: "${with.names}", MEMORY: "${with.memory}", PEER: "tcp://${with.peer}:1" }
  volumes: [{ when: with.config, type: bind, source: "${with.config}", target: /server.conf, read_only: true }]
adopt:
  with: { names: "", memory: "0", peer: x, kept: "false" }
  environment: { PEER: peer }
  command: { server: {}, --keep: { kept: "true" }, "--peer ${peer}": {} }
  mounts: { /server.conf: config }
"""
SAYS = 'use: own@1\nwith:\n  names: []\n  memory: "0"\n  peer: x\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"{SAYS}  kept: false\n"),
        ("command: server --keep", f"{SAYS}  kept: true\n"),
        ("command: [--peer=y]", f"{SAYS}  kept: false\n".replace("peer: x", 'peer: "y"')),
        ("command: --keep --trace all", "its command says --trace all, and no parameter of the template does"),
        ("entrypoint: x\ncommand: --keep", "its entrypoint says what the template would say"),
        ("environment: {PEER: 'tcp://z:1'}", f"{SAYS}  kept: false\n".replace("peer: x", "peer: z")),
        (
            "environment: {PEER: z}",
            f"{SAYS}  kept: false\n".replace("peer: x", "peer: z") + "environment:\n  PEER: z\n",
        ),
        (
            "environment: {NAMES: 'a,b', MEMORY: 1024}",
            f"{SAYS}  kept: false\n".replace("[]", "\n    - a\n    - b")
            .replace('"0"', '"1024"')
            .replace(": \n", ":\n"),
        ),
        (
            "environment: {NAMES: '${N:-a,b}', MEMORY: 1K}",
            f"{SAYS}  kept: false\n".replace(" []", "\n    - ${N:-a,b}") + "environment:\n  MEMORY: 1K\n",
        ),
        (
            "volumes: ['./s.conf:/server.conf:ro']",
            f"{SAYS}  kept: false\n".replace("  names", "  config: ./s.conf\n  names")
            + "volumes:\n  - ./s.conf:/server.conf:ro\n",
        ),
        ("volumes: ['conf:/server.conf']", f"{SAYS}  kept: false\nvolumes:\n  - conf:/server.conf\n"),
    ],
)
def test_what_a_service_is_told_becomes_parameters(text, expected):
    report = Report()
    template = load_template("own", parse(OWN, "", Report()), {}, "", report)
    assert not report.problems
    (one,) = found(f"image: own/server:v1\n{text}", [template])
    assert (dump(one.service) if one.service is not None else one.reason) == expected


@pytest.mark.parametrize(
    ("adopt", "reason"),
    [
        ("", "the template changes settings; see `devenv catalog show own`"),
        ("adopt: { never: nobody knows }\n", "nobody knows"),
    ],
)
def test_a_template_may_be_none_that_a_service_can_be(adopt, reason):
    template = load_template("own", parse(OWN.partition("adopt:")[0] + adopt, "", Report()), {}, "", Report())
    (one,) = found("image: own/server:v1", [template])
    assert (one.service, one.reason) == (None, reason)
