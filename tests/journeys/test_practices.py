"""Switches and contracts on a real engine: spans of a real SDK arrive, and a running provider is held to its pact."""

from __future__ import annotations

import json
import sysconfig
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from tests.journeys.conftest import Stack
from tests.journeys.engines import wait_for
from tests.journeys.small import IMAGE

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("base_image")]

# What stands in for a collector: it takes OTLP/HTTP where its specification says, and tells what it has.
COLLECTOR = """\
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
seen = []
class Collector(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = {a.key: a.value.string_value for a in group.resource.attributes}
            seen.extend([resource, span.name] for spans in group.scope_spans for span in spans.spans)
        self.answer(b"")
    def do_GET(self):
        self.answer(json.dumps(seen).encode())
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("", 4318), Collector).serve_forever()
"""

# A service with OpenTelemetry's SDK, which nothing configures but its environment.
ORDERS = """\
import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
tracer = provider.get_tracer("orders")
orders = {}
class Orders(BaseHTTPRequestHandler):
    def do_GET(self):
        number = self.path.rpartition("/")[2]
        with tracer.start_as_current_span("look up"):
            self.answer(200, orders[number]) if number in orders else self.answer(404, {"error": "gone"})
    def do_POST(self):
        state = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if state["state"] == "order 7 exists":
            orders["7"] = {"id": 7, "item": "book"}
        self.answer(200, {})
    def answer(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
HTTPServer(("", 8000), Orders).serve_forever()
"""

MANIFEST = """\
devenv: 1
name: practices
observability: { service: collector, attributes: { team: checkout } }
contracts: { pacts: ./pacts, providers: { orders-api: { service: orders, states: /_states } } }
services:
  collector:
    build: ./python
    command: [python3, /srv/collector.py]
    environment: { PYTHONPATH: /packages }
    volumes: ["PACKAGES:/packages:ro", "./collector.py:/srv/collector.py:ro"]
    ports: { otlp: 4318 }
    ready: { http: /, port: otlp }
  orders:
    build: ./python
    command: [python3, /srv/orders.py]
    environment: [PYTHONPATH=/packages]
    volumes: ["PACKAGES:/packages:ro", "./orders.py:/srv/orders.py:ro"]
    ports: { http: 8000 }
    ready: { tcp: http }
"""

DOCKERFILE = """\
FROM debian:trixie-slim

RUN apt-get update \\
 && apt-get install -y --no-install-recommends python3 python3-redis \\
 && rm -rf /var/lib/apt/lists/* \\
 && useradd --system app
"""


def pact(error: str) -> str:
    """What a consumer asks of the orders: one that is there and one that is not, for which it wants that error."""
    known = {"method": "GET", "path": "/orders/7"}
    unknown = {"method": "GET", "path": "/orders/8"}
    interactions = [
        {
            "description": "an order",
            "providerState": "order 7 exists",
            "request": known,
            "response": {
                "status": 200,
                "body": {"id": 7, "item": "pen"},
                "matchingRules": {"$.body.item": {"match": "type"}},
            },
        },
        {"description": "no order", "request": unknown, "response": {"status": 404, "body": {"error": error}}},
    ]
    named = {"consumer": {"name": "web"}, "provider": {"name": "orders-api"}}
    return json.dumps({**named, "interactions": interactions, "metadata": {"pactSpecification": {"version": "2.0.0"}}})


def get(stack: Stack, service: str, port: int, path: str = "/") -> Any:
    url = "http://" + stack.engine.docker("port", f"{stack.name}-{service}-1", str(port)).strip() + path
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def test_spans_arrive_at_the_collector_and_contracts_are_verified(stack_of: Callable[[str], Stack]) -> None:
    stack = stack_of(MANIFEST.replace("PACKAGES", sysconfig.get_path("purelib")))
    for name, text in (("collector.py", COLLECTOR), ("orders.py", ORDERS), ("python/Dockerfile", DOCKERFILE)):
        (stack.folder / name).parent.mkdir(exist_ok=True)
        (stack.folder / name).write_text(text, "utf-8")
    (stack.folder / "pacts").mkdir()
    (stack.folder / "pacts" / "web-orders.json").write_text(pact(error="none"), "utf-8")
    stack("up", timeout=600)

    found = stack("check", "--contracts", code=1)
    assert "web → orders-api (orders)\n  ok      an order, given order 7 exists" in found.stdout
    assert "$.error: Expected 'gone' (String) to be equal to 'none' (String)" in found.stdout
    assert found.stdout.endswith("1 of 2 interactions kept\n")
    (stack.folder / "pacts" / "web-orders.json").write_text(pact(error="gone"), "utf-8")
    kept = json.loads(stack("check", "--contracts", "--json").stdout)
    assert kept["ok"] and [one["ok"] for one in kept["interactions"]] == [True, True]

    assert get(stack, "orders", 8000, "/orders/7") == {"id": 7, "item": "book"}
    wait_for(lambda: get(stack, "collector", 4318), 15)
    resource, span = get(stack, "collector", 4318)[0]
    assert span == "look up"
    told = {key: resource[key] for key in ("service.name", "service.namespace", "deployment.environment.name", "team")}
    assert told == {
        "service.name": "orders",
        "service.namespace": stack.name,
        "deployment.environment.name": "dev",
        "team": "checkout",
    }

    stack("down", "--volumes", "--yes")
    stack("up", "orders")
    assert {"collector", "orders"} <= set(stack.engine.containers(stack.name)), "the collector comes along"


FLAGS = {
    "features": [{"name": "new-checkout", "type": "release", "project": "default", "stale": False}],
    "featureStrategies": [
        {"name": "default", "featureName": "new-checkout", "parameters": {}, "constraints": [], "segments": []}
    ],
    "featureEnvironments": [
        {"name": "new-checkout", "featureName": "new-checkout", "environment": "development", "enabled": True}
    ],
    **{key: [] for key in ("contextFields", "featureTags", "segments", "tagTypes", "dependencies")},
}


def test_unleash_has_the_flags_of_a_file_for_who_has_the_token(stack_of: Callable[[str], Stack]) -> None:
    stack = stack_of(
        "devenv: 1\nname: flags\nflags: { use: unleash, file: ./flags.json }\nservices:\n"
        f"  orders: {{ image: {IMAGE}, init: true, command: [sleep, infinity] }}\n"
    )
    (stack.folder / "flags.json").write_text(json.dumps(FLAGS), "utf-8")
    stack("up", timeout=600)
    told = dict(line.split("=", 1) for line in stack("exec", "orders", "--", "env").stdout.splitlines() if "=" in line)
    published = stack.engine.docker("port", f"{stack.name}-flags-1", "4242").strip()

    def flags(token: str) -> dict[str, bool]:
        request = urllib.request.Request(f"http://{published}/api/client/features", headers={"Authorization": token})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return {flag["name"]: flag["enabled"] for flag in json.load(answer)["features"]}

    assert told["UNLEASH_URL"] == "http://flags:4242/api"
    assert flags(told["UNLEASH_API_TOKEN"]) == {"new-checkout": True}
    with pytest.raises(urllib.error.HTTPError, match="401"):
        flags("*:development.not-the-token")
    stack("restart", "flags")
    published = stack.engine.docker("port", f"{stack.name}-flags-1", "4242").strip()
    assert flags(told["UNLEASH_API_TOKEN"]) == {"new-checkout": True}, "imported at every start, over what is there"
