"""Compose files as people write them for servers of the catalog: what import takes, and what it leaves and why."""

from __future__ import annotations

from typing import Any

import pytest

from devenv.core.importing.servers import by_mountpoint, lost
from devenv.core.yaml.source import dump, parse
from devenv.errors import Report
from tests.roundtrip import config, run

GRAFANA = {
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
    "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
    "GF_ANALYTICS_REPORTING_ENABLED": "false",
    "GF_NEWS_NEWS_FEED_ENABLED": "false",
}

# A service, what is written in place of its image and of variables, and the variables that the template adds.
TAKEN: dict[str, tuple[str, str, dict[str, str]]] = {
    "prometheus": (
        """\
image: prom/prometheus:latest
command: [--config.file=/etc/prometheus/prometheus.yml, --web.listen-address=:9090]
volumes: ["./prom:/etc/prometheus", "metrics:/prometheus"]
ports: ["9090:9090"]
""",
        "{use: prometheus@3.5.0, with: {image_config: true}, image: prom/prometheus:latest}",
        {},
    ),
    "prometheus-file": (
        """\
image: quay.io/prometheus/prometheus:v2.45.0
command: --config.file=/etc/prometheus/prometheus.yml
volumes: ["./prom/prometheus.yml:/etc/prometheus/prometheus.yml:ro"]
""",
        "{use: prometheus@2.53.3, with: {image_config: true}, image: 'quay.io/prometheus/prometheus:v2.45.0'}",
        {},
    ),
    "loki": (
        """\
image: grafana/loki:2.9.0
command: -config.file=/etc/loki/local-config.yaml
volumes: ["./loki:/etc/loki"]
ports: ["3100:3100"]
""",
        "{use: loki@3.7.7, with: {image_config: true}, image: 'grafana/loki:2.9.0'}",
        {},
    ),
    "loki-alone": (
        "image: grafana/loki:3.7.7\nexpose: ['3100']",
        "{use: loki@3.7.7, with: {image_config: true}}",
        {},
    ),
    "tempo": (
        """\
image: grafana/tempo:2.6.1
command: [-config.file=/etc/tempo.yaml]
volumes: ["./tempo.yaml:/etc/tempo.yaml", "traces:/var/tempo"]
ports: ["14268", "3200:3200"]
""",
        "{use: tempo@2.9.0, with: {image_config: true}, image: 'grafana/tempo:2.6.1'}",
        {},
    ),
    "jaeger": (
        """\
image: jaegertracing/jaeger
environment: [COLLECTOR_OTLP_ENABLED=true]
ports: ["16686:16686", "4318:4318", "9411:9411"]
""",
        "{use: jaeger@2.21.0, with: {image_config: true}, image: jaegertracing/jaeger}",
        {},
    ),
    "collector": (
        """\
image: otel/opentelemetry-collector-contrib:0.102.0
command: [--config=/etc/otelcol-contrib/config.yaml]
volumes: ["./otel.yaml:/etc/otelcol-contrib/config.yaml"]
ports: ["13133:13133", "4327:4317"]
""",
        "{use: otel-collector@0.160.0, with: {scrape: false, image_config: true},"
        " image: 'otel/opentelemetry-collector-contrib:0.102.0'}",
        {},
    ),
    "collector-core": (
        """\
image: otel/opentelemetry-collector
volumes: ["./otel.yaml:/etc/otelcol/config.yaml"]
ports: ["13133", "4317"]
""",
        "{use: otel-collector@0.160.0, with: {scrape: false, image_config: true}, image: otel/opentelemetry-collector}",
        {},
    ),
    "lgtm": (
        """\
image: grafana/otel-lgtm
environment: {ENABLE_LOGS_ALL: "true"}
ports: ["3000:3000", "4317", "4318"]
""",
        "{use: otel-lgtm@0.30.0, with: {retention: 15d, logs: true}, image: grafana/otel-lgtm, environment: }",
        {
            **GRAFANA,
            "PROMETHEUS_EXTRA_ARGS": "--storage.tsdb.retention.time=1296000s",
            "LOKI_EXTRA_ARGS": "-reporting.enabled=false",
            "TEMPO_EXTRA_ARGS": "-reporting.enabled=false",
        },
    ),
    "grafana": (
        """\
image: grafana/grafana-oss:12.0.2
environment:
  - GF_SECURITY_ADMIN_PASSWORD=${GF_PASSWORD:-secret}
  - GF_INSTALL_PLUGINS=grafana-clock-panel
volumes: ["./provisioning:/etc/grafana/provisioning", "dashboards:/var/lib/grafana"]
ports: ["3001:3000"]
""",
        "{use: grafana@12.3.0, image: 'grafana/grafana-oss:12.0.2',"
        " environment: [GF_INSTALL_PLUGINS=grafana-clock-panel],"
        " with: {user: admin, anonymous: false, role: Viewer, preinstall: true, password: '${GF_PASSWORD:-secret}'}}",
        {
            **GRAFANA,
            "GF_SECURITY_ADMIN_USER": "admin",
            "GF_AUTH_ANONYMOUS_ENABLED": "false",
            "GF_AUTH_ANONYMOUS_ORG_ROLE": "Viewer",
        },
    ),
    "grafana-open": (
        """\
image: grafana/grafana:13.2.1
environment: {GF_AUTH_ANONYMOUS_ENABLED: "true", GF_AUTH_ANONYMOUS_ORG_ROLE: Admin}
""",
        "{use: grafana@13.2.1, with: {user: admin, anonymous: true, role: Admin, preinstall: true, password: admin},"
        " environment: }",
        {**GRAFANA, "GF_SECURITY_ADMIN_USER": "admin", "GF_SECURITY_ADMIN_PASSWORD": "admin"},
    ),
}

SAYS = "its {} says what the template would say"
MOUNTS = "what it mounts at {} may set what the template sets"
UNPUBLISHED = "it does not publish port {}, where the template asks whether it is ready"
LEFT = [
    ("image: prom/prometheus\ncommand: --web.route-prefix=/prom", SAYS.format("--web.route-prefix")),
    ("image: prom/prometheus:v2.53.3\ncommand: [--web.config.file, /w.yml]", SAYS.format("--web.config.file")),
    ("image: prom/prometheus:v1.8.2", "its tag is none of the template's versions (v2.53.3, v3.5.0)"),
    ("image: grafana/loki:latest\nvolumes: ['./loki:/etc/loki']", UNPUBLISHED.format(3100)),
    (
        "image: grafana/loki\nports: ['3101:3101']\ncommand: -server.http-listen-port=3101",
        SAYS.format("-server.http-listen-port"),
    ),
    ("image: grafana/tempo\nuser: root\nentrypoint: [chown, '10001:10001', /var/tempo]", SAYS.format("entrypoint")),
    ("image: grafana/tempo\nports: ['3200:3200']", "it sets no command of its own"),
    ("image: grafana/tempo\ncommand: -config.file=/t.yaml\nports: ['80:80']", UNPUBLISHED.format(3200)),
    ("image: jaegertracing/jaeger:2.5.0\ncommand: --config /j.yaml", SAYS.format("command")),
    (
        "image: otel/opentelemetry-collector-contrib\ncommand: --config=/o.yaml\nports: ['4317:4317']",
        UNPUBLISHED.format(13133),
    ),
    ("image: grafana/otel-lgtm:0.7.1", "its tag is none of the template's versions (0.30.0, 0.29.1)"),
    ("image: grafana/otel-lgtm\nenvironment: {GF_SERVER_HTTP_PORT: 80}", SAYS.format("GF_SERVER_HTTP_PORT")),
    (
        "image: grafana/grafana\nvolumes: ['./grafana.ini:/etc/grafana/grafana.ini']",
        MOUNTS.format("/etc/grafana/grafana.ini"),
    ),
    ("image: grafana/grafana\nvolumes: ['./etc:/etc/grafana']", MOUNTS.format("/etc/grafana/grafana.ini")),
    (
        "image: grafana/grafana\nenvironment: [GF_SERVER_SERVE_FROM_SUB_PATH=true]",
        SAYS.format("GF_SERVER_SERVE_FROM_SUB_PATH"),
    ),
    (
        "image: grafana/grafana\nenvironment: [GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/x]",
        "GF_SECURITY_ADMIN_PASSWORD__FILE and the template's own setting exclude each other",
    ),
]


def _read(text: str) -> Any:
    return parse(text, "", Report())


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    """What import said, the manifest that it wrote, and what Compose makes of the files before and after."""
    folder = tmp_path_factory.mktemp("adopting")
    services = {name: _read(before) for name, (before, _, _) in TAKEN.items()}
    services |= {f"left{at}": _read(text) for at, (text, _) in enumerate(LEFT)}
    volumes = dict.fromkeys(["metrics", "traces", "dashboards"])
    (folder / "compose.yaml").write_text(dump({"services": services, "volumes": volumes}))
    code, said = run("-C", str(folder), "import", "--templates")
    assert code == 0, said
    code, problems = run("-C", str(folder), "generate")
    assert code == 0, problems
    before = config(folder, interpolate=True)
    after = config(folder, "-f", ".devenv/compose.yaml", interpolate=True)
    manifest = _read((folder / "devenv.yaml").read_text())
    return said, manifest["services"], by_mountpoint(before, services), by_mountpoint(after, services)


@pytest.mark.parametrize("name", TAKEN)
def test_it_is_taken_and_stays_what_it_was(name, imported):
    said, services, before, after = imported
    written, template, added = TAKEN[name]
    original, inside = _read(written), _read(template)
    assert f"{name}: {original['image']} is now `use: {inside['use']}`" in said
    kept = {key: value for key, value in original.items() if key != "image"}
    assert services[name] == {key: value for key, value in {**kept, **inside}.items() if value is not None}
    was, shown = before["services"][name], after["services"][name]
    assert not lost(was, shown)
    assert shown.get("command") == was.get("command")
    assert not shown.get("configs")
    variables = was.get("environment") or {}
    assert {key: one for key, one in (shown.get("environment") or {}).items() if key not in variables} == added
    assert shown["healthcheck"]


@pytest.mark.parametrize(("at", "reason"), [(at, reason) for at, (_, reason) in enumerate(LEFT)])
def test_it_is_left_and_told_why(at, reason, imported):
    said, services, _, _ = imported
    original = _read(LEFT[at][0])
    told = [line for line in said.splitlines() if line.endswith(f": {original['image']} stays as it is: {reason}")]
    assert any(f"left{at}" in line.partition(": ")[0].split(", ") for line in told), said
    assert services[f"left{at}"] == original
