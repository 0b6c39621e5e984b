from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devenv.core.compose.interpolate import closed, ending, interpolate, solve, variables_of, with_defaults
from devenv.errors import DevenvError

VARIABLES = {"A": "a", "EMPTY": "", "B_1": "b", "D": "$A"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("$A", "a"),
        ("${A}", "a"),
        ("x$A-y", "xa-y"),
        ("$A$B_1", "ab"),
        ("$UNSET.", "."),
        ("${UNSET}", ""),
        ("$$A $${A}", "$A ${A}"),
        ("$$$A", "$a"),
        ("${A:-d}", "a"),
        ("${EMPTY:-d}", "d"),
        ("${UNSET:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${UNSET-d}", "d"),
        ("${UNSET:-}", ""),
        ("${A:+r}", "r"),
        ("${EMPTY:+r}", ""),
        ("${EMPTY+r}", "r"),
        ("${UNSET+r}", ""),
        ("${A:?e}", "a"),
        ("${EMPTY?e}", ""),
        ("${UNSET:-${A}}", "a"),
        ("${UNSET:-${ALSO:-x${A}y}}z", "xayz"),
        ("${UNSET:-$A}", "a"),
        ("${UNSET:-a:b-c?d}", "a:b-c?d"),
        ("${UNSET:-{x}}", "{x}"),
        ("127.0.0.1:${P:-8080}:80", "127.0.0.1:8080:80"),
        ("$D", "$A"),
        ("${db.url}", "${db.url}"),
        ("${web.http.url}/x", "${web.http.url}/x"),
        ("cost: 5$", "cost: 5$"),
        ("$5 $-", "$5 $-"),
        ("${", "${"),
        ("${A", "${A"),
        ("${A:-x", "${A:-x"),
        ("${A/x/y}", "${A/x/y}"),
        ("${}", "${}"),
    ],
)
def test_composes_forms(text: str, expected: str) -> None:
    assert interpolate(text, VARIABLES) == expected


@pytest.mark.parametrize("text", ["${UNSET:?why $A}", "${UNSET?why a}", "${EMPTY:?why a}", "${X:-${Y:?why a}}"])
def test_a_demanded_variable(text: str) -> None:
    with pytest.raises(DevenvError) as caught:
        interpolate(text, VARIABLES)
    assert caught.value.problems[0].code == "DE260"
    assert "why a" in caught.value.problems[0].message


def test_names_in_a_text() -> None:
    assert variables_of("$A ${B} ${C:-${D:?$E}} $$F ${g.h} ${H:+${I}}") == {"A", "B", "C", "D", "E", "H", "I"}


def test_deep_nesting_ends() -> None:
    for text in ("${A:-" * 20_000 + "}" * 20_000, "${A:-" * 20_000, "${A:-${" * 20_000 + "}"):
        assert isinstance(interpolate(text, {}), str)


@given(st.text("${}:-?+AB.x", max_size=30))
def test_any_text(text: str) -> None:
    names = variables_of(text)
    try:
        interpolate(text, {"A": "1"})
    except DevenvError:
        assert "?" in text
    assert interpolate(text.replace("$", "$$"), {}) == text
    assert all(name.isidentifier() for name in names)


def test_defaults_stand_for_what_nobody_sets():
    values = {"A": "1", "E": "", "B": "{x}", "D": "a$b"}
    said = with_defaults(
        "$A ${A} ${A:-x} ${A-x} ${A:?no} ${A:+y} ${E:-x} ${E-x} ${X:-${A}} $B $D $$A ${x-db.url}", values
    )
    assert said == "${A-1} ${A-1} ${A:-1} ${A-1} ${A:-1} y ${E:-x} ${E-} ${X:-${A-1}} {x} ${D-a$$b} $$A ${x-db.url}"


def test_closed_text_has_no_variables_left():
    said = closed("$A ${A:-x} ${X} ${X:-$A} ${X-d} ${A:+y} ${X:+y}$$A ${db.url} ${o-db.url} ${T-v1.2}", {"A": "1$"})
    assert said == "1$$ 1$$  1$$ d y $$A ${db.url} ${o-db.url} v1.2"
    with pytest.raises(DevenvError):
        closed("${X:?must}", {})


@pytest.mark.parametrize("text", ["x", "x${A-y}", "${A:-x}/${B-y}:${C:-z}", "${A:-${B-x}}z", "${A:-a${B:-b}}-${B:-c}"])
@pytest.mark.parametrize("values", [{}, {"A": ""}, {"A": "1"}, {"B": ""}, {"C": "3"}, {"B": "2", "C": "3"}])
def test_an_ending_counts_while_no_variable_is_set(text: str, values: dict[str, str]) -> None:
    said = ending(text, "@end") or ""
    unset = not any(name in text and (value or f"{name}-" in text) for name, value in values.items())
    assert interpolate(said, values) == interpolate(text, values) + ("@end" if unset else "")


@pytest.mark.parametrize("text", ["$A", "${A}", "x${A:?must}", "${A:+x}", "${A:-$B}", "$$A", "${db.host}", "${o-db.u}"])
def test_without_a_default_there_is_no_ending(text: str) -> None:
    assert ending(text, "@end") is None
    assert ending("${A:-" * 20_000 + "}" * 20_000, "@end") is None


@pytest.mark.parametrize(
    ("text", "value", "found"),
    [
        ("${A}", "x", ("A", "x")),
        ("$A", "x", ("A", "x")),
        ("${A:-default}", "x", ("A", "x")),
        ("pg://app:${A:-d}@db:5432/a$$b", "pg://app:x@db:5432/a$b", ("A", "x")),
        ("pg://app:${A}@db", "pg://app:@db", ("A", "")),
        ("pg://app:${A}@db", "pg://app:x@other", None),
        ("aba${A}bab", "abab", None),
        ("${A}:${A}", "x:x", None),
        ("${A}${B}", "xy", None),
        ("${A:-${B}}", "x", None),
        ("${A:+set}", "set", None),
        ("no variable", "no variable", None),
    ],
)
def test_a_variable_is_told_from_what_became_of_it(text: str, value: str, found: tuple[str, str] | None) -> None:
    assert solve(text, value) == found
