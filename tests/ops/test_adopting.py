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
PGADMIN = {
    "PGADMIN_SERVER_JSON_FILE": "/pgadmin4/servers.json",
    "PGADMIN_DISABLE_POSTFIX": "true",
    "PGADMIN_CONFIG_UPGRADE_CHECK_ENABLED": "False",
    "PGADMIN_CONFIG_CHECK_EMAIL_DELIVERABILITY": "False",
    "GUNICORN_ACCESS_LOGFILE": "/dev/null",
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
    "ldap": (
        """\
image: osixia/openldap:latest
command: --copy-service
environment:
  LDAP_ORGANISATION: Shop Ltd
  LDAP_DOMAIN: shop.test
  LDAP_BASE_DN: dc=shop,dc=test
  LDAP_ADMIN_PASSWORD: pw
  LDAP_READONLY_USER: "true"
volumes: ["names:/var/lib/ldap", "./ldif:/container/service/slapd/assets/config/bootstrap/ldif/custom"]
ports: ["389:389", "636:636"]
""",
        "{use: openldap@1.5.0, image: 'osixia/openldap:latest', environment: {LDAP_READONLY_USER: 'true'},"
        " with: {domain: shop.test, base: 'dc=shop,dc=test', organisation: Shop Ltd, tls: true, password: pw,"
        " config_password: config}}",
        {"LDAP_CONFIG_PASSWORD": "config", "LDAP_TLS": "true"},
    ),
    "pact": (
        """\
image: pactfoundation/pact-broker:latest-multi
environment:
  PACT_BROKER_PORT: "9292"
  PACT_BROKER_DATABASE_URL: postgres://postgres:password@db/postgres
  PACT_BROKER_LOG_LEVEL: INFO
  PACT_BROKER_BASIC_AUTH_USERNAME: me
  PACT_BROKER_BASIC_AUTH_PASSWORD: pw
ports: ["9292:9292"]
""",
        "{use: pact-broker@2.142.0-pactbroker2.120.0, image: 'pactfoundation/pact-broker:latest-multi',"
        " environment: {PACT_BROKER_PORT: '9292', PACT_BROKER_LOG_LEVEL: INFO},"
        " with: {database: 'postgres://postgres:password@db/postgres', user: me, password: pw, base_url: false}}",
        {"PACT_BROKER_PUBLIC_HEARTBEAT": "true"},
    ),
    "pact-open": (
        """\
image: pactfoundation/pact-broker:2.124.0-pactbroker2.112.0
environment:
  PACT_BROKER_DATABASE_URL: postgresql://me:pw@db:5432/pacts
  PACT_BROKER_BASE_URL: http://localhost:9293
ports: ["9293:9292"]
""",
        "{use: pact-broker@2.124.0-pactbroker2.112.0, environment: {PACT_BROKER_BASE_URL: 'http://localhost:9293'},"
        " with: {database: 'postgresql://me:pw@db:5432/pacts', base_url: false}}",
        {"PACT_BROKER_PORT": "9292", "PACT_BROKER_LOG_LEVEL": "WARN"},
    ),
    "pgadmin": (
        """\
image: dpage/pgadmin4
environment: [PGADMIN_DEFAULT_EMAIL=me@shop.test, "PGADMIN_DEFAULT_PASSWORD=${PGADMIN_PASSWORD:-root}"]
volumes: ["./servers.json:/pgadmin4/servers.json"]
ports: ["5050:80"]
""",
        "{use: pgadmin@9.18, image: dpage/pgadmin4, environment: , with: {email: me@shop.test, login: true,"
        " master_password: true, server: '', password: '${PGADMIN_PASSWORD:-root}'}}",
        PGADMIN,
    ),
    "pgadmin-open": (
        """\
image: dpage/pgadmin4:8.14.0
environment:
  PGADMIN_DEFAULT_EMAIL: me@shop.test
  PGADMIN_DEFAULT_PASSWORD: root
  PGADMIN_CONFIG_SERVER_MODE: "False"
  PGADMIN_CONFIG_MASTER_PASSWORD_REQUIRED: "False"
  PGADMIN_LISTEN_PORT: 80
""",
        "{use: pgadmin@9.17, image: 'dpage/pgadmin4:8.14.0', environment: {PGADMIN_CONFIG_SERVER_MODE: 'False',"
        " PGADMIN_CONFIG_MASTER_PASSWORD_REQUIRED: 'False', PGADMIN_LISTEN_PORT: 80},"
        " with: {email: me@shop.test, login: False, master_password: False, server: '', password: root}}",
        PGADMIN,
    ),
    "unleash": (
        """\
image: unleashorg/unleash-server:latest
command: [node, index.js]
environment:
  DATABASE_URL: postgres://postgres:unleash@db/db
  DATABASE_SSL: "false"
  LOG_LEVEL: warn
  INIT_CLIENT_API_TOKENS: default:development.unleash-insecure-api-token
ports: ["4242:4242"]
""",
        "{use: unleash@8.2.0, image: 'unleashorg/unleash-server:latest', environment: {DATABASE_SSL: 'false',"
        " INIT_CLIENT_API_TOKENS: default:development.unleash-insecure-api-token},"
        " with: {database: 'postgres://postgres:unleash@db/db', project: default, environment: development,"
        " tokens: false, log_level: warn, password: unleash4all}}",
        {
            "UNLEASH_URL": "http://127.0.0.1:4242",
            "UNLEASH_DEFAULT_ADMIN_USERNAME": "admin",
            "UNLEASH_DEFAULT_ADMIN_PASSWORD": "unleash4all",
            "IMPORT_PROJECT": "default",
            "IMPORT_ENVIRONMENT": "development",
            "CHECK_VERSION": "false",
            "SEND_TELEMETRY": "false",
        },
    ),
    "verdaccio": (
        """\
image: verdaccio/verdaccio:5
environment: [VERDACCIO_PORT=4873]
volumes: ["./storage:/verdaccio/storage", "./conf:/verdaccio/conf", "./plugins:/verdaccio/plugins"]
ports: ["4873:4873"]
""",
        "{use: verdaccio@6.10.4, image: 'verdaccio/verdaccio:5', with: {image_config: true}}",
        {},
    ),
    "verdaccio-alone": (
        "image: verdaccio/verdaccio\nports: ['4873']",
        "{use: verdaccio@6.10.4, image: verdaccio/verdaccio, with: {image_config: true}}",
        {"VERDACCIO_PORT": "4873"},
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
    (
        "image: osixia/openldap\nenvironment: {LDAP_DOMAIN: shop.test}",
        "it sets no LDAP_BASE_DN, and the template would",
    ),
    (
        "image: osixia/openldap\nenvironment: {LDAP_BASE_DN: 'dc=example,dc=org', LDAP_TLS_ENFORCE: 'true'}",
        SAYS.format("LDAP_TLS_ENFORCE"),
    ),
    (
        "image: pactfoundation/pact-broker\nenvironment: {PACT_BROKER_DATABASE_HOST: db}",
        "it sets no PACT_BROKER_DATABASE_URL of its own",
    ),
    (
        "image: pactfoundation/pact-broker\nenvironment: {PACT_BROKER_DATABASE_URL: 'sqlite:////tmp/x.sqlite3'}",
        "the template says: 'database' must match postgres(?:ql)?://\\S+|\\$\\S+",
    ),
    (
        "image: pactfoundation/pact-broker\nenvironment: {PACT_BROKER_DATABASE_URL: 'postgres://db/x',"
        " PACT_BROKER_PUBLIC_HEARTBEAT: 'false'}",
        SAYS.format("PACT_BROKER_PUBLIC_HEARTBEAT"),
    ),
    ("image: dpage/pgadmin4\nenvironment: {PGADMIN_LISTEN_PORT: 5050}", SAYS.format("PGADMIN_LISTEN_PORT")),
    ("image: dpage/pgadmin4\nenvironment: {SCRIPT_NAME: /pgadmin4}", SAYS.format("SCRIPT_NAME")),
    ("image: dpage/pgadmin4\nentrypoint: sh -c 'chmod 600 /pgpass; /entrypoint.sh'", SAYS.format("entrypoint")),
    (
        "image: dpage/pgadmin4\nenvironment: {PGADMIN_DEFAULT_EMAIL: a@b.org}",
        "it sets no PGADMIN_DEFAULT_PASSWORD, and the template would",
    ),
    (
        "image: unleashorg/unleash-server\nenvironment: {DATABASE_URL: 'postgres://db/x'}",
        "it does not set DATABASE_SSL to false, as the template does",
    ),
    (
        "image: unleashorg/unleash-server\nenvironment: {DATABASE_HOST: db, DATABASE_SSL: 'false'}",
        "it sets no DATABASE_URL, and the template would",
    ),
    ("image: unleashorg/unleash-server:6\nenvironment: [BASE_URI_PATH=/flags]", SAYS.format("BASE_URI_PATH")),
    ("image: verdaccio/verdaccio\nenvironment: [VERDACCIO_PROTOCOL=https]", SAYS.format("VERDACCIO_PROTOCOL")),
    (
        "image: verdaccio/verdaccio\nenvironment: [VERDACCIO_PORT=5000]",
        "its VERDACCIO_PORT says port 5000, where the template has 4873",
    ),
    (
        "image: ghcr.io/open-feature/flagd\ncommand: start --uri file:./etc/flagd/flags.json",
        "its command says where its flags are; write `use: flagd` with their `file` in its place",
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
    volumes = dict.fromkeys(["metrics", "traces", "dashboards", "names"])
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
