from __future__ import annotations

import pytest

from devenv.core.templates.placeholders import Bad, Condition, Fill
from devenv.core.yaml.source import parse
from devenv.errors import Report

SCOPE = {
    "with.text": "a", "with.number": 5, "with.off": False, "with.none": None, "with.list": ["x", "y"],
    "with.nothing": [], "version": "17", "host": "db", "secret.key": "${K:-d}",
}  # fmt: skip


def fill(text: str) -> tuple[object, list[str]]:
    told: list[str] = []
    filler = Fill(SCOPE, lambda message, mark, path: told.append(f"{path.lstrip('.')}: {message}"), {})
    return filler.value(parse(text, "t", Report())), told


VALUES = {
    "a whole placeholder keeps its type": ("{a: '${with.number}', b: '${with.off}'}", {"a": 5, "b": False}),
    "in a list it is text": ('a: ["${with.number}", "${with.off}"]', {"a": ["5", "false"]}),
    "inside a text it is text": ('a: "<${with.number}|${with.off}|${with.none}>"', {"a": "<5|false|>"}),
    "a list is spliced into a list": ('a: [run, "${with.list}", end]', {"a": ["run", "x", "y", "end"]}),
    "an empty list leaves nothing": ('a: [run, "${with.nothing}"]', {"a": ["run"]}),
    "a list is joined in a text": ('a: "<${with.list}>"', {"a": "<x,y>"}),
    "a doubled dollar stays": ('a: "$$HOME $${with.text}"', {"a": "$$HOME $${with.text}"}),
    "a value is not read again": ('a: "${secret.key}"', {"a": "${K:-d}"}),
    "an item whose condition fails is left out": (
        "a: [{when: with.off, b: 1}, {when: with.text, b: 2}]",
        {"a": [{"b": 2}]},
    ),
    "a value in a list": ('a: [{when: with.text, value: "${with.text}"}, {when: with.none, value: n}]', {"a": ["a"]}),
    "a value in a mapping": ("a: {b: {when: not with.off, value: 1}, c: {when: with.off, value: 2}}", {"a": {"b": 1}}),
    "a mapping in a mapping": ("a: {b: {when: with.off, x: 1}, c: {when: with.text, x: 2}}", {"a": {"c": {"x": 2}}}),
}


@pytest.mark.parametrize("case", VALUES)
def test_values(case):
    text, expected = VALUES[case]
    assert fill(text) == (expected, [])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: ${with.nope}", "a: '${with.nope}' stands for nothing here"),
        ("a: ${HOME}", "a: '${HOME}': a template cannot read the host's environment; declare a parameter"),
        ("a: [x $HOME]", "a[0]: a '$' for the container is written '$$' in a template"),
        ("a: [{when: with.nope, b: 1}]", "a[0]: '${with.nope}' stands for nothing here"),
        (
            "a: [{when: with.a and with.b, b: 1}]",
            "a[0]: 'with.a and with.b' is not a condition: with.x, not with.x, with.x == text, with.x != text",
        ),
    ],
)
def test_what_means_nothing_is_told(text, told):
    assert fill(text)[1] == [told]


@pytest.mark.parametrize(
    ("text", "left"), [("a${HOME}", "a$${HOME}"), ("a$HOME", "a$$HOME"), ("a${b.port}", "a$${b.port}")]
)
def test_what_means_nothing_is_no_variable_and_no_reference(text, left):
    assert Fill(SCOPE, lambda *_: None, {}).text(text) == left


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("with.text", True), ("not with.text", False), ("with.off", False), ("with.none", False),
        ("with.nothing", False), ("with.text == a", True), ("with.text == 'a'", True), ("with.text != a", False),
        ("with.number == 5", True), ("with.off == false", True), ("version == 17", True),
    ],
)  # fmt: skip
def test_conditions(condition, holds):
    assert Condition.parse(condition).holds(SCOPE) is holds


@pytest.mark.parametrize("condition", ["", "x", "with.", "not", "with.a == ${b} or", "host", "__import__('os')"][:4])
def test_what_is_no_condition(condition):
    with pytest.raises(Bad):
        Condition.parse(condition)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a ${with.text} b", "a a b"),
        ("$uri ${HOME} $$ $1", "$$uri $${HOME} $$$$ $$1"),
        ("$${with.text}", "$${with.text}"),
        ("$${HOME}", "$$$${HOME}"),
        ("${secret.key}", "${K:-d}"),
        ("^$", "^$$"),
    ],
)
def test_a_files_own_dollars_reach_the_container(written, expected):
    told: list[str] = []
    assert Fill(SCOPE, lambda message, *_: told.append(message), {}).file(written) == expected
    assert not told
