"""What a repository's files tell: the servers that its code talks to, and the variables that it reads."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping

COMPOSE_FILES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""Compose's own names for its file, in its order of preference."""

ENVIRONMENT_EXAMPLES = (".env.example", ".env.sample", ".env.template", ".env.dist", "env.example")

PYTHON_PROGRAMS = {"manage.py": "manage.py runserver 0.0.0.0:8000", "main.py": "main.py", "app.py": "app.py"}
"""Files that a Python program usually starts with, and how each is run."""

INTERESTING = frozenset(
    {
        *ENVIRONMENT_EXAMPLES,
        *PYTHON_PROGRAMS,
        *("Dockerfile", "pyproject.toml", "requirements.txt", "package.json", "go.mod"),
    }
)
"""The names of the files that `starter` reads, wherever in the repository they stand."""

_LIBRARIES: dict[str, tuple[str, str]] = {
    # a library's name -> the template that it talks to, and the usual name of such a service
    **dict.fromkeys(("psycopg", "psycopg2", "psycopg2-binary", "asyncpg", "pg", "postgres"), ("postgres", "db")),
    **dict.fromkeys(("github.com/jackc/pgx", "github.com/lib/pq"), ("postgres", "db")),
    **dict.fromkeys(("mysqlclient", "pymysql", "mysql", "mysql2", "mariadb", "aiomysql"), ("mariadb", "db")),
    **dict.fromkeys(("github.com/go-sql-driver/mysql", "mysql-connector-python"), ("mariadb", "db")),
    **dict.fromkeys(("pymongo", "motor", "mongodb", "mongoose", "go.mongodb.org/mongo-driver"), ("mongodb", "mongo")),
    **dict.fromkeys(("redis", "ioredis", "valkey", "iovalkey", "github.com/redis/go-redis"), ("valkey", "cache")),
    **dict.fromkeys(("pymemcache", "pylibmc", "memcached", "memjs"), ("memcached", "memcached")),
    **dict.fromkeys(("pika", "aio-pika", "amqplib", "kombu", "github.com/rabbitmq/amqp091-go"), ("rabbitmq", "broker")),
    **dict.fromkeys(("kafka-python", "confluent-kafka", "aiokafka", "kafkajs"), ("kafka", "kafka")),
    **dict.fromkeys(("github.com/segmentio/kafka-go", "github.com/twmb/franz-go"), ("kafka", "kafka")),
    **dict.fromkeys(("nats-py", "nats", "github.com/nats-io/nats.go"), ("nats", "nats")),
    **dict.fromkeys(("paho-mqtt", "aiomqtt", "mqtt", "github.com/eclipse/paho.mqtt.golang"), ("mosquitto", "mqtt")),
    **dict.fromkeys(("minio", "github.com/minio/minio-go"), ("minio", "storage")),
    **dict.fromkeys(("elasticsearch", "@elastic/elasticsearch"), ("elasticsearch", "search")),
    **dict.fromkeys(("opensearch-py", "@opensearch-project/opensearch"), ("opensearch", "search")),
}

_URL_SCHEMES = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mariadb",
    "mariadb": "mariadb",
    "mongodb": "mongodb",
    "redis": "valkey",
    "amqp": "rabbitmq",
    "nats": "nats",
    "mqtt": "mosquitto",
}


def _beside(files: Mapping[str, str], folder: str, name: str) -> str | None:
    return files.get(f"{folder}/{name}" if folder else name)


def servers(files: Mapping[str, str], folder: str) -> Iterator[tuple[str, str]]:
    """(template, usual name) of each server that the sources in a folder have a client library for."""
    for library in _dependencies(files, folder):
        if library in _LIBRARIES:
            yield _LIBRARIES[library]


def _dependencies(files: Mapping[str, str], folder: str) -> Iterator[str]:
    if text := _beside(files, folder, "package.json"):
        wanted = json_object(text).get("dependencies")
        yield from wanted if isinstance(wanted, dict) else ()
    if text := _beside(files, folder, "go.mod"):
        yield from (
            re.sub(r"/v\d+$", "", path) for path in re.findall(r"(?m)^\s*(?:require\s+)?(\S+\.\S+/\S+)\s+v", text)
        )
    requirements = (_beside(files, folder, "requirements.txt") or "").splitlines()
    if text := _beside(files, folder, "pyproject.toml"):
        requirements += _python_dependencies(text)
    for line in requirements:
        if match := re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", line):
            yield re.sub(r"[-_.]+", "-", match[1]).lower()


def _python_dependencies(text: str) -> list[str]:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return []
    found: list[str] = []
    project = data.get("project")
    if isinstance(project, dict) and isinstance(project.get("dependencies"), list):
        found += [str(item) for item in project["dependencies"]]
    tool = data.get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    if isinstance(poetry, dict) and isinstance(poetry.get("dependencies"), dict):
        found += list(poetry["dependencies"])
    return found


def json_object(text: str) -> dict[str, object]:
    """A JSON object's items; none when the text is damaged or something else."""
    try:
        data = json.loads(text)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def environment(files: Mapping[str, str], folder: str, named: Mapping[str, str]) -> Iterator[str]:
    """Lines for `environment` from a folder's example of `.env`.

    A server's address becomes a reference (`named` maps templates to services), the rest a variable with its default.
    """
    text = next((found for name in ENVIRONMENT_EXAMPLES if (found := _beside(files, folder, name)) is not None), "")
    for match in re.finditer(r"(?m)^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$", text):
        key, value = match[1], match[2].strip().strip("\"'")
        template = _URL_SCHEMES.get(value.partition("://")[0].partition("+")[0]) if "://" in value else None
        if template and template in named:
            yield f"{key}: ${{{named[template]}.url}}"
        elif re.fullmatch(r"[A-Za-z0-9_./:@,+=-]*", value):
            yield f'{key}: "${{{key}:-{value}}}"'
        else:
            yield f'{key}: "${{{key}:-}}"'
