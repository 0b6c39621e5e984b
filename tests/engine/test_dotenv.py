from time import process_time

import pytest

from devenv.engine import dotenv


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("8080", "A=8080"),
        ("", "A="),
        ("postgres:17", "A=postgres:17"),
        ("two words", "A='two words'"),
        ("a$b", "A='a$b'"),
        ("#x", "A='#x'"),
        ('say "x"', "A='say \"x\"'"),
        ("it's $5", 'A="it\'s \\$5"'),
        ("one\ntwo", 'A="one\\ntwo"'),
        ("end\\", 'A="end\\\\"'),
        (" x ", "A=' x '"),
        ("é", "A='é'"),
    ],
)
def test_values_are_quoted_where_needed_and_read_back(value, line):
    text = dotenv.dump({"A": value})
    assert text == line + "\n"
    assert dotenv.parse(text) == {"A": value}


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("A=1\nB=2\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("# note\n\n  A = 1 # why\nB=a#b", {"A": "1", "B": "a#b"}),
        ("export A=1", {"A": "1"}),
        ("A: yaml", {"A": "yaml"}),
        ("A='x # y' # z\nB=1", {"A": "x # y", "B": "1"}),
        ("A='one\ntwo'\nB=1", {"A": "one\ntwo", "B": "1"}),
        (r"A='it\'s \n'", {"A": r"it's \n"}),
        (r'A="a\tb\\n\"q\""', {"A": 'a\tb\\n"q"'}),
        (r'A="\$X $$X"', {"A": "$X $X"}),
        ("A=1\nB=$A-${A}-${C:-d}-${A:+yes}-${C-e}", {"A": "1", "B": "1-1-d-yes-e"}),
        ("B=${C:-${D:-deep}}", {"B": "deep"}),
        ("A='$B'", {"A": "$B"}),
        ("A=5$ B", {"A": "5$ B"}),
        ("A=${bad", {"A": "${bad"}),
        ("not a line\nA=1", {"A": "1"}),
        ("A='open\nB=1", {"A": "'open", "B": "1"}),
        ("HOME", {"HOME": "/home/ann"}),
        ("UNSET", {}),
        ("", {}),
    ],
)
def test_reads_what_compose_reads(text, values):
    assert dotenv.parse(text, {"HOME": "/home/ann"}.get) == values


def test_the_environment_comes_before_the_file_in_values():
    assert dotenv.parse("A=1\nB=$A", {"A": "outer"}.get)["B"] == "outer"


def test_header_becomes_comments():
    assert dotenv.dump({"A": "1"}, "one\ntwo") == "# one\n# two\nA=1\n"


def test_a_file_of_many_lines_takes_as_long_as_its_lines():
    def seconds(lines: int) -> float:
        text = "".join(f"VARIABLE_{n}=value {n} and the rest of it\n" for n in range(lines))
        begin = process_time()
        assert len(dotenv.parse(text)) == lines
        return process_time() - begin

    assert seconds(24_000) < 16 * seconds(3_000) + 0.1


def test_braces_that_nobody_closes_are_looked_for_once():
    def seconds(count: int) -> float:
        begin = process_time()
        assert dotenv.parse("A=" + "${" * count) == {"A": "${" * count}
        return process_time() - begin

    assert seconds(16_000) < 16 * seconds(2_000) + 0.1


def test_defaults_in_defaults_have_an_end():
    assert dotenv.parse("A=" + "${B:-" * 40 + "x" + "}" * 40) == {"A": "x"}
    assert dotenv.parse("A=" + "${B:-" * 3000 + "}" * 3000)["A"].startswith("${B:-${B:-")
