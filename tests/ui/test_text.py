from datetime import UTC, datetime, timedelta

import pytest

from devenv.ui.text import (
    age,
    cells,
    cut,
    duration,
    listed,
    only_colours,
    padded,
    printable_lines,
    size,
    visible,
    wrapped,
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("a\tb", "a    b"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("bell\x07", "bell\\x07"),
        ("c1\x9b", "c1\\x9b"),
        ("rtl\u202eexe", "rtl\\u202eexe"),
        ("alm\u061cx", "alm\\u061cx"),
        ("naïve 日本", "naïve 日本"),
    ],
)
def test_control_characters_are_made_visible(text, shown):
    assert visible(text) == shown


def test_other_programs_lines_lose_their_control_sequences():
    text = "\x1b[1;31merror\x1b[0m: no\n10%\r100%\n\x1b]0;title\x07rest\x1b[2K\n"
    assert printable_lines(text) == ["error: no", "100%", "rest"]


def test_colours_may_stay_on_a_terminal_and_are_ended():
    assert only_colours("\x1b[32mok\x1b[2J\x1b]0;t\x07 go") == "\x1b[32mok go\x1b[0m"
    assert only_colours("plain\x1b[2J") == "plain"


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("日本", 4), ("é", 1), ("e\u0301", 1), ("", 0)])
def test_width_on_a_terminal(text, width):
    assert cells(text) == width
    assert cells(padded(text, 10)) == 10


def test_cut_keeps_what_fits():
    assert cut("abcdef", 6) == "abcdef"
    assert cut("abcdef", 4) == "abc…"
    assert cut("日本語", 4) == "日…"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("no more than it", ["no more than it"]),
        ("one two three four", ["one two three", "  four"]),
        ("  of `a  b c d e f`, then", ["  of", "  `a  b c d e f`,", "  then"]),
        ("one ` two three four", ["one ` two three", "  four"]),
        ("anextremelylongword it is", ["anextremelylongword", "  it is"]),
        ("日本語 日本語 日本語", ["日本語 日本語", "  日本語"]),
    ],
)
def test_text_is_broken_at_spaces_but_not_within_a_command(text, lines):
    assert wrapped(text, 15, "  ").split("\n") == lines
    assert wrapped(text, None) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (12.34, "12.3 s"), (59.99, "1 min 0 s"), (125, "2 min 5 s"), (3790, "1 h 3 min")],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (7300, "2 h"), (3 * 86400, "3 d")]
)
def test_ages(seconds, text):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert age(now - timedelta(seconds=seconds), now) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (999, "999 B"), (12_300, "12.3 kB"), (123_400_000, "123 MB"), (2_500_000_000, "2.5 GB")],
)
def test_sizes(count, text):
    assert size(count) == text


def test_long_lists_end():
    assert listed(["a", "b"]) == "a, b"
    assert listed("abcdefghij", limit=3) == "a, b, c and 7 more"
