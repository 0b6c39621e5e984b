"""Servers as public Compose files write them: what the catalog's templates make of each, or why they make nothing."""

import pytest

from devenv.core.importing.servers import candidates
from devenv.core.yaml.source import parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.ops.load import read_template

WELL_KNOWN = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
OPEN = {"login": False, "jetstream": False, "max_file_store": "1tb", "max_memory_store": "64gb"}
ETCD = {"quota": "2147483648", "max_request": "1572864", "compaction": "0s"}
CASSANDRA = {
    "cluster": "Test Cluster",
    "datacenter": "datacenter1",
    "snitch": "SimpleSnitch",
    "tokens": 16,
    "heap": "0",
}
REGISTRY = {"compatibility": "BACKWARD", "topic": "_schemas", "heap": "512mb"}
LOCALSTACK = {"services": [], "region": "us-east-1", "queue_urls": "standard", "certificate": True}
BROKER = (
    "a broker tells its clients where to connect to, which the template says itself: SERVICE:9092 in the network, and "
    "another port on the host"
)


@pytest.fixture(scope="module")
def templates():
    catalog = FolderCatalog()
    return [read_template(catalog, name, Report()) for name in catalog.names()]


def one(text, templates):
    (found,) = candidates({"a": parse(text, "", Report())}, templates)
    return found


@pytest.mark.parametrize(
    ("text", "use", "parameters"),
    [
        (
            'image: minio/minio:latest\ncommand: server /data --console-address ":9001"\n'
            "environment: {MINIO_ROOT_USER: minioadmin, MINIO_ROOT_PASSWORD: minio123}",
            "minio@RELEASE.2025-09-07T16-13-09Z",
            {"user": "minioadmin", "region": "", "folder": "/data", "password": "minio123"},
        ),
        (
            "image: minio/minio:RELEASE.2023-03-20T20-16-18Z\ncommand: minio server /minio_data\n"
            "environment: {MINIO_ACCESS_KEY: me, MINIO_SECRET_KEY: secret12}",
            "minio@RELEASE.2025-04-22T22-12-26Z",
            {"user": "me", "region": "", "folder": "/minio_data", "password": "secret12"},
        ),
        ("image: nats:2.10-alpine", "nats@2.10", OPEN),
        ("image: nats:2-alpine\ncommand: -js -m 8222", "nats@2", OPEN | {"jetstream": True}),
        (
            "image: nats:alpine\ncommand: [--jetstream, --store_dir=/nats, --http_port=8222]",
            "nats@2",
            OPEN | {"jetstream": True, "folder": "/nats"},
        ),
        (
            "image: nats:alpine\ncommand: --user me --pass secret",
            "nats@2",
            OPEN | {"login": True, "user": "me", "password": "secret"},
        ),
        (
            "image: eclipse-mosquitto:2\ncommand: mosquitto -c /mosquitto-no-auth.conf",
            "mosquitto@2",
            {"user": "public", "password": "public", "anonymous": True, "persistence": False},
        ),
        (
            "image: quay.io/coreos/etcd:v3.5.5\ncommand: etcd -advertise-client-urls=http://127.0.0.1:2379 "
            "-listen-client-urls http://0.0.0.0:2379 --data-dir /etcd\n"
            "environment: [ETCD_AUTO_COMPACTION_MODE=revision, ETCD_QUOTA_BACKEND_BYTES=4294967296]",
            "etcd@3.5.16",
            ETCD | {"quota": "4294967296", "advertise": "http://127.0.0.1:2379", "folder": "/etcd"},
        ),
        (
            "image: gcr.io/etcd-development/etcd:v3.6.12\ncommand: [/usr/local/bin/etcd, --name=a, "
            "'--initial-cluster=a=http://a:2380', --initial-cluster-state=new]",
            "etcd@3.6.12",
            ETCD | {"folder": "/etcd-data"},
        ),
        (
            "image: mcr.microsoft.com/azure-storage/azurite",
            "azurite@3.37.0",
            {"account": "devstoreaccount1", "key": WELL_KNOWN},
        ),
        (
            "image: mcr.microsoft.com/azure-storage/azurite:3.35.0\n"
            "command: azurite --blobHost 0.0.0.0 --blobPort 10000 -l /workspace -d /workspace/debug.log --loose",
            "azurite@3.35.0",
            {
                "account": "devstoreaccount1",
                "key": WELL_KNOWN,
                "loose": True,
                "debug": "/workspace/debug.log",
                "folder": "/workspace",
            },
        ),
        (
            "image: amazon/dynamodb-local",
            "dynamodb-local@3.3.1",
            {"shared": False, "persistence": False, "heap": "0"},
        ),
        (
            "image: amazon/dynamodb-local:latest\ncommand: -jar DynamoDBLocal.jar -sharedDb -dbPath ./data",
            "dynamodb-local@3.3.1",
            {"shared": True, "persistence": True, "heap": "0"},
        ),
        (
            "image: amazon/dynamodb-local:2.5.2\ncommand: [-jar, DynamoDBLocal.jar, -inMemory, -sharedDb]",
            "dynamodb-local@3.1.0",
            {"shared": True, "persistence": False, "heap": "0"},
        ),
        (
            "image: amazon/dynamodb-local\ncommand: -jar DynamoDBLocal.jar -sharedDb -dbPath /data",
            "dynamodb-local@3.3.1",
            {"shared": True, "persistence": True, "heap": "0", "folder": "/data"},
        ),
        (
            "image: amazon/dynamodb-local\ncommand: -jar DynamoDBLocal.jar -dbPath /data/",
            "dynamodb-local@3.3.1",
            {"shared": False, "persistence": True, "heap": "0", "folder": "/data"},
        ),
        ("image: cassandra:4", "cassandra@4.1", CASSANDRA),
        (
            "image: cassandra:5.0\nenvironment: {CASSANDRA_DC: dc1, MAX_HEAP_SIZE: 512M, CASSANDRA_NUM_TOKENS: 8,"
            " CASSANDRA_ENDPOINT_SNITCH: GossipingPropertyFileSnitch}",
            "cassandra@5.0",
            CASSANDRA | {"datacenter": "dc1", "snitch": "GossipingPropertyFileSnitch", "tokens": 8},
        ),
        (
            "image: confluentinc/cp-schema-registry:7.5.0\nenvironment: {SCHEMA_REGISTRY_HOST_NAME: a,"
            " SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: 'PLAINTEXT://kafka:9092',"
            " SCHEMA_REGISTRY_LISTENERS: 'http://0.0.0.0:8081'}",
            "schema-registry@8.0.0",
            REGISTRY | {"bootstrap": "kafka:9092"},
        ),
        (
            "image: confluentinc/cp-schema-registry:8.0.0\n"
            "environment: {SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: 'a:9092,b:9092'}",
            "schema-registry@8.0.0",
            REGISTRY | {"bootstrap": "a:9092,b:9092"},
        ),
        (
            "image: localstack/localstack:3.0.0\nenvironment: [SERVICES=s3, DEFAULT_REGION=eu-west-1]\n"
            "volumes: ['./init:/etc/localstack/init/ready.d', '/var/run/docker.sock:/var/run/docker.sock']",
            "localstack@4.13.1",
            LOCALSTACK | {"services": ["s3"], "region": "eu-west-1", "scripts": "./init"},
        ),
        ("image: localstack/localstack:4", "localstack@4.14.0", LOCALSTACK),
        (
            "image: softwaremill/elasticmq-native\nvolumes: ['./elasticmq.conf:/opt/elasticmq.conf:ro']",
            "elasticmq@1.6.16",
            {"config": "./elasticmq.conf"},
        ),
        ("image: softwaremill/elasticmq:1.5.7", "elasticmq@1.6.11", {}),
    ],
)
def test_what_is_usual_becomes_the_templates(text, use, parameters, templates):
    found = one(text, templates)
    assert (found.reason, found.use) == ("", use)
    assert dict(found.service.get("with", {})) == parameters
    assert "command" not in found.service


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "image: minio/minio\ncommand: server /data --certs-dir /certs",
            "its command says --certs-dir /certs, and no parameter of the template does",
        ),
        (
            "image: minio/minio\nentrypoint: sh\ncommand: -c 'mkdir -p /data/a && minio server /data'",
            "its entrypoint says what the template would say",
        ),
        (
            "image: nats:alpine\ncommand: -c /etc/nats/nats.conf",
            "its command says -c /etc/nats/nats.conf, and no parameter of the template does",
        ),
        (
            "image: nats:alpine\ncommand: --user me -js",
            "its command says --user me, and no parameter of the template does",
        ),
        (
            "image: nats:alpine\ncommand: -js\nvolumes: ['n:/tmp/nats']",
            "what it mounts at /tmp/nats/jetstream may set what the template sets",
        ),
        (
            "image: amazon/dynamodb-local\ncommand: -jar DynamoDBLocal.jar\nvolumes: ['d:/home/dynamodblocal']",
            "what it mounts at /home/dynamodblocal may set what the template sets",
        ),
        (
            "image: eclipse-mosquitto\nvolumes: ['./mosquitto:/mosquitto/config']",
            "what it mounts at /mosquitto/config/mosquitto.conf may set what the template sets",
        ),
        ("image: eclipse-mosquitto:2", "it sets no MQTT_USER, and the template would"),
        (
            "image: quay.io/coreos/etcd:v3.5.5\ncommand: etcd --initial-cluster a=http://a:2380,b=http://b:2380",
            "its command says --initial-cluster a=http://a:2380,b=http://b:2380, and no parameter of the template does",
        ),
        (
            "image: quay.io/coreos/etcd:v3.5.5\nenvironment: [ETCD_NAME=a]",
            "its ETCD_NAME says what the template would say",
        ),
        (
            "image: mcr.microsoft.com/azure-storage/azurite\nenvironment: {AZURITE_ACCOUNTS: 'a:b'}",
            "its AZURITE_ACCOUNTS says what the template would say",
        ),
        (
            "image: mcr.microsoft.com/azure-storage/azurite\ncommand: azurite-blob --blobHost 0.0.0.0",
            "its command says azurite-blob, and no parameter of the template does",
        ),
        (
            "image: amazon/dynamodb-local\ncommand: -jar DynamoDBLocal.jar -port 8003",
            "its command says -port 8003, and no parameter of the template does",
        ),
        (
            "image: cassandra:5\nenvironment: [CASSANDRA_SEEDS=cassandra-1]",
            "its CASSANDRA_SEEDS says what the template would say",
        ),
        (
            "image: confluentinc/cp-schema-registry:7.5.0\nenvironment: {SCHEMA_REGISTRY_LISTENERS: 'http://0.0.0.0:8085'}",
            "its SCHEMA_REGISTRY_LISTENERS says what the template would say",
        ),
        (
            "image: localstack/localstack",
            "its tag is none of the template's versions (4.14.0, 4.13.1)",
        ),
        (
            "image: localstack/localstack:4\nenvironment: {GATEWAY_LISTEN: '0.0.0.0:4510'}",
            "its GATEWAY_LISTEN says what the template would say",
        ),
        (
            "image: softwaremill/elasticmq-native\ncommand: -Dconfig.file=/opt/other.conf",
            "its command says what the template would say",
        ),
        ("image: apache/kafka:latest", BROKER),
        ("image: redpandadata/redpanda:v24.2.7\ncommand: redpanda start --smp 1", BROKER),
        (
            "image: nginx\nvolumes: ['./html:/usr/share/nginx/html']",
            "the template writes the server block itself, with listings of folders, without caching and for larger "
            "requests",
        ),
        (
            "image: traefik:v3.1\ncommand: [--providers.docker=true]",
            "the template's command takes routes from a file, and would take the place of what else it is told by: "
            "its command, a traefik.yml, labels of containers",
        ),
    ],
)
def test_what_is_something_else_stays(text, reason, templates):
    assert one(text, templates).reason == reason
