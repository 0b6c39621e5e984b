"""YAML data that remembers where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from devenv.errors import Mark

Data = Any
"""None, bool, int, float, str (or Plain), Map or Seq: what `core.yaml.source.parse` returns."""


class Map(dict[str, Any]):
    """A YAML mapping: a dict with the places of its keys and values.

    `keys_at` and `values_at` hold a Mark per key, where known; `mark` is where the mapping starts. Of a key that
    `!reset` took away in a merge, `values_at` has the place of that.
    """

    __slots__ = ("keys_at", "mark", "values_at")

    def __init__(
        self,
        items: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        *,
        mark: Mark | None = None,
        keys_at: dict[str, Mark] | None = None,
        values_at: dict[str, Mark] | None = None,
    ) -> None:
        super().__init__(items)
        self.mark = mark
        self.keys_at: dict[str, Mark] = {} if keys_at is None else keys_at
        self.values_at: dict[str, Mark] = {} if values_at is None else values_at


class Seq(list[Any]):
    """A YAML sequence: a list with the places of its items; `items_at` is empty or as long as the list."""

    __slots__ = ("items_at", "mark")

    def __init__(
        self,
        items: Iterable[Any] = (),
        *,
        mark: Mark | None = None,
        items_at: list[Mark] | None = None,
    ) -> None:
        super().__init__(items)
        self.mark = mark
        self.items_at: list[Mark] = [] if items_at is None else items_at


class Plain(str):
    """A plain scalar whose text is not the canonical one of its value: `0123`, `0x1F`, `1e3`, `TRUE`.

    As a str it is the text that the person wrote, which is what places that take text want;
    `value` is what the YAML 1.2 core schema reads. The dump writes the text back unquoted.
    """

    __slots__ = ("value",)

    def __new__(cls, text: str, value: bool | int | float) -> Plain:
        self = super().__new__(cls, text)
        self.value = value
        return self

    value: bool | int | float

    def __reduce__(self) -> tuple[type[Plain], tuple[str, bool | int | float]]:  # for copy.deepcopy
        return Plain, (str(self), self.value)


class Tagged:
    """A value under one of Compose's own tags (`!reset`, `!override`), until a merge has acted on it."""

    __slots__ = ("tag", "value")

    def __init__(self, tag: str, value: Any) -> None:
        self.tag = tag
        self.value = value


def same(one: Any, other: Any) -> bool:
    """Whether two values of `core.yaml.source.parse` are the same for every later step: `1`, `true` and `"1"` are three
    values, and the order of keys does not count."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, Tagged) and isinstance(other, Tagged):
        return one.tag == other.tag and same(one.value, other.value)
    if isinstance(one, Plain) or isinstance(other, Plain):
        return type(one) is type(other) and str(one) == str(other)
    return type(one) is type(other) and bool(one == other or (one != one and other != other))


def meant(value: Any) -> Any:
    """What YAML reads a value as: of a Plain its number or boolean, of all others the value itself."""
    return value.value if isinstance(value, Plain) else value


def whole(value: Any) -> int | None:
    """The whole number that YAML reads a value as, `1.0` and `1e3` among them as in JSON Schema; None for any other."""
    number = meant(value)
    if isinstance(number, float) and number.is_integer():
        return int(number)
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def text(value: Any) -> str:
    """The text of a scalar in a place that takes text: what the person wrote (`true`, `8080`, `0123`)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def mark_of(container: Any, key: str | int, *, of_key: bool = False) -> Mark | None:
    """Where `container[key]` was written (or, with `of_key`, the key itself); None when unknown."""
    if isinstance(container, Map) and isinstance(key, str):
        first, second = container.values_at, container.keys_at
        if of_key:
            first, second = second, first
        return first.get(key) or second.get(key) or container.mark
    if isinstance(container, Seq) and isinstance(key, int) and 0 <= key < len(container.items_at):
        return container.items_at[key]
    return getattr(container, "mark", None)
