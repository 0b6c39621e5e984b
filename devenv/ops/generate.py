"""Writes the Compose file, and what belongs to this machine beside it."""

from __future__ import annotations

import posixpath

from devenv.core.stack.render import render
from devenv.engine.world import World
from devenv.errors import DevenvError, Report
from devenv.ops import schema
from devenv.ops.bringup.settings import derived, generated, outdated
from devenv.ops.load import COMPOSE_FILE, FOLDER, Loaded, load_stack
from devenv.ops.locking.wanted import tell_missing
from devenv.records import frozen

IGNORE_FILE = f"{FOLDER}/.gitignore"
IGNORE = "*\n"
SETTINGS_FILE = f"{FOLDER}/.env"


@frozen
class Generated:
    """What `generate` did. `path` is the file ('-' for none), `text` its content, `changed` whether it was not that
    before, `written` the files that were written, `stack` its name.
    """

    stack: str
    path: str
    text: str
    changed: bool
    written: tuple[str, ...] = ()


def generate(
    world: World, *, output: str | None = None, check: bool = False, report: Report | None = None
) -> Generated:
    """Writes `.devenv/compose.yaml` and what goes with it, or only the Compose file to `output`
    (relative to the manifest's folder; `-` writes nothing). With `check`, compares and writes nothing.

    A second run writes nothing. Raises DevenvError as loading does, and DE701.
    """
    report = report or Report()
    loaded = load_stack(world, report, late=False)
    tell_missing(world, loaded, report)
    path = COMPOSE_FILE if output is None else output
    text = loaded.text if output is None else for_file(world, loaded, output)
    changed = path != "-" and _present(world, path) != text
    if check and output is None and not changed and outdated(world, loaded.stack, loaded.text):
        return Generated(loaded.stack.name, SETTINGS_FILE, text, True)
    if check or path == "-":
        return Generated(loaded.stack.name, path, text, changed)
    if output is None:
        with world.project.lock():
            return Generated(loaded.stack.name, path, text, changed, tuple(write_all(world, loaded)))
    written = (path,) if world.project.write(path, text) else ()
    return Generated(loaded.stack.name, path, text, changed, written)


def for_file(world: World, loaded: Loaded, output: str) -> str:
    """The Compose file for another place: relative paths fit its folder (`-`: the manifest's own)."""
    folder, name = posixpath.split("compose.yaml" if output == "-" else output)
    return render(loaded.stack, relative_to=folder or ".", file=name, here=world.project.root.as_posix())


def write_all(world: World, loaded: Loaded) -> list[str]:
    """Writes what `.devenv/` holds: secrets and numbers that are there are kept. Returns what was written."""
    written = [IGNORE_FILE] if world.project.write(IGNORE_FILE, IGNORE) else []
    if world.project.write(COMPOSE_FILE, loaded.text):
        written.append(COMPOSE_FILE)
    if schema.keep(world.project, loaded.catalog, loaded.stack, closely=True):
        written.append(schema.SCHEMA_FILE)
    before = world.project.settings()
    settings = dict(before)
    generated(world, loaded.stack, settings)
    derived(world, loaded.stack, loaded.text, settings)
    if settings != before or not world.project.exists(SETTINGS_FILE, "file"):  # the header's command names it
        world.project.save_settings(settings)
        written.append(SETTINGS_FILE)
    return written


def _present(world: World, path: str) -> str | None:
    try:
        return world.project.read(path) if world.project.exists(path, "file") else None
    except DevenvError:
        return None  # what cannot be read is not what we would write
