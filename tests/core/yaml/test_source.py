from __future__ import annotations

import math
import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from devenv.core.yaml.source import MAX_BYTES, MAX_NODES, dump, parse
from devenv.errors import Mark, Report
from devenv.model.data import Map, Plain, Seq, Tagged, mark_of


def read(text: str):
    report = Report()
    data = parse(text, "f.yaml", report)
    assert not report.problems, report.problems
    return data


def problems(text: str) -> list[tuple[str, int, int]]:
    report = Report()
    parse(text, "f.yaml", report)
    return [(p.code, p.mark.line, p.mark.column) for p in report.problems]


@pytest.mark.parametrize(
    "text", ["22:22", "no", "on", "yes", "y", "off", "2024-01-01", "1_000", "0b1", "1:30:00", "0x", "0o8", "1.2.3", "="]
)
def test_what_only_yaml_1_1_reads_as_something_else_is_text(text: str) -> None:
    value = read(f"a: {text}\n")["a"]
    assert type(value) is str
    assert value == text


@pytest.mark.parametrize(
    ("text", "value"),
    [("~", None), ("null", None), ("", None), ("true", True), ("false", False), ("12", 12), ("-3", -3), ("0.5", 0.5)],
)
def test_core_schema_values(text: str, value: object) -> None:
    got = read(f"a: {text}\n")["a"]
    assert type(got) is type(value)
    assert got == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("0123", 123), ("0x1F", 31), ("0o17", 15), ("+5", 5), ("1e3", 1000.0), ("TRUE", True), ("0.50", 0.5), (".5", 0.5)],
)
def test_unusual_spellings_keep_their_text(text: str, value: object) -> None:
    got = read(f"a: {text}\n")["a"]
    assert isinstance(got, Plain)
    assert (got, got.value) == (text, value)
    assert dump({"a": got}) == f"a: {text}\n"


def test_marks_are_one_based_with_the_width_of_scalars() -> None:
    data = read("services:\n  web:\n    image: 'nginx:1'\n    ports: [80, 443]\n")
    web = data["services"]["web"]
    assert mark_of(web, "image") == Mark("f.yaml", 3, 12, 9)
    assert mark_of(web, "image", of_key=True) == Mark("f.yaml", 3, 5, 5)
    assert mark_of(web["ports"], 1) == Mark("f.yaml", 4, 17, 3)
    assert data["services"].mark == Mark("f.yaml", 2, 3)


def test_aliases_keep_the_marks_of_their_anchor_and_share_nothing() -> None:
    data = read("a: &x\n  k: 1\nb: *x\n")
    assert data["b"] == {"k": 1}
    assert mark_of(data["b"], "k") == mark_of(data["a"], "k") == Mark("f.yaml", 2, 6, 1)
    data["b"]["k"] = 2
    assert data["a"] == {"k": 1}


def test_merge_keys() -> None:
    data = read("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  z: 3\n  <<: [*a, *b]\n  w: 3\n")
    assert data["c"] == {"x": 1, "y": 1, "z": 3, "w": 3}
    assert mark_of(data["c"], "x").line == 1
    assert mark_of(data["c"], "z").line == 4


def test_a_merge_key_may_say_so() -> None:
    assert read("a: &a {x: 1}\nb:\n  !!merge <<: *a\n  y: 2\n")["b"] == {"x": 1, "y": 2}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert read('"<<": 1\n') == {"<<": 1}


def test_composes_tags_are_kept() -> None:
    data = read("a: !reset null\nb: !override\n  - 1\n")
    assert isinstance(data["a"], Tagged)
    assert (data["a"].tag, data["a"].value) == ("!reset", None)
    assert (data["b"].tag, data["b"].value) == ("!override", [1])
    assert dump(data) == "a: !reset null\nb: !override\n  - 1\n"


def test_standard_tags() -> None:
    assert read("a: !!str 1\nb: !!int '7'\nc: !!float 1\nd: !!map {x: 1}\ne: !!null ''\nf: ! 5\n") == {
        "a": "1", "b": 7, "c": 1.0, "d": {"x": 1}, "e": None, "f": "5",
    }  # fmt: skip


def test_scalar_keys_are_their_text() -> None:
    assert list(read("1: a\ntrue: b\n0x1F: c\n2.5: d\n")) == ["1", "true", "0x1F", "2.5"]


def test_empty_files() -> None:
    assert read("") is None
    assert read("# only a comment\n") is None
    assert read("\ufeff# with a byte order mark\n") is None


def test_windows_line_ends() -> None:
    data = read("a: 1\r\nb: |\r\n  x\r\n  y\r\n")
    assert data == {"a": 1, "b": "x\ny\n"}


def test_every_duplicate_is_named_with_the_place_of_the_first() -> None:
    report = Report()
    data = parse("a: 1\nb: 1\na: 2\nc: {d: 1, d: 2}\na: 3\n", "f.yaml", report)
    assert [(p.code, p.mark.line) for p in report.problems] == [("DE106", 3), ("DE106", 4), ("DE106", 5)]
    assert "line 1" in report.problems[0].message
    assert data["a"] == 1


def test_bounds_are_met_quickly() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    cases = {
        "DE107": [bomb],
        "DE108": ["[" * 10_000, "- " * 10_000 + "x", "".join(" " * i + "a:\n" for i in range(1500))],
        "DE103": ["a" * (MAX_BYTES + 1), "é" * (MAX_BYTES // 2 + 1), "x: 1\n" * 4_000_000, "[" + "a," * MAX_NODES],
        "DE104": ["a: \0", "a: \x07", "\x7fELF\x02\x01", "a: \ud800"],
    }
    for code, texts in cases.items():
        for text in texts:
            started = time.process_time()
            assert [c for c, *_ in problems(text)] == [code]
            assert time.process_time() - started < 1.5


def test_depth_counts_through_aliases() -> None:
    text = "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 50 + "*a" + "]" * 50 + "\n"
    assert [c for c, *_ in problems(text)] == ["DE108"]


def test_control_characters_have_a_place() -> None:
    assert problems("a: 1\nbc: \x07\n") == [("DE104", 2, 5)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a:\n\tb: 1\n", 2, "a tab indents"),
        ("a:\n  \tb: 1\n", 2, "a tab indents"),
        ("name: shop\nservices\n  web: 1\n", 2, "no ':'"),
        ("a: 'x\nb: 1\n", 1, "quote is opened"),
        ('a: 1\nb: "x\nc: 1\n', 2, "quote is opened"),
        ("a: 1\nb: [x, y\nc: 1\n", 2, "'[' is opened"),
        ("a: {x: 1\nb: 1\n", 1, "'{' is opened"),
        ("a: b: c\n", 1, "':' cannot stand here"),
        ("a: @x\n", 1, "cannot start with '@'"),
        ("a: `x`\n", 1, "cannot start with '`'"),
        ("a:\n    b: 1\n  c: 1\n", 3, "fits no level"),
        ('a: "\\d"\n', 1, "backslash"),
        ("a:\n  - 1\n  b: 2\n", 3, "does not continue the list"),
    ],
)
def test_syntax_errors_speak_plainly(text: str, line: int, words: str) -> None:
    report = Report()
    assert parse(text, "f.yaml", report) is None
    (problem,) = report.problems
    assert problem.code == "DE105"
    assert problem.mark.line == line
    assert words in problem.message
    assert problem.hint


def test_the_dump_is_readable() -> None:
    data = {
        "a": {"b": [1, {"c": "x", "d": ["y"]}, [2, []], {}], "e": {}},
        "script": "set -e\n\n  echo $$X # no comment\n",
        "keep": "a\n\n",
        "no": "no",
        "url": "http://x:80/?a=b",
        "port": "127.0.0.1:8080:80",
        "image": "${IMAGE:-postgres:17}",
    }
    assert dump(data) == (
        'a:\n  b:\n    - 1\n    - c: x\n      d:\n        - "y"\n    - - 2\n      - []\n    - {}\n  e: {}\n'
        'script: |\n  set -e\n\n    echo $$X # no comment\nkeep: |+\n  a\n\n"no": "no"\n'
        'url: http://x:80/?a=b\nport: "127.0.0.1:8080:80"\nimage: ${IMAGE:-postgres:17}\n'
    )


# fmt: off
MISREAD = [
    "y", "n", "yes", "No", "ON", "off", "True", "null", "~", "1", "1.5", "1e3", "0x1F", "0o7", "0b1", "22:22", "1_000",
    "2024-01-01", "2001-12-14 21:59:43.10 -5", "+1", ".5", ".inf", "=", "<<", "-", "?", ":", "a:", "#a", "&a", "*a",
    "!a", "|", ">", "%", "@", "`", "[a", "{a", ",a", "'a", "", " a", "a ", "a: b", "a #b", "--- a", "---", "...", "\t",
    "\u2028", "\x85", "\ufeff", "\x7f", "é", "🐳",
]
# fmt: on


@pytest.mark.parametrize("text", MISREAD)
def test_no_reader_misreads_a_string(text: str) -> None:
    for data in ({"k": text}, {text: "v"}, [text], text):
        assert read(dump(data)) == data
        assert yaml.safe_load(dump(data)) == data


@pytest.mark.parametrize("character", ["\u202e", "\u2066"])
def test_no_text_shows_its_surroundings_in_another_order(character: str) -> None:
    for data in ({"k": f"a{character}b"}, {f"a{character}b": "v"}, [f"a\n{character}b\n"]):
        assert character not in dump(data)
        assert read(dump(data)) == yaml.safe_load(dump(data)) == data


TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab: #-\n\t'\"0123456789.eExy_=~<>|&*!?,[]{}%@`$")
SCALARS = st.none() | st.booleans() | st.integers(-(10**40), 10**40) | st.floats(allow_nan=False) | TEXT
DATA = st.recursive(SCALARS, lambda d: st.lists(d, max_size=4) | st.dictionaries(TEXT, d, max_size=4), max_leaves=12)


@settings(max_examples=400, deadline=None)
@given(DATA)
def test_what_is_dumped_is_read_back(data: object) -> None:
    text = dump(data)
    assert _same(read(text), data)
    assert _same(yaml.safe_load(text), data)
    assert dump(read(text)) == text


def _same(one: object, other: object) -> bool:
    """Equal, with types: True is not 1, and 1.0 is not 1."""
    if isinstance(other, dict) and isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[k], other[k]) for k in other)
    if isinstance(other, list) and isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


@settings(max_examples=300, deadline=None)
@given(st.text("ab1:-#\n \t'\"[]{},&*!|>?%@<~.", max_size=60) | st.text(max_size=40))
def test_any_text_is_data_or_problems_with_places(text: str) -> None:
    report = Report()
    data = parse(text, "f.yaml", report)
    assert data is None or isinstance(data, Map | Seq | Tagged | str | int | float)
    for problem in report.problems:
        assert problem.mark is not None
        assert problem.mark.line >= 1
        assert problem.mark.column >= 1


def test_not_a_number_survives() -> None:
    assert math.isnan(read(dump({"a": math.nan}))["a"])


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError):
        dump({"a": object()})
