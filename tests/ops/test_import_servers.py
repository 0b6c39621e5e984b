"""Servers that import takes for templates, held against what Compose makes of the original. Needs no engine."""

import pytest

from tests.roundtrip import config, run

COMPOSE = """\
services:
  s3:
    image: minio/minio:latest
    command: server /data --console-address ":9001"
    environment: { MINIO_ROOT_USER: shop, MINIO_ROOT_PASSWORD: secret123 }
    ports: ["9000:9000", "9001:9001"]
    volumes: ["objects:/data"]
  nats:
    image: nats:2.10-alpine
    command: ["-js", "-sd", "/nats", "-m", "8222"]
    ports: ["4222:4222", "8222:8222"]
    volumes: ["messages:/nats"]
  mqtt:
    image: eclipse-mosquitto:2
    command: mosquitto -c /mosquitto-no-auth.conf
    ports: ["1883:1883"]
  etcd:
    image: quay.io/coreos/etcd:v3.5.5
    command: etcd -advertise-client-urls=http://127.0.0.1:2379 -listen-client-urls http://0.0.0.0:2379 --data-dir /etcd
    environment: [ETCD_AUTO_COMPACTION_MODE=revision, ETCD_AUTO_COMPACTION_RETENTION=1000, ETCD_SNAPSHOT_COUNT=50000]
    volumes: ["./etcd:/etcd"]
  azurite:
    image: mcr.microsoft.com/azure-storage/azurite
    command: azurite --blobHost 0.0.0.0 --queueHost 0.0.0.0 -l /workspace --loose
    ports: ["10000:10000"]
    volumes: ["blobs:/workspace"]
  dynamodb:
    image: amazon/dynamodb-local:latest
    command: -jar DynamoDBLocal.jar -sharedDb -dbPath ./data
    working_dir: /home/dynamodblocal
    ports: ["8000:8000"]
    volumes: ["./tables:/home/dynamodblocal/data"]
  tables:
    image: amazon/dynamodb-local
  cassandra:
    image: cassandra:4
    environment: { MAX_HEAP_SIZE: 512M, HEAP_NEWSIZE: 100M }
    ports: ["9042:9042"]
    volumes: ["rows:/var/lib/cassandra"]
  schemas:
    image: confluentinc/cp-schema-registry:7.5.0
    hostname: schemas
    environment:
      SCHEMA_REGISTRY_HOST_NAME: schemas
      SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: PLAINTEXT://kafka:9092
      SCHEMA_REGISTRY_LISTENERS: http://0.0.0.0:8081
    ports: ["8081:8081"]
  aws:
    image: localstack/localstack:3.0.0
    environment: ["SERVICES=s3,sqs", AWS_DEFAULT_REGION=eu-west-1, DEBUG=1]
    ports: ["127.0.0.1:4566:4566", "4510-4511:4510-4511"]
    volumes: ["./init:/etc/localstack/init/ready.d", "/var/run/docker.sock:/var/run/docker.sock"]
  sqs:
    image: softwaremill/elasticmq-native:latest
    ports: ["9324:9324", "9325:9325"]
    volumes: ["./elasticmq.conf:/opt/elasticmq.conf:ro"]
volumes: { objects: , messages: , blobs: , rows: }
"""
USES = {
    "s3": "minio@RELEASE.2025-09-07T16-13-09Z",
    "nats": "nats@2.10",
    "mqtt": "mosquitto@2",
    "etcd": "etcd@3.5.16",
    "azurite": "azurite@3.37.0",
    "dynamodb": "dynamodb-local@3.3.1",
    "tables": "dynamodb-local@3.3.1",
    "cassandra": "cassandra@4.1",
    "schemas": "schema-registry@8.0.0",
    "aws": "localstack@4.13.1",
    "sqs": "elasticmq@1.6.16",
}
DYNAMODB = ["-jar", "DynamoDBLocal.jar"]
COMMANDS = {
    "nats": ["nats-server", "--config", "/etc/nats/open.conf"],
    "etcd": ["etcd", "--advertise-client-urls=http://127.0.0.1:2379"],
    "dynamodb": [*DYNAMODB, "-sharedDb", "-disableTelemetry", "-dbPath", "/home/dynamodblocal/data"],
    "tables": [*DYNAMODB, "-disableTelemetry", "-inMemory"],
}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """What is said of the import, and the services before and after it as Compose shows them."""
    folder = tmp_path_factory.mktemp("servers")
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / "elasticmq.conf").write_text('include classpath("application.conf")\n')
    (folder / "init").mkdir()
    before = config(folder, "-f", "compose.yaml", interpolate=True)["services"]
    code, said = run("-C", str(folder), "import", "--templates")
    assert code == 0, said
    code, told = run("-C", str(folder), "generate")
    assert code == 0, told
    return said, before, config(folder, "-f", ".devenv/compose.yaml", interpolate=True)


def test_each_is_taken(both):
    said, before, _ = both
    assert before.keys() == USES.keys()
    for name, use in USES.items():
        assert any(name in line.partition(": ")[0] and line.endswith(f"`use: {use}`") for line in said.splitlines()), (
            said
        )


@pytest.mark.parametrize("name", USES)
def test_it_is_reached_and_keeps_its_data_as_before(name, both):
    _, before, after = both
    old, new = before[name], after["services"][name]
    assert new["image"] == old["image"]
    assert (old.get("environment") or {}).items() <= new.get("environment", {}).items()
    assert [one for one in old.get("ports", ()) if one not in new["ports"]] == []
    sources = {volume["target"]: volume["source"] for volume in new.get("volumes", ())}
    assert {volume["target"]: volume["source"] for volume in old.get("volumes", ())}.items() <= sources.items()
    data = [volume for volume in new.get("volumes", ()) if volume["type"] == "volume"]
    assert len(data) <= 1  # the template's own goes where the original's is
    assert new.get("command") == COMMANDS.get(name, new.get("command"))


def test_logins_are_what_they_were(both):
    *_, after = both
    environment = after["services"]["s3"]["environment"]
    assert (environment["MINIO_ROOT_USER"], environment["MINIO_REGION"]) == ("shop", "")
    assert after["services"]["azurite"]["environment"]["AZURITE_ACCOUNTS"].startswith("devstoreaccount1:Eby8vdM0")
    assert "authorization {}" in after["configs"]["nats-open"]["content"]
    broker = after["configs"]["mqtt-open"]["content"]
    assert "allow_anonymous true" in broker and "password_file" not in broker


def test_nothing_is_limited_that_was_not(both):
    services = both[2]["services"]
    assert "Xmx" not in str(services["tables"]["command"])
    assert services["etcd"]["environment"]["ETCD_AUTO_COMPACTION_RETENTION"] == "1000"
    assert services["cassandra"]["environment"]["CASSANDRA_NUM_TOKENS"] == "16"
    assert services["aws"]["environment"]["SQS_ENDPOINT_STRATEGY"] == "standard"
    assert "SKIP_SSL_CERT_DOWNLOAD" not in services["aws"]["environment"]
    assert services["aws"].get("configs", []) == []
    assert services["sqs"].get("configs", []) == []


def test_what_the_template_cannot_say_stays(tmp_path):
    image = "minio/minio:RELEASE.2025-09-07T16-13-09Z"
    (tmp_path / "compose.yaml").write_text(f"services: {{s3: {{image: {image}, command: 'server /data{{1...4}}'}}}}\n")
    said = run("-C", str(tmp_path), "import", "--templates")[1]
    assert f"s3: {image} stays as it is: the template says: 'folder' must match" in said
    assert "use:" not in (tmp_path / "devenv.yaml").read_text()
