"""`devenv template new`: a folder with a template that works, and a manifest that knows where it is."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from devenv.core.starter.template import renamed, template_text
from devenv.core.yaml.source import parse
from devenv.engine.repository import Repository
from devenv.engine.user_folders import expanded
from devenv.engine.world import Catalog, World
from devenv.errors import DevenvError, Report
from devenv.model.data import Map, text
from devenv.ops import catalog as catalogs
from devenv.ops.editing.catalogs import add_catalog
from devenv.ops.editing.manifest import Edited
from devenv.records import frozen

FOLDER = "catalog"
"""Where a template goes in a project that has no catalog of its own yet."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_STARTER = "valkey"  # whose recipe the new template builds with


@frozen
class New:
    """`folder` and `written` are paths relative to the folder that one works in; `edited` is what became of the
    manifest."""

    name: str
    folder: str
    written: tuple[str, ...]
    edited: Edited | None = None


def new_template(
    root: Path,
    name: str,
    built_in: Catalog,
    *,
    world: World | None,
    folder: str | None = None,
    like: str | None = None,
    consent: Callable[[str], bool] = lambda question: False,
) -> New:
    """Writes `folder/NAME/`, seen from `root`: a small template that works or, with `like`, a copy of another one.

    `world` is the project at hand, if there is one: without `folder` the template goes into its first catalog by path,
    and a catalog that its manifest does not name is added to it after `consent`. Overwrites nothing. Raises
    DevenvError: DE205 no name of a template, DE301 none to start from, DE704 there is one, DE701 cannot be written.
    """
    if not _NAME.fullmatch(name):
        hint = "lower-case letters, digits, '-', '_' and '.', as in my-store"
        raise DevenvError.of("DE205", f"'{name}' is no name of a template", hint=hint)
    known = _catalog_paths(world)
    base = world.project.root if world is not None and folder is None else root
    within = (folder or next(iter(known), FOLDER)).rstrip("/")
    source = like or _STARTER
    catalogs.template(built_in, source)  # which says what is wrong with the name
    files = dict(built_in.files(source))
    recipe = {path: content for path, content in files.items() if path != "template.yaml"}
    written = renamed(files["template.yaml"], source, name) if like else template_text(name)
    target = base / expanded(within)
    place = Repository(target)
    if place.exists(name):
        raise DevenvError.of("DE704", f"{within}/{name} is there already", hint="take another name")
    for path, content in ({"template.yaml": written} | recipe).items():
        place.add(f"{name}/{path}", content)
    shown = Path(os.path.relpath(target / name, root)).as_posix()
    paths = tuple(f"{shown}/{path}" for path in ("template.yaml", *sorted(recipe)))
    return New(name, shown, paths, _declare(world, within, known, consent) if world and not folder else None)


def _catalog_paths(world: World | None) -> list[str]:
    """The catalogs by path that the manifest names."""
    if world is None:
        return []
    data = parse(world.project.read(world.project.manifest), world.project.manifest, Report())
    entries = data.get("catalogs") if isinstance(data, Map) else None
    return [text(e["path"]).removeprefix("./") for e in entries or () if isinstance(e, Map) and "path" in e]


def _declare(world: World, within: str, known: list[str], consent: Callable[[str], bool]) -> Edited | None:
    """Names the catalog in the manifest, unless it does already or nobody agrees."""
    if within in known or not consent(f"Add the catalog ./{within} to {world.project.manifest}?"):
        return None
    return add_catalog(world, f"./{within}", "", "", at=world.project.root)
