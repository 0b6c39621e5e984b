"""Dotted paths into data whose keys may hold dots: reading them, listing them, and the values that count as one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from devenv.errors import Mark
from devenv.model.data import Map

Path = tuple[str | int, ...]

_WHOLE = frozenset(("command", "entrypoint", "healthcheck.test", "ready.run", "setup", "provision"))


def find(data: Any, written: str) -> Path | None:
    """The keys and indices that `written` (`environment.DB_URL`, `volumes[0]`) names in `data`; None when there is
    no such place. Of keys that fit, the longest counts."""
    if not written:
        return ()
    if isinstance(data, list):
        head, _, rest = written.removeprefix("[").replace("]", "", 1).partition(".")
        if not head.isdigit() or int(head) >= len(data):
            return None
        below = find(data[int(head)], rest)
        return None if below is None else (int(head), *below)
    if not isinstance(data, dict):
        return None
    fitting = (key for key in data if written == key or written.startswith((f"{key}.", f"{key}[")))
    for key in sorted(fitting, key=len, reverse=True):
        below = find(data[key], written[len(key) :].removeprefix("."))
        if below is not None:
            return (key, *below)
    return None


def taken_away(data: Any, written: str) -> Mark | None:
    """What took away a key that `written` names, or one above it; None when none was."""
    if isinstance(data, Map):
        for key in {**data, **data.values_at}:
            if written == key or written.startswith((f"{key}.", f"{key}[")):
                below = written[len(key) :].removeprefix(".")
                mark = taken_away(data[key], below) if key in data else data.values_at[key]
                if mark is not None:
                    return mark
    return None


def at(data: Any, path: Path) -> Any:
    """The value at a path; None when there is none."""
    for key in path:
        try:
            data = data[key]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def holds(data: Any, path: Path) -> bool:
    """Whether something stands at a path, be it nothing (`null`)."""
    holder = at(data, path[:-1]) if path else data
    if not path:
        return True
    key = path[-1]
    if isinstance(holder, dict):
        return key in holder
    return isinstance(holder, list) and isinstance(key, int) and key < len(holder)


def shown(path: Path) -> str:
    """`environment.DB_URL`, `volumes[0]`."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else str(key)
    return text


def is_whole(path: Path) -> bool:
    """Whether a list at this path counts as one value: a command, whose words mean nothing alone."""
    return shown(path) in _WHOLE


def leaves(data: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values below `path`, in order. A command counts as one."""
    value = at(data, path)
    if isinstance(value, dict) and value:
        for key in value:
            yield from leaves(data, (*path, key))
    elif isinstance(value, list) and value and not is_whole(path):
        for i in range(len(value)):
            yield from leaves(data, (*path, i))
    else:
        yield path
