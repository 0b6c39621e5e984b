"""The templates that a project can use: those of its own catalogs, in order of precedence, then the built-in ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from devenv.core.compose.merge import merge, settle
from devenv.core.manifest.catalog_specs import read_catalogs
from devenv.core.manifest.node import Node
from devenv.core.yaml.source import parse
from devenv.engine.catalog import FolderCatalog, LayeredCatalog
from devenv.engine.world import BUILT_IN, Catalog, Origin, World
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import Map, mark_of
from devenv.model.lock import Source
from devenv.model.manifest import CatalogSpec, Manifest
from devenv.ops.sources import Sources
from devenv.records import frozen


def layered(world: World, specs: Sequence[CatalogSpec], sources: Sources, report: Report, folder: str = "") -> Catalog:
    """The catalogs that a manifest names, before the built-in one. Paths are relative to the manifest's folder, which
    is `folder`, relative to the project's.

    What cannot be had is told at its place: DE308 for a folder that is not there, and as `Sources.tree` says.
    """
    layers: list[Catalog] = []
    for i, spec in enumerate(specs):
        if (found := _layer(world, spec, sources, report, f"catalogs[{i}]", folder)) is not None:
            layers.append(found)
    return LayeredCatalog([*layers, world.catalog]) if layers else world.catalog


def _layer(
    world: World, spec: CatalogSpec, sources: Sources, report: Report, path: str, folder: str
) -> FolderCatalog | None:
    if not spec.git:
        at = f"{folder}/{spec.path}" if folder and not spec.path.startswith(("/", "~")) else spec.path
        if not world.project.exists(at, "directory"):
            report.add("DE308", f"there is no folder '{at}' (a catalog)", spec.mark, path=path)
            return None
        return FolderCatalog(world.project.folder(at), _called(spec))
    tree = sources.tree("catalogs", _source(spec), spec.mark, path)
    return None if tree is None else FolderCatalog(tree.folder, _called(spec), remote=True)


def tell_replaced(manifest: Manifest, catalog: Catalog, specs: Sequence[CatalogSpec], report: Report) -> None:
    """Warns (DE309) where a service of an included file gets another template of that name than the file would get by
    itself, of the catalogs that it names (among `specs`) or the built-in one."""
    own: dict[str, dict[str, CatalogSpec | None]] = {}
    for spec in specs:
        own.setdefault(spec.mark.file if spec.mark else "", {})[_called(spec)] = spec
    for called, service in manifest.services.items():
        if service.included is None or service.included.server or not service.use:
            continue
        name = service.use.partition("@")[0]
        hidden = catalog.hidden(name)
        alone = {**own.get(service.included.file, {}), BUILT_IN: None}
        if not hidden or catalog.origin(name).name in alone:
            continue
        replaced = next((origin for origin in hidden if origin.name in alone), None)
        if replaced is None or _files(replaced, name) == catalog.files(name):
            continue
        meant = alone[replaced.name]
        named = f" ({meant.mark.file}:{meant.mark.line})" if meant is not None and meant.mark is not None else ""
        report.add(
            "DE309",
            f"'{name}' is that of {catalog.origin(name).name} here; by itself {service.included.file} gets that of "
            f"{replaced.name}{named}",
            mark_of(service.source, "use") or service.mark,
            path=f"services.{called}.use",
            hint="rename one of the two templates, unless one is meant to stand for the other",
            warning=True,
        )


def _source(spec: CatalogSpec) -> Source:
    return Source(git=spec.git, ref=spec.ref, path=spec.path)


def _called(spec: CatalogSpec) -> str:
    return str(_source(spec)) if spec.git else spec.path


def _files(origin: Origin, name: str) -> Mapping[str, str]:
    folder = None if origin.built_in else Path(origin.folder)
    return FolderCatalog(folder).files(name)


@frozen
class Found:
    """A project's catalog, and what was wrong with parts of it."""

    catalog: Catalog
    report: Report


def project_catalog(world: World) -> Found:
    """The catalog of a project, whatever else may be wrong with its manifest. Writes what was pinned in the lock.
    What remote files bring that it includes counts once they are pinned."""
    report = Report()
    written = _written(world)
    if not isinstance(written, Map) or not {"catalogs", "include"} & written.keys():
        return Found(world.catalog, report)
    mark = mark_of(written, "catalogs") or Mark(world.project.manifest, 1, 1)
    specs = read_catalogs(Node(written.get("catalogs"), "catalogs", report, mark))
    specs += _included(world, written) if "include" in written else ()
    sources = Sources(world, report)
    found = layered(world, specs, sources, report)
    sources.save()
    return Found(found, report)


def _included(world: World, written: Map) -> tuple[CatalogSpec, ...]:
    """The catalogs that included manifests bring; none when what is included cannot be made sense of."""
    from devenv.core.inclusion.expand import expand  # most manifests are one file
    from devenv.ops.including import Includes

    report = Report()
    includes = Includes(world, Sources(world, report, frozen=True), report)
    expanded = expand(written, includes.top(), includes, report, name=world.project.root.name)
    if expanded is None:
        return ()
    includes.place()
    return tuple(expanded.catalogs)


def _written(world: World) -> Any:
    """The manifest's data with the person's own override over it, as far as it can be read."""
    project = world.project
    local = local_name(project.manifest)
    try:
        data = parse(project.read(project.manifest), project.manifest, Report())
        override = parse(project.read(local), local, Report()) if project.exists(local, "file") else None
        return settle(merge(data, override) if isinstance(data, Map) and isinstance(override, Map) else data)
    except DevenvError:
        return None


def local_name(file: str) -> str:
    """The override beside a manifest: `devenv.local.yaml` beside `devenv.yaml`."""
    stem, dot, suffix = file.rpartition(".")
    return f"{stem}.local.{suffix}" if dot else f"{file}.local"
