"""The words that people use lead to the templates that they mean."""

from __future__ import annotations

import pytest

from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.ops.catalog import entries, search
from tests.conftest import ROOT

CATALOG = FolderCatalog(ROOT / "templates")


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("cache", {"memcached", "redis", "valkey"}),
        ("queue", {"rabbitmq", "kafka", "nats", "redpanda", "elasticmq", "redis", "valkey", "azurite"}),
        ("broker", {"rabbitmq", "kafka", "nats", "mosquitto", "redpanda"}),
        ("Mail", {"maildev", "mailpit"}),
        ("s3", {"minio", "localstack"}),
        ("sso", {"keycloak"}),
        ("tracing", {"jaeger", "tempo", "otel-collector", "otel-lgtm"}),
        ("contracts", {"pact-broker"}),
        ("feature flags", {"flagd", "unleash"}),
        ("postgresql", {"postgres"}),
        ("workflow", {"temporal"}),
    ],
)
def test_a_keyword_comes_before_what_only_mentions_it(word: str, first: set[str]) -> None:
    found = [one.template.name for one in search(CATALOG, word, Report())]
    assert first <= set(found[: len(first) + sum(word.lower() in name for name in found)])


def test_every_template_has_keywords_that_are_no_part_of_its_name() -> None:
    for one in entries(CATALOG, Report()):
        assert one.template.keywords
        assert one.template.name not in one.template.keywords
