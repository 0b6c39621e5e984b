"""Manifest on disk → resolved stack and the text of its Compose file: what every command begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from devenv.core import instance, manifest, merge
from devenv.core.catalog import load_template
from devenv.core.render import definition_hashes, render
from devenv.core.resolve import resolve
from devenv.core.source import parse
from devenv.engine.protocols import Project
from devenv.engine.world import Catalog, World
from devenv.errors import DevenvError, Mark, Report
from devenv.model.data import Map
from devenv.model.manifest import Manifest
from devenv.model.stack import Stack
from devenv.model.template import Template

FOLDER = ".devenv"
"""Where what is generated goes, beside the manifest."""

COMPOSE_FILE = f"{FOLDER}/compose.yaml"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stack that is ready to be brought up. `text` is the file for `.devenv/`; `templates` are those in use."""

    manifest: Manifest
    stack: Stack
    text: str
    templates: Mapping[str, Template] = field(default_factory=dict)

    def hashes(self) -> dict[str, str]:
        """Each service's hash as in its label."""
        return definition_hashes(self.stack)


def load_stack(world: World, report: Report, *, paths: bool = True) -> Loaded:
    """Reads, checks, resolves and renders the stack of `world.project`.

    With `paths`, files and folders that the stack needs must be there. Raises DevenvError with every problem that was
    found; warnings are left in `report`.
    """
    written = read_manifest(world, report)
    if written is None:
        report.raise_if_errors()
        raise DevenvError.of("DE105", f"{world.project.manifest} is empty")
    templates, known = _templates(world.catalog, written, report)
    stack = resolve(written, templates, report, known=known)
    if stack is not None and paths:
        _check_paths(world.project, stack, report)
    report.raise_if_errors()
    assert stack is not None
    return Loaded(written, stack, render(stack, relative_to=FOLDER), templates)


def read_manifest(world: World, report: Report) -> Manifest | None:
    """The manifest with the person's own override merged over it; None when it cannot be made sense of.

    Raises DevenvError when the file cannot be read at all.
    """
    project = world.project
    data = parse(project.read(project.manifest), project.manifest, report)
    local = local_name(project.manifest)
    if project.exists(local, "file"):
        override = parse(project.read(local), local, report)
        if isinstance(data, Map) and isinstance(override, Map):
            data = merge.merge(data, override)
        elif override is not None and not isinstance(override, Map):
            report.add("DE201", "an override is a mapping", Mark(local, 1, 1))
    return manifest.load(data, project.manifest, report, default_name=manifest.project_name(project.root.name))


def local_name(file: str) -> str:
    """The override beside a manifest: `devenv.local.yaml` beside `devenv.yaml`."""
    stem, dot, suffix = file.rpartition(".")
    return f"{stem}.local.{suffix}" if dot else f"{file}.local"


def read_template(catalog: Catalog, name: str, report: Report) -> Template | None:
    """One template of the catalog; None, with problems, when its files are wrong."""
    files = catalog.files(name)
    file = f"{name}/template.yaml"
    before = len(report.errors)
    data = parse(files.get("template.yaml", ""), file, report)
    if not isinstance(data, Map):
        if len(report.errors) == before:
            report.add("DE303", "a template is a mapping", Mark(file, 1, 1))
        return None
    return load_template(name, data, files, catalog.folder(name) or "", report)


def _templates(catalog: Catalog, written: Manifest, report: Report) -> tuple[dict[str, Template], list[str]]:
    """The templates that the manifest uses, loaded, and the names of all there are."""
    wanted = {instance.Use.parse(spec.use).name: None for spec in written.services.values() if spec.use}
    if not wanted:
        return {}, []
    known = catalog.names()
    loaded = {}
    for name in wanted:
        template = read_template(catalog, name, report) if name in known else None
        if template is not None:
            loaded[name] = template
    return loaded, known


_KINDS: dict[str, tuple[Literal["file", "directory"], ...]] = {
    "file": ("file",),
    "directory": ("directory",),
    "file or folder": ("file", "directory"),
}


def _check_paths(project: Project, stack: Stack, report: Report) -> None:
    for required in dict.fromkeys(stack.requires):
        if not any(project.exists(required.path, kind) for kind in _KINDS[required.kind]):
            message = f"there is no {required.kind} '{required.path}' ({required.what})"
            report.add("DE308", message, required.mark)
