"""Compose files as data, merged by Compose's rules: what the manifest has to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from posixpath import normpath
from typing import Any

from devenv.core.compose import merge
from devenv.core.compose.extends import Read
from devenv.core.compose.interpolate import variables_of
from devenv.core.compose.keys import like, like_list
from devenv.core.compose.paths import Move, entering, move_service, move_top
from devenv.core.compose.reading import plain_text, spelled_out
from devenv.core.importing.bases import resets, services_of, with_bases
from devenv.core.inclusion.variables import FromFile, defaulted
from devenv.core.stack.references import strings
from devenv.core.yaml.source import parse
from devenv.errors import Report
from devenv.model.data import Map, Seq, mark_of, same, text
from devenv.records import field, frozen

KINDS = ("services", "networks", "volumes", "configs", "secrets", "models")


@frozen
class ComposeFile:
    """One of the files that Compose merges, or one of the documents in it. `name` is shown to people; relative paths in
    it count from `folder`, itself relative to the manifest's. `included` are the files that its `include` names, per
    entry, and `variables` those that it sees and the manifest would not (of a `.env` that is not the manifest's, or an
    `env_file`). Of `taken`, the manifest's own `.env` says something else; `project` are those that the whole project
    sees."""

    name: str
    text: str
    folder: str = "."
    included: tuple[tuple[ComposeFile, ...], ...] = ()
    variables: Mapping[str, FromFile] = field(default_factory=dict)
    taken: Set[str] = frozenset()
    project: Set[str] = frozenset()

    def brought(self) -> list[ComposeFile]:
        """The files that it includes, and those that they do."""
        return [each for entry in self.included for one in entry for each in (one, *one.brought())]


@frozen
class Layered:
    """`text` is the first file's, `data` all files' meaning. `others` are the texts of the other files; `notes` tell
    what is written differently, and why; `defaulted` are the variables that got a default."""

    text: str
    data: Map
    others: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    defaulted: set[str] = field(default_factory=set)


def layered(files: Sequence[ComposeFile], report: Report, read: Read) -> Layered | None:
    """The meaning of `files`, later ones over earlier ones; None, with problems in `report`, when one cannot be read
    or when something cannot be carried over. `read` gives the data of a file that one of them extends."""
    notes: list[str] = []
    texts = [_spelled_out(one, notes) for one in files]
    used: set[str] = set()
    parsed = [data for one, text in zip(files, texts, strict=True) if (data := _parsed(one, text, report)) is not None]
    for name in {one.name for one in files[1:]}:
        first_part, *more = (text for one, text in zip(files, texts, strict=True) if one.name == name)
        report.source(name, "".join([first_part, *(text.lstrip("\n") for text in more)]))
    if not files or len(parsed) < len(files):
        return None
    first, *others = (_carried(one, parsed, i, report, read, notes, used) for i, one in enumerate(files))
    if report.errors:
        return None
    data = first
    for other, written in zip(others, parsed[1:], strict=True):
        data = merge.merge(merge.merge(data, resets(written)), other)
    brought = [plain_text(one.text) for file in files for one in file.brought()]
    if report.errors:
        return None
    return Layered(texts[0], data, others=(*brought, *texts[1:]), notes=notes, defaulted=used)


def _spelled_out(file: ComposeFile, notes: list[str]) -> str:
    text, changes = spelled_out(file.text)
    for line, key, written, meant in changes:
        notes.append(f"{file.name}:{line}: Compose reads {key}: {written} as {meant}, so that is written")
    return text


def _parsed(file: ComposeFile, text: str, report: Report) -> Map | None:
    before = len(report.errors)
    data = parse(text, file.name, report)
    if data is None:
        if len(report.errors) == before:
            report.add("DE371", f"{file.name} is empty")
        return None
    if not isinstance(data, Map):
        report.add("DE371", "a Compose file is a mapping", getattr(data, "mark", None))
        return None
    return data


def _carried(
    file: ComposeFile, parsed: Sequence[Map], i: int, report: Report, read: Read, notes: list[str], used: set[str]
) -> Map:
    """File `i` as the manifest has to say it: with the values of variables that only it sees, with its paths counted
    from the manifest's folder, and with what it includes."""
    private = file.variables.keys() | file.taken

    def base(path: str) -> Map | None:
        found = read(path)
        return _passed_on(found, file) if private and found is not None else found

    own = _passed_on(parsed[i], file) if private else parsed[i]
    data, bases = with_bases([*parsed[:i], own, *parsed[i + 1 :]], i, file.folder, private, base)
    if bases:
        notes.append(f"{file.name}: what it extends is written out: {', '.join(bases)} can change without the manifest")
    if private:
        data = _with_variables(data, file, report, notes, used)
    moved = _moved(data, entering(file.folder)) if normpath(file.folder) != "." else data
    if not file.included:
        return moved
    for entry in file.included:
        moved = _with_included(moved, entry, report, read, notes, used)
    without = Map(moved, mark=moved.mark, keys_at=moved.keys_at, values_at=moved.values_at)
    without.pop("include", None)
    return without


def _moved(data: Map, move: Move) -> Map:
    """Every relative path of a file, as it is written in another folder."""
    result = Map(data, mark=data.mark, keys_at=data.keys_at, values_at=data.values_at)
    for key, value in data.items():
        if key == "services" and isinstance(value, Map):
            entries = ((name, move_service(one, move) if isinstance(one, Map) else one) for name, one in value.items())
            result[key] = Map(entries, mark=value.mark, keys_at=value.keys_at, values_at=value.values_at)
        elif isinstance(value, Map | Seq):
            result[key] = move_top(key, value, move)
    return result


def _with_included(
    data: Map, files: tuple[ComposeFile, ...], report: Report, read: Read, notes: list[str], used: set[str]
) -> Map:
    """`data` and what an entry of its `include` brings. Compose refuses a name that both have."""
    inner = layered(files, report, read)
    if inner is None:
        return data
    notes += inner.notes
    used.update(inner.defaulted)
    result = Map(data, mark=data.mark, keys_at=data.keys_at, values_at=data.values_at)
    for kind in KINDS:
        brought = inner.data.get(kind)
        if isinstance(brought, Map):
            own = result.get(kind)
            result[kind] = _joined(own if isinstance(own, Map) else Map(), brought, kind, report)
    return result


def _joined(own: Map, brought: Map, kind: str, report: Report) -> Map:
    result = Map(own, mark=own.mark, keys_at=dict(own.keys_at), values_at=dict(own.values_at))
    for name, value in brought.items():
        if name in own and not same(_bare(own[name]), _bare(value)):
            message = f"'{name}' is among the {kind} of the file that includes this one, too"
            report.add("DE371", message, mark_of(brought, name, of_key=True), path=f"{kind}.{name}")
            continue
        result[name] = value
        for places, theirs in ((result.keys_at, brought.keys_at), (result.values_at, brought.values_at)):
            if name in theirs:
                places[name] = theirs[name]
    return result


def _bare(value: Any) -> Any:
    return Map() if value is None else value


def _with_variables(data: Map, file: ComposeFile, report: Report, notes: list[str], used: set[str]) -> Map:
    """A file in which the variables that only it sees have their values as defaults; refused where the manifest's own
    `.env` would have a say. Of a secret, Compose shows only the variable's name, which can have no default."""
    told: dict[str, FromFile | None] = {}
    for written, mark in strings(data):
        for name in sorted((variables_of(written) & (file.variables.keys() | file.taken)) - told.keys()):
            told[name] = file.variables.get(name)
            if name in file.taken:
                message = f"the manifest's .env sets the variable {name}, and {_elsewhere(name, file)}"
                report.add("DE371", message, mark, hint=f"give {name} one value for both")
    for kind in ("secrets", "configs"):
        entries = data.get(kind)
        for entry in entries.values() if isinstance(entries, Map) else ():
            name = text(entry.get("environment")) if isinstance(entry, Map) else ""
            if name in file.variables:
                message = f"the variable {name} has a value in {file.variables[name].file}, which only {file.name} sees"
                hint = f"move {name} to the .env beside the manifest"
                report.add("DE371", message, mark_of(entry, "environment"), hint=hint, warning=True)
    files: dict[str, list[str]] = {}
    for name, value in told.items():
        if value is not None:
            files.setdefault(value.file, []).append(name)
    notes += [
        f"{file.name}: {where} sets {', '.join(sorted(names))}; the values are written as defaults"
        for where, names in files.items()
    ]
    used.update(told)
    changed: Map = defaulted(data, file.variables)
    return changed


def _elsewhere(name: str, file: ComposeFile) -> str:
    if name in file.variables:
        return f"{file.name} has another value for it from {file.variables[name].file}"
    return f"{file.name} would not see that"


def _passed_on(data: Map, file: ComposeFile) -> Map:
    """Names without a value, for which Compose takes the variables' values, as `NAME=${NAME}` or `NAME: ${NAME}`: in a
    list of `environment` any that the file sees, elsewhere those of the project."""

    def service(one: Any) -> Any:
        if not isinstance(one, Map):
            return one
        one = _given(one, "environment", file.variables.keys(), file.project)
        build = one.get("build")
        if not isinstance(build, Map):
            return one
        return like(one, {**one, "build": _given(build, "args", file.project, file.project)}.items())

    services = services_of(data)
    changed = like(services, {name: service(one) for name, one in services.items()})
    return like(data, {**data, "services": changed}.items()) if services else data


def _given(owner: Map, key: str, listed: Set[str], mapped: Set[str]) -> Map:
    names = owner.get(key)
    given: Map | Seq
    if isinstance(names, Seq):
        entries = (f"{one}=${{{one}}}" if isinstance(one, str) and one in listed else one for one in names)
        given = like_list(names, entries)
    elif isinstance(names, Map):
        pairs = ((name, f"${{{name}}}" if one is None and name in mapped else one) for name, one in names.items())
        given = like(names, pairs)
    else:
        return owner
    return like(owner, {**owner, key: given}.items())
