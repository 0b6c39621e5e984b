"""Relative paths in a Compose definition, moved from the manifest's folder to that of the generated file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Any

from devenv.core.compose.keys import like, like_list
from devenv.core.compose.mountpoints import split_colons
from devenv.model.data import Map

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/|service:|oci-layout:")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")
_LEAD = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?P<operator>:?[-?+])?|(?P<bare>[A-Za-z_]\w*))")
_LONE = re.compile(r"\$(?:\{(?P<braced>[A-Za-z_]\w*)(?::?-)?\}|(?P<bare>[A-Za-z_]\w*))")
ANYWHERE = "/-" * 64
"""A folder that no number of `..` leads out of."""

_MOVED = re.compile(r"\$\{DEVENV_(PATH|MOUNT)_(\w+)-")


class Move:
    """Rewrites a path when it is called with one, and with `mount` the source of a mount's short form, where a word
    may be a volume's name. `change` makes a relative path another one; without it, all stay. With `variables`, the
    variable that a path starts with gets another before it."""

    def __init__(self, change: Callable[[str], str] | None, variables: bool = False) -> None:
        self._change, self._variables = change, variables

    def __call__(self, path: str) -> str:
        return self._moved(path, lambda default: True, "PATH")

    def folder(self, path: str) -> str:
        """A path that Compose joins to the folder even when it is empty, which it is when its variable is not set."""
        if self._change is None:
            return path
        lone = _LONE.fullmatch(path)
        return self(f"${{{lone['braced'] or lone['bare']}:-.}}" if lone else path or ".")

    def mount(self, source: str) -> str:
        """The source of a mount, or the whole of one that a variable says (`${DATA:-./data:/data}`)."""
        return self._moved(source, lambda default: default.startswith((".", "$")), "MOUNT")

    def _moved(self, path: str, is_path: Callable[[str], object], kind: str) -> str:
        if self._change is None:
            return path
        if lead := _LEAD.match(path):
            return self._behind(path, lead, is_path, kind)
        if not is_relative(path):
            return path
        path, colon, rest = path.partition(":") if kind == "MOUNT" else (path, "", "")
        moved = self._change(path)
        if path.endswith("/") and moved not in (".", ".."):
            moved += "/"
        return (moved if moved.startswith(("../", "/")) or moved in (".", "..") else f"./{moved}") + colon + rest

    def _behind(self, path: str, lead: re.Match[str], is_path: Callable[[str], object], kind: str) -> str:
        """A path that starts with a variable: its default is moved, and with `variables` so can be its value."""
        name, operator = lead["braced"] or lead["bare"], lead["operator"]
        end = lead.end() if lead["bare"] else _closing(path)
        if end < 0 or not (operator or lead["bare"] or path[lead.end()] == "}"):
            return path
        expression = path[:end]
        if operator in ("-", ":-"):
            default = path[lead.end() : end - 1]
            moved = self._moved(default, is_path, kind) if default and is_path(default) else default
            expression = f"${{{name}{operator}{moved}}}"
        if self._variables and operator not in ("+", ":+"):
            expression = f"${{DEVENV_{kind}_{name}-{expression}}}"  # no colon: Compose counts them in volumes
        return expression + path[end:]


STAY = Move(None)
"""Leaves every path as it is."""


def mover(folder: str, *, variables: bool = False, here: str = ANYWHERE) -> Move:
    """Rewrites a path relative to the manifest's folder as one relative to `folder` (itself relative to it). Where that
    leads out of the manifest's folder, `here` says which that is.

    Absolute paths, `~`, Windows drives, URLs and paths that start with a variable stay, but for its default. What was
    moved starts with `.`, so that no reader takes it for the name of a volume or a repository. With `variables`, the
    variable that a path starts with gets another before it, to which `moved_variables` gives its moved value.
    """
    return Move(lambda path: relative(path, folder, here), variables)


def entering(folder: str) -> Move:
    """The other way round: a path relative to `folder` as one relative to the manifest's folder."""
    return Move(lambda path: posixpath.normpath(posixpath.join(folder, path)))


def relative(path: str, folder: str, here: str = ANYWHERE) -> str:
    """A path as it is written in `folder`, both relative to `here`; which that is makes no difference while `folder`
    lies in it."""
    return posixpath.relpath(posixpath.join(here, path), posixpath.join(here, folder))


def is_relative(path: str) -> bool:
    """Whether a path is one on this machine that depends on where it is written."""
    fixed = path.startswith(("/", "~", "$", "\\")) or _WINDOWS.match(path) or _REMOTE.match(path)
    return bool(path) and not fixed


def is_remote(path: str) -> bool:
    """Whether it is an address, or a name of Compose's, and no path."""
    return bool(_REMOTE.match(path))


def escapes(written: str, folder: str, tree: str) -> bool:
    """Whether a path that is relative to `folder` leads out of `tree`, as far as its text says. What looks like an
    address (`github.com/../x`) does: `mover` and `entering` leave it as it is, relative to whatever folder reads it."""
    if not written:
        return False
    if not is_relative(written) or written[1:2] == ":" or "\\" in written or "\0" in written:
        return True
    at, home = posixpath.normpath(posixpath.join(folder, written)), posixpath.normpath(tree)
    return not (at == home or at.startswith(f"{home}/"))


def moved_variables(text: str, variables: Mapping[str, str], folder: str) -> dict[str, str]:
    """What the variables that `mover` put before others are to be: for each whose value is a relative path now, that
    path as it is written in `folder`. `text` is the Compose file; where a volume's name may stand, only what starts
    with `.` is a path."""
    move = mover(folder)
    result = {}
    for kind, name in dict.fromkeys(_MOVED.findall(text)):
        value = variables.get(name, "")
        if value.startswith(".") or (kind == "PATH" and move(value) != value):
            result[f"DEVENV_{kind}_{name}"] = move.mount(value) if kind == "MOUNT" else move(value)
    return result


def _closing(path: str) -> int:
    """Where the text after the first `${…}` begins; -1 when it is not closed."""
    depth = 0
    for at, character in enumerate(path):
        depth += path.startswith("${", at) - (character == "}")
        if character == "}" and depth == 0:
            return at + 1
    return -1


def move_service(compose: Map, move: Move) -> Map:
    """A copy of a service's definition with its relative paths moved."""
    result = _copy(compose)
    for key, change in _SERVICE.items():
        if key in result:
            result[key] = change(result[key], move)
    return result


def move_top(key: str, entries: Any, move: Move) -> Any:
    """The same for one of Compose's other top-level keys."""
    if key in ("configs", "secrets"):
        return _each(entries, lambda entry: _keys(entry, move.folder, "file"))
    if key == "volumes":
        return _each(entries, lambda entry: _driver(entry, move))
    if key == "include":
        return _includes(entries, move)
    return entries


def _copy(value: Map) -> Map:
    return Map(value, mark=value.mark, keys_at=value.keys_at, values_at=value.values_at)


def _keys(entry: Any, move: Callable[[str], str], *keys: str) -> Any:
    """A mapping with the paths under `keys` moved, be each a text or a list of texts."""
    if not isinstance(entry, Map) or not any(key in entry for key in keys):
        return entry
    result = _copy(entry)
    for key in keys:
        if key in result:
            result[key] = _texts(result[key], move)
    return result


def _texts(value: Any, move: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return move(value)
    if isinstance(value, list):
        return like_list(value, (move(item) if isinstance(item, str) else item for item in value))
    return value


def _each(entries: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(entries, Map):
        return like(entries, ((name, change(entry)) for name, entry in entries.items()))
    return like_list(entries, (change(entry) for entry in entries)) if isinstance(entries, list) else entries


def _build(build: Any, move: Move) -> Any:
    """`dockerfile` stays: it is relative to the context."""
    if isinstance(build, str):
        return move(build)
    if not isinstance(build, Map):
        return build
    result = _keys(build, move, "context")
    if "context" not in build:
        result = like(build, {"context": move("."), **build}.items())
    for key in ("additional_contexts", "ssh"):
        named = build.get(key)
        if isinstance(named, Map):
            result[key] = like(named, ((k, _context(v, move)) for k, v in named.items()))
        elif isinstance(named, list):
            pairs = (str(entry).partition("=") for entry in named)
            result[key] = like_list(named, (f"{name}{eq}{_context(path, move)}" for name, eq, path in pairs))
    return result


def _context(value: Any, move: Move) -> Any:
    known = ("docker-image:", "target:", "oci-layout:", "service:")
    return move(value) if isinstance(value, str) and not value.startswith(known) else value


def _volume(entry: Any, move: Move) -> Any:
    """Bind mounts of both forms. A short form is one when what stands before the colon starts as a path does."""
    if isinstance(entry, Map):
        return _keys(entry, move.folder, "source") if entry.get("type") == "bind" else entry
    if not isinstance(entry, str) or not entry.startswith((".", "$")):
        return entry
    source, *rest = split_colons(entry)
    if not rest and not source.startswith("$"):
        return entry
    return ":".join([move.mount(source), *rest])


def _env_file(entry: Any, move: Move) -> Any:
    if isinstance(entry, list):
        return like_list(entry, (_env_file(one, move) for one in entry))
    return _keys(entry, move, "path") if isinstance(entry, Map) else _texts(entry, move)


def _develop(develop: Any, move: Move) -> Any:
    if not isinstance(develop, Map) or "watch" not in develop:
        return develop
    result = _copy(develop)
    result["watch"] = _each(develop["watch"], lambda rule: _keys(rule, move, "path"))
    return result


def _driver(entry: Any, move: Move) -> Any:
    """A named volume that is a bind mount: `{driver: local, driver_opts: {o: bind, device: ./data}}`. Of any other,
    Compose leaves the device as it is written."""
    if not isinstance(entry, Map) or not isinstance(entry.get("driver_opts"), Map):
        return entry
    options = entry["driver_opts"]
    if str(entry.get("driver")) != "local" or str(options.get("o")) != "bind":
        return entry
    result = _copy(entry)
    result["driver_opts"] = _keys(options, move.folder, "device")
    return result


def _includes(entries: Any, move: Move) -> Any:
    def one(entry: Any) -> Any:
        if isinstance(entry, Map):
            return _keys(entry, move, "path", "project_directory", "env_file")
        return _texts(entry, move)

    return _each(entries, one) if isinstance(entries, list) else entries


_SERVICE: dict[str, Callable[[Any, Move], Any]] = {
    "build": _build,
    "volumes": lambda value, move: _each(value, lambda entry: _volume(entry, move)),
    "env_file": _env_file,
    "label_file": _texts,
    "extends": lambda value, move: _keys(value, move, "file"),
    "develop": _develop,
}
