"""The YAML language server that editors use, with our schema: what it offers, explains and marks."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from devenv.core.inclusion.entries import KEYS as INCLUDE_KEYS
from devenv.core.inclusion.entries import read_entries
from devenv.core.manifest.manifest import load
from devenv.core.stack.resolve import resolve
from devenv.core.starter.starter import FIRST_LINE
from devenv.core.yaml.source import dump, parse
from devenv.engine.catalog import FolderCatalog
from devenv.engine.repository import Repository
from devenv.errors import Report
from devenv.model.data import Map
from devenv.ops.init import init
from devenv.ops.load import read_template
from tests import examples, pages
from tests.conftest import Devenv
from tests.core.schema.test_schema import ABOUT_NAMES, BEYOND_A_SCHEMA
from tests.core.test_malformed import CASES, VALID, Case
from tests.editor.server import Server, server

HEAD = f"{FIRST_LINE}\ndevenv: 1\nname: shop\nservices:\n"


KNOWN = (
    "postgres",
    "valkey",
    "schema-registry",
    "rabbitmq",
    "flagd",
    "prometheus",
    "minio",
    "elasticmq",
    "otel-lgtm",
    "cassandra",
)


def told(text: str) -> list[tuple[int, int, str]]:
    """What `devenv validate` says of a manifest: line, column, code."""
    report = Report()
    data = parse(text, "devenv.yaml", report)
    if isinstance(data, Map):
        read_entries(data, report)
    manifest = load(data, "devenv.yaml", report)
    catalog = FolderCatalog()
    if manifest is not None:
        templates = {name: read_template(catalog, name, Report()) for name in KNOWN}
        resolve(manifest, {n: t for n, t in templates.items() if t}, report, known=catalog.names())
    return [(p.mark.line, p.mark.column, p.code) for p in report.sorted(report.errors) if p.mark]


def marked(found: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """Where the editor underlines: line and column, as people count them."""
    starts = [one["range"]["start"] for one in found]
    return sorted({(start["line"] + 1, start["character"] + 1) for start in starts})


def test_the_first_line_leads_to_the_schema_and_a_right_manifest_has_no_marks(editor: Server) -> None:
    assert editor.diagnose(f"{FIRST_LINE}\n" + VALID.replace("    healthcheck: !reset null\n", "")) == []
    assert marked(editor.diagnose(f"{FIRST_LINE}\nservices: {{a: {{image: x}}}}\n")) != []


def test_the_schema_is_found_from_a_folder_above(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    init(Repository(tmp_path / "stack"), FolderCatalog())
    with server(tmp_path / "stack", workspace=tmp_path) as editor:
        assert marked(editor.diagnose(HEAD + "  web: {image: x, prots: 1}\n")) == [(5, 19)]


def test_the_names_of_templates_are_offered_with_their_summaries(editor: Server) -> None:
    offered = editor.complete(HEAD + "  db:\n    use: |\n")
    assert set(FolderCatalog().names()) <= set(offered)
    assert {"postgres@17", "postgres@16", "valkey@8"} <= set(offered)
    assert "PostgreSQL, the relational database" in offered["postgres"]["documentation"]


def test_the_services_of_the_stack_are_offered_and_others_are_right(tmp_path: Path, devenv: Devenv) -> None:
    text = f"{HEAD}  web:\n    image: x\n    needs: [db]\n  db: {{use: postgres}}\nmodes: {{most: [web]}}\n"
    (tmp_path / "devenv.yaml").write_text(text)
    assert devenv("generate", cwd=tmp_path).code == 0
    with server(tmp_path) as editor:
        for lines in ("  new:\n    needs: [|]\n", "  new:\n    needs:\n      |\n"):
            assert {"web", "db"} <= set(editor.complete(text.replace("modes", f"{lines}modes")))
        assert "postgres@17" in editor.complete(text.replace("[db]", "[|]"))["db"]["documentation"]
        assert editor.diagnose(text.replace("[db]", "[later, db]")) == []
        assert editor.hover(text.replace("[db]", "[d|b]")).startswith("postgres@17\n")
        assert marked(editor.diagnose(text.replace("[db]", "[[db]]"))) == [(7, 13)]


def test_a_switch_offers_what_can_stand_behind_it(editor: Server) -> None:
    for key, wanted in (
        ("observability", {"otel-lgtm", "otel-collector", "jaeger", "tempo", "loki"}),
        ("flags", {"flagd", "unleash"}),
    ):
        offered = editor.complete(HEAD + f"  web: {{image: x}}\n{key}:\n  use: |\n")
        assert {name for name in offered if "@" not in name} - {"!reset", "!override"} == wanted
        right = f"  web: {{image: x}}\n{key}: {{use: {min(wanted)}, with: {{file: ./a}}}}\n"
        assert (
            marked(editor.diagnose(HEAD + right.replace("file", "config" if key == "observability" else "file"))) == []
        )
        wrong = f"  web: {{image: x}}\n{key}:\n  use: flgd\n"
        assert marked(editor.diagnose(HEAD + wrong)) == [(line, column) for line, column, _ in told(HEAD + wrong)]


@pytest.mark.parametrize("use", ["postgres", "postgres@16"])
def test_a_templates_parameters_are_offered_with_descriptions_and_defaults(editor: Server, use: str) -> None:
    offered = editor.complete(HEAD + f"  db:\n    use: {use}\n    with:\n      |\n")
    template = read_template(FolderCatalog(), "postgres", Report())
    assert template is not None
    assert set(template.parameters) <= set(offered)
    assert "maxmemory" not in offered
    for name, parameter in template.parameters.items():
        assert str(parameter.description) in offered[name]["documentation"]
    assert "100" in offered["max_connections"]["insertText"]


def test_the_values_of_a_parameter_are_offered(editor: Server) -> None:
    offered = editor.complete(HEAD + "  db:\n    use: postgres\n    with:\n      wal_level: |\n")
    assert {"replica", "logical"} <= set(offered)


def test_the_keys_of_an_include_are_offered_and_its_paths_are_right(editor: Server) -> None:
    head = HEAD.replace("services:", "include:")
    offered = editor.complete(head + "  - path: a\n    |\n")
    assert set(INCLUDE_KEYS) - {"path"} <= set(offered)
    assert "goes before the names" in str(offered["prefix"]["documentation"])
    assert editor.diagnose(head + "  - ../orders\n  - {path: [a.yaml, b.yaml], prefix: b, share: {db: db}}\n") == []
    assert marked(editor.diagnose(head + "  - path: a\n    prefx: b\n")) == [(6, 5)]


def test_keys_of_devenv_and_of_compose_are_offered(editor: Server) -> None:
    offered = editor.complete(HEAD + "  web:\n    image: x\n    |\n")
    assert {"needs", "ready", "setup", "ports", "environment", "volumes", "healthcheck"} <= set(offered)
    assert "until" in offered["needs"]["documentation"]["value"]
    top = editor.complete(f"{FIRST_LINE}\ndevenv: 1\n|\n")
    assert {"name", "services", "modes", "checks", "volumes"} <= set(top)
    assert {"ready", "started", "completed"} <= set(
        editor.complete(HEAD + "  web:\n    image: x\n    needs:\n      db:\n        until: |\n")
    )


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ("  web:\n    needs: [|]\n", set()),
        ("  web:\n    image: |\n", set()),
        ("  web:\n    command: |\n", set()),
        ("  web:\n    job: |\n", {"true", "false"}),
        ("  web:\n    privileged: |\n", {"true", "false"}),
        ("  web:\n    ports: {http: {publish: |}}\n", {"true", "false"}),
        ("  db:\n    use: postgres\n    with: |\n", set()),
        ("  db:\n    use: postgres\n    with: {user: |}\n", {"app"}),
        ("  db:\n    use: postgres\n    with: {extensions: [|]}\n", set()),
        ("  db:\n    use: postgres\n    with: {wal_level: |}\n", {"replica", "logical"}),
        ("  queue:\n    use: rabbitmq\n    with: {management: |}\n", {"true", "false"}),
        ("  web: {image: x}\nflags: |\n", {"false"}),
        ("  web: {image: x}\nflags:\n  with:\n    |\n", {"file", "log_level"}),
        ("  web: {image: x}\nobservability:\n  with:\n    |\n", {"retention", "dashboards", "logs"}),
    ],
)
def test_no_value_is_offered_that_nobody_writes(editor: Server, lines: str, wanted: set[str]) -> None:
    offered = editor.complete(HEAD + lines)
    assert set(offered) - {"!reset", "!override"} == wanted  # the tags are those of the editor's settings


@pytest.mark.parametrize(("key", "text"), [("image", "image: "), ("command", "command:\n  - "), ("with", "with:\n  ")])
def test_a_key_is_completed_with_the_place_of_its_value(editor: Server, key: str, text: str) -> None:
    offered = editor.complete(HEAD + "  db:\n    use: postgres\n    |\n")
    assert offered[key]["insertText"] == text


@pytest.mark.parametrize(
    "lines", ["services:\n  db:\n    build:\n      |\n", "volumes:\n  data:\n    |\n", "catalogs:\n  - git: a\n    |\n"]
)
def test_every_key_is_completed_with_a_colon_and_no_value_that_is_made_up(editor: Server, lines: str) -> None:
    offered = editor.complete(f"{FIRST_LINE}\ndevenv: 1\n{lines}")
    inserted = {item["insertText"].partition(":")[::2] for item in offered.values() if item["label"][:1] != "!"}
    assert inserted and {rest.strip(" \n-") for _, rest in inserted} == {""}
    assert all(item["insertText"].count(":") == 1 for item in offered.values() if item["label"][:1] != "!")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  db: {use: val|key}", "Valkey, the in-memory key-value store"),
        ("  db: {use: postgres, with: {wal_l|evel: logical}}", "logical is what change data capture needs"),
        ("  web: {image: x, ne|eds: [db]}", "what must be ready first"),
        ("  web: {image: x, stop_gr|ace_period: 3s}", "How long to wait before it is killed"),
        ("  web: {image: x, ports: {http: {port: 80, pub|lish: 1}}}", "the port on 127.0.0.1"),
        ("  w|eb: {image: x}", "a service: a template"),
    ],
)
def test_what_is_pointed_at_is_explained(editor: Server, line: str, said: str) -> None:
    shown = editor.hover(HEAD + line + "\n")
    assert said in shown.replace("\\", "").replace("&nbsp;", " ")
    assert "null" not in shown


@pytest.mark.parametrize(
    "lines",
    [
        "  db:\n    use: postgres\n    prots: [5432]\n",
        "  db: {use: postgrs}\n",
        "  db: {use: postgres@3}\n",
        "  db: {use: postgres, with: {databse: x}}\n",
        "  db:\n    use: postgres\n    with:\n      max_connections: many\n",
        "  db: {use: postgres, with: {max_connections: 1}}\n",
        "  db: {use: postgres, with: {wal_level: none, database: Not-A-Name, shared_buffers: lots}}\n",
        "  db: {use: postgres, build: .}\n",
        "  web: {image: [x]}\n",
        "  web: {image: x, ports: {http: 99999, 80: 80}}\n",
        "  web: {image: x, ready: {http: healthz, within: soon}}\n",
        "  web: {image: x, ready: {http: /, tcp: a}}\n",
        "  web: {image: x, needs: {db: {until: redy}}}\n  db: {image: x}\n",
        "  web: {environment: {A: b}}\n",
        "  web: {image: x, with: {a: b}}\n",
        "  web: {image: x, job: 1}\n",
        "  web: {image: x}\nserivces: {}\n",
        "  web: {image: x}\nmodes: {a: []}\n",
        "  web: {image: x}\nchecks: {a: {http: b, methd: GET}}\n",
        "  registry:\n    use: schema-registry\n",
        "  registry:\n    use: schema-registry\n    with:\n      schemas: ./schemas\n",
        "  registry: {use: schema-registry, with: {}}\n",
        "  queue:\n    use: rabbitmq\n    with:\n      queues: [a, {durable: true}]\n",
        "  queue:\n    use: rabbitmq\n    with:\n      queues:\n        - a\n        - /a\n        - -1\n",
        "  db:\n    use: postgres\n    with:\n      database: 5\n      shared_buffers: -1\n      extensions: [2]\n",
        "  web: {image: x}\nflags:\n  as: switches\n",
        '  web: {image: x}\nflags: {file: "a\\nb"}\n',
        "  web: {image: x}\nflags:\n  with: {fil: ./a.json, file: ./a.json}\n",
        "  web: {image: x}\nobservability:\n  with: {retantion: 3d}\n",
        "  files:\n    use: minio\n    with:\n      buckets:\n        - a\n        - b\n",
        "  region: {use: elasticmq, with: {account: 1.5}}\n",
        "  queue:\n    use: rabbitmq\n    with:\n      bindings:\n        - {from: a, too: b}\n",
        "  metrics: {use: prometheus, with: {scrape_interval: 0s, retention: 1.5}}\n",
        "  metrics: {use: prometheus, with: {retention: 30m}}\n  logs: {use: cassandra, with: {heap: 100 MiB}}\n",
        "  web:\n    image: x\n    ports: {http: 80}\n    ready: {http: /, within: 25h}\n",
        "  db:\n    use: postgres\n    with:\n      database: ${DB:-Not one}\n      user: $${DB}\n",
        f"{FIRST_LINE}\nname: shop\nservices: {{web: {{image: x}}}}\n",
        f"# ours\n\n{FIRST_LINE}\n\n# the shop\nname: shop\nservices: {{web: {{image: x}}}}\n",
        f"{FIRST_LINE}\n\ndevenv: 1\nname: shop\n",
    ],
)
def test_what_validate_reports_is_marked_at_the_same_places(editor: Server, lines: str) -> None:
    text = lines if FIRST_LINE in lines else HEAD + lines
    places = [(line, column) for line, column, _ in told(text)]
    assert places
    assert marked(editor.diagnose(text)) == places


@pytest.mark.parametrize("with_", ["with:", "with:\n      bootstrap:"])
def test_what_is_empty_and_must_not_be_is_marked_in_the_line_of_its_key(editor: Server, with_: str) -> None:
    text = f"{HEAD}  registry:\n    use: schema-registry\n    {with_}\n"
    lines = [line for line, _, _ in told(text)]
    assert lines == [6 + with_.count(":")]
    assert [line for line, _ in marked(editor.diagnose(text))] == lines


OTHERWISE = {
    "top: empty file": "the server does not look at a file without content",
    "top: only comments": "the server does not look at a file without content",
    "syntax: a shell script": "the server starts counting below the comments",
    "top: format of the future": "validate looks no further, and the server does",
    "top: format zero": "validate looks no further, and the server does",
    "yaml: reset services": "the server does not know what a tag does",
}
"""Malformed manifests that the editor marks in other lines, and why."""


def comparable(case: Case) -> bool:
    """Whether it is YAML, and what is wrong is for a schema to see."""
    report = Report()
    parse(case.text, "devenv.yaml", report)
    beyond = case.name in BEYOND_A_SCHEMA or {code for code, _ in case.expected} & ABOUT_NAMES
    return not report.errors and not beyond and case.name not in OTHERWISE


def test_the_corpus_of_malformed_manifests_is_marked_in_the_same_lines(editor: Server) -> None:
    cases = [case for case in CASES if comparable(case)]
    assert len(cases) > 250
    missed, exact = {}, 0
    found = editor.diagnose_all([f"{FIRST_LINE}\n{case.text}" for case in cases])
    for case, marks in zip(cases, found, strict=True):
        lines = {line for line, _ in marked(marks)}
        exact += marked(marks) == [
            (line, column) for line, column, _ in sorted(set(told(f"{FIRST_LINE}\n{case.text}")))
        ]
        wanted = {line + case.before + 1 for _, line in case.expected}
        if lines != wanted:
            missed[case.name] = (sorted(wanted), sorted(lines))
    assert missed == {}
    # Elsewhere a value is missing, or there twice: validate marks the key or the item, the server what is beside it.
    assert exact > 0.8 * len(cases)


def test_the_examples_and_what_refers_to_another_service_have_no_marks(editor: Server) -> None:
    found = [(block, dump(data)) for page in pages.pages() for block, data in examples.manifests(page)]
    refers = "  registry: { use: schema-registry, with: { bootstrap: '${log.bootstrap}', schemas: ./schemas } }\n"
    refers += "  panel: { use: pgadmin, with: { server: '${db.host}' } }\n"
    refers += "  charts: { use: grafana, with: { prometheus: '${metrics.url}' } }\n"
    catalog = FolderCatalog()
    shown = {name: read_template(catalog, name, Report()) for name in catalog.names()}
    own = {name: template.example for name, template in shown.items() if template and template.example}
    texts = [HEAD + refers, *(f"{FIRST_LINE}\n{text}" for _, text in found)]
    texts += [f"{HEAD}  {name}:\n{indent(text, '    ')}\n" for name, text in own.items()]
    where = ["a reference", *(block.where for block, _ in found), *own]
    marks = editor.diagnose_all(texts)
    assert {at: [one["message"] for one in said] for at, said in zip(where, marks, strict=True) if said} == {}
    text = HEAD + "  registry: { use: schema-registry, with: { bootstrap: nowhere } }\n"
    assert [one["message"] for one in editor.diagnose(text)] == [r"must match [^\s,:]+:\d+(,[^\s,:]+:\d+)*"]
