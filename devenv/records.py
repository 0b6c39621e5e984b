"""Classes of fields: what `dataclasses` makes, without what that costs each time that the command starts.

`dataclass(frozen=True, slots=True)` generates and runs the code of six methods, 1.2 ms a class on the machine of the
benchmarks, and its module imports `inspect`, 16 ms. `devenv up` has 150 such classes, most of which it never makes an
instance of: 0.2 s before the first useful step. Here a class costs 0.05 ms, and its `__init__` is made for its first
instance. Type checkers take these classes for dataclasses (`typing.dataclass_transform`, PEP 681).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform, overload

T = TypeVar("T")
_REQUIRED: Any = object()


class _Made:
    """A default that `factory` makes for each instance."""

    __slots__ = ("factory",)

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory


def field(*, default_factory: Callable[[], T]) -> T:
    """A field whose default is made for each instance."""
    return _Made(default_factory)  # type: ignore[return-value]


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, kw_only: bool) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T] | None = None, /, *, kw_only: bool = False) -> type[T] | Callable[[type[T]], type[T]]:
    """Makes a class immutable, with the annotated names as its fields: compared, hashed and shown by them."""

    def made(cls: type[T]) -> type[T]:
        return _with_fields(cls, {"__eq__": _eq, "__hash__": _hash, "__setattr__": _set, "__delattr__": _set}, kw_only)

    return made if cls is None else made(cls)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def mutable(cls: type[T], /) -> type[T]:
    """Makes a class with the annotated names as its fields, which may be set; each instance equals itself alone."""
    return _with_fields(cls, {}, kw_only=False)


def replace(instance: T, **changes: Any) -> T:
    """A copy with some fields changed. Raises TypeError for a name that is no field."""
    return type(instance)(**{name: getattr(instance, name) for name in fields(instance)} | changes)


def fields(of: Any) -> tuple[str, ...]:
    """The names of the fields of a class or an instance that `frozen` or `mutable` made; of anything else, none."""
    return tuple(getattr(of, "__field_defaults__", ()))


def asdict(instance: Any) -> dict[str, Any]:
    """The fields by name; fields of fields too, also those in lists, tuples and mappings."""
    return {name: _plain(getattr(instance, name)) for name in fields(instance)}


def _plain(data: Any) -> Any:
    if fields(data):
        return asdict(data)
    if isinstance(data, dict):
        return {key: _plain(item) for key, item in data.items()}
    return [_plain(item) for item in data] if isinstance(data, list | tuple) else data


def _with_fields(cls: type[T], methods: dict[str, Any], kw_only: bool) -> type[T]:
    """The class anew, with slots instead of the defaults that stood in it, and with `methods` where it has none."""
    given = dict(cls.__dict__)
    own = {name: given.pop(name, _REQUIRED) for name in given.get("__annotations__", {})}
    defaults = {**getattr(cls, "__field_defaults__", {}), **own}
    remembers = any(isinstance(item, cached_property) for item in given.values())
    made = {
        "__slots__": (*own, "__dict__") if remembers else tuple(own),
        "__field_defaults__": defaults,
        "__match_args__": tuple(defaults),
        "__kw_only__": kw_only,
        "__init__": _init,
        "__repr__": _repr,
        "__fields__": staticmethod(_getter(tuple(defaults))),
    }
    for name in ("__dict__", "__weakref__"):
        given.pop(name, None)
    anew: type[T] = type(cls.__name__, cls.__bases__, {**made, **methods, **given})
    return anew


def _getter(names: tuple[str, ...]) -> Callable[[Any], Any]:
    return attrgetter(*names) if names else lambda instance: ()


def _init(self: Any, /, *arguments: Any, **named: Any) -> None:
    """Stands in a class until its first instance is made, and puts the real one into its place."""
    cls = type(self)
    cls.__init__ = _compiled(cls)
    cls.__init__(self, *arguments, **named)


def _compiled(cls: Any) -> Callable[..., None]:
    known: dict[str, Any] = {}
    parameters, lines = [], []
    for name, default in cls.__field_defaults__.items():
        known[f"set_{name}"] = getattr(cls, name).__set__
        known[f"default_{name}"] = default.factory if isinstance(default, _Made) else default
        parameters.append(name if default is _REQUIRED else f"{name}=default_{name}")
        made = f"default_{name}() if {name} is default_{name} else {name}" if isinstance(default, _Made) else name
        lines.append(f"    set_{name}(self, {made})\n")
    star = "*, " if cls.__kw_only__ and parameters else ""
    exec(f"def __init__(self, {star}{', '.join(parameters)}):\n{''.join(lines) or '    pass'}", known)  # noqa: S102
    init: Callable[..., None] = known["__init__"]
    return init


def _eq(self: Any, other: Any) -> Any:
    return self.__fields__(self) == self.__fields__(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(self.__fields__(self))


def _set(self: Any, name: str, *_: Any) -> NoReturn:
    raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")


def _repr(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in fields(self))})"
