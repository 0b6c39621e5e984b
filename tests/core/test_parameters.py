from __future__ import annotations

import pytest

from devenv.core.parameters import Mismatch, convert, take
from devenv.core.source import parse
from devenv.errors import Report
from devenv.model.template import Parameter
from tests.core.stacks import lines, postgres


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
    ({"type": "integer"}, "1.5", "takes an integer"),
    ({"type": "integer"}, "true", "takes an integer"),
    ({"type": "integer"}, '"5"', "takes an integer"),
    ({"type": "integer", "min": 5, "max": 7}, "4", "must be at least 5"),
    ({"type": "integer", "min": 5, "max": 7}, "8", "must be at most 7"),
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
