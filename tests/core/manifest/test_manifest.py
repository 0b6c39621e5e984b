from __future__ import annotations

import time

import pytest

from devenv.core.compose.keys import KINDS, SERVICE_KEYS, in_order
from devenv.core.compose.merge import merge
from devenv.core.compose.text import with_text
from devenv.core.manifest.manifest import load, load_service, project_name
from devenv.core.suggest import suggest
from devenv.core.yaml.source import dump, parse
from devenv.errors import Mark, Report
from devenv.model.data import mark_of
from devenv.model.duration import seconds
from devenv.model.manifest import Check, Expect, Need, Port, Ready


def read(text: str, **options: str):
    report = Report()
    manifest = load(parse(text, "devenv.yaml", report), "devenv.yaml", report, **options)
    assert not report.errors, report.problems
    return manifest


def service(text: str):
    return read("devenv: 1\nname: a\nservices:\n  db: {image: x}\n  web:\n    image: x\n" + text).services["web"]


def test_the_manifest_of_the_reference() -> None:
    manifest = read(
        """\
devenv: 1
name: shop
x-log: &log {LOG_LEVEL: "${LOG_LEVEL:-info}"}
services:
  db:
    use: postgres@17
    with: { database: shop, seed: ./db/seed.sql }
  orders:
    build: ./services/orders
    needs: [db]
    ports: { http: 8000 }
    ready: { http: /healthz }
    setup:
      - python -m orders.migrate
      - [python, -m, orders.seed]
    environment: { <<: *log, DATABASE_URL: "${db.url}" }
  web:
    build: ./services/web
    needs: { orders: , db: { env: DATABASE, until: started } }
    ports: { http: { port: 8080, publish: 80 }, dns: { port: 53, protocol: udp, publish: false } }
    ready: { http: /, port: http, within: 1m30s }
    open: http
modes:
  backend: [orders]
checks:
  order: { http: "${web.http.url}/orders", method: post, body: "{}", expect: { status: 201 }, within: 5 }
volumes:
  data:
networks:
"""
    )
    assert (manifest.format, manifest.name, manifest.file) == (1, "shop", "devenv.yaml")
    db, orders, web = manifest.services.values()
    assert (db.use, db.with_) == ("postgres@17", {"database": "shop", "seed": "./db/seed.sql"})
    assert orders.needs == {"db": Need()}
    assert orders.ports == {"http": Port(port=8000)}
    assert orders.ready == Ready(http="/healthz", within=60)
    assert orders.setup == ("python -m orders.migrate", ("python", "-m", "orders.seed"))
    assert orders.compose == {
        "build": "./services/orders",
        "environment": {"LOG_LEVEL": "${LOG_LEVEL:-info}", "DATABASE_URL": "${db.url}"},
    }
    assert web.needs == {"orders": Need(), "db": Need(env="DATABASE", until="started")}
    assert web.ports == {
        "http": Port(port=8080, publish=80),
        "dns": Port(port=53, publish=False, protocol="udp"),
    }
    assert web.ready == Ready(http="/", port="http", within=90)
    assert web.open == "http"
    assert manifest.modes == {"backend": ("orders",)}
    assert manifest.checks == {
        "order": Check(http="${web.http.url}/orders", method="POST", body="{}", expect=Expect(status=201), within=5)
    }
    assert manifest.compose == {"x-log": {"LOG_LEVEL": "${LOG_LEVEL:-info}"}, "volumes": {"data": None}}
    assert web.mark == Mark("devenv.yaml", 17, 3, 3)
    assert mark_of(web.source, "open") == Mark("devenv.yaml", 22, 11, 4)


def test_composes_keys_pass_in_the_order_written() -> None:
    text = "    user: 1000\n    ports: [80, '81:81']\n    x-a: 1\n    init: true\n    command:\n    job: true\n"
    spec = service(text)
    assert spec.compose == {
        "image": "x", "user": 1000, "ports": [80, "81:81"], "x-a": 1, "init": True, "command": None,
    }  # fmt: skip
    assert list(spec.compose) == ["image", "user", "ports", "x-a", "init", "command"]
    assert spec.ports is None
    assert spec.job


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{http: /, within: 5}", 5),
        ("{http: /, within: 2.5}", 2.5),
        ("{http: /, within: 500ms}", 0.5),
        ("{http: /, within: 1h}", 3600),
    ],
)
def test_budgets(written: str, meant: float) -> None:
    assert service(f"    ready: {written}\n").ready.within == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{tcp: 5432}", Ready(tcp="5432")),
        ("{run: pg_isready}", Ready(run="pg_isready")),
        ("{run: [pg_isready, -p, 5432, '']}", Ready(run=("pg_isready", "-p", "5432", ""))),
        ("{http: /, port: 80}", Ready(http="/", port="80")),
    ],
)
def test_ways_to_be_ready(written: str, meant: Ready) -> None:
    assert service(f"    ready: {written}\n").ready == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[db]", Need()),
        ("{db: {}}", Need()),
        ("{db: {env: false}}", Need(env=False)),
        ("{db: {env: true, until: completed}}", Need(until="completed")),
    ],
)
def test_ways_to_need(written: str, meant: Need) -> None:
    assert service(f"    needs: {written}\n").needs == {"db": meant}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("{p: 80}", Port(port=80)),
        ('{p: "80"}', Port(port=80)),
        ("{p: {port: 80}}", Port(port=80)),
        ("{p: {port: 80, publish: true}}", Port(port=80)),
        ("{p: {port: 80, publish: '8080', protocol: TCP}}", Port(port=80, publish=8080)),
    ],
)
def test_ways_to_name_a_port(written: str, meant: Port) -> None:
    assert service(f"    ports: {written}\n").ports == {"p": meant}


def test_one_command_of_setup() -> None:
    assert service("    setup: make all\n").setup == ("make all",)


@pytest.mark.parametrize("shown", ["http://localhost:8080/x", "${web.http.url}/admin", "https://shop.test"])
def test_open_takes_a_url(shown: str) -> None:
    assert service(f"    open: {shown}\n").open == shown


def test_what_a_template_brings_is_not_asked_of_the_manifest() -> None:
    spec = read("devenv: 1\nname: a\nservices: {db: {use: postgres, ready: {tcp: main}, open: main}}").services["db"]
    assert (spec.ready, spec.open) == (Ready(tcp="main"), "main")


def test_extends_and_provider_say_what_runs() -> None:
    read("devenv: 1\nname: a\nservices: {a: {extends: {service: b}}, b: {image: x}, c: {provider: {type: x}}}")


def test_the_name_may_come_from_the_folder() -> None:
    text = "devenv: 1\nservices: {a: {image: x}}"
    assert read(text, default_name="shop").name == "shop"
    assert read("name: own\n" + text, default_name="shop").name == "own"


@pytest.mark.parametrize(
    ("folder", "name"),
    [("shop", "shop"), ("My Shop", "my-shop"), ("_x_", "x"), ("Büro.2", "buro-2"), ("日本", "stack"), ("", "stack")],
)
def test_names_from_folders(folder: str, name: str) -> None:
    assert project_name(folder) == name


def test_an_obsolete_version_is_a_warning() -> None:
    report = Report()
    text = 'devenv: 1\nname: a\nversion: "3.8"\nservices: {a: {image: x}}'
    manifest = load(parse(text, "f", report), "f", report)
    assert [(p.code, p.warning) for p in report.problems] == [("DE218", True)]
    assert manifest is not None
    assert manifest.compose == {}


def test_what_is_wrong_is_left_out_and_the_rest_kept() -> None:
    report = Report()
    text = (
        "devenv: 1\nname: a\nservices:\n"
        "  web: {image: x, environment: 5, prots: [1], needs: [web, nope, db], tty: true}\n"
        "  db: {image: [y]}\n  ../x: {image: x}\nmodes: {m: [web, nope]}\nchecks: {c: {http: x, tcp: x}, d: {run: x}}\n"
    )
    manifest = load(parse(text, "f", report), "f", report)
    assert sorted(p.code for p in report.errors) == [
        "DE203", "DE204", "DE204", "DE205", "DE206", "DE206", "DE212", "DE220",
    ]  # fmt: skip
    assert manifest is not None
    assert list(manifest.services) == ["web", "db"]
    web = manifest.services["web"]
    assert (web.compose, web.needs) == ({"image": "x", "tty": True}, {"db": Need()})
    assert manifest.modes == {"m": ("web",)}
    assert list(manifest.checks) == ["d"]


def test_a_service_by_itself() -> None:
    report = Report()
    data = parse("image: x\nneeds: [anything]\nports: {main: 5432}\nready: {tcp: main}\n", "t.yaml", report)
    spec = load_service("db", data, report)
    assert spec is not None
    assert list(spec.needs) == ["anything"]
    assert load_service("db", parse("image: []", "t.yaml", report), report) is None
    assert [(p.code, p.path) for p in report.problems] == [("DE204", "services.db.image")]


def test_problems_of_an_override_are_in_its_file() -> None:
    report = Report()
    base = parse("devenv: 1\nname: a\nservices: {web: {image: x}}\n", "devenv.yaml", report)
    local = parse("services:\n  web:\n    prots: [1]\n    image: [x]\n", "devenv.local.yaml", report)
    load(merge(base, local), "devenv.yaml", report)
    assert {(p.code, p.mark.file, p.mark.line) for p in report.problems} == {
        ("DE203", "devenv.local.yaml", 3),
        ("DE204", "devenv.local.yaml", 4),
    }


def test_tags_without_an_override_act_on_nothing() -> None:
    manifest = read("devenv: 1\nname: a\nservices: {a: {image: !override x, ports: !reset [80]}}")
    assert manifest.services["a"].compose == {"image": "x"}


def test_a_thousand_services_are_read_quickly() -> None:
    one = {
        "image": "x", "needs": ["db"], "ports": {"http": 80}, "ready": {"http": "/", "within": "5s"},
        "environment": {f"VARIABLE_{i}": f"value {i}" for i in range(8)}, "volumes": ["data:/data"], "setup": ["make"],
    }  # fmt: skip
    data = {"devenv": 1, "name": "a", "services": {"db": {"image": "x"}, **{f"s{i}": one for i in range(1000)}}}
    started = time.process_time()
    text = dump(data)
    dumped = time.process_time()
    report = Report()
    raw = parse(text, "f", report)
    parsed = time.process_time()
    manifest = load(raw, "f", report)
    loaded = time.process_time()
    assert manifest is not None
    assert len(manifest.services) == 1001
    assert not report.problems
    assert dumped - started < 0.8
    assert parsed - dumped < 1.2
    assert loaded - parsed < 1.2


@pytest.mark.parametrize(
    ("text", "value"),
    [("90s", 90), ("1m30s", 90), ("1h", 3600), ("250ms", 0.25), ("1.5s", 1.5), ("5", None), ("", None)],
)
def test_durations(text: str, value: float | None) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize(
    ("word", "meant"),
    [("prots", "ports"), ("Image", "image"), ("depends-on", "depends_on"), ("bd", "db"), ("xyzzy", None), ("db", None)],
)
def test_suggestions(word: str, meant: str | None) -> None:
    hint = suggest(word, ["ports", "image", "depends_on", "db"])
    assert hint == (f"did you mean '{meant}'?" if meant else None)


def test_every_key_of_compose_has_a_kind() -> None:
    assert set(KINDS) == SERVICE_KEYS


def test_the_order_of_composes_documentation() -> None:
    data = parse(
        "x-a: 1\nvolumes: {v: {labels: {}, name: x}}\nname: a\nservices:\n  a:\n    zzz: 1\n"
        "    volumes: [{target: x, type: y}]\n    image: x\n"
        "    healthcheck: {retries: 1, test: x}\n    build: {args: {Z: 1, A: 2}, context: .}\n",
        "f",
        Report(),
    )
    ordered = in_order(data, "")
    assert list(ordered) == ["name", "services", "volumes", "x-a"]
    a = ordered["services"]["a"]
    assert list(a) == ["build", "healthcheck", "image", "volumes", "zzz"]
    assert list(a["build"]) == ["context", "args"]
    assert list(a["build"]["args"]) == ["Z", "A"]
    assert list(a["healthcheck"]) == ["test", "retries"]
    assert list(a["volumes"][0]) == ["type", "target"]
    assert list(ordered["volumes"]["v"]) == ["name", "labels"]
    assert mark_of(a, "image") == mark_of(data["services"]["a"], "image")
    assert ordered == data


def test_text_where_compose_takes_text() -> None:
    data = parse(
        "image: 5\nuser: 0123\ncommand: [a, 1, true]\nenvironment: {A: 1e3, B: TRUE, C: , D: 1.50}\nlabels: [1]\n"
        "mem_limit: 0100\nbuild: {args: {V: 1.10}, no_cache: true}\nhealthcheck: {test: [CMD, 1], retries: 3}\n",
        "f",
        Report(),
    )
    assert dump(with_text(data)) == (
        'image: "5"\nuser: "0123"\ncommand:\n  - a\n  - "1"\n  - "true"\n'
        'environment:\n  A: "1e3"\n  B: "TRUE"\n  C: null\n  D: "1.50"\nlabels:\n  - "1"\n'
        'mem_limit: 0100\nbuild:\n  args:\n    V: "1.10"\n  no_cache: true\n'
        'healthcheck:\n  test:\n    - CMD\n    - "1"\n  retries: 3\n'
    )


@pytest.mark.parametrize(
    ("service", "hint"),
    [
        ("{use: postgres, database: shop}", "a parameter of the template stands under 'with': {database: …}"),
        ("{image: x, ports: 8080}", "write {http: 8080}"),
        ("{image: x, ports: {http: 80}, ready: 8080}", "write {tcp: 8080}"),
        ("{image: x, ports: {http: 80}, ready: /healthz}", "write {http: /healthz}"),
        ("{image: x, environment: [A: 1]}", "write '- A=1', or take the '-' away from all of them"),
        ("{image: x, setup: {run: make, folder: y}}", "the keys here: run, inputs"),
    ],
)
def test_a_mistake_of_a_newcomer_comes_with_what_to_write(service: str, hint: str) -> None:
    report = Report()
    text = f"devenv: 1\nname: a\nservices:\n  a: {service}\n"
    load(parse(text, "devenv.yaml", report), "devenv.yaml", report)
    assert [problem.hint for problem in report.errors] == [hint]


@pytest.mark.parametrize(
    ("check", "hint"),
    [("'${a.http.url}/'", 'write {http: "${a.http.url}/"}'), ("{url: 'http://x'}", "did you mean 'http'?")],
)
def test_a_check_that_is_a_url_comes_with_what_to_write(check: str, hint: str) -> None:
    report = Report()
    text = f"devenv: 1\nname: a\nservices: {{a: {{image: x}}}}\nchecks: {{home: {check}}}\n"
    load(parse(text, "devenv.yaml", report), "devenv.yaml", report)
    assert [problem.hint for problem in report.errors] == [hint]


def test_a_file_that_cannot_be_read_is_not_called_empty() -> None:
    report = Report()
    load(parse("devenv: 1\nservices:\n\tweb: 1\n", "devenv.yaml", report), "devenv.yaml", report)
    assert [problem.code for problem in report.errors] == ["DE105"]
