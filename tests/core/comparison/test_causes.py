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


def test_another_file_is_a_cause() -> None:
    (why,) = causes(steps("a.yaml", "one"), steps("b.yaml", "one"))
    assert why.mark == Mark("b.yaml", 5, 3)
