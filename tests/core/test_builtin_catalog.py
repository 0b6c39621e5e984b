"""The built-in catalog, without an engine: every template loads, resolves, and renders what Compose accepts."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from devenv.core.compose.interpolate import interpolate
from devenv.core.manifest import manifest
from devenv.core.stack.render import render
from devenv.core.stack.resolve import resolve
from devenv.core.starter.template import template_text
from devenv.core.yaml.source import dump, parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.model.stack import Stack
from devenv.model.template import Parameter, Template
from devenv.ops.load import read_template
from tests.conftest import ROOT

CATALOG = FolderCatalog(ROOT / "templates")
NAMES = CATALOG.names()

# What only a person who knows the service can say: a text that its pattern takes.
TEXTS = {
    ("nginx", "upstream"): "http://web:8080/path",
    ("prometheus", "metrics_path"): "/actuator/prometheus",
    ("rabbitmq", "vhost"): "orders.v-1",
    ("valkey", "notifications"): "KEA",
    ("redis", "notifications"): "KEA",
    ("mariadb", "collation"): "utf8mb4_bin",
    ("mysql", "collation"): "utf8mb4_bin",
    ("unleash", "database"): "postgresql://app:secret@db:5432/unleash",
    ("pact-broker", "database"): "postgres://app:secret@db/pacts",
    ("kafka-ui", "bootstrap"): "kafka:9092,other:9093",
    ("schema-registry", "bootstrap"): "kafka:9092",
    ("localstack", "region"): "eu-central-1",
    ("dynamodb-local", "region"): "us-gov-west-1",
    ("keycloak", "database"): "jdbc:postgresql://db:5432/auth",
    **{(name, "folder"): "/srv/data-1" for name in ("minio", "nats", "azurite", "dynamodb-local", "etcd")},
    ("azurite", "debug"): "/data/debug.log",
    ("etcd", "advertise"): "http://127.0.0.1:2379",
    ("openldap", "domain"): "shop.example",
    ("openldap", "base"): "dc=shop,dc=example",
    ("pgadmin", "email"): "some.one+else@example.org",
}
LISTS = {
    ("prometheus", "targets"): ["orders:8000", "billing"],
    ("minio", "buckets"): ["uploads", "a-b-c"],
    ("grafana", "plugins"): ["grafana-clock-panel", "other@1.2.3"],
    ("rabbitmq", "exchanges"): ["orders", {"name": "audit", "type": "fanout", "arguments": {"x-a": "b"}}],
    ("rabbitmq", "queues"): ["billing", {"name": "mail", "durable": False, "arguments": {"x-max-length": 10}}],
    ("rabbitmq", "bindings"): [{"from": "orders", "to": "billing", "key": "order.*"}],
    ("nats", "streams"): ["EVENTS", {"name": "ORDERS", "subjects": ["orders.>"], "max_age": "7d", "storage": "memory"}],
    ("redpanda", "topics"): ["orders", {"name": "customers", "partitions": 3, "config": ["cleanup.policy=compact"]}],
    ("kafka", "topics"): ["orders", {"name": "customers", "partitions": 3, "config": ["cleanup.policy=compact"]}],
    ("localstack", "services"): ["s3", "dynamodb"],
    ("localstack", "queues"): ["orders", "orders.fifo"],
    ("localstack", "buckets"): ["uploads", "a.b-c"],
    ("keycloak", "features"): ["token-exchange", "passkeys:v1"],
}
NO_SHELL = {"otel-collector", "jaeger", "flagd", "loki", "tempo", "elasticmq"}  # their images hold the server alone


@cache
def load(name: str) -> Template:
    report = Report()
    template = read_template(CATALOG, name, report)
    assert not report.problems, [f"{p.mark}: {p.path}: {p.message}" for p in report.problems]
    assert template is not None
    return template


def entry(use: str) -> dict[str, Any]:
    """A service of a template with nothing but the parameters that it must have."""
    template = load(use.partition("@")[0])
    must = {name: p for name, p in template.parameters.items() if p.default is None and not p.optional}
    with_ = {name: edge(template, name, parameter, low=True) for name, parameter in must.items()}
    return {"use": use, **({"with": with_} if with_ else {})}


def resolved(services: dict[str, Any]) -> Stack:
    """The stack of a manifest of these services, without a problem or a warning."""
    report = Report()
    text = dump({"devenv": 1, "name": "catalog", "services": services})
    read = manifest.load(parse(text, "devenv.yaml", report), "devenv.yaml", report)
    assert read is not None, report.problems
    stack = resolve(read, {name: load(name) for name in NAMES}, report, known=NAMES)
    assert not report.problems, [f"{p.mark}: {p.path}: {p.message}" for p in report.problems]
    assert stack is not None
    return stack


def accepted(stack: Stack, folder: Path) -> str:
    """The generated file, which `docker compose config` has taken; it alone, without any settings."""
    if shutil.which("docker") is None:
        pytest.fail("these tests ask `docker compose config`, which needs no engine, but the docker command")
    file = folder / ".devenv" / "compose.yaml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(render(stack), "utf-8")
    done = subprocess.run(
        ["docker", "compose", "-f", str(file), "config", "-q"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return file.read_text("utf-8")


def edge(template: Template, name: str, parameter: Parameter, *, low: bool) -> Any:
    """A value at one end of what a parameter takes, and other than its default where there is a choice."""
    known = TEXTS.get((template.name, name)) or LISTS.get((template.name, name))
    if known is not None:
        return known
    if (parameter.pattern or "").startswith("https?://"):
        return "http://other:8080" if low else "https://user@other.example:8443/path?a=b&c=%20"
    if parameter.type == "enum":
        others = [v for v in parameter.values if v != parameter.default]
        return others[0] if low else others[-1]
    if parameter.type == "boolean":
        return not parameter.default
    if parameter.type in ("integer", "number"):
        number = (parameter.min or 0) if low else (parameter.max or 1_000_000)
        return int(number) if parameter.type == "integer" else number
    if parameter.type == "size":
        return max(int(parameter.min or 0), 1 << 20) if low else "8gb"
    if parameter.type == "duration":
        return f"{int(parameter.min or 1)}s" if low else "365d"
    if parameter.type == "file":
        return "./with space/a$$b.txt" if low else "../elsewhere/file.txt"
    if parameter.type == "directory":
        return "./folder"
    if parameter.type == "list":
        return [] if low else ["abc", "a_b_c"]
    return "abc" if low else "abc9"


@pytest.mark.parametrize("name", NAMES)
def test_says_what_a_person_wants_to_know(name: str) -> None:
    template = load(name)
    assert template.summary and not template.summary.endswith(".")
    assert template.home.startswith("https://")
    assert "url" in template.outputs
    assert bool(template.shell) == (name not in NO_SHELL)
    assert f"use: {name}" in template.example
    assert all(p.description for p in template.parameters.values())
    names = [v.version for v in template.versions]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_is_accepted_as_it_is_in_every_version(name: str, tmp_path: Path) -> None:
    versions = {f"v{i}": v.version for i, v in enumerate(load(name).versions)}
    stack = resolved({key: entry(f"{name}@{version}") for key, version in versions.items()})
    text = accepted(stack, tmp_path)
    for key, version in versions.items():
        service = stack.services[key]
        assert version in (service.image or "")
        assert service.has_healthcheck
        assert f"${{DEVENV_IMAGE_{key.upper()}:-{service.image}}}" in text
        assert all(f"{volume}: {{}}" in text for volume in service.data)


@pytest.mark.parametrize("name", NAMES)
def test_is_accepted_with_every_parameter_at_an_edge(name: str, tmp_path: Path) -> None:
    template = load(name)
    services = {
        key: {"use": name, "with": {n: edge(template, n, p, low=low) for n, p in template.parameters.items()}}
        for key, low in (("low", True), ("high", False))
    }
    accepted(resolved(services), tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_every_output_is_there_in_both_views(name: str) -> None:
    template = load(name)
    service = resolved({"the-one": entry(name)}).services["the-one"]
    for view, address in ((service.outputs, "the-one"), (service.host_outputs, "127.0.0.1")):
        assert set(template.outputs) <= set(view)
        assert view["host"] == address
        assert address in view["url"]
        for output in template.outputs:
            value = interpolate(view[output], {})
            assert value and "$" not in value, f"{output}: {value}"
    assert re.search(r":\d+", interpolate(service.host_outputs["url"], {}))


@pytest.mark.parametrize("name", NAMES)
def test_the_example_works_and_what_needs_it_is_told_where_it_is(name: str) -> None:
    report = Report()
    example = parse(load(name).example, "example", report)
    assert not report.problems
    stack = resolved({name: example, "app": {"image": "app", "needs": [name]}})
    environment = stack.services["app"].compose["environment"]
    prefix = name.upper().replace("-", "_")
    assert environment[f"{prefix}_URL"] == stack.services[name].outputs["url"]
    assert {s.name for s in stack.secrets} == set(load(name).secrets)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_builds_only_what_debian_npm_or_the_python_index_has(name: str) -> None:
    template = load(name)
    names = [v.version for v in template.versions]
    if template.image is None:
        assert not template.debian
        return
    assert names[0] in template.debian, "the default version is one that can be had without a registry"
    dockerfile = (ROOT / "templates" / name / template.image).read_text("utf-8")
    assert set(re.findall(r"(?m)^FROM (\S+)", dockerfile)) == {"debian:trixie-slim"}
    assert "ARG VERSION" in dockerfile
    assert "rm -rf /var/lib/apt/lists/*" in dockerfile
    commands = re.sub(r"(?m)^#.*|apt-get install [^&]*", "", dockerfile)
    for fetch in re.findall(r"RUN (?:[^\n]*\\\n)*?[^\n]*\b(?:npm|pip) install [^\n]*", commands):
        assert fetch.startswith("RUN --mount=type=secret,id=ca,"), "it must work behind a proxy that opens TLS"
        if fetch.endswith("-r /requirements.txt"):
            listed = (ROOT / "templates" / name / template.image).with_name("requirements.txt").read_text("utf-8")
            wanted = [f'"{line}"' for line in listed.splitlines() if not line.startswith("#")]
        else:
            wanted = [fetch]
        for one in wanted:
            assert re.search(r'"[\w.-]+(@|==)(\$\{VERSION\}|[\d.]+(post\d+)?)"$', one), "a version, and no other"
        commands = commands.replace(fetch, "")
    assert not re.search(r"\b(curl|wget|git clone|(npm|pip) \w+)\b|https?://", commands)
    for version in {*names, *template.debian}:
        if version in names:
            recipe = resolved({"one": entry(f"{name}@{version}")}).services["one"].recipe
            assert (recipe is not None) == (version in template.debian)


def test_a_shell_is_arguments_as_they_are() -> None:
    shells = {name: resolved({"one": entry(name)}).services["one"].shell for name in NAMES}
    assert not [name for name, argv in shells.items() if any("$$" in a or "${DEVENV" in a for a in argv)]


def test_a_virtual_host_is_encoded_in_the_url() -> None:
    stack = resolved({"broker": {"use": "rabbitmq"}, "other": {"use": "rabbitmq", "with": {"vhost": "orders"}}})
    assert stack.services["broker"].outputs["url"].endswith("@broker:5672/%2F")
    assert stack.services["other"].outputs["url"].endswith("@other:5672/orders")
    assert stack.services["broker"].outputs["vhost"] == "/"


def test_kafka_tells_each_side_an_address_it_can_reach() -> None:
    stack = resolved({"log": {"use": "kafka"}, "app": {"image": "app", "needs": ["log"]}})
    log = stack.services["log"]
    assert stack.services["app"].compose["environment"]["LOG_BOOTSTRAP"] == "log:9092"
    assert interpolate(log.host_outputs["bootstrap"], {"DEVENV_PORT_LOG_EXTERNAL": "19094"}) == "127.0.0.1:19094"
    listeners = interpolate(
        log.compose["environment"]["KAFKA_ADVERTISED_LISTENERS"], {"DEVENV_PORT_LOG_EXTERNAL": "19094"}
    )
    assert listeners == "INTERNAL://log:9092,EXTERNAL://127.0.0.1:19094"


def test_postgres_18_keeps_its_data_where_its_image_wants_it() -> None:
    volumes = {
        version: resolved({"db": {"use": f"postgres@{version}"}}).services["db"].compose["volumes"]
        for version in ("17", "18")
    }
    assert volumes == {"17": ["db-data:/var/lib/postgresql/data"], "18": ["db-data:/var/lib/postgresql"]}


def test_an_upstream_may_be_another_services_output() -> None:
    stack = resolved(
        {
            "web": {"image": "web", "ports": {"http": 8080}},
            "proxy": {"use": "nginx", "with": {"upstream": "${web.url}"}},
            "metrics": {"use": "prometheus", "with": {"targets": ["${web.host}:${web.port}"]}},
        }
    )
    configs = stack.top["configs"]
    assert '"http://web:8080"' in configs["proxy-proxy"]["content"]
    assert "targets: [web:8080]" in configs["metrics-main"]["content"]
    assert [n.service for n in stack.services["proxy"].needs] == ["web"]


@pytest.mark.parametrize("text", [template_text("mine"), *(CATALOG.files(name)["template.yaml"] for name in NAMES)])
def test_the_client_of_a_test_uses_an_output_and_fails_when_it_is_refused(text: str) -> None:
    data = parse(text, "template.yaml", Report())
    connect = (data.get("test") or {}).get("connect")
    assert connect is None or any("${output." in word for word in connect)
    if connect and connect[0] in ("valkey-cli", "redis-cli"):
        assert "-e" in connect, "they exit with 0 otherwise"


@pytest.mark.parametrize("name", NAMES)
def test_says_how_to_prove_that_its_data_is_kept(name: str) -> None:
    template = load(name)
    proof, able = template.test, bool(template.data) and name not in NO_SHELL
    assert [bool(one) for one in (proof.write, proof.read, proof.expect)] == [able] * 3


@pytest.mark.parametrize("name", ["mariadb", "mysql"])
def test_a_url_is_taken_apart_for_a_client_that_takes_none(name: str, tmp_path: Path) -> None:
    client = tmp_path / name
    client.write_text('#!/bin/sh\necho "$@"\n')
    client.chmod(0o755)
    bash, flag, script, _ = parse(CATALOG.files(name)["template.yaml"], "template.yaml", Report())["test"]["connect"]
    argv = [bash, flag, script.replace("$$", "$"), "mysql://app:secret@db:3306/shop"]
    run = subprocess.run(argv, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True)
    wanted = "--no-defaults --protocol=tcp -hdb -P3306 -uapp -psecret shop -NBe select 1"
    assert run.stdout.split() == wanted.split(), run.stderr


def test_servers_are_connected_by_references(tmp_path: Path) -> None:
    """Whatever pattern a parameter has for what people write."""

    def using(name: str, **parameters: str) -> dict[str, Any]:
        return {"use": name, "with": parameters}

    stack = resolved(
        {
            "db": {"use": "postgres"},
            "log": {"use": "kafka"},
            "schemas": using("schema-registry", bootstrap="${log.bootstrap}"),
            "records": using("kafka-ui", bootstrap="${log.bootstrap}", registry="${schemas.url}"),
            "metrics": {"use": "prometheus"},
            "logs": {"use": "loki"},
            "traces": {"use": "tempo"},
            "view": using("grafana", prometheus="${metrics.url}", loki="${logs.url}", tempo="${traces.url}"),
            "collect": using("otel-collector", traces="${traces.otlp_url}", logs="${logs.otlp_url}"),
            "tables": using("adminer", server="${db.host}", user="${db.user}", database="${db.database}"),
            "admin": using("pgadmin", server="${db.host}", user="${db.user}", database="${db.database}"),
            "people": using("keycloak", database="${db.jdbc_url}", database_user="${db.user}"),
            "stubs": {"use": "wiremock"},
            "edge": using("traefik", upstream="${stubs.url}"),
        }
    )
    text = accepted(stack, tmp_path)
    environment = {name: service.compose.get("environment") for name, service in stack.services.items()}
    assert environment["schemas"]["SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS"] == "PLAINTEXT://log:9092"
    assert environment["records"]["KAFKA_CLUSTERS_0_SCHEMAREGISTRY"] == "http://schemas:8081"
    assert environment["tables"]["ADMINER_DEFAULT_SERVER"] == "db"
    assert "KC_DB_URL=jdbc:postgresql://db:5432/app" in text or "KC_DB_URL: jdbc:postgresql://db:5432/app" in text
    configs = {name: config["content"] for name, config in stack.top["configs"].items()}
    assert 'url: "http://metrics:9090"' in configs["view-prometheus"]
    assert 'endpoint: "http://traces:4318"' in configs["collect-traces"]
    assert 'endpoint: "http://logs:3100/otlp"' in configs["collect-logs"]
    assert 'url: "http://stubs:8080"' in configs["edge-upstream"]
    assert '"Host": "db"' in configs["admin-servers"]
    assert {need.service for need in stack.services["view"].needs} == {"metrics", "logs", "traces"}
    assert {need.service for need in stack.services["records"].needs} == {"log", "schemas"}


def test_two_of_a_kind_live_side_by_side(tmp_path: Path) -> None:
    services = {f"{name}-{i}": entry(name) for name in NAMES for i in (1, 2)}
    text = accepted(resolved(services), tmp_path)
    ports = re.findall(r"- .127\.0\.0\.1:\$\{\w+:-(\d+)\}", text)
    assert len(ports) == len(set(ports))
