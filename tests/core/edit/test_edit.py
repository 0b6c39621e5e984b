"""Edits of a text: what changes, and that nothing else does."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import yaml

from devenv.core.edit import APPEND, BadPath, Change, change, parse_path, path_text, put, remove
from devenv.core.yaml.places import places
from devenv.core.yaml.source import parse
from devenv.errors import DevenvError, Report
from devenv.model.data import Map, Seq, Tagged, same
from tests.conftest import ROOT

SHARED = (Path(__file__).parent / "nasty.yaml").read_text("utf-8")
TEXT = SHARED.replace("  other: *web\n", "")


def changes(new: str, old: str = TEXT) -> list[str]:
    """The lines that went and came, in order."""
    return [line for line in difflib.ndiff(old.split("\n"), new.split("\n")) if line[0] in "+-"]


PUTS: list[tuple[str, Any, list[str]]] = [
    ("name", "other", ['- name: "shop"', '+ name: "other"']),
    ("services.db.with.database", "x, y", ["-   db: { use: postgres@17, with: { database: shop,}, }",
                                           '+   db: { use: postgres@17, with: { database: "x, y",}, }']),
    ("services.db.with.user", "me", ["-   db: { use: postgres@17, with: { database: shop,}, }",
                                     "+   db: { use: postgres@17, with: { database: shop, user: me,}, }"]),
    ("services.web.ports.http", 8081, ["-       ports: {http: 8080}", "+       ports: {http: 8081}"]),
    ("services.web.ports.admin", 9, ["-       ports: {http: 8080}", "+       ports: {http: 8080, admin: 9}"]),
    ("services.web.needs[+]", "mq", ["+       - mq"]),
    ("services.web.needs[-1]", "mq", ["-       -   cache   # é😀", "+       -   mq   # é😀"]),
    ("services.web.labels.com.example.x", 2, ['-           com.example.x: "1"', '+           com.example.x: "2"']),
    ("services.web.labels['a.b']", "3", ['+           a.b: "3"']),
    ("services.web.environment.A", "new", ["+           A: new"]),
    ("services.web.environment.C", "new", ["-           C: |", "+           C: new", "-             multi", "- ",
                                           "-             line"]),
    ("services.web.healthcheck.test", ["CMD", "x"], ["+         test: [CMD, x]"]),
    ("services.web.command[1]", "it's", ["-       command: [\"a\", 'b', c]", "+       command: [\"a\", 'it''s', c]"]),
    ("services.api.read_only", True, ["-   api: { image: a }", "+   api: { image: a, read_only: true }"]),
    ("services.cache.with.maxmemory", "8mb", ["+       with:", "+         maxmemory: 8mb"]),
    ("services.new", {"use": "redis@7", "with": {"a": [1, "2"]}},
     ["+   new:", "+     use: redis@7", "+     with:", '+       a: [1, "2"]']),
    ("modes.front", ["web"], ["+     front: [web]"]),
    ("checks.a.http", "x", ["+ checks:", "+   a:", "+     http: x", "+ "]),
    ("services.cache.use", "valkey", []),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "lines"), PUTS, ids=[path for path, _, _ in PUTS])
def test_a_value_is_put_in_its_place(path: str, value: Any, lines: list[str]) -> None:
    assert changes(put(TEXT, parse_path(path), value, file="devenv.yaml")) == lines


def test_a_mapping_in_a_list_is_written_as_the_one_before_it() -> None:
    for item in ("- path: ./a", "-   path: ./a", "- { path: ./a }"):
        text = f"devenv: 1\ncatalogs:\n  {item}\nservices: {{}}\n"
        added = put(text, ("catalogs", APPEND), {"git": "https://x", "ref": "v1"}, file="devenv.yaml")
        below = ", " if "{" in item else "\n" + " " * (2 + item.index("path"))
        new = item.replace("path: ./a", f"git: https://x{below}ref: v1")
        assert added == text.replace("services", f"  {new}\nservices")


REMOVALS: list[tuple[str, list[str]]] = [
    ("services.db", ["-   # all the databases", "-   db: { use: postgres@17, with: { database: shop,}, }", "- "]),
    (
        "services.cache",
        ["-   # the cache", "-   # of everything", "-   cache:", "-       use: valkey   # fast", "- ", "- "],
    ),
    ("services.api", ["-   api: { image: a }"]),
    ("services.web.needs[0]", ["-       - db"]),
    ("services.web.needs[-1]", ["-       -   cache   # é😀"]),
    ("services.web.command[2]", ["-       command: [\"a\", 'b', c]", "+       command: [\"a\", 'b']"]),
    ("services.web.command[0]", ["-       command: [\"a\", 'b', c]", "+       command: ['b', c]"]),
    ("services.web.ports.http", ["-       ports: {http: 8080}", "+       ports: {}"]),
    ("services.web.labels.com.example.x", ["-       labels:", '-           com.example.x: "1"', "+       labels: {}"]),
    ("services.web.healthcheck", ["-       healthcheck:"]),
    ("devenv", ["- devenv: 1   # format"]),
]


@pytest.mark.parametrize(("path", "lines"), REMOVALS, ids=[path for path, _ in REMOVALS])
def test_an_entry_goes_with_its_comments(path: str, lines: list[str]) -> None:
    assert sorted(changes(remove(TEXT, parse_path(path), file="devenv.yaml"))) == sorted(lines)


INLINE = [
    ("a: [x, 'c',  # of c\n    d]\n", "a[-1]", "a: [x, 'c'  # of c\n   ]\n"),
    ("a: {A: 1, # of A\n    B: 2}\n", "a.B", "a: {A: 1 # of A\n   }\n"),
    ("a: {\n  A: 1, # of A, too\n  # of B\n  B: 2, # of B\n}\n", "a.B", "a: {\n  A: 1, # of A, too\n}\n"),
    ("a: [\r\n  A # of A, too\r\n  , B # of B\r\n]\r\n", "a[1]", "a: [\r\n  A # of A, too\r\n]\r\n"),
    ("a: [\n  A, # of A\n  # of B\n  B,\n  C]\n", "a[0]", "a: [\n  # of B\n  B,\n  C]\n"),
    ("a: [A, B, # of B\n  C]\n", "a[0]", "a: [B, # of B\n  C]\n"),
]


@pytest.mark.parametrize(("text", "path", "wanted"), INLINE)
def test_comments_in_brackets_stay_with_what_they_are_about(text: str, path: str, wanted: str) -> None:
    assert remove(text, parse_path(path), file="f") == wanted


LINES = [
    ("a:\n    b: 1\n", "a.b", "a:\n    b: |-\n        one\n\n        two\n"),
    ("a:\n    b:\n", "a.b", "a:\n    b: |-\n        one\n\n        two\n"),
    ("a:\n  c: 1\n", "a.b", "a:\n  c: 1\n  b: |-\n    one\n\n    two\n"),
    ("a:\n  - x\n", "a[0]", "a:\n  - |-\n    one\n\n    two\n"),
    ("a:\n- x\n- y\n", "a[0]", "a:\n- |-\n  one\n\n  two\n- y\n"),
    ("a: x # why\n", "a", 'a: "one\\n\\ntwo" # why\n'),
    ("a: # why\nb: 1\n", "a", 'a: "one\\n\\ntwo" # why\nb: 1\n'),
    ("a: {b: x}\n", "a.b", 'a: {b: "one\\n\\ntwo"}\n'),
    ("a: x\r\n", "a", "a: |-\r\n  one\r\n\r\n  two\r\n"),
]


BLOCKS = [
    ("s:\n  a:\n  - x\n  - |\n    y\n    z\n  b: 1\n", "s.a", "s:\n  a: [v]\n  b: 1\n"),
    ("a:\n  - x   # last\nb: 1\n", "a", "a: [v]   # last\nb: 1\n"),
    ("a: &x\n- y\n", "a", "a: &x [v]\n"),
    ("s:\n  a:   # why\n  - x\n", "s.a", "s:\n  a:   # why\n    [v]\n"),
    ("a:\n  # of x\n  - x\n", "a", "a:\n  # of x\n  [v]\n"),
    ("a:\r\n- x\r\nb: 1\r\n", "a", "a: [v]\r\nb: 1\r\n"),
]


@pytest.mark.parametrize(("text", "path", "wanted"), BLOCKS)
def test_what_replaces_a_block_stands_beside_the_key(text: str, path: str, wanted: str) -> None:
    assert put(text, parse_path(path), ["v"], file="f") == wanted
    assert put(text, parse_path(path), "v", file="f") == wanted.replace("[v]", "v")


@pytest.mark.parametrize(("text", "path", "wanted"), LINES)
def test_a_text_of_several_lines_keeps_them(text: str, path: str, wanted: str) -> None:
    assert put(text, parse_path(path), "one\n\ntwo", file="f") == wanted


def test_a_last_line_end_is_kept_too() -> None:
    assert put("a: 1", ("a",), "one\ntwo\n", file="f") == 'a: "one\\ntwo\\n"'


def test_what_is_left_empty_goes_too_when_asked() -> None:
    new = remove(TEXT, parse_path("modes.backend[0]"), file="f", emptied=True)
    assert "modes" not in new
    assert new.endswith("  api: { image: a }\n")


CUTS = [
    ("a:\n  b: 1\n\n  c: 2\nd: 3\n", "a.c", "a:\n  b: 1\nd: 3\n"),
    ("a:\n  b: 1\n\n  c: 2\n\nd: 3\n", "a.c", "a:\n  b: 1\n\nd: 3\n"),
    ("a: 1\r\nb: 2", "b", "a: 1"),
    ("a: |\n  x\nb: 2", "b", "a: |\n  x\n"),  # whose own end would go with the line's
    ("a: |+\n  x\n\nb: 2\n", "b", "a: |+\n  x\n\n"),
    ("a:\n  - # well-known\n    b: 1\n  - c\n", "a[0]", "a:\n  - c\n"),
    ("a:\n  - - 1\n    - 2\n", "a[0][0]", "a:\n  - - 2\n"),
    ("a:\n  - - 1\n  - 2\n", "a[0][0]", "a:\n  - []\n  - 2\n"),
    ("a:\n  ? b\n  : c\n  d: e\n", "a.b", "a:\n  d: e\n"),
    ("a:\n  b: # why\n    # of c\n    - c # too\n  d: 1\n", "a.b[0]", "a:\n  b: # why\n    []\n  d: 1\n"),
    ("a: &x\r\n  # of c\r\n  c: 1 # too\r\nd: 1\r\n", "a.c", "a: &x {}\r\nd: 1\r\n"),
    ("a:\n- b # of b", "a[0]", "a: []"),
    ("a: 1 # of a\nb: 2\r\nc: 3", "c", "a: 1 # of a\nb: 2"),
    ("c: 1\r\na: 1 # of a\nb: 2", "b", "c: 1\r\na: 1 # of a"),
    ("c: 1\r\na:\n- b # of b\nd: 2\r\n", "a[0]", "c: 1\r\na: []\nd: 2\r\n"),
    ("a:\n  b:\n    c: 1\n\n    # of b\n  # of d\n  d: 2\n", "a.b", "a:\n  # of d\n  d: 2\n"),
    ("a:\n  d: 2\n  b:\n    c: 1\n    # of b\n# of e\ne: 3\n", "a.b", "a:\n  d: 2\n# of e\ne: 3\n"),
]


@pytest.mark.parametrize(("text", "path", "wanted"), CUTS)
def test_nothing_goes_but_the_entry_and_what_is_about_it(text: str, path: str, wanted: str) -> None:
    assert remove(text, parse_path(path), file="f") == wanted


FITS = [
    ("a: |+\n  b\n\nc: 1\n", "a", "a: x\n\nc: 1\n"),
    ("a: &x # why\n  - b\nc: 1\n", "a[+]", "a: &x # why\n  - b\n  - x\nc: 1\n"),
    ("a: !!map # why\n  &b b: 1\nc: 1\n", "a.d", "a: !!map # why\n  &b b: 1\n  d: x\nc: 1\n"),
    ("a:\n  ? b\n  : c\n", "a.d", "a:\n  ? b\n  : c\n  d: x\n"),
    ("a: &b c\nd:\n  *b : 1\n", "d.b", "a: &b c\nd:\n  *b : 1\n  b: x\n"),
    ("a:\n  b.0: 1\n  b: [2]\n", "a.b[0]", "a:\n  b.0: 1\n  b: [x]\n"),
    ("a:\n  b:\n    c: 1\n    # of b\n# of all\n", "a.d", "a:\n  b:\n    c: 1\n    # of b\n  d: x\n# of all\n"),
    ("a:\n  - c: 1\n\n    # of it", "a[+]", "a:\n  - c: 1\n\n    # of it\n  - x"),
    ("a:\n  b:\n    c: 1\n    # of b\n\n  d: 2\n", "a.e", "a:\n  b:\n    c: 1\n    # of b\n\n  d: 2\n\n  e: x\n"),
]


@pytest.mark.parametrize(("text", "path", "wanted"), FITS)
def test_a_value_fits_into_unusual_lines(text: str, path: str, wanted: str) -> None:
    assert put(text, parse_path(path), "x", file="f") == wanted


def test_what_is_added_and_taken_out_again_leaves_the_text_as_it_was() -> None:
    texts = [text.replace("\r", "") for text in (SHARED, *(one[0] for one in (*CUTS, *FITS)))]
    for text in (each for one in texts for each in (one, one.rstrip("\n"), one.replace("\n", "\r\n"))):
        data = parse(text, "f", Report())
        for path in {leaf[:n] for leaf in leaves(data) for n in range(len(leaf))}:
            value: Any = data
            for step in path:
                value = value[step]
            if not value or path in shared(text) or any(path[:n] in shared(text) for n in range(len(path))):
                continue
            new = (*path, APPEND if isinstance(value, Seq) else "new key")
            there = (*path, -1 if isinstance(value, Seq) else "new key")
            assert remove(put(text, new, "x", file="f"), there, file="f") == text, path


def test_changes_are_made_together_or_one_after_the_other() -> None:
    text = "a:\n  - x\n  - y\n  - z\nb: 1\nc: {d: 1}\n"
    apart = [Change(("a", 0)), Change(("a", 2)), Change(("b",), 2), Change(("c", "e"), 3)]
    assert change(text, apart, file="f") == "a:\n  - y\nb: 2\nc: {d: 1, e: 3}\n"
    on_each_other = [
        Change(("a", 0)),
        Change(("a", 0)),
        Change(("a", 0), emptied=True),
        Change(("m",), 1),
        Change(("m",), 2),
    ]
    assert change(text, on_each_other, file="f") == "b: 1\nc: {d: 1}\nm: 2\n"
    with pytest.raises(DevenvError, match="DE741"):
        change(text, [Change(("b",), 2), Change(("nothing",))], file="f")


def test_a_thousand_changes_read_the_file_once_before_and_once_after(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"s{i}:\n  needs:\n    - db\n  image: x\n" for i in range(1000))
    read = Mock(side_effect=parse)
    monkeypatch.setattr("devenv.core.edit.edit.parse", read)
    changes = [Change((f"s{i}", "needs", 0), emptied=True) for i in range(1000)]
    assert change(text, changes, file="f") == "".join(f"s{i}:\n  image: x\n" for i in range(1000))
    assert read.call_count == 2


def test_a_comment_that_heads_several_entries_stays() -> None:
    text = "services:\n  # databases\n  one: {}\n  two: {}\n"
    assert remove(text, ("services", "one"), file="f") == "services:\n  # databases\n  two: {}\n"


REFUSED = [
    ("services.web.environment.A.b", "DE742"),  # the value comes by <<
    ("services.other.build", "DE742"),  # an alias
    ("services.web.environment.<<", "DE742"),
    ("services.web.environment.<<.A", "DE742"),
    ("services.web.ports.http", "DE742"),  # what has an anchor is used elsewhere
    ("x-env.A", "DE742"),
    ("name.first", "DE741"),
    ("services.web.needs.db", "DE741"),
    ("services[0]", "DE741"),
    ("services.web.needs[7]", "DE741"),
    ("services.web.dns[0]", "DE741"),
    ("volumes.new.labels[0].name", "DE741"),
]


@pytest.mark.parametrize(("path", "code"), REFUSED)
def test_what_would_change_something_else_is_refused_with_its_place(path: str, code: str) -> None:
    with pytest.raises(DevenvError) as error:
        put(SHARED, parse_path(path), "x", file="devenv.yaml")
    problem = error.value.problems[0]
    assert problem.code == code
    assert problem.mark is not None and problem.excerpt == SHARED.split("\n")[problem.mark.line - 1]


@pytest.mark.parametrize(
    ("path", "value", "wanted"),
    [
        ("c[1]", "x", "c: !override [a, x]  # why"),
        ("c[+]", "x", "c: !override [a, b, x]  # why"),
        ("c", ["x"], "c: !override [x]  # why"),
        ("c", ["a", "b"], "c: !override [a, b]  # why"),
        ("c[0]", None, "c: !override [b]  # why"),
    ],
)
def test_a_tag_before_what_is_changed_stays(path: str, value: Any, wanted: str) -> None:
    text = "c: !override [a, b]  # why\nd: 1\n"
    steps = parse_path(path)
    new = remove(text, steps, file="f") if value is None else put(text, steps, value, file="f")
    assert new == f"{wanted}\nd: 1\n"


def test_an_empty_file_is_said_to_be_empty() -> None:
    with pytest.raises(DevenvError) as error:
        put("# nothing yet\n", ("name",), "shop", file="devenv.yaml")
    assert error.value.problems[0].message == "devenv.yaml is empty"


def test_what_cannot_be_added_is_refused_beside_what_is_there() -> None:
    with pytest.raises(DevenvError) as error:
        put("z: 1\na:\x85  b: c\n\n", ("a", "d"), "x", file="f")  # a line break to YAML, and to nothing else
    problem = error.value.problems[0]
    assert problem.mark is not None and (problem.mark.line, problem.excerpt) == (2, "a:\x85  b: c")


def test_a_missing_entry_is_named_with_what_there_is() -> None:
    with pytest.raises(DevenvError) as error:
        remove(TEXT, parse_path("services.web.prots"), file="devenv.yaml")
    assert error.value.problems[0].hint == "did you mean 'ports'?"
    with pytest.raises(DevenvError) as error:
        remove("a:\n  b: 1\n", ("a", "xyz"), file="devenv.yaml")
    assert error.value.problems[0].hint == "it has b"


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    new = put(text, parse_path("services.new.with.a"), 1, file="f")
    assert new.replace("\r\n", "\n") == "\ufeff" + put(TEXT, parse_path("services.new.with.a"), 1, file="f")
    assert new.count("\n") == new.count("\r\n")
    assert put("a: 1\r\nb: 2\n", ("c",), 3, file="f") == "a: 1\r\nb: 2\nc: 3\n"
    assert put("a: 1\nb: {c: 2}", ("b", "d"), 3, file="f") == "a: 1\nb: {c: 2, d: 3}"
    assert put("a: 1", ("b",), 3, file="f") == "a: 1\nb: 3"
    assert put("a:\n  b: 1", ("a", "c"), {"d": 3}, file="f") == "a:\n  b: 1\n  c:\n    d: 3"


def leaves(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(data, dict):
        return [leaf for key in data for leaf in leaves(data[key], (*path, key))] or [path]
    if isinstance(data, list):
        return [leaf for i, item in enumerate(data) for leaf in leaves(item, (*path, i))] or [path]
    return [path]


def lines_of(text: str, path: tuple[str | int, ...]) -> int:
    """How many lines more than one the value at a path is written on."""
    node = places(text)
    for step in path:
        assert node is not None
        if isinstance(step, int):
            node = node.values[step]
        else:
            node = next(value for key, value in node.entries if key.name == step)
    assert node is not None
    return text.count("\n", node.start, node.end)


def shared(text: str) -> set[tuple[str | int, ...]]:
    """Where the values stand that are written once and used elsewhere, too: `&name` and `*name`."""
    places: dict[int, list[tuple[str | int, ...]]] = {}

    def walk(node: yaml.Node, path: tuple[str | int, ...]) -> None:
        places.setdefault(id(node), []).append(path)
        if isinstance(node, yaml.SequenceNode):
            for i, item in enumerate(node.value):
                walk(item, (*path, i))
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                walk(value, (*path, key.value))

    walk(root := yaml.compose(text), ())
    assert root is not None  # alive until here, so that no two nodes had one id
    return {path for found in places.values() if len(found) > 1 for path in found}


FILES = [*sorted(ROOT.glob("templates/*/template.yaml")), *sorted(ROOT.glob("compose/*/devenv.yaml"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_every_value_of_every_file_of_ours_can_be_changed_and_taken_out(file: Path) -> None:
    text = file.read_text("utf-8")
    data = parse(text, "f", Report())
    for path in leaves(data)[::5]:
        value = data
        for step in path:
            value = value[step]
        if isinstance(value, Tagged):
            continue
        if path in shared(text):
            with pytest.raises(DevenvError, match="DE742"):
                put(text, path, "changed", file="f")
            continue
        new = put(text, path, "changed", file="f")
        before, after = text.split("\n"), new.split("\n")
        extra = lines_of(text, path) if isinstance(value, str) else 0
        assert 0 <= len(before) - len(after) <= extra, path
        assert sum(a != b for a, b in zip(before, after, strict=False)) == 1 or extra, path
        remove(text, path, file="f")  # looks itself whether nothing else has changed


def test_paths_are_read_and_written() -> None:
    for written in ("a", "a.b", "a[0]", "a.b[-1].c", 'a."b.c"', "a[+]", "a.'b\"c'", 'a.""'):
        assert path_text(parse_path(written)) == written
    assert parse_path("a['b.c'].d[+]") == ("a", "b.c", "d", APPEND)
    for wrong in ("", "a..b", "[0]", "a[x]", ".a", "a.", 'a"b"', f"a[{'9' * 5000}]"):
        with pytest.raises(BadPath):
            parse_path(wrong)


def test_numbers_texts_and_truths_are_not_the_same() -> None:
    assert same(Map({"a": Seq([1])}), {"a": [1]})
    assert not same(1, True)
    assert not same(1, "1")
    assert not same({"a": 1}, {"a": 1, "b": None})
