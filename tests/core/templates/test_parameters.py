from __future__ import annotations

import json

import pytest

from devenv.core.templates.parameters import Mismatch, convert, take
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.template import Parameter
from tests.core.stacks import lines, postgres, template


def value(text: str):
    return parse(f"v: {text}", "t", Report())["v"]


GOOD = [
    ({"type": "string"}, "0123", "0123"),
    ({"type": "string"}, "true", "true"),
    ({"type": "string", "pattern": "[a-z]+"}, "abc", "abc"),
    ({"type": "integer"}, "0x1F", 31),
    ({"type": "number"}, "1.5", 1.5),
    ({"type": "boolean"}, "TRUE", True),
    ({"type": "enum", "values": ["none", "all"]}, "none", "none"),
    ({"type": "file"}, "a/b.sql", "./a/b.sql"),
    ({"type": "file"}, "../b", "../b"),
    ({"type": "directory"}, "/abs", "/abs"),
    ({"type": "file"}, "${DIR}/x", "${DIR}/x"),
    ({"type": "string", "pattern": "[a-z]+"}, "${NAME:-abc}", "${NAME:-abc}"),
    ({"type": "integer"}, "1e3", 1000),
    ({"type": "integer"}, "2.0", 2),
    ({"type": "integer"}, "0x1F", 31),
    ({"type": "string", "pattern": "[a-z]+"}, "A $NAME", "A $NAME"),
    ({"type": "list", "items": "integer"}, "[1, 2]", [1, 2]),
    ({"type": "size"}, "256m", 256 << 20),
    ({"type": "size"}, "1.5 GiB", 3 << 29),
    ({"type": "size"}, "100", 100),
    ({"type": "duration"}, "1h30m", 5400),
    ({"type": "duration"}, "90", 90),
    ({"type": "duration"}, "1500ms", 2),
]
BAD = [
    ({"type": "string"}, "[a]", "takes a string"),
    ({"type": "string", "pattern": "[a-z]+"}, "abc1", "must match [a-z]+"),
    ({"type": "string", "pattern": "[a-z]+"}, '"abc\\n"', "must match [a-z]+"),
    ({"type": "string", "pattern": "[a-z]+"}, "${NAME:-Abc}", "must match [a-z]+"),
    ({"type": "string", "pattern": "[a-z]+"}, "$${NAME}", "must match [a-z]+"),
    ({"type": "integer"}, "1.5", "takes an integer"),
    ({"type": "integer"}, "true", "takes an integer"),
    ({"type": "integer"}, '"5"', "takes an integer"),
    ({"type": "integer", "min": 5, "max": 7}, "4", "must be at least 5"),
    ({"type": "integer", "min": 5, "max": 7}, "8", "must be at most 7"),
    ({"type": "integer", "max": 100000000}, "100000001", "must be at most 100000000"),
    ({"type": "number", "min": 0.25}, "0.1", "must be at least 0.25"),
    ({"type": "number", "min": 0}, "-1", "must be at least 0"),
    ({"type": "size", "min": 268435456}, "1m", "must be at least 256m"),
    ({"type": "size", "max": 100000000}, "1g", "must be at most 100000000"),
    ({"type": "duration", "min": 90}, "1s", "must be at least 90s"),
    ({"type": "duration", "max": 86400}, "2d", "must be at most 1d"),
    ({"type": "number"}, ".inf", "takes a number"),
    ({"type": "boolean"}, "yes", "takes true or false"),
    ({"type": "enum", "values": ["none", "all"]}, "nome", "takes one of none, all; did you mean 'none'?"),
    ({"type": "file"}, '""', "takes a path"),
    ({"type": "list"}, "a", "takes a list"),
    ({"type": "list", "items": "integer"}, "[a]", "takes an integer"),
    ({"type": "size"}, "big", "takes a size such as 256m or 1g"),
    ({"type": "duration"}, "1y", "takes a duration such as 30s, 5m or 1h30m"),
]


@pytest.mark.parametrize(("spec", "written", "expected"), GOOD)
def test_values_become_the_parameters_type(spec, written, expected):
    result = convert(Parameter(**spec), value(written))
    assert (result, type(result) is type(expected) or isinstance(expected, list)) == (expected, True)


@pytest.mark.parametrize(("spec", "written", "message"), BAD)
def test_wrong_values_say_what_is_taken(spec, written, message):
    with pytest.raises(Mismatch) as told:
        convert(Parameter(**spec), value(written))
    assert str(told.value) == message


def test_problems_stand_at_their_place():
    report = Report()
    with_ = parse("databse: a\ndatabase: A B\nseed: db/x.sql\n", "devenv.yaml", report)
    taken = take(postgres(), with_, "db", report)
    assert lines(report) == [
        "DE305 1:1 services.db.with: template 'postgres' has no parameter 'databse' [did you mean 'database'?]",
        "DE307 2:11 services.db.with.database: 'database' must match [a-z_]+",
    ]
    assert taken.values == {"database": "app", "seed": "./db/x.sql"}
    assert [(r.path, r.kind, r.mark.line) for r in taken.requires] == [("db/x.sql", "file", 3)]


QUEUES = """\
template: 1
summary: A broker
versions: ["1"]
parameters:
  host: { type: string, default: main }
  queues:
    type: list
    default: []
    items: record
    fields:
      name: { type: string, pattern: "[a-z]+" }
      durable: { type: boolean, default: true }
      keys: { type: list, default: [], each: '"${item}"' }
      arguments: { type: mapping, default: {} }
    each: >-
      {"host": "${with.host}", "name": "${name}", "durable": ${durable}, "keys": [${keys}], "arguments": ${arguments}}
service:
  image: broker
  command: [broker, "${with.queues}"]
  environment:
    ANY: { when: with.queues or with.host == other, value: "yes" }
  configs: [{ source: main, target: /main }]
configs:
  main: { content: "[${with.queues}]" }
"""


def instance_of(text: str, with_: str):
    from devenv.core.templates.instance import instantiate

    report = Report()
    broker = template(text, report, "broker")
    assert broker is not None, report.problems
    found = instantiate(broker, broker.versions[0], value(with_), "a", report, variable=str)
    return found, [(p.code, p.message) for p in report.problems]


def test_records_become_texts_that_make_json_and_arguments() -> None:
    made, problems = instance_of(
        QUEUES, "{queues: [a, {name: b, durable: false, keys: [x, y], arguments: {n: 0x1F, s: t}}]}"
    )
    assert problems == []
    assert json.loads(made.configs["a-main"]["content"]) == [
        {"host": "main", "name": "a", "durable": True, "keys": [], "arguments": {}},
        {"host": "main", "name": "b", "durable": False, "keys": ["x", "y"], "arguments": {"n": 31, "s": "t"}},
    ]
    assert len(made.service["command"]) == 3, "an argument for each"
    assert made.service["environment"] == {"ANY": "yes"}


def test_without_records_there_is_an_empty_list() -> None:
    made, problems = instance_of(QUEUES, "{}")
    assert (problems, made.configs["a-main"]["content"], made.service["command"]) == ([], "[]", ["broker"])
    assert not made.service.get("environment")
    assert instance_of(QUEUES, "{host: other}")[0].service["environment"] == {"ANY": "yes"}


@pytest.mark.parametrize(
    ("with_", "message"),
    [
        ("{queues: [[a]]}", "'queues' takes a mapping of name, durable, keys, arguments, or a string: its name"),
        ("{queues: [{durable: true}]}", "'queues' needs 'name' in every item"),
        ("{queues: [{nam: a}]}", "'queues' has no 'nam' in an item; did you mean 'name'?"),
        ("{queues: [{name: A}]}", "'queues' 'name' of an item must match [a-z]+"),
        ("{queues: [{name: a, durable: maybe}]}", "'queues' 'durable' of an item takes true or false"),
        ("{queues: [{name: a, arguments: [x]}]}", "'queues' 'arguments' of an item takes a mapping"),
    ],
)
def test_a_wrong_record_is_told_of(with_: str, message: str) -> None:
    assert instance_of(QUEUES, with_)[1] == [("DE307", message)]


MOUNTS = """\
template: 1
summary: Flags
versions: ["1"]
parameters:
  file: { type: file }
service:
  image: flags:1
  volumes: [{ type: bind, source: "${with.file}", target: /flags }]
"""


@pytest.mark.parametrize(("with_", "code"), [("{}", "DE306"), ("file:", "DE306"), ("file: [a]", "DE307")])
def test_a_path_that_is_missing_or_wrong_is_told_once(with_: str, code: str) -> None:
    from devenv.core.templates.instance import instantiate

    report = Report()
    flags = template(MOUNTS, report, "flags")
    written = parse(with_, "t", report)
    assert flags is not None
    instantiate(flags, flags.versions[0], written, "a", report, variable=str)
    assert [p.code for p in report.problems] == [code]


@pytest.mark.parametrize("wrong", ["${nam}", "${with.nope}"])
def test_what_an_item_becomes_can_only_name_what_there_is(wrong: str) -> None:
    report = Report()
    assert template(QUEUES.replace("${name}", wrong), report, "broker") is None
    assert [p.code for p in report.problems] == ["DE304"]


def test_every_wrong_field_is_told_of_at_its_place() -> None:
    from devenv.core.templates.instance import instantiate

    report = Report()
    broker = template(QUEUES, report, "broker")
    assert broker is not None
    written = parse("queues:\n  - a\n  - { name: b,\n      durable: maybe, nam: x }\n  - A\n  - name:\n", "t", report)
    instantiate(broker, broker.versions[0], written, "a", report, variable=str)
    found = sorted((p.mark.line, p.mark.column) for p in report.problems if p.mark)
    assert found == [(4, 16), (4, 23), (5, 5), (6, 5)]  # all of them, in one run
    assert {p.code for p in report.problems} == {"DE307"}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[a-z_][a-z0-9_]*", (False, False, False)),
        ("[a-z0-9]+=[a-z0-9.]+", (False, False, False)),
        (r"https?://\S+|[0-9]+", (True, False, True)),
        ("[a-z0-9]+", (True, False, False)),
        ("[a-z0-9-]+", (True, True, True)),
        ("-?[0-9]+", (True, True, False)),
        (r"[0-9]+(\.[0-9]+)?", (True, False, True)),
        ("[xyz]*", (False, False, False)),
        (".*", (True, True, True)),
    ],
)
def test_which_numbers_a_pattern_may_match(pattern: str, expected: tuple[bool, bool, bool]) -> None:
    from devenv.core.templates.patterns import numbers, wrong_pattern

    assert wrong_pattern(pattern) is None
    assert numbers(pattern) == expected
