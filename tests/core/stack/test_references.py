from __future__ import annotations

import pytest

from devenv.core.stack.references import Outputs, Reader
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import mark_of

OUTPUTS = Outputs(
    {"db": {"url": "pg://db", "host": "db"}, "my-api.v1": {"http.url": "http://api"}, "API-x": {"y": "1"}}
)


def read(text: str) -> tuple[str, list[str]]:
    report = Report()
    return Reader(OUTPUTS, report, "services.web").text(text), [problem.message for problem in report.problems]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("${db.url}", "pg://db"),
        ("${db.url}/${db.host}", "pg://db/db"),
        ("${my-api.v1.http.url}", "http://api"),
        ("$${db.url}", "$${db.url}"),
        ("$$${db.url}", "$$pg://db"),
        ("${HOME} $HOME ${A:-b} ${A:?b.c}", "${HOME} $HOME ${A:-b} ${A:?b.c}"),
        ("${URL:-${db.url}}", "${URL:-pg://db}"),
        ("${VERSION-v1.2}", "${VERSION-v1.2}"),
        ("${API-x.y}", "1"),
        ("${db", "${db"),
        ("${}", "${}"),
        ("db.url", "db.url"),
    ],
)
def test_references_are_replaced_and_the_rest_is_composes(written, expected):
    assert read(written) == (expected, [])


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("${nope.url}", "'${nope.url}': there is no service 'nope'"),
        ("${my-api.v1.url}", "'my-api.v1' has no output 'url'"),
        ("${my-aip.url}", "'${my-aip.url}': there is no service 'my-aip'"),
    ],
)
def test_wrong_ones_stay_and_are_told_once(written, message):
    assert read(f"{written} {written}") == (f"{written} {written}", [message])


def test_values_keep_their_places_and_keys_are_left_alone():
    report = Report()
    before = parse("a: [x, '${db.url}']\n'${db.url}': {b: '${db.host}', c: 5}\n", "f", report)
    reader = Reader(OUTPUTS, report, "")
    after = reader.value(before)
    assert after == {"a": ["x", "pg://db"], "${db.url}": {"b": "db", "c": 5}}
    assert mark_of(after["a"], 1) == mark_of(before["a"], 1) is not None
    assert list(reader.services) == ["db"]
