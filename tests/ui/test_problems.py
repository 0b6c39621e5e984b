import json
import time

import pytest

from devenv.errors import Mark, Problem
from devenv.ui.problems import format_problems, problems_as_json
from devenv.ui.text import cells

CODE = "DE105"


def problem(message="unknown key 'prots'", line="    prots: [6379]", column=5, width=5, **fields):
    mark = Mark("devenv.yaml", fields.pop("number", 9), column, width)
    return Problem(fields.pop("code", CODE), message, mark, excerpt=line, **fields)


def test_the_format_whole():
    found = problem(path="services.cache", hint="did you mean 'ports'?")
    assert format_problems([found]) == (
        "error[DE105] devenv.yaml:9:5: services.cache: unknown key 'prots'\n"
        "   9 |     prots: [6379]\n"
        "     |     ^^^^^\n"
        "hint: did you mean 'ports'?"
    )


def test_several_with_evidence_warnings_and_a_last_line():
    found = [
        problem(number=12, line="x: 1", column=1, width=1, message="first"),
        Problem("DE106", "second", Mark("devenv.yaml", 20, 1), warning=True),
        problem(number=1234, line="y", column=1, width=1, message="third"),
    ]
    assert format_problems(found) == (
        "error[DE105] devenv.yaml:12:1: first\n"
        "  12 | x: 1\n"
        "     | ^\n"
        "\n"
        "warning[DE106] devenv.yaml:20:1: second\n"
        "\n"
        "error[DE105] devenv.yaml:1234:1: third\n"
        "1234 | y\n"
        "     | ^\n"
        "\n"
        "2 errors, 1 warning in devenv.yaml"
    )


def test_without_a_place_and_with_other_programs_words():
    found = Problem(
        "DE401", "the engine cannot be reached", evidence=("dial unix: \x1b[31mno\x1b[0m such file\nsecond",)
    )
    assert format_problems([found]) == (
        "error[DE401]: the engine cannot be reached\n    dial unix: no such file\n    second"
    )


def test_problems_of_one_line_stand_close_and_count_files():
    found = [Problem(CODE, "a", Mark("a.yaml", 1, 1)), Problem(CODE, "b", Mark("b.yaml", 1, 1))]
    assert format_problems(found) == "error[DE105] a.yaml:1:1: a\nerror[DE105] b.yaml:1:1: b\n\n2 errors in 2 files"


@pytest.mark.parametrize(
    ("line", "column", "width", "indent", "carets"),
    [
        ("\tkey: x", 2, 3, 4, 3),
        ("日本: x", 5, 1, 6, 1),
        ("日本: x", 1, 2, 0, 4),
        ("a\x1bb: x", 3, 1, 5, 1),
        ("short", 99, 4, 5, 1),
        ("abc", 2, 50, 1, 2),
        ("", 1, 1, 0, 1),
    ],
)
def test_the_caret_stands_under_what_is_meant(line, column, width, indent, carets):
    _, source, pointer = format_problems([problem(line=line, column=column, width=width)]).split("\n")
    assert pointer == "     | " + " " * indent + "^" * carets
    assert "\x1b" not in source


@pytest.mark.parametrize("column", [1, 50, 5000, 9990])
def test_a_very_long_line_is_cut_around_the_caret(column):
    line = "".join(str(i % 10) for i in range(9999))
    _, source, pointer = format_problems([problem(line=line, column=column, width=3)]).split("\n")
    assert cells(source) <= 100
    at = pointer.index("^")
    assert source[at : at + 3] == line[column - 1 : column + 2]


@pytest.mark.parametrize("width", [20, 40, 60, 80, 99, 100, 200, None])
@pytest.mark.parametrize("column", [1, 60, 146])
@pytest.mark.parametrize("number", [9, 12345])
def test_an_excerpt_fits_into_the_terminal_with_its_margin(width, column, number):
    line = "".join(chr(ord("a") + i % 26) for i in range(150))
    told = format_problems([problem(line=line, column=column, width=5, number=number)], width=width)
    *_, source, pointer = told.split("\n")
    assert cells(source) <= min(width or 100, 100)
    at = pointer.index("^")
    assert source[at : at + 5] == line[column - 1 : column + 4]
    assert pointer.count("^") == 5


def test_messages_are_broken_at_the_terminals_width():
    found = problem(path="services.cache", hint="write `ports: { http: 80 }`, or drop it", line="x")
    assert format_problems([found], width=40).split("\n") == [
        "error[DE105] devenv.yaml:9:5:",
        "    services.cache: unknown key 'prots'",
        "   9 | x",
        "     |  ^",
        "hint: write `ports: { http: 80 }`, or",
        "      drop it",
    ]


def test_a_file_that_is_one_line_costs_no_more_for_each_problem():
    begun = time.process_time()
    told = format_problems([problem(line="x" * 200_000, column=at) for at in range(1, 200_000, 2000)])
    assert time.process_time() - begun < 2
    assert told.count("… ") + told.count("…\n") >= 100


def test_colour_adds_nothing_but_colour():
    found = [problem(hint="h"), Problem(CODE, "w", warning=True)]
    import re

    assert re.sub(r"\x1b\[[0-9;]*m", "", format_problems(found, colour=True)) == format_problems(found)


def test_as_json():
    data = json.loads(
        problems_as_json([problem(path="services.cache", hint="h"), Problem(CODE, "no place", warning=True)])
    )
    assert data["errors"] == [
        {
            "code": "DE105",
            "message": "unknown key 'prots'",
            "file": "devenv.yaml",
            "line": 9,
            "column": 5,
            "path": "services.cache",
            "hint": "h",
            "evidence": [],
        }
    ]
    assert data["warnings"][0]["line"] is None


def test_what_came_of_the_problems_is_not_counted_as_one() -> None:
    left = Problem("DE743", "left as it was", outcome=True)
    found = [Problem("DE105", name, Mark("a.yaml", 1, 1)) for name in "ab"]
    one = "error[DE105] a.yaml:1:1: a\n"
    assert format_problems([found[0], left]) == one + "error[DE743]: left as it was"
    assert format_problems([*found, left]).endswith("error[DE743]: left as it was\n\n2 errors in a.yaml")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:s3cret@host/x.git", "https://me:******@host/x.git"),
        ("https://ghp_token@host/x.git", "https://*********@host/x.git"),
        ("postgres://me:s3cret@db/x", "postgres://me:******@db/x"),
        ("postgres://me:${PW}@db/x", "postgres://me:${PW}@db/x"),
        ("ssh://git@host/x.git", "ssh://git@host/x.git"),
    ],
)
def test_the_source_line_shows_no_password_of_an_address(address: str, shown: str) -> None:
    line = f"a: {address} # wrong"
    found = Problem("DE105", "wrong", Mark("a.yaml", 1, line.index("wrong") + 1, 5), excerpt=line)
    said = format_problems([found]).splitlines()
    assert said[1] == f"   1 | a: {shown} # wrong"
    assert said[2].index("^") == said[1].index("wrong")
