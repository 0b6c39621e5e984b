"""Manifest on disk → resolved stack and the text of its Compose file: what every command begins with."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from posixpath import dirname
from typing import TYPE_CHECKING, Literal

from devenv.core.compose import merge
from devenv.core.compose.extends import Read, extended
from devenv.core.compose.interpolate import interpolate
from devenv.core.compose.keys import like
from devenv.core.compose.paths import is_remote
from devenv.core.compose.reading import parse_compose
from devenv.core.lock.contents import content_of
from devenv.core.manifest import manifest
from devenv.core.stack.render import definition_hashes, render
from devenv.core.stack.resolve import Watch, resolve, unwatched
from devenv.core.templates.catalog import load_template
from devenv.core.yaml.source import parse
from devenv.engine.protocols import Project
from devenv.engine.world import Catalog, World
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import Map, text
from devenv.model.manifest import Included, Manifest, template_name
from devenv.model.stack import Stack
from devenv.model.template import Template
from devenv.ops.catalogs import by_their_own, layered
from devenv.ops.catalogs import local_name as local_name
from devenv.ops.sources import Sources
from devenv.records import field, frozen, replace

if TYPE_CHECKING:
    from devenv.ops.including.includes import Includes

FOLDER = ".devenv"
"""Where what is generated goes, beside the manifest."""

COMPOSE_FILE = f"{FOLDER}/compose.yaml"


@frozen
class Resolved:
    """A manifest, the stack that it describes, and the templates in use; where these come from, and what is pinned."""

    manifest: Manifest
    stack: Stack
    catalog: Catalog
    sources: Sources
    templates: Mapping[str, Template] = field(default_factory=dict)


@frozen
class Loaded:
    """A stack that is ready to be brought up. `text` is the file for `.devenv/`; `templates` are those in use, and
    come from `catalog`; `sources` has the lock."""

    manifest: Manifest
    stack: Stack
    text: str
    catalog: Catalog
    sources: Sources
    templates: Mapping[str, Template] = field(default_factory=dict)

    def hashes(self) -> dict[str, str]:
        """Each service's hash as in its label."""
        return definition_hashes(self.stack)


def load_stack(
    world: World, report: Report, *, paths: bool = True, late: bool = True, sources: Sources | None = None
) -> Loaded:
    """Reads, checks, resolves and renders the stack of `world.project`.

    With `paths`, files and folders that the stack needs must be there; without `late`, a warning tells of those that
    only bringing it up needs. `sources` is the lock to go by, and hands out remote files; without it, that of the
    project, which remembers what is new. Raises DevenvError with every problem that was found; warnings are left in
    `report`.
    """
    found = resolve_stack(world, report, paths=paths, late=late, sources=sources)
    text = render(found.stack, relative_to=FOLDER)
    return Loaded(found.manifest, found.stack, text, found.catalog, found.sources, found.templates)


def resolve_stack(
    world: World,
    report: Report,
    *,
    paths: bool = True,
    late: bool = True,
    watch: Watch = unwatched,
    sources: Sources | None = None,
) -> Resolved:
    """`load_stack` without the text, for who only wants to know what there is; `watch` sees each step."""
    sources = sources or Sources(world, report)
    written, includes = _read(world, report, sources)
    if written is None:
        sources.save()  # what was asked is not asked again, whatever else is wrong
        report.raise_if_errors()
        raise DevenvError.of("DE105", f"{world.project.manifest} is empty")
    if includes is not None and (paths or includes.catalogs):
        includes.place()
    before = len(report.errors)
    further = includes.catalogs if includes is not None else ()
    catalog = layered(world, [*written.catalogs, *further], sources, report)
    whole = len(report.errors) == before
    if includes is not None:
        written = by_their_own(written, catalog, further)
    templates, known = _templates(catalog, written, report, whole=whole)
    stack = resolve(written, templates, report, known=known, watch=watch, pinned=sources.pinned)
    if stack is not None and paths:
        _check_paths(world.project, stack, report, late=late)
    if stack is not None and includes is not None:
        includes.check(stack)
    sources.save()
    report.raise_if_errors()
    assert stack is not None
    stack = replace(stack, digests={name: image.digest for name, image in sources.lock.images.items()})
    return Resolved(written, stack, catalog, sources, templates)


def read_manifest(world: World, report: Report) -> Manifest | None:
    """The manifest with the person's own override merged over it; None when it cannot be made sense of.

    Raises DevenvError when the file cannot be read at all.
    """
    return _read(world, report, Sources(world, report))[0]


def _read(world: World, report: Report, sources: Sources) -> tuple[Manifest | None, Includes | None]:
    """The same, and who has read what it includes."""
    project = world.project
    data = parse(project.read(project.manifest), project.manifest, report)
    local = local_name(project.manifest)
    override = parse(project.read(local), local, report) if project.exists(local, "file") else None
    if override is not None and not isinstance(override, Map):
        report.add("DE201", "an override is a mapping", Mark(local, 1, 1))
        override = None
    default = manifest.project_name(project.root.name)
    facts: Mapping[str, Included] = {}
    includes = None
    if isinstance(data, Map) and ("include" in data or "include" in (override or Map())):
        from devenv.core.inclusion.expand import expand  # most manifests are one file
        from devenv.ops.including.includes import Includes

        includes = Includes(world, sources, report)
        expanded = expand(_with_own(data, override), includes.top(), includes, report, name=default)
        if expanded is None:
            return None, includes
        data, facts, includes.catalogs = expanded.data, expanded.facts, expanded.catalogs
    if isinstance(data, Map) and override is not None:
        data = merge.merge(data, override)
    if isinstance(data, Map):
        data = with_extended(data, project, report)
    loaded = manifest.load(
        data, project.manifest, report, default_name=default, included=facts, variables=project.environment()
    )
    return loaded, includes


_INCLUDE = "include it: `include: [{git: …}]` asks before it is used for the first time, and pins it"


def with_extended(data: Map, project: Project, report: Report) -> Map:
    """A manifest with what its services extend written out, from files of the project, too. Of one that is not there,
    or is no mapping, Compose will say so."""

    def elsewhere(file: str, mark: Mark | None) -> None:
        """Compose would fetch it unasked, as it is at the moment, with whatever it says of this machine."""
        with suppress(DevenvError):  # of a variable that must be set, Compose will say so
            if is_remote(interpolate(file, project.environment())):
                message = f"'{file}' is fetched by Compose itself, unseen"
                report.add("DE340", message, mark, path="extends.file", hint=_INCLUDE)

    return extended(data, extended_files(project, report), elsewhere)


def extended_files(project: Project, report: Report) -> Read:
    """Reads the files of the project that services extend."""

    def read(path: str) -> Map | None:
        found = parse_compose(project.read(path), path, report) if project.exists(path, "file") else None
        return found if isinstance(found, Map) else None

    return read


def _with_own(data: Map, override: Map | None) -> Map:
    """The manifest with what a person's own override includes besides; all else of the override comes later."""
    if override is None or "include" not in override:
        return data
    both = merge.merge(data, like(override, (("include", override["include"]),)))
    return like(data, {**data, "include": both.get("include")}.items())


def read_template(catalog: Catalog, name: str, report: Report) -> Template | None:
    """One template of the catalog; None, with problems, when its files are wrong."""
    files = catalog.files(name)
    there = catalog.folder(name) is not None
    file = f"{template_name(name)}/template.yaml"
    file = catalog.origin(name).shown(file) if there or files else file
    if there and "template.yaml" not in files:
        report.add("DE104", "the template is not UTF-8 text", Mark(file, 1, 1))
        return None
    before = len(report.errors)
    data = parse(files.get("template.yaml", ""), file, report)
    if not isinstance(data, Map):
        if len(report.errors) == before:
            report.add("DE303", "a template is a mapping", Mark(file, 1, 1))
        return None
    return load_template(name, data, files, catalog.folder(name) or "", report, recipe_name(name, data, files))


def recipe_name(name: str, data: Map, files: Mapping[str, str]) -> str:
    """What a template's recipe is called: another recipe makes another image, in another release or catalog, too. Its
    text files count; what a template's folder holds besides, no catalog reads."""
    folder = dirname(text(data.get("image")))
    inside = f"{folder}/" if folder else ""
    made_of = {path: one for path, one in files.items() if path != "template.yaml" and path.startswith(inside)}
    return f"{template_name(name).lower()}-{content_of(made_of)[7:15]}"


def _templates(
    catalog: Catalog, written: Manifest, report: Report, *, whole: bool
) -> tuple[dict[str, Template], list[str]]:
    """The templates that the manifest uses, loaded, and the names of all there are. Where a catalog could not be had,
    which is told, the catalog is not `whole`: everything that is used may be in it, instead of in another one, so none
    is loaded."""
    wanted = {spec.template: template_name(spec.template) for spec in written.services.values() if spec.use}
    if not wanted:
        return {}, []
    known = catalog.names()
    if not whole:
        return {}, [*known, *wanted.values()]
    loaded = {}
    for called, name in wanted.items():
        template = read_template(catalog, called, report) if name in known else None
        if template is not None:
            loaded[called] = template
    return loaded, known


_KINDS: dict[str, tuple[Literal["file", "directory"], ...]] = {
    "file": ("file",),
    "directory": ("directory",),
    "file or folder": ("file", "directory"),
}


def _check_paths(project: Project, stack: Stack, report: Report, *, late: bool) -> None:
    for required in dict.fromkeys(stack.requires):
        if not any(project.exists(required.path, kind) for kind in _KINDS[required.kind]):
            message = f"there is no {required.kind} '{required.path}' ({required.what})"
            report.add("DE308", message, required.mark, warning=required.late and not late)
