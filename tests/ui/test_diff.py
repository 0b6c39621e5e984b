"""Differences as people read them."""

from devenv.errors import Mark
from devenv.model.difference import Difference, StackDifference, Why
from devenv.ui.diff import format_diff


def test_what_has_no_place_does_not_stand_under_another_ones():
    placed = Difference("a", '"1"', '"2"', (Why("", Mark("devenv.yaml", 3, 5)),))
    found = StackDifference("shop", "HEAD", "here", shared=(placed, Difference("b", None, '"1"')))
    assert format_diff(found, colour=False).splitlines()[3:] == [
        '    b: "1", new',
        "  devenv.yaml:3:5",
        '    a: "1" → "2"',
    ]


def test_digests_are_as_long_as_people_compare_them():
    images = [f"app:${{TAG:-1@sha256:{digit * 64}}}" for digit in "12"]
    shown = format_diff(StackDifference("shop", "a", "b", shared=(Difference("image", *images),)), colour=False)
    assert "image: app:${TAG:-1@sha256:111111111111} → app:${TAG:-1@sha256:222222222222}" in shown
