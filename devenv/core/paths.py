"""Relative paths in a Compose definition, moved from the manifest's folder to that of the generated file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Any

from devenv.model.data import Map, Seq

_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|git@|github\.com/|service:|oci-layout:")
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]")
_DEFAULT = re.compile(r"(\$\{[A-Za-z_]\w*:?-)(\.[^${}]*)\}")  # `${DATA:-./data}`: only the default can be moved

Move = Callable[[str], str]


def mover(folder: str) -> Move:
    """Rewrites a path relative to the manifest's folder as one relative to `folder` (itself relative to it).

    Absolute paths, `~`, Windows drives, URLs and paths that start with a variable stay, but for its default. What was
    moved starts with `.`, so that no reader takes it for the name of a volume or a repository.
    """

    def move(path: str) -> str:
        if match := _DEFAULT.fullmatch(path):
            return f"{match[1]}{move(match[2])}}}"
        if not path or path.startswith(("/", "~", "$", "\\")) or _WINDOWS.match(path) or _REMOTE.match(path):
            return path
        moved = posixpath.relpath(path, folder or ".")
        if path.endswith("/") and moved not in (".", ".."):
            moved += "/"
        return moved if moved.startswith("../") or moved in (".", "..") else f"./{moved}"

    return move


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
        return _each(entries, lambda entry: _keys(entry, move, "file"))
    if key == "volumes":
        return _each(entries, lambda entry: _driver(entry, move))
    if key == "include":
        return _includes(entries, move)
    return entries


def _copy(value: Map) -> Map:
    return Map(value, mark=value.mark, keys_at=value.keys_at, values_at=value.values_at)


def _keys(entry: Any, move: Move, *keys: str) -> Any:
    """A mapping with the paths under `keys` moved, be each a text or a list of texts."""
    if not isinstance(entry, Map) or not any(key in entry for key in keys):
        return entry
    result = _copy(entry)
    for key in keys:
        if key in result:
            result[key] = _texts(result[key], move)
    return result


def _texts(value: Any, move: Move) -> Any:
    if isinstance(value, str):
        return move(value)
    if isinstance(value, list):
        return Seq(move(item) if isinstance(item, str) else item for item in value)
    return value


def _each(entries: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(entries, Map):
        return Map((name, change(entry)) for name, entry in entries.items())
    return Seq(change(entry) for entry in entries) if isinstance(entries, list) else entries


def _build(build: Any, move: Move) -> Any:
    """`dockerfile` stays: it is relative to the context."""
    if isinstance(build, str):
        return move(build)
    if not isinstance(build, Map):
        return build
    result = _keys(build, move, "context")
    if "context" not in build and "dockerfile_inline" not in build:
        result = Map({"context": move("."), **build})
    contexts = build.get("additional_contexts")
    if isinstance(contexts, Map):
        result["additional_contexts"] = Map((k, _context(v, move)) for k, v in contexts.items())
    elif isinstance(contexts, list):
        pairs = (str(entry).partition("=") for entry in contexts)
        result["additional_contexts"] = Seq(f"{name}{eq}{_context(path, move)}" for name, eq, path in pairs)
    return result


def _context(value: Any, move: Move) -> Any:
    known = ("docker-image:", "target:", "oci-layout:", "service:")
    return move(value) if isinstance(value, str) and not value.startswith(known) else value


def _volume(entry: Any, move: Move) -> Any:
    """Bind mounts of both forms. A short form is one when what stands before the colon starts as a path does."""
    if isinstance(entry, Map):
        return _keys(entry, move, "source") if entry.get("type") == "bind" else entry
    if isinstance(entry, str) and (match := _DEFAULT.match(entry)):
        return f"{move(match[0])}{entry[match.end() :]}"
    if not isinstance(entry, str) or not entry.startswith("."):
        return entry
    source, colon, rest = entry.partition(":")
    return f"{move(source)}{colon}{rest}" if colon else entry


def _env_file(entry: Any, move: Move) -> Any:
    if isinstance(entry, list):
        return Seq(_env_file(one, move) for one in entry)
    return _keys(entry, move, "path") if isinstance(entry, Map) else _texts(entry, move)


def _develop(develop: Any, move: Move) -> Any:
    if not isinstance(develop, Map) or "watch" not in develop:
        return develop
    result = _copy(develop)
    result["watch"] = _each(develop["watch"], lambda rule: _keys(rule, move, "path"))
    return result


def _driver(entry: Any, move: Move) -> Any:
    """A named volume that is a bind mount: `driver_opts: {o: bind, device: ./data}`."""
    if not isinstance(entry, Map) or not isinstance(entry.get("driver_opts"), Map):
        return entry
    options = entry["driver_opts"]
    if "bind" not in str(options.get("o", "")).split(",") or not str(options.get("device", "")).startswith("."):
        return entry
    result = _copy(entry)
    result["driver_opts"] = _keys(options, move, "device")
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
    "credential_spec": lambda value, move: _keys(value, move, "file"),
}
