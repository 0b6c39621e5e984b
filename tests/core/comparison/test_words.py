"""Values that differ, in words."""

from __future__ import annotations

from typing import Any

import pytest

from devenv.core.comparison.words import difference, pairs

LONG = "x" * 200


def told(one: Any, other: Any, key: str = "configs.app.content") -> tuple[Any, ...]:
    found = difference(key, one, other, ())
    return found.old, found.new, *found.lines


def test_of_a_text_of_several_lines_the_changed_ones() -> None:
    one, other = "a\nb\nlisten 80\nd\ne\n", "a\nb\nlisten 81\nd\ne\n"
    assert told(one, other) == ("(content)", "(content)", "@@ -2,3 +2,3 @@", " b", "-listen 80", "+listen 81", " d")
    assert told("short", "a\nb")[2:] == ("@@ -1 +1,2 @@", "-short", "+a", "+b")
    many = "\n".join(map(str, range(50)))
    assert told("none\n", many)[-1] == "… and 32 more lines"
    assert told("a\n" + LONG, "a\ny" + LONG)[-1] == "+y" + "x" * 158 + "…"


def test_of_a_long_text_what_is_around_the_difference() -> None:
    assert told(f"{LONG} one {LONG}", f"{LONG} two {LONG}") == (
        f'"…{"x" * 19} one {"x" * 56}…"',
        f'"…{"x" * 19} two {"x" * 56}…"',
    )
    assert told(f"a{LONG}", f"a{LONG}, more") == (f'"…{"x" * 20}"', f'"…{"x" * 20}, more"')


@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        ("user = me\npassword = one\n", "user = you\npassword = two\n", " password = (secret)"),
        ("a\nAPI_TOKEN=one\n", "b\nAPI_TOKEN=two\n", " API_TOKEN=(secret)"),
        ('a\n  "client_secret": "one"\n', 'b\n  "client_secret": "two"\n', '   "client_secret": (secret)'),
        ("a\ntoken: ${TOKEN}\n", "b\ntoken: ${TOKEN}\n", " token: ${TOKEN}"),
        ("a\nx ${DEVENV_SECRET_A_B:-insecure}\n", "b\nx ${DEVENV_SECRET_A_B:-insecure}\n", " x ${DEVENV_SECRET_A_B}"),
    ],
)
def test_secrets_alone_are_hidden(one: str, other: str, shown: str) -> None:
    lines = told(one, other)
    assert shown in lines
    assert not any(secret in " ".join(lines) for secret in ("one", "two", "insecure"))


def test_a_text_of_which_only_secrets_differ() -> None:
    assert told("a\npassword: one\n", "a\npassword: two\n") == ("(content)", "(content)")
    assert told("one", "two", "environment.TOKEN") == ("(secret)", "(secret)")


def test_the_words_of_commands_have_an_order_and_other_items_none() -> None:
    one, other = ["serve", "-a", "1", "-b", "1"], ["serve", "-a", "2", "-b", "1", "-c"]
    assert pairs(("command",), one, other) == [(2, 2), (None, 5)]
    assert pairs(("volumes",), one, ["-b", "-a", "1", "serve", "x"]) == [(None, 4)]
    assert pairs(("volumes",), one, one[::-1]) == []
