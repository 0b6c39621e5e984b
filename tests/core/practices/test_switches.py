"""`observability:` and `flags:` become ordinary services and variables."""

from __future__ import annotations

import pytest

from devenv.errors import Report
from devenv.model.stack import Stack
from tests.core.stacks import resolved
from tests.core.test_builtin_catalog import NAMES, load

SERVICES = """
services:
  db: { use: postgres }
  orders: { image: shop/orders, needs: [db] }
  web:
    image: shop/web
    environment: [LOG=info, OTEL_SERVICE_NAME=front]
  jobs: { image: shop/jobs, environment: { OTEL_SERVICE_NAME: , A: b } }
"""


def stack(switch: str, services: str = SERVICES) -> Stack:
    report = Report()
    found = resolved(f"devenv: 1\nname: shop\n{switch}{services}", report, *(load(name) for name in NAMES))
    assert found is not None and not report.problems, report.problems
    return found


def environment(found: Stack, service: str) -> dict[str, object]:
    written = found.services[service].compose.get("environment") or {}
    return dict(written) if isinstance(written, dict) else dict(entry.split("=", 1) for entry in written)


def test_observability_adds_a_collector_and_tells_every_service_of_ones_own() -> None:
    found = stack("observability: true\n")
    assert str(found.services["telemetry"].origin).startswith("otel-lgtm@")
    assert str(found.services["telemetry"].origin).endswith("(observability)")
    assert found.services["telemetry"].open, "a place to look"
    told = {name: value for name, value in environment(found, "orders").items() if name.startswith("OTEL_")}
    assert told == {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://telemetry:4318",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_SERVICE_NAME": "orders",
        "OTEL_RESOURCE_ATTRIBUTES": "service.namespace=shop,deployment.environment.name=dev",
    }
    for server in ("db", "telemetry"):
        assert not [name for name in environment(found, server) if name.startswith("OTEL_EXPORTER")]


def test_what_a_service_sets_itself_wins_in_either_form() -> None:
    found = stack("observability: true\n")
    assert environment(found, "web")["OTEL_SERVICE_NAME"] == "front"
    assert environment(found, "web")["LOG"] == "info"
    assert environment(found, "web")["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://telemetry:4318"
    assert environment(found, "jobs")["OTEL_SERVICE_NAME"] is None, "named, to be taken from the shell"


def test_nobody_waits_for_the_collector() -> None:
    found = stack("observability: true\n")
    assert all("telemetry" not in [need.service for need in one.needs] for one in found.services.values())
    assert found.along == ("telemetry",)


def test_a_service_that_asks_for_the_collector_by_name_waits_for_it() -> None:
    found = stack("observability: true\n", "\nservices:\n  web: { image: x, needs: [telemetry] }\n")
    assert [need.service for need in found.services["web"].needs] == ["telemetry"]


def test_observability_can_be_told_more() -> None:
    found = stack(
        "observability: { use: jaeger, as: traces, protocol: grpc, sampling: 0.1, environment: ci, except: [web],\n"
        "  attributes: { team: 'a, b' }, with: { max_traces: 7 }, variables: { OTEL_LOG_LEVEL: debug } }\n"
    )
    assert found.services["traces"].origin.template == "jaeger"
    told = environment(found, "orders")
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://traces:4317"
    assert told["OTEL_EXPORTER_OTLP_PROTOCOL"] == "grpc"
    assert (told["OTEL_TRACES_SAMPLER"], told["OTEL_TRACES_SAMPLER_ARG"]) == ("parentbased_traceidratio", "0.1")
    assert str(told["OTEL_RESOURCE_ATTRIBUTES"]).endswith("deployment.environment.name=ci,team=a%2C%20b")
    assert told["OTEL_LOG_LEVEL"] == "debug"
    assert environment(found, "web") == {"LOG": "info", "OTEL_SERVICE_NAME": "front"}


@pytest.mark.parametrize(
    ("collector", "endpoint"),
    [
        ("use: otel-collector", "http://own:4318"),
        ("use: tempo", "http://own:4318"),
        ("image: acme/collector", "http://own:4318"),
    ],
)
def test_a_collector_that_is_there_is_used(collector: str, endpoint: str) -> None:
    found = stack("observability: { service: own }\n", SERVICES + f"  own: {{ {collector} }}\n")
    assert "telemetry" not in found.services
    assert environment(found, "orders")["OTEL_EXPORTER_OTLP_ENDPOINT"] == endpoint
    assert environment(found, "own") == {}


def test_off_is_off() -> None:
    found = stack("observability: false\nflags: false\n")
    assert list(found.services) == list(stack("").services)
    assert not [name for name in environment(found, "orders") if name.startswith(("OTEL_", "FLAGD_"))]


def test_a_file_of_flags_is_a_server_that_its_clients_find_and_wait_for() -> None:
    found = stack("flags: ./flags.json\n")
    assert str(found.services["flags"].origin).startswith("flagd@")
    told = {name: value for name, value in environment(found, "orders").items() if "FLAGD" in name or "OFREP" in name}
    assert told == {
        "FLAGD_HOST": "flags",
        "FLAGD_PORT": "8013",
        "FLAGD_SYNC_PORT": "8015",
        "OFREP_ENDPOINT": "http://flags:8016",
    }
    assert ("flags", "ready") in [(need.service, need.condition) for need in found.services["orders"].needs]
    assert "./flags.json" in str(found.services["flags"].compose["volumes"])
    assert [required.path for required in found.requires] == ["flags.json"]


def test_unleash_comes_with_its_database() -> None:
    found = stack("flags: { use: unleash, file: ./flags.json }\n")
    assert list(found.services)[-2:] == ["flags-db", "flags"]
    assert [need.service for need in found.services["flags"].needs] == ["flags-db"]
    assert str(environment(found, "flags")["DATABASE_URL"]).endswith("@flags-db:5432/flags")
    assert environment(found, "orders")["UNLEASH_URL"] == "http://flags:4242/api"
    assert str(environment(found, "orders")["UNLEASH_API_TOKEN"]).startswith(
        "*:development.${DEVENV_SECRET_FLAGS_TOKEN"
    )


def test_unleash_uses_a_database_that_is_named() -> None:
    found = stack("flags: { use: unleash, with: { database: '${db.url}' } }\n")
    assert "flags-db" not in found.services
    assert [need.service for need in found.services["flags"].needs] == ["db"]


def test_any_other_server_says_its_variables_itself() -> None:
    found = stack("flags: { service: own, variables: { LD_URL: '${own.url}' } }\n", SERVICES + OWN)
    assert environment(found, "orders")["LD_URL"] == "http://own:8080"
    assert environment(found, "own") == {}


OWN = "  own: { image: acme/flags, ports: { http: 8080 } }\n"


def test_both_switches_leave_each_others_servers_alone() -> None:
    found = stack("observability: { service: own }\nflags: ./flags.json\n", SERVICES + OWN)
    assert environment(found, "own") == {}
    assert {"FLAGD_HOST", "OTEL_SERVICE_NAME"} <= set(environment(found, "orders"))


def test_added_services_and_variables_have_the_place_of_their_switch() -> None:
    found = stack("observability: true\n")
    mark = found.services["telemetry"].mark
    assert mark is not None and (mark.file, mark.line, mark.column) == ("devenv.yaml", 3, 1)
    environment_of = found.services["orders"].compose["environment"]
    assert environment_of.values_at["OTEL_SERVICE_NAME"] == mark


def test_modes_and_needs_may_name_what_a_switch_adds() -> None:
    found = stack("flags: ./flags.json\nmodes: { small: [flags] }\n")
    assert found.modes == {"small": ("flags",)}


def test_a_template_that_is_none_is_told_of_at_the_switch() -> None:
    report = Report()
    text = "devenv: 1\nname: a\nobservability: { use: otel-lgmt }\nservices: { web: { image: x } }\n"
    assert resolved(text, report, load("otel-lgtm")) is None
    assert [(p.code, p.mark and (p.mark.line, p.mark.column)) for p in report.problems] == [("DE301", (3, 23))]
