"""`devenv set`: one value of the manifest, by its path."""

from __future__ import annotations

from typing import Any

from devenv.core.edit import BadPath, Path, parse_path, path_text, put, remove
from devenv.core.manifest.node import quoted
from devenv.core.yaml.scalars import read_plain
from devenv.core.yaml.source import parse
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.model.data import Map
from devenv.ops.editing.manifest import Edited, edit, no_service

_NOT_BARE = tuple("'\"|>!&")


def set_value(world: World, path: str, value: str, *, dry: bool = False) -> Edited:
    """Puts `value`, read as YAML, at `path` of the manifest. Raises DevenvError: DE710 for a path or a value that
    cannot be read, DE720 for a service that is not there, and what `edit` raises."""
    steps, data = _path(path), read_value(value)
    _check_service(world, steps)
    file = world.project.manifest
    return edit(world, lambda text: put(text, steps, data, file=file), dry=dry, says=(f"{path_text(steps)} is set",))


def unset_value(world: World, path: str, *, dry: bool = False) -> Edited:
    """Takes what stands at `path` out of the manifest. Raises as `set_value`."""
    steps = _path(path)
    if len(steps) == 2 and steps[0] == "services":
        raise DevenvError.of("DE710", f"'{path}' is a whole service", hint=f"`devenv remove {steps[1]}` removes it")
    file = world.project.manifest
    return edit(world, lambda text: remove(text, steps, file=file), dry=dry, says=(f"{path_text(steps)} is removed",))


def read_value(written: str) -> Any:
    """A value of the command line as data: `8081`, `true`, `[db, cache]`, or text, which is kept as it is, empty or of
    several lines. Raises DevenvError DE710."""
    report = Report()
    data = parse(written, "the value", report)
    if report.errors:
        problem = report.errors[0].message
        raise DevenvError.of("DE710", f"{quoted(written)} cannot be read: {problem}", hint="quote it: '\"…\"' is text")
    bare = written.strip()
    is_text = type(data) is str or (data is None and (not bare or read_plain(bare) is not None))
    return written if is_text and bare[:1] not in _NOT_BARE else data


def keys_below(world: World, above: str) -> list[str]:
    """The paths one step below `above` ('' for the top), for completion; raises nothing that a person did not do."""
    data: Any = parse(world.project.read(world.project.manifest), world.project.manifest, Report())
    steps = parse_path(above) if above else ()
    for step in steps:
        data = data[step]
    return [path_text((*steps, key)) for key in data] if isinstance(data, Map) else []


def _path(written: str) -> Path:
    try:
        return parse_path(written)
    except BadPath as problem:
        raise DevenvError.of(
            "DE710", str(problem), hint="as in services.web.ports.http, or services.web.needs[0]"
        ) from None


def _check_service(world: World, steps: Path) -> None:
    """A misspelt service is no wish for a new one."""
    file = world.project.manifest
    data = parse(world.project.read(file), file, Report())
    services = data.get("services") if isinstance(data, Map) else None
    if len(steps) < 3 or steps[0] != "services" or not isinstance(services, Map):
        return
    names = [".".join(map(str, steps[1:end])) for end in range(2, len(steps) + 1)]
    if not set(names) & set(services):
        raise no_service(world, services, str(steps[1]), "`devenv add` makes a new one")
