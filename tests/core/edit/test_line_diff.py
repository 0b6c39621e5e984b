"""Unified diffs of long texts."""

from __future__ import annotations

from difflib import unified_diff
from time import process_time

import pytest

from devenv.core.edit.line_diff import unified

OLD = [f"{line}\n" if line < "q" else "same\n" for line in "abqcdqefqghijklmnqop"]


@pytest.mark.parametrize(
    "new",
    [
        OLD,
        OLD[1:],
        OLD[:-1],
        [*OLD[:4], "x\n", *OLD[4:]],
        [*OLD[:2], *OLD[3:5], "x\n", *OLD[6:15], *OLD[16:]],
        ["first\n", *OLD, "same\n", "last"],
        [*OLD[10:], *OLD[:10]],
        [],
        ["same\n"] * 3,
    ],
)
def test_it_is_what_the_standard_library_says(new: list[str]) -> None:
    assert list(unified(OLD, new, "x")) == list(unified_diff(OLD, new, "x", "x", n=2))
    assert list(unified(new, OLD, "x")) == list(unified_diff(new, OLD, "x", "x", n=2))


def test_many_changes_in_a_long_text_take_no_square_of_it() -> None:
    def seconds(count: int) -> float:
        old = [line for n in range(count) for line in (f"  s{n}:\n", "    image: x\n", "    restart: always\n")]
        new = [line for line in old if "restart" not in line]
        begin = process_time()
        assert sum(line.startswith("-  ") for line in unified(old, new, "x")) == count
        return process_time() - begin

    assert seconds(4_000) < 16 * seconds(500) + 0.1
