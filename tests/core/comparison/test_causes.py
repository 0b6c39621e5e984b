"""What caused a value to be another one."""

from __future__ import annotations

import pytest

from devenv.core.comparison.causes import causes
from devenv.errors import Mark
from devenv.model.explanation import Step


def steps(file: str, text: str, default: str = "hi") -> list[Step]:
    parameter = Step("parameter", "parameter say: the default", default, Mark(file, 5, 3))
    return [Step("template", "template thing@1", text, Mark(file, 9, 7), (parameter,))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("file:///x at v1 (catalog)/thing/template.yaml", "file:///x at v2 (catalog)/thing/template.yaml"),
        ("https://host/x at v1/thing/template.yaml", "https://host/x at v2/thing/template.yaml"),
        ("git@host:x/y@v1:devenv.yaml", "git@host:x/y@v2:devenv.yaml"),
    ],
)
def test_another_ref_of_a_remote_file_is_no_cause_where_it_says_the_same(before: str, after: str) -> None:
    (why,) = causes(steps(before, "one ${with.say}"), steps(after, "two ${with.say}"))
    assert (why.what, why.mark) == ("template thing@1", Mark(after, 9, 7))
    (why,) = causes(steps(before, "one"), steps(after, "one", default="ho"))
    assert (why.what, why.mark) == ("parameter say: the default", Mark(after, 5, 3))


def test_what_is_replaced_is_no_cause() -> None:
    def made(text: str, default: str, given: str = "2") -> list[Step]:
        declared = Step("parameter", "parameter size: the default", default, Mark("t.yaml", 5, 3), replaced=True)
        is_set = Step("parameter", "parameter size, set in the manifest", given, Mark("devenv.yaml", 4, 9), (declared,))
        return [Step("template", "template thing@1", text, Mark("t.yaml", 9, 7), (is_set,))]

    assert [why.mark for why in causes(made("A", "1"), made("AA", "5"))] == [Mark("t.yaml", 9, 7)]
    assert [why.mark for why in causes(made("A", "1"), made("A", "5", "3"))] == [Mark("devenv.yaml", 4, 9)]
    beaten, own = (
        Step("manifest", "the manifest", "a", Mark("devenv.yaml", 1, 1), replaced=True),
        Mark("own.yaml", 1, 1),
    )
    assert [why.mark for why in causes((), [beaten, Step("override", "your own override", "b", own)])] == [own]


def test_another_file_is_a_cause() -> None:
    (why,) = causes(steps("a.yaml", "one"), steps("b.yaml", "one"))
    assert why.mark == Mark("b.yaml", 5, 3)
