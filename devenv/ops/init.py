"""A first manifest for a repository, and the wrapper beside it."""

from __future__ import annotations

from collections.abc import Sequence
from posixpath import dirname
from typing import Protocol

from devenv.core.importing.layers import ComposeFile
from devenv.core.importing.manifest_text import manifest_text as compose_text
from devenv.core.manifest import manifest
from devenv.core.stack.resolve import resolve
from devenv.core.starter import starter, survey
from devenv.core.templates import instance
from devenv.core.yaml.source import parse
from devenv.engine.protocols import Project
from devenv.engine.world import Catalog
from devenv.errors import DevenvError, Problem, Report
from devenv.ops.compose_files import dotenv, found
from devenv.ops.generate import IGNORE, IGNORE_FILE
from devenv.ops.load import read_template
from devenv.ops.schema import SCHEMA_FILE, manifest_text
from devenv.records import frozen

MANIFEST = "devenv.yaml"

_EXAMPLE = "neither a Dockerfile nor a Compose file or sources that devenv knows are here, so its service is an example"


class Repository(Protocol):
    """The folder in which a stack is about to be described; the real one is `engine.repository`."""

    @property
    def name(self) -> str:
        """The folder's name."""
        ...

    @property
    def project(self) -> Project:
        """The same folder, as that of a stack."""
        ...

    @property
    def above(self) -> str:
        """The manifest of a folder above that counts here so far, relative to this one; empty without one."""
        ...

    def texts(self, names: frozenset[str]) -> dict[str, str]:
        """The files of these names, by path relative to the folder."""
        ...

    def exists(self, name: str) -> bool: ...
    def add(self, name: str, text: str, *, executable: bool = False) -> None:
        """Writes a new file. Raises DevenvError DE701, DE704."""
        ...

    def wrapper(self) -> dict[str, str]:
        """The wrapper's files: `devenvw`, and `devenvw.lock` with the hashes of what it installs."""
        ...


@frozen
class Initialised:
    """What `init` did: the files it wrote for the repository, the files that were there already, the manifest's text,
    its services. `source` names the Compose files that it is made from, `notes` tell what stands there differently,
    or is an example, and which manifest counted before."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    text: str
    services: tuple[str, ...]
    source: str | None
    notes: tuple[str, ...] = ()
    warnings: tuple[Problem, ...] = ()


def init(repository: Repository, catalog: Catalog) -> Initialised:
    """Writes `devenv.yaml` from what is in the repository, `devenvw` beside it, and in `.devenv/` the schema that the
    manifest's first line names. Compose files that are there are taken as `devenv import` takes them.

    Raises DevenvError DE704 when there is a manifest, and with every problem, having written nothing, when what the
    repository has cannot become a valid one.
    """
    if repository.exists(MANIFEST):
        raise DevenvError.of("DE704", f"there is a {MANIFEST} already", hint="`devenv validate` checks it")
    templates, report = frozenset(catalog.names()), Report()
    names = found(repository.project, dotenv(repository.project))
    source = ", ".join(names) or None
    if source is not None:
        text, notes = _from_compose(repository, names, report)
        text = starter.introduced(text, source, templates)
    else:
        text = starter.starter(repository.texts(survey.INTERESTING), repository.name, templates)
        nothing = text == starter.starter({}, repository.name, templates)
        notes = (_EXAMPLE,) if nothing else ()
    if above := repository.above:
        notes = (*notes, f"{above} counted here before; from now on, commands in this folder are about the new stack")
    services = _check(text, catalog, report, source)
    wrapper = repository.wrapper()
    kept = tuple(name for name in wrapper if repository.exists(name))
    for name, content in ((IGNORE_FILE, IGNORE), (SCHEMA_FILE, manifest_text(catalog))):
        if not repository.exists(name):  # `up` keeps it up to date
            repository.add(name, content)
    repository.add(MANIFEST, text)
    written = [MANIFEST]
    for name, content in wrapper.items():
        if name not in kept:
            repository.add(name, content, executable=name == "devenvw")
            written.append(name)
    return Initialised(tuple(written), kept, text, services, source, notes, tuple(report.warnings))


def _from_compose(repository: Repository, names: Sequence[str], report: Report) -> tuple[str, tuple[str, ...]]:
    """The manifest's text, and what it says differently. What the files include stays included."""
    folder = dirname(names[0]) or "."
    files = [ComposeFile(name, repository.project.read(name), folder) for name in names]
    made = compose_text(files, report, name=starter.stack_name(repository.name))
    return ("", ()) if made is None else (made.text, made.notes)


def _check(text: str, catalog: Catalog, report: Report, source: str | None) -> tuple[str, ...]:
    """The names of the services of a manifest that is valid; raises DevenvError for one that is not, or that could not
    be made."""
    written = None if report.errors else manifest.load(parse(text, MANIFEST, report), MANIFEST, report)
    names = catalog.names()
    used = {instance.Use.parse(spec.use).name for spec in written.services.values() if spec.use} if written else set()
    templates = {name: read_template(catalog, name, report) for name in sorted(used) if name in names}
    if written is not None:
        loaded = {name: template for name, template in templates.items() if template is not None}
        resolve(written, loaded, report, known=names)
    if report.errors:
        origin = f" from {source}" if source else ""
        said = f"the {MANIFEST} made{origin} would not be valid, so nothing was written"
        raise DevenvError(Problem("DE705", said, hint="the problems below name its places"), *report.errors)
    return tuple(written.services) if written else ()
