"""`observability:`: a collector with a place to look, and what OpenTelemetry's SDKs want to know of it.

The variables are those of the OpenTelemetry specification ("Environment Variable Specification" and "OpenTelemetry
Protocol Exporter"), the attributes those of its semantic conventions for services and deployments.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from devenv.core.manifest.node import Node, quoted
from devenv.core.practices.server import OWN_KEYS, Server, read_server, refuse_unknown
from devenv.core.practices.variables import Given, read_except, read_variables
from devenv.model.data import Map, text

KEY = "observability"
TEMPLATE = "otel-lgtm"
SERVICE = "telemetry"
KEYS = (*OWN_KEYS, "protocol", "sampling", "environment", "attributes", "variables", "except")
PROTOCOLS = ("http/protobuf", "grpc")

OUTPUTS = {"http/protobuf": "otlp_url", "grpc": "grpc_url"}
"""What the templates of collectors call the addresses where they take OTLP."""
_PORTS = {"http/protobuf": 4318, "grpc": 4317}
"""Where OTLP is taken, as its specification says, for a collector that no template describes."""


def read(node: Node, services: Map, stack: str) -> tuple[Server, Given] | None:
    """The collector and the variables of every service; None where the switch is off or wrong (then reported)."""
    if not isinstance(node.value, Map):
        hint = f"write {{use: {node.value}}}" if isinstance(node.value, str) else None
        if isinstance(node.meant, str | list | None):
            node.wrong_kind("true, false, or a mapping", hint)
            return None
        if not node.boolean():
            return None
    before = len(node.report.problems)
    given = dict(node.children()) if isinstance(node.value, Map) else {}
    if given:
        refuse_unknown(node, KEYS)
    server = read_server(node, services, TEMPLATE, SERVICE)
    protocol = _protocol(given.get("protocol"))
    common = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": _endpoint(server, protocol) if server is not None else "",
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
    }
    if (ratio := _sampling(given.get("sampling"))) is not None:
        common |= {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": ratio}
    attributes = _attributes(given, stack)
    own = read_variables(given.get("variables"))
    without = read_except(given.get("except"), services)
    if len(node.report.problems) > before or server is None:
        return None
    return server, Given(_for_each(common, attributes, own), without)


def _for_each(common: dict[str, str], attributes: str, own: dict[str, str]) -> Callable[[str], dict[str, str]]:
    def variables(service: str) -> dict[str, str]:
        return {**common, "OTEL_SERVICE_NAME": service, "OTEL_RESOURCE_ATTRIBUTES": attributes, **own}

    return variables


def _endpoint(server: Server, protocol: str) -> str:
    if server.template is not None:
        return f"${{{server.name}.{OUTPUTS[protocol]}}}"
    return f"http://${{{server.name}.host}}:{_PORTS[protocol]}"


def _protocol(node: Node | None) -> str:
    if node is None:
        return PROTOCOLS[0]
    protocol = node.text("'http/protobuf' or 'grpc'") or PROTOCOLS[0]
    if protocol not in PROTOCOLS:
        hint = "write http/protobuf" if protocol.startswith("http") else node.suggest(protocol, PROTOCOLS)
        node.problem("DE214", "takes 'http/protobuf' or 'grpc'", hint)
        return PROTOCOLS[0]
    return protocol


def _sampling(node: Node | None) -> str | None:
    """The part of the traces that is kept, as text; None for all of them."""
    if node is None:
        return None
    try:
        ratio = float(text(node.value)) if not isinstance(node.value, bool | dict | list | None) else -1.0
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        node.problem("DE214", "takes the part of the traces that is kept, from 0 to 1", "write 0.1 for every tenth")
        return None
    return text(node.value)


def _attributes(given: dict[str, Node], stack: str) -> str:
    """Resource attributes in the form that the variable takes: `key=value` by commas, values percent-encoded."""
    environment = given["environment"].text("the name of the environment") if "environment" in given else "dev"
    found = {"service.namespace": stack, "deployment.environment.name": environment or ""}
    node = given.get("attributes")
    if node is not None and node.mapping("a mapping of attributes") is not None:
        for name, child in node.children():
            if not name.strip() or set(name) & set(",= "):
                child.problem("DE205", f"{quoted(name)} is no name of an attribute", of_key=True)
            found[name] = child.text("text") or ""
    return ",".join(f"{name}={_encoded(value)}" for name, value in found.items())


def _encoded(value: str) -> str:
    return value if "${" in value else quote(value, safe="/:@!*()'~ ").replace(" ", "%20")
