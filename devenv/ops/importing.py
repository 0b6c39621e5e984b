"""Compose files → a manifest with the same meaning, which Compose itself is asked about before anything is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from posixpath import dirname

from devenv.core.compose.errors import objections
from devenv.core.compose.interpolate import variables_of
from devenv.core.compose.paths import moved_variables
from devenv.core.edit import put
from devenv.core.importing.compare import Difference, differences
from devenv.core.importing.manifest_text import Imported, edited, manifest_text
from devenv.core.manifest import manifest
from devenv.core.planning.definition import env_files
from devenv.core.stack.render import render
from devenv.core.starter.survey import COMPOSE_FILES
from devenv.core.yaml.source import parse
from devenv.engine.compose_config import ComposeConfig, Shown
from devenv.engine.protocols import Processes, Project
from devenv.engine.world import BUILT_IN, Catalog
from devenv.errors import DevenvError, Mark, Problem, Report
from devenv.model.data import Map, mark_of
from devenv.model.stack import Stack
from devenv.model.template import Template
from devenv.ops.compose_files import environment_of, found, read_files
from devenv.ops.editing.catalogs import with_catalogs
from devenv.ops.load import FOLDER, extended_files, read_template
from devenv.ops.offers import Offer, Trial, last_line, stack_of
from devenv.ops.schema import keep
from devenv.records import frozen, replace

_SHOWN = 10
_LACKS = re.compile(r"required variable|is missing a value|env file .* not found", re.IGNORECASE)  # today, not always
_UNREAD = {
    True: "compared as it is written, because with today's variables Compose says: ",
    False: "compared with today's variables only, because without values for them Compose says: ",
}
_DOCKERS = "OTEL_RESOURCE_ATTRIBUTES"  # the docker command adds to what the environment has of it, and not to a `.env`
_OVERRIDES = ("DE207", "DE319")  # what only an override may do: name no image, use what the base declares
_REPORT = "nothing was written: please report this with the lines of the file that are named"


@frozen
class Result:
    """What an import made. `path` is the manifest, `written` whether it was written; `files` are those that were read,
    `notes` tell what stands there differently, `compared` how Compose found both to be the same: with variables
    `replaced`, only as they are `written`, or "" when it was not asked."""

    path: str
    text: str
    files: tuple[str, ...]
    services: tuple[str, ...]
    notes: tuple[str, ...]
    compared: str
    offers: tuple[Offer, ...] = ()
    written: bool = False
    warnings: tuple[Problem, ...] = ()


def import_files(
    project: Project,
    processes: Processes,
    catalog: Catalog,
    names: Sequence[str] = (),
    *,
    here: str = ".",
    env_files: Sequence[str] = (),
    templates: bool = False,
    write: bool = True,
    overwrite: bool = False,
) -> Result:
    """Makes `project.manifest` from Compose files (relative to its folder; none: those that Compose would find in the
    folder `here`), and keeps beside it the schema that its first line names. `env_files` are what Compose would read
    instead of the `.env` there.

    Raises DevenvError with every reason, having written nothing: DE370 what Compose does not accept, DE371 what cannot
    be carried over, DE372 what would not mean the same, DE704 a manifest that is there (unless `overwrite`, which keeps
    its catalogs).
    """
    target = project.manifest if here == "." else project.folder(project.manifest)
    if write and not project.exists(".", "directory"):
        raise DevenvError.of("DE701", f"cannot write {target}: there is no folder {project.root}")
    if write and not overwrite and project.exists(project.manifest, "file"):
        raise DevenvError.of("DE704", f"there is a {target} already", hint="--force writes over it")
    seen = environment_of(project, (dirname(names[0]) or ".") if names else here, env_files)
    names = list(names) or found(project, seen.values, here)
    if not names:
        usual = " or ".join(COMPOSE_FILES)
        raise DevenvError.of("DE102", f"there is no {usual} here", hint="name the files: `devenv import FILE …`")
    report = Report()
    files = read_files(project, names, seen, report)
    folder_name = manifest.compose_name(project.root.name)
    default = manifest.project_name(project.root.name)
    name = str(seen.values.get("COMPOSE_PROJECT_NAME", "")) or (folder_name if folder_name != default else None)
    # What an `up` has kept here is another manifest's.
    layers = [(source, values) for source, values in project.layers() if source != f"{FOLDER}/.env"]
    environment = {key: value for _, values in layers for key, value in values.items()}
    outside = {
        key: value for source, values in layers for key, value in values.items() if source != ".env" or key == _DOCKERS
    }
    compose = ComposeConfig(processes, project.root, name or folder_name, environment)
    every = [one for file in files for one in (file, *file.brought())]
    folders = {one.folder for one in every}
    unseen = {name for one in every for name in one.variables.keys() | one.taken}
    extended = extended_files(project, report)

    def read(path: str) -> Map | None:
        folders.add(dirname(path) or ".")
        return extended(path)

    made = manifest_text(files, report, name=name, read=read)
    if made is not None and "services" not in made.data:
        hint = "put the services under `services:`, as every format since Compose's first has them"
        report.add("DE371", f"{names[0]} has no 'services'", Mark(names[0], 1, 1), hint=hint)
    as_it_is = ComposeConfig(processes, project.root, name or folder_name, outside)
    asked = as_it_is.there() and not _unreadable(report.errors)  # what cannot be read may take Compose a minute
    before = [as_it_is.of_files(names, env_files, interpolate=how) for how in (True, False)] if asked else []
    stack = stack_of(made.data, project, environment, {}, report) if made is not None and not report.errors else None
    if before and before[0].config is None and not _for_want_of_values(*before):
        raise DevenvError(*_refused(report.errors, _objections(before[0], made, stack), names))
    if made is None or stack is None or report.errors:
        raise DevenvError(*_refused(report.errors, (), names))
    notes = list(made.notes)
    compared = _compare(before, compose, stack, made, environment, folders, project, unseen, notes)
    trial = Trial(project, compose, environment, _templates(catalog), before)
    offers, data = trial.offers(made.data, take=templates)
    text = made.text if data is made.data else edited(made.text, data)
    if overwrite:
        text = _with_catalogs(text, project)
    written = write and project.write(project.manifest, text)
    if write:
        keep(project, catalog, stack, closely=True)
    return Result(
        project.manifest,
        text,
        tuple(names),
        tuple(stack.services),
        tuple(notes),
        compared,
        offers=tuple(offers),
        written=written,
        warnings=tuple(report.warnings),
    )


def _templates(catalog: Catalog) -> dict[str, Template]:
    """All of the catalog's, one's own first."""
    own_first = sorted(catalog.names(), key=lambda name: catalog.origin(name).name == BUILT_IN)
    loaded = {name: read_template(catalog, name, Report()) for name in own_first}
    return {name: one for name, one in loaded.items() if one is not None}


def _with_catalogs(text: str, project: Project) -> str:
    """The text with the catalogs of the manifest that it takes the place of."""
    file = project.manifest
    old = parse(project.read(file), file, Report()) if project.exists(file, "file") else None
    entries = old.get("catalogs") if isinstance(old, Map) else None
    if not isinstance(entries, list) or not entries:
        return text
    return with_catalogs(text, entries, file) or put(text, ("catalogs",), entries, file=file)


def _for_want_of_values(replaced: Shown, written: Shown) -> bool:
    """Whether Compose refuses the files for what is not set or not there today, and would take them otherwise."""
    if _LACKS.search(replaced.words):
        return True
    return written.config is not None and "variable is not set" in replaced.words


def _refused(own: Sequence[Problem], composes: Sequence[Problem], names: Sequence[str]) -> list[Problem]:
    """What devenv found, and what Compose says besides: nothing twice, and nothing about what cannot be read anyway."""
    unreadable = _unreadable(own)
    places = {(one.mark.file, one.mark.line) for one in own if one.mark is not None}
    further = [one for one in composes if one.mark is None or (one.mark.file, one.mark.line) not in places]
    found = [*Report.sorted(own), *(dict.fromkeys(further) if not unreadable else ())]
    if len(names) > 1:
        return found
    override = f"; or is it an override, to be given after its base: `devenv import BASE {names[0]}`?"
    return [replace(one, hint=(one.hint or "") + override) if one.code in _OVERRIDES else one for one in found]


def _unreadable(problems: Sequence[Problem]) -> bool:
    return any("DE103" <= one.code <= "DE112" for one in problems)


def _objections(said: Shown, made: Imported | None, stack: Stack | None) -> list[Problem]:
    source = made.data if made is not None else Map()
    services = stack if stack is not None else Stack(name="", services={})
    found = objections(said.words, source, services)
    problems = [Problem("DE370", f"Compose: {one.message}", one.mark, one.path) for one in found]
    return problems or [Problem("DE370", "Compose does not accept the files and does not say why")]


def _compare(
    before: Sequence[Shown],
    compose: ComposeConfig,
    stack: Stack,
    made: Imported,
    environment: Mapping[str, str],
    folders: Set[str],
    project: Project,
    unseen: Set[str],
    notes: list[str],
) -> str:
    """Holds what Compose made of the files against what it makes of the generated file; `unseen` are the variables that
    the manifest does not see as the files do."""
    if not before:
        notes.append("there is no Docker Compose to compare the two with")
        return ""
    text = render(stack, relative_to=FOLDER)
    more = moved_variables(text, environment, FOLDER)
    found: dict[tuple[str, ...], Difference] = {}
    if all(one.config is None for one in before):
        said = [last_line(one.words) for one in before]
        notes.append(f"with today's variables Compose says: {said[0]}; and without values for them: {said[1]}")
        return ""
    for one, interpolate in zip(before, (True, False), strict=True):
        if one.config is None:
            notes.append(_UNREAD[interpolate] + last_line(one.words))
            continue
        after = compose.of_text(text, FOLDER, more, interpolate=interpolate)
        if after.config is None:
            raise DevenvError.of("DE372", f"Compose does not accept the result: {last_line(after.words)}", hint=_REPORT)
        for difference in differences(one.config, after.config, folders):
            seen = variables_of(f"{difference.before}{difference.after}")
            if not interpolate and (difference.unreadable or seen & made.defaulted):
                continue
            if interpolate or before[0].config is None or difference.variable:
                found.setdefault(difference.path, difference)
    if found:
        raise DevenvError(*_problems(found.values(), made.data, stack, project, unseen))
    return "replaced" if before[0].config is not None else "written"


def _problems(
    found: Iterable[Difference], source: Map, stack: Stack, project: Project, unseen: Set[str]
) -> list[Problem]:
    shown = []
    for one in found:
        known = _unseen_in(one.path, source, stack, project, unseen)
        shown.append(known or Problem("DE372", one.words, _place(source, one.path), ".".join(one.path), _REPORT))
    return list(dict.fromkeys(shown))[:_SHOWN]


def _unseen_in(path: tuple[str, ...], source: Map, stack: Stack, project: Project, unseen: Set[str]) -> Problem | None:
    """Where a value comes from an `env_file` that uses variables in `unseen`, for which the manifest could say none."""
    if path[:1] != ("services",) or path[2:3] != ("environment",) or path[1] not in stack.services:
        return None
    for file in env_files(stack.services[path[1]]):
        names = sorted(variables_of(project.read(file)) & unseen) if project.exists(file, "file") else ()
        if names:
            at = (*path[:2], "env_file")
            message = f"{file} uses {', '.join(names)}, and devenv would not see the value that Compose sees"
            hint = f"set {', '.join(names)} in the .env beside the manifest, or write the value into {file}"
            return Problem("DE371", message, _place(source, at), ".".join(at), hint)
    return None


def _place(source: Map, path: tuple[str, ...]) -> Mark | None:
    at, mark = source, None
    for part in path:
        if not isinstance(at, dict) or part not in at:
            break
        mark = mark_of(at, part, of_key=True) or mark
        at = at[part]
    return mark
