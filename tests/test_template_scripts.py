"""The scripts with which templates provision servers that cannot be run here, against stand-ins for their clients."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.conftest import ROOT


def client(folder: Path, name: str, answer: str = "") -> None:
    """A program that writes down its arguments, a line a call, and does `answer`."""
    file = folder / name
    file.write_text(f'#!/bin/sh\necho "{name} $*" >> {folder}/calls\n{answer}\n', "utf-8")
    file.chmod(0o755)


def run(script: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    argv = ["bash", str(ROOT / "templates" / script), *arguments]
    return subprocess.run(argv, env={**os.environ, **environment}, capture_output=True, text=True, timeout=30)


def calls(folder: Path) -> set[str]:
    return set((folder / "calls").read_text("utf-8").splitlines())


def test_kafka_makes_topics_and_changes_the_settings_of_those_that_are_there(tmp_path: Path) -> None:
    client(tmp_path, "kafka-topics.sh")
    client(tmp_path, "kafka-configs.sh")
    topics = ("orders 1 ", "customers 3 cleanup.policy=compact,retention.ms=1000")
    assert run("kafka/topics.sh", "log:9092", *topics, KAFKA_BIN=str(tmp_path)).returncode == 0
    made = "kafka-topics.sh --bootstrap-server log:9092 --create --if-not-exists"
    assert calls(tmp_path) == {
        f"{made} --topic orders --partitions 1 --replication-factor 1",
        f"{made} --topic customers --partitions 3 --replication-factor 1"
        " --config cleanup.policy=compact --config retention.ms=1000",
        "kafka-configs.sh --bootstrap-server log:9092 --alter --topic customers"
        " --add-config cleanup.policy=compact,retention.ms=1000",
    }


def test_a_topic_that_cannot_be_made_fails_the_job(tmp_path: Path) -> None:
    client(tmp_path, "kafka-topics.sh", 'case "$*" in *bad*) exit 1 ;; esac')
    assert run("kafka/topics.sh", "log:9092", "bad 1 ", "good 1 ", KAFKA_BIN=str(tmp_path)).returncode == 1
    assert len(calls(tmp_path)) == 2


def test_redpanda_makes_topics_and_sets_them(tmp_path: Path) -> None:
    client(tmp_path, "rpk")
    path = f"{tmp_path}:{os.environ['PATH']}"
    topics = ("orders 1 ", "customers 3 cleanup.policy=compact")
    assert run("redpanda/provision.sh", "log:9092", "http://log:8081", *topics, PATH=path).returncode == 0
    made = "--replicas 1 -X brokers=log:9092"
    assert calls(tmp_path) == {
        f"rpk topic create orders --if-not-exists --partitions 1 {made}",
        f"rpk topic create customers --if-not-exists --partitions 3 {made}",
        "rpk topic alter-config customers --set cleanup.policy=compact -X brokers=log:9092",
    }


AVRO = '{"type": "record",\n\t"name": "Order", "doc": "a \\\\ and a \\"quote\\"", "fields": []}'


def test_schemas_are_registered_as_they_are_under_the_names_of_their_files(tmp_path: Path) -> None:
    schemas, bin_ = tmp_path / "schemas", tmp_path / "bin"
    for folder in (schemas, bin_):
        folder.mkdir()
    (schemas / "orders-value.avsc").write_text(AVRO, "utf-8")
    (schemas / "mail.proto").write_text('syntax = "proto3";\nmessage Mail {}', "utf-8")
    (schemas / "README.md").write_text("no schema", "utf-8")
    client(bin_, "curl", f'printf "%s" "$7" > {tmp_path}/$(basename $(dirname $8)).sent; echo \'{{"id":1}}\'')
    path = f"{bin_}:{os.environ['PATH']}"
    done = run("schema-registry/register.sh", "http://registry:8081", str(schemas), PATH=path)
    assert done.returncode == 0, done.stderr
    sent = {file.stem: json.loads(file.read_text("utf-8")) for file in tmp_path.glob("*.sent")}
    assert sent == {
        "orders-value": {"schemaType": "AVRO", "schema": AVRO},
        "mail": {"schemaType": "PROTOBUF", "schema": 'syntax = "proto3";\nmessage Mail {}'},
    }
    client(bin_, "curl", 'echo \'{"error_code":42201,"message":"Invalid schema"}\'')
    refused = run("schema-registry/register.sh", "http://registry:8081", str(schemas), PATH=path)
    assert refused.returncode == 1 and "Invalid schema" in refused.stderr
