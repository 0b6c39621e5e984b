"""Records are held against what `dataclasses` makes of the same class: they promise the same."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from functools import cached_property
from typing import Any

import pytest

from devenv.records import asdict, field, fields, frozen, mutable, replace


class _Point:
    x: int
    y: int = 2
    notes: list[str] = field(default_factory=list)

    def far(self) -> bool:
        return self.x > 10


class _Standard:
    x: int
    y: int = 2
    notes: list[str] = dataclasses.field(default_factory=list)


def _both() -> tuple[Any, Any]:
    ours = frozen(type("Point", (), dict(_Point.__dict__)))
    return ours, dataclasses.dataclass(frozen=True, slots=True)(type("Point", (), dict(_Standard.__dict__)))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((1,), {}),
        ((1, 3), {}),
        ((), {"x": 1, "y": 5}),
        ((1,), {"notes": ["a"]}),
        ((), {}),
        ((1, 2, [], 4), {}),
        ((1,), {"z": 2}),
    ],
)
def test_an_instance_is_made_as_a_dataclass_makes_it(arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    ours, standard = _both()
    try:
        expected = standard(*arguments, **named)
    except TypeError as error:
        with pytest.raises(TypeError) as caught:
            ours(*arguments, **named)
        assert str(caught.value).split(".")[-1] == str(error).split(".")[-1]
    else:
        made = ours(*arguments, **named)
        assert asdict(made) == dataclasses.asdict(expected)
        assert repr(made) == repr(expected)
        assert fields(made) == tuple(f.name for f in dataclasses.fields(expected))


def test_instances_are_equal_and_hashed_by_their_fields_and_by_their_class() -> None:
    ours, _ = _both()
    other = frozen(type("Other", (), dict(_Point.__dict__)))
    assert ours(1, 2, ()) == ours(1, y=2, notes=())
    assert hash(ours(1, 2, ())) == hash(ours(1, 2, ()))
    assert ours(1) != ours(2)
    assert ours(1) != other(1)
    assert ours(1) != (1, 2, [])
    assert ours(11).far()


def test_a_default_factory_makes_one_for_each_instance() -> None:
    ours, _ = _both()
    first, second = ours(1), ours(1)
    first.notes.append("mine")
    assert second.notes == []


def test_frozen_ones_stay_as_they_are() -> None:
    ours, _ = _both()
    point = ours(1)
    with pytest.raises(AttributeError, match=r"Point\.x cannot be changed"):
        point.x = 3
    with pytest.raises(AttributeError):
        del point.x
    with pytest.raises(AttributeError):
        point.z = 3
    changed = replace(point, x=4)
    assert (point.x, changed.x, changed.y) == (1, 4, 2)
    with pytest.raises(TypeError):
        replace(point, z=1)


@mutable
class _Counter:
    count: int = 0

    @cached_property
    def first(self) -> int:
        return self.count


def test_mutable_ones_change_and_equal_themselves_alone() -> None:
    counter = _Counter()
    assert counter.first == 0
    counter.count += 1
    assert (counter.count, counter.first) == (1, 0)
    assert counter == counter
    assert counter != _Counter(1)


@frozen(kw_only=True)
class _Base:
    at: float = 0.0


@frozen(kw_only=True)
class _Named(_Base):
    name: str


def test_fields_are_inherited_and_may_be_given_by_name_alone() -> None:
    made = _Named(name="a")
    assert asdict(made) == {"at": 0.0, "name": "a"}
    assert isinstance(made, _Base)
    with pytest.raises(TypeError):
        _Named("a")  # type: ignore[call-arg,misc]
    match made:
        case _Named(name=name):
            assert name == "a"


@frozen
class _Tree:
    name: str
    below: tuple[_Tree, ...] = ()
    by: dict[str, Any] = field(default_factory=dict)


def test_as_data_reaches_through_lists_and_mappings() -> None:
    tree = _Tree("a", (_Tree("b"),), {"c": [_Tree("d")]})
    data = asdict(tree)
    assert data["below"] == [{"name": "b", "below": [], "by": {}}]
    assert data["by"]["c"][0]["name"] == "d"
    assert fields(object()) == ()


def test_starting_the_command_makes_no_dataclass() -> None:
    look = "import sys, devenv.ops.status; sys.exit('dataclasses' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", look], timeout=60).returncode == 0
