"""The schemas against every manifest and template that there is, right and wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from devenv.core.compose.keys import ORDER
from devenv.core.compose.merge import settle
from devenv.core.compose.words import VALUES, WORDS
from devenv.core.schema import words
from devenv.core.schema.policy import policy_schema
from devenv.core.schema.schema import as_text, manifest_schema, template_schema
from devenv.core.schema.templates import parameters_of
from devenv.core.templates.parameters import take
from devenv.core.yaml.source import parse
from devenv.engine.catalog import FolderCatalog
from devenv.errors import Report
from devenv.model.data import Map, Plain, Tagged
from devenv.model.template import Parameter, Template
from devenv.ops.load import read_template
from devenv.records import replace
from tests import examples, pages
from tests.core.test_malformed import CASES, VALID, Case

ROOT = Path(__file__).parents[3]
TEMPLATES = sorted((ROOT / "templates").glob("*/template.yaml"))
MANIFESTS = sorted((ROOT / "compose").glob("*/devenv.yaml"))


def plain(value: Any) -> Any:
    """YAML data as a reader without marks and tags has it."""
    if isinstance(value, Tagged):
        return plain(value.value)
    if isinstance(value, Plain):
        return value.value
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def data(text: str) -> Any:
    return plain(settle(parse(text, "devenv.yaml", Report())))


def loaded(path: Path) -> Template:
    report = Report()
    template = read_template(FolderCatalog(path.parent.parent), path.parent.name, report)
    assert template is not None, report.problems
    return template


SCHEMA = manifest_schema([loaded(path) for path in TEMPLATES], "a stamp")
MANIFEST = Draft7Validator(SCHEMA)
TEMPLATE = Draft7Validator(template_schema("a stamp"))


def wrong(validator: Draft7Validator, value: Any) -> list[str]:
    """What is wrong: the places."""
    return [".".join(map(str, error.absolute_path)) for error in validator.iter_errors(value)]


def service(**keys: Any) -> dict[str, Any]:
    return {"devenv": 1, "services": {"a": keys}}


def test_both_are_schemas_and_their_text_is_always_the_same() -> None:
    for schema in (SCHEMA, template_schema("a stamp")):
        Draft7Validator.check_schema(schema)
        assert json.loads(as_text(schema)) == schema
    Draft7Validator.check_schema(manifest_schema([], "a catalog without templates"))
    again = manifest_schema([loaded(path) for path in TEMPLATES], "a stamp")
    assert as_text(again) == as_text(SCHEMA)


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.parent.name)
def test_the_reference_stacks_are_right(path: Path) -> None:
    assert wrong(MANIFEST, data(path.read_text("utf-8"))) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name)
def test_the_catalog_is_right_and_so_are_its_examples(path: Path) -> None:
    written = data(path.read_text("utf-8"))
    assert wrong(TEMPLATE, written) == []
    example = written.get("example") or f"use: {path.parent.name}\n"
    assert wrong(MANIFEST, service(**data(example))) == []


WRITTEN = """\
${db.url} | ${NAME} | $${db.url} | $$${db.url} | $$$${db.url} | x${db.host}:80 | ${API-v1.2} | a | aB | a.b@c.de
./x | / | "1" | 1 | 100 | -1 | 1.5 | .5 | 010 | 0x10 | 1e3 | 256m | 1.5 GiB | 30s | 1h30m | true | "true" | yes
null | ~ | '' | http://a | a:80 | dc=a | a=b | 2024-01-01 | {} | {name: a} | {name: "${db.name}"}
[] | [a] | [null] | [1, true] | [a, "${db.name}"] | [{name: a}] | [{name: "${db.name}"}]
[{name: a, durable: null, kind: null}] | [{from: a, to: "${db.name}"}]
$A | "${A:-a b}" | ${A:-a} | ${A:-${B}} | $$$A | "a $A b"
"""
"""Values that a person may write behind a parameter, with a `|` between them."""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name)
def test_what_validate_takes_for_a_parameter_the_schema_takes(path: Path) -> None:
    held(loaded(path))


def test_an_enum_s_value_may_look_like_a_number_or_a_boolean() -> None:
    kind = Parameter(type="enum", values=("1", "1.10", "true", "off"), default="off")
    template = replace(loaded(TEMPLATES[0]), name="t", parameters={"kind": kind}, secrets={})
    held(template)
    validator = Draft7Validator(parameters_of(template)["then"])
    assert [value for value in (1, 1.1, True, False, "off", "2") if wrong(validator, {"with": {"kind": value}})] == [
        False,
        "2",
    ]


def held(template: Template) -> None:
    """No value that `validate` takes for a parameter or a secret of `template` is wrong to the schema."""
    schemas = parameters_of(template)["then"]["properties"]["with"]["properties"]
    for name in (*template.parameters, *template.secrets):
        validator = Draft7Validator(schemas[name])
        for written in re.split(r" \| |\n", WRITTEN.strip()):
            with_, report = parse(f"{name}: {written}", "devenv.yaml", Report()), Report()
            assert isinstance(with_, Map)
            take(template, with_, "a", report)
            refused = any(f"'{name}'" in problem.message for problem in report.errors)
            assert refused or wrong(validator, plain(with_[name])) == [], f"{name}: {written}"


def test_what_a_service_is_told_of_another_is_right_and_the_rest_is_held_to_the_pattern() -> None:
    for with_, right in (
        ({"server": "${db.host}"}, True),
        ({"server": "${NAME}"}, True),
        ({"server": "${NAME:-db.local}"}, True),
        ({"server": "${NAME:-a b}"}, False),
        ({"server": "a $NAME"}, True),
        ({"server": "$${NAME}"}, False),
        ({"server": "$${db.host}"}, False),
        ({"port": "${db.port}"}, False),  # it takes an integer
    ):
        assert (wrong(MANIFEST, service(use="pgadmin", **{"with": with_})) == []) is right, with_


@pytest.mark.parametrize("page", pages.pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_the_examples_of_the_docs_are_right(page: Path) -> None:
    for block, found in examples.manifests(page):
        assert wrong(MANIFEST, plain(settle(found))) == [], block.where


def test_there_are_such_examples() -> None:
    assert sum(len(examples.manifests(page)) for page in pages.pages()) > 60


def test_the_name_may_hold_a_variable_and_a_path_of_contracts_may_be_a_number() -> None:
    whole = service(image="x")
    assert wrong(MANIFEST, {**whole, "name": "${NAME:-shop}", "contracts": {"pacts": 1}}) == []
    assert wrong(MANIFEST, {**whole, "name": "Shop"}) == ["name"]


def test_a_manifest_with_everything_is_right() -> None:
    assert wrong(MANIFEST, data(VALID)) == []


ABOUT_NAMES = {"DE206", "DE212", "DE216", "DE221"}
"""Problems of names that refer to something else in the file, which a schema cannot look up."""

BEYOND_A_SCHEMA = {
    "ready: budget not a number": "JSON knows no such number",
    "top: format as a decimal": "to JSON it is the same number",
    "catalogs: twice": "editors do not compare mappings",
    "top: name with a variable": "its value stands elsewhere",
    "top: no name": "it is taken from the folder",
}


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_what_validate_refuses_the_schema_refuses(case: Case) -> None:
    report = Report()
    parsed = parse(case.text, "devenv.yaml", report)
    if report.errors:
        return  # no YAML, and so nothing for a schema
    known = case.name in BEYOND_A_SCHEMA or {code for code, _ in case.expected} <= ABOUT_NAMES
    assert bool(wrong(MANIFEST, plain(settle(parsed)))) is not known


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        ({"use": "postgrs"}, "services.a.use"),
        ({"use": "postgres@3"}, "services.a.use"),
        ({"use": "postgres", "with": {"databse": "x"}}, "services.a.with"),
        ({"use": "postgres@17", "with": {"database": "Not-A-Name"}}, "services.a.with.database"),
        ({"use": "postgres", "with": {"max_connections": "many"}}, "services.a.with.max_connections"),
        ({"use": "postgres", "with": {"max_connections": 1}}, "services.a.with.max_connections"),
        ({"use": "postgres", "with": {"wal_level": "none"}}, "services.a.with.wal_level"),
        ({"use": "postgres", "with": {"shared_buffers": "lots"}}, "services.a.with.shared_buffers"),
        ({"use": "elasticsearch", "with": {"heap": "127m"}}, "services.a.with.heap"),
        ({"use": "prometheus", "with": {"retention": "59m"}}, "services.a.with.retention"),
        ({"use": "postgres", "with": {"extensions": ["ok", "-"]}}, "services.a.with.extensions.1"),
        ({"use": "valkey", "with": {"database": "x"}}, "services.a.with"),
        ({"use": "postgres", "build": "."}, "services.a"),
        ({"image": "x", "ready": {"within": 9}}, "services.a.ready"),
    ],
)
def test_templates_and_parameters_are_held_to_the_catalog(keys: dict[str, Any], place: str) -> None:
    assert wrong(MANIFEST, service(**keys)) == [place]


@pytest.mark.parametrize(
    "keys",
    [
        {"use": "postgres@16", "with": {"database": "shop", "max_connections": 50, "shared_buffers": "64mb"}},
        {"use": "postgres", "with": None},
        {"use": "valkey", "restart": "always", "volumes": ["./a:/a"]},
        {"image": "x", "x-note": {"any": "thing"}, "cpus": 0.5, "command": None},
        {"image": "x", "ports": ["8080:80", 90, {"target": 80, "published": "8080"}]},
        {"image": "x", "ports": {"http": "8080", "dns": {"port": 53, "protocol": "UDP", "publish": False}}},
    ],
)
def test_what_is_right_is_right(keys: dict[str, Any]) -> None:
    assert wrong(MANIFEST, service(**keys)) == []


@pytest.mark.parametrize(
    ("flags", "right"),
    [
        ("./flags.json", True),
        ({"file": "./flags.json", "as": "_switches"}, True),
        ({"with": {"file": "./flags.json"}}, True),
        ({"use": "unleash"}, True),
        ({"service": "a"}, True),
        ({}, False),
        ({"use": "flagd@0.12", "with": {"port": 1}}, False),
    ],
)
def test_a_server_of_flags_has_its_file(flags: Any, right: bool) -> None:
    found = [
        error for error in MANIFEST.iter_errors({**service(image="x"), "flags": flags}) if error.validator == "required"
    ]
    assert (found == []) is right


def test_a_parameter_that_must_be_given_is_asked_for() -> None:
    template = replace(loaded(TEMPLATES[0]), name="t", parameters={"kind": Parameter(type="enum", values=("1", "two"))})
    validator = Draft7Validator(manifest_schema([template], ""))
    assert wrong(validator, service(use="t")) == ["services.a"]
    assert wrong(validator, service(use="t", **{"with": {}})) == ["services.a.with"]
    assert wrong(validator, service(use="t", **{"with": {"kind": 1}})) == []
    assert wrong(validator, service(use="t", **{"with": {"kind": None}})) == ["services.a.with.kind"] * 2


def test_words_are_said_of_what_there_is() -> None:
    for kind, said in WORDS.items():
        assert set(said) <= set(ORDER[kind]), kind
    assert {place.rpartition(".")[0] for place in VALUES} <= set(ORDER)
    texts = [said for table in WORDS.values() for said in table.values()]
    tables = [table for name, table in vars(words).items() if name.isupper() and isinstance(table, dict)]
    texts += [said for table in tables for said in table.values()]
    assert all(said and not re.search(r"[.!]$", said) for said in texts)


def unsaid(schema: Any, at: str = "") -> list[str]:
    """The keys that an editor would offer without a word, by their place; rules only narrow what is said elsewhere."""
    if not isinstance(schema, dict):
        return []
    named = schema.get("properties", {})
    found = [f"{at}.{key}" for key, one in named.items() if not {"description", "deprecationMessage"} & set(one)]
    for key, one in named.items():
        found += unsaid(one, f"{at}.{key}")
    for key, one in schema.get("patternProperties", {}).items():
        found += unsaid(one, f"{at}.{key}")
    for part in ("items", "additionalProperties"):
        found += unsaid(schema.get(part), f"{at}.{part}")
    for choice in schema.get("anyOf", []):
        found += unsaid(choice, at)
    return found


@pytest.mark.parametrize(
    "schema", [SCHEMA, template_schema("s"), policy_schema("s")], ids=["manifest", "template", "policy"]
)
def test_every_key_is_explained(schema: dict[str, Any]) -> None:
    assert unsaid(schema) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name)
def test_every_parameter_is_explained(path: Path) -> None:
    assert unsaid(parameters_of(loaded(path))["then"]["properties"]["with"]) == []
