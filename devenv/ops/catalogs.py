"""The templates that a project can use: those of its own catalogs, in order of precedence, then the built-in ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from devenv.core.compose.merge import merge, settle
from devenv.core.manifest.catalog_specs import read_catalogs
from devenv.core.manifest.node import Node
from devenv.core.yaml.source import parse
from devenv.engine.catalog import FolderCatalog, LayeredCatalog
from devenv.engine.world import BUILT_IN, Catalog, World
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import Map, mark_of
from devenv.model.lock import Source
from devenv.model.manifest import CatalogSpec, Manifest, of_catalog
from devenv.ops.sources import Sources
from devenv.records import frozen, replace


def layered(world: World, specs: Sequence[CatalogSpec], sources: Sources, report: Report, folder: str = "") -> Catalog:
    """The catalogs that a manifest names, before the built-in one. Paths are relative to the manifest's folder, which
    is `folder`, relative to the project's. One that an included manifest names as well is there once.

    What cannot be had is told at its place: DE308 for a folder that is not there, and as `Sources.tree` says. A catalog
    with neither a template nor a policy is a warning.
    """
    layers: list[Catalog] = []
    places: dict[str, int] = {}
    for i, spec in enumerate(specs):
        if places.setdefault(_called(spec), i) != i:
            continue
        if (found := layer(world, spec, sources, report, f"catalogs[{i}]", folder)) is not None:
            layers.append(found)
    return LayeredCatalog([*layers, world.catalog]) if layers else world.catalog


def layer(
    world: World, spec: CatalogSpec, sources: Sources, report: Report, path: str = "", folder: str = ""
) -> FolderCatalog | None:
    """One catalog that a manifest names at `path`; None where it cannot be had, which is told as `layered` says."""
    if not spec.git:
        at = f"{folder}/{spec.path}" if folder and not spec.path.startswith(("/", "~")) else spec.path
        if not world.project.exists(at, "directory"):
            report.add("DE308", f"there is no folder '{at}' (a catalog)", spec.mark, path=path)
            return None
        found = FolderCatalog(world.project.folder(at), _called(spec))
    else:
        tree = sources.tree("catalogs", _source(spec), spec.mark, path)
        if tree is None:
            return None
        found = FolderCatalog(tree.folder, _called(spec), remote=True)
    if not found.names() and not found.policies():
        within = f"the folder '{spec.path}' of {spec.git}" if spec.git and spec.path else _called(spec)
        report.add("DE308", f"there is no template in {within}", spec.mark, path=path, hint=_EMPTY, warning=True)
    return found


_EMPTY = "templates are folders in it, each with a template.yaml; in a repository, `path` says in which folder"


def by_their_own(manifest: Manifest, catalog: Catalog, specs: Sequence[CatalogSpec]) -> Manifest:
    """The manifest, in which services of an included file get the templates that the file gets by itself: of the
    catalogs that it names (among `specs`) or the built-in one, whichever catalog is first in the whole stack."""
    own: dict[str, list[str]] = {}
    for spec in specs:
        own.setdefault(spec.mark.file if spec.mark else "", []).append(_called(spec))
    services = dict(manifest.services)
    for called, service in manifest.services.items():
        if service.included is None or not service.use:
            continue
        name, alone = service.template, [*own.get(service.included.file, ()), BUILT_IN]
        origins = {origin.name for origin in catalog.hidden(name)}
        if not origins or (origins | {catalog.origin(name).name}).isdisjoint(alone):
            continue
        meant = next(one for one in alone if one in origins or one == catalog.origin(name).name)
        if meant in origins and catalog.files(of_catalog(name, meant)) != catalog.files(name):
            services[called] = replace(service, catalog=meant)
    return replace(manifest, services=services)


def _source(spec: CatalogSpec) -> Source:
    return Source(git=spec.git, ref=spec.ref, path=spec.path)


def _called(spec: CatalogSpec) -> str:
    return str(_source(spec)) if spec.git else spec.path


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
    from devenv.ops.including.includes import Includes

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
