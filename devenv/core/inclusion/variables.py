"""Variables of an included file: those of its own `.env` are what they are when nobody sets them.

A remote file sees nothing else: no variable of this machine is read for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from devenv.core.compose.interpolate import closed, variables_of, with_defaults
from devenv.core.compose.keys import like, like_list
from devenv.errors import DevenvError, Mark, Report, Traced
from devenv.model.data import Map, Plain, Tagged, mark_of, text

VariablesOf = Callable[[str], Mapping[str, str] | None]
"""Takes the path of a file of variables; gives what is in it, None when it cannot be read."""


class FromFile(str):
    """The value of a variable that knows its place in the file that sets it, and `instead` of which others it stands,
    the one that counted last first."""

    __slots__ = ("instead", "mark")
    instead: tuple[FromFile, ...]
    mark: Mark

    @classmethod
    def at(cls, value: str, mark: Mark, instead: tuple[FromFile, ...] = ()) -> FromFile:
        """A value and its place."""
        found = cls(value)
        found.mark, found.instead = mark, instead
        return found

    @property
    def file(self) -> str:
        """The file's name."""
        return self.mark.file


def over(below: Mapping[str, FromFile], above: Mapping[str, FromFile]) -> dict[str, FromFile]:
    """The variables of both; those of `above` count more, and know what they stand instead of."""
    found = dict(below)
    for name, value in above.items():
        less = (below[name], *below[name].instead) if name in below else ()
        found[name] = FromFile.at(value, value.mark, (*value.instead, *less))
    return found


class SetIn(str):
    """Words for who set the variables of a text; `values` are these."""

    __slots__ = ("values",)
    values: Mapping[str, FromFile]


def defaulted(value: Any, variables: Mapping[str, str]) -> Any:
    """A copy of `value`, in whose texts `variables` stand for what nobody sets."""
    if not variables:
        return value
    return _walk(value, lambda written, mark: with_defaults(written, variables), variables, None)


def settled(value: Any, variables: Mapping[str, str], report: Report) -> Any:
    """A copy of `value` with `variables` in its texts, and no others; one that is demanded and not among them is
    reported."""

    def one(written: str, mark: Mark | None) -> str:
        try:
            return closed(written, variables)
        except DevenvError as error:
            problem = error.problems[0]
            hint = "give it a value in a file that the entry names as 'env_file'"
            report.add(problem.code, f"{problem.message}, and a remote file sees only its own", mark, hint=hint)
            return ""

    return _walk(value, one, variables, None)


def own_environment(service: Map, variables: Mapping[str, str], read: VariablesOf) -> Map:
    """A remote service whose `environment` is complete: with what its files of variables say, and without anything
    that would be taken from this machine when it starts or is built."""
    files = service.get("env_file")
    found: dict[str, str] = {}
    for entry in files if isinstance(files, list) else [files] if files is not None else ():
        found |= read(text(entry.get("path") if isinstance(entry, dict) else entry)) or {}
    items: dict[str, Any] = {name: value.replace("$", "$$") for name, value in found.items()}
    written = service.get("environment")
    environment = Map(mark=getattr(written, "mark", None))
    for name, value, mark in _assignments(written):
        items[name] = variables[name].replace("$", "$$") if value is None and name in variables else value
        if mark is not None:
            environment.keys_at[name] = environment.values_at[name] = mark
    environment.update((name, value) for name, value in items.items() if value is not None)
    kept = {key: value for key, value in service.items() if key not in ("env_file", "environment")}
    if isinstance(build := kept.get("build"), dict) and "args" in build:
        kept["build"] = like(build, {**build, "args": _given(build["args"], variables)}.items())
    for key in ("post_start", "pre_stop"):
        if isinstance(hooks := kept.get(key), list):
            kept[key] = like_list(hooks, (_own_hook(hook, variables) for hook in hooks))
    return like(service, {**kept, "environment": environment}.items() if environment else kept.items())


def _own_hook(hook: Any, variables: Mapping[str, str]) -> Any:
    if not isinstance(hook, dict) or "environment" not in hook:
        return hook
    return like(hook, {**hook, "environment": _given(hook["environment"], variables)}.items())


def _given(value: Any, variables: Mapping[str, str]) -> Map:
    """Assignments, without those that have no value of their own."""
    pairs = ((name, variables.get(name) if one is None else one) for name, one, _ in _assignments(value))
    return Map((name, one) for name, one in pairs if one is not None)


def _assignments(value: Any) -> list[tuple[str, Any, Mark | None]]:
    if isinstance(value, dict):
        return [(name, one, mark_of(value, name)) for name, one in value.items()]
    found = []
    for i, item in enumerate(value if isinstance(value, list) else ()):
        name, equals, content = text(item).partition("=")
        found.append((name, content if equals else None, mark_of(value, i)))
    return found


def _walk(
    value: Any, change: Callable[[str, Mark | None], str], variables: Mapping[str, str], mark: Mark | None
) -> Any:
    if isinstance(value, str):
        return change(value, mark) if "$" in value and not isinstance(value, Plain) else value
    if isinstance(value, Tagged):
        return Tagged(value.tag, _walk(value.value, change, variables, mark))
    if isinstance(value, dict):
        items = {key: _walk(one, change, variables, mark_of(value, key)) for key, one in value.items()}
        result = like(value, items)
        for key, at in result.values_at.items():
            if key in items:
                result.values_at[key] = _told(at, value[key], variables)
        return result
    if isinstance(value, list):
        changed = [_walk(one, change, variables, mark_of(value, i)) for i, one in enumerate(value)]
        found = like_list(value, changed)
        found.items_at = [_told(at, value[i], variables) for i, at in enumerate(found.items_at)]
        return found
    return value


def _told(mark: Mark, before: Any, variables: Mapping[str, str]) -> Mark:
    """The place of a text whose variables were given values, which knows what it was and who set them."""
    if not isinstance(before, str):
        return mark
    values = ((name, variables.get(name)) for name in sorted(variables_of(before)))
    found = {name: value for name, value in values if isinstance(value, FromFile)}
    by = SetIn("; ".join(f"{name}, set in {value.file}" for name, value in found.items()))
    by.values = found
    return Traced.of(mark, over=(before, mark), by=by) if found else mark
