"""Two stacks as `docker compose config --format json` shows them: is one the other, key by key?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from posixpath import join, normpath
from typing import Any, NamedTuple

from devenv.core.compose import mountpoints
from devenv.core.compose.paths import entering
from devenv.model.data import text
from devenv.model.secrecy import Masked, shown

_LABEL = "dev.devenv."
_IMAGE = re.compile(r"\$\{DEVENV_IMAGE_\w+:-(.*)\}", re.DOTALL)
_PATH = re.compile(r"\$\{DEVENV_(?:PATH|MOUNT)_\w+-")
_PATHS = frozenset(("context", "additional_contexts", "source", "file", "path", "device"))
_BROKEN = re.compile(r"\$\{\w+:[^-?+]")
_RANGE = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)
_GONE = object()

# Without values for the variables, Compose shows a path that starts with one behind the folder of its file, and the
# default as it is written.
_FOLDER = ".devenv"
_back = entering(_FOLDER)


class Difference(NamedTuple):
    """What stands at `path` in the one and in the other; None where it is missing."""

    path: tuple[str, ...]
    before: Any
    after: Any

    @property
    def variable(self) -> bool:
        """Whether variables have to do with it. Without values for them, Compose shows scalars and lists as they are
        written, which may differ and mean the same."""
        return "${" in f"{self.before}{self.after}"

    @property
    def unreadable(self) -> bool:
        """Whether it is a path that cannot be told without values for variables: Compose takes the second `..` of a
        default (`${DATA:-../../data}`) for the way out of a folder called `${DATA:-..`, and shows what is left."""
        both = f"{self.before}\n{self.after}"
        paths = isinstance(self.before, str) and isinstance(self.after, str) and not _PATHS.isdisjoint(self.path[-2:])
        return paths and (both.count("{") != both.count("}") or _BROKEN.search(both) is not None)

    def __str__(self) -> str:
        return f"{'.'.join(self.path)}: {self.words}"

    @property
    def words(self) -> str:
        key = self.path[-1] if self.path else ""
        return f"{_shown(key, self.before)} would become {_shown(key, self.after)}"


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any], folders: Iterable[str] = (".",)
) -> list[Difference]:
    """Every difference but what devenv adds of its own: its labels, the project's name, an image's variable. `folders`
    are those that the files before stood in, relative to the manifest's."""
    return list(_compare((), _without_own(before), _without_own(after), tuple(folders)))


def _without_own(config: Mapping[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in config.items() if key != "name"}
    services = result.get("services")
    if isinstance(services, dict):
        result["services"] = {name: _service(one) for name, one in services.items()}
    return result


def _service(service: Any) -> Any:
    if not isinstance(service, dict):
        return service
    result = dict(service)
    labels = result.get("labels")
    if isinstance(labels, dict):
        result["labels"] = {key: value for key, value in labels.items() if not key.startswith(_LABEL)}
    elif isinstance(labels, list):
        result["labels"] = [entry for entry in labels if not str(entry).startswith(_LABEL)]
    volumes = result.get("volumes")
    if isinstance(volumes, list):
        result["volumes"] = [_volume(one) for one in volumes]
    ports = result.get("ports")
    if isinstance(ports, list):
        result["ports"] = [port for one in ports for port in _ports(one)]
    image = result.get("image")
    if isinstance(image, str) and (match := _IMAGE.fullmatch(image)):
        result["image"] = match[1]
    return result


def _ports(written: Any) -> list[Any]:
    """Without interpolation, Compose shows all ports of a list as they are written when it cannot read one of them: the
    others as it shows them elsewhere, one for each number of a range."""
    if isinstance(written, dict):
        return [written]
    line, _, protocol = text(written).partition("/")
    host, published, target = ["", "", *mountpoints.split_colons(line)][-3:]
    inside, outside = _numbers(target), _numbers(published)
    if not inside or (published and not outside):
        return [written]
    each = {"mode": "ingress", "protocol": protocol.lower() or "tcp"}
    if address := host.strip("[]"):
        each["host_ip"] = address
    if not published:
        return [{**each, "target": number} for number in inside]
    named = map(str, outside) if len(inside) == len(outside) else [published] * len(inside)
    return [{**each, "target": number, "published": name} for number, name in zip(inside, named, strict=True)]


def _numbers(written: str) -> range:
    match = _RANGE.fullmatch(written)
    return range(int(match[1]), int(match[2] or match[1]) + 1) if match else range(0)


def _volume(volume: Any) -> Any:
    """Without interpolation, Compose takes the colon in `${A:-b}:/c` for the one after the source, and what comes after
    a second one for the mount's mode."""
    source = text(volume.get("source")) if isinstance(volume, dict) else ""
    if source.count("{") == source.count("}"):
        return volume
    source += f":{text(volume.get('target'))}"
    source += "}" * (source.count("{") - source.count("}"))
    return {**{key: value for key, value in volume.items() if key != "target"}, "source": source}


def _compare(path: tuple[str, ...], before: Any, after: Any, folders: tuple[str, ...]) -> Iterator[Difference]:
    if isinstance(before, list) and isinstance(after, dict):
        before = _by_name(before)
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _compare((*path, key), before.get(key, _GONE), after.get(key, _GONE), folders)
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for i, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _compare((*path, str(i)), one, other, folders)
    elif not _same(before, after, folders):
        yield Difference(path, None if before is _GONE else before, None if after is _GONE else after)


def _by_name(entries: list[Any]) -> dict[str, Any]:
    """`[NAME=value, OTHER]` as a mapping: without values for variables, Compose shows what it has merged as either."""
    split = (str(entry).partition("=") for entry in entries)
    return {name: value if equals else None for name, equals, value in split}


def _same(before: Any, after: Any, folders: tuple[str, ...]) -> bool:
    """Without interpolation Compose shows a number where it later takes the text of it."""
    if before is _GONE or after is _GONE:
        return (before in (None, {}, [])) if after is _GONE else (after in (None, {}, []))
    if isinstance(before, dict | list | None) or isinstance(after, dict | list | None):
        return bool(before == after)
    one, other = _text(before), _text(after)
    if one == other or (match := _PATH.search(other)) is None:
        return one == other
    head, tail = other[: match.start()].removesuffix(f"{_FOLDER}/"), _unwrapped(other[match.start() :])
    return any(_moved(one, head, tail, folder) for folder in folders)


def _moved(one: str, head: str, tail: str, folder: str) -> bool:
    """Whether `one`, written in `folder`, is `tail` in the generated file's; both may be shown behind their folders,
    of which `head` is the manifest's."""
    place = head if folder == "." or not head else f"{normpath(join(head, folder))}/"
    rest, there = one.removeprefix(place), entering(folder)
    moved = ((rest, tail), (there(rest), _back(tail)), (there.folder(rest), _back.folder(tail)))
    return one == place + rest and any(then == now for then, now in moved)


def _unwrapped(words: str) -> str:
    """A text without the variables that `compose.paths.mover` put before those that paths start with."""
    while match := _PATH.search(words):
        depth, end = 1, match.end()
        while end < len(words) and depth:
            depth += {"{": 1, "}": -1}.get(words[end], 0)
            end += 1
        words = words[: match.start()] + words[match.end() : end if depth else end - 1] + words[end:]
    return words


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(key: str, value: Any) -> str:
    said = "" if value is None else shown(key, value)
    words = "nothing" if value is None else repr(str(said) if isinstance(said, Masked) else value)
    return words if len(words) <= 80 else f"{words[:79]}…"
