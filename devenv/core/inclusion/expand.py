"""A manifest with everything that it includes, as one mapping: read from the top down, put together from below."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join, normpath
from typing import Protocol

from devenv.core.compose.merge import merge, settle
from devenv.core.compose.paths import escapes
from devenv.core.compose.reading import parse_compose
from devenv.core.inclusion.adapt import adapt, add_networks, add_shares
from devenv.core.inclusion.entries import Entry, read_entries
from devenv.core.inclusion.parts import Part, with_parts
from devenv.core.inclusion.tree import Back, Fetched, Node, before, joined, may_not_name
from devenv.core.manifest import node as manifest_node
from devenv.core.manifest.catalog_specs import read_catalogs
from devenv.core.manifest.manifest import check_top, project_name
from devenv.core.suggest import suggest
from devenv.errors import Report
from devenv.model.data import Map, text
from devenv.model.git_address import is_path
from devenv.model.manifest import CatalogSpec, Included
from devenv.records import field, frozen, replace


class Library(Protocol):
    """Where included files come from. Both tell what is wrong at the entry's place, and give None."""

    def identity(self, entry: Entry, base: Fetched) -> str | None:
        """Stands for the file that an entry of `base` names, before it is read."""
        ...

    def read(self, entry: Entry, base: Fetched) -> Fetched | None:
        """The file itself."""
        ...


_MOST = 300


@frozen
class Expanded:
    """`data` is the manifest with its includes in it; `facts` are about the services that came from elsewhere,
    `catalogs` those that included files name, with paths relative to the stack's folder."""

    data: Map
    facts: dict[str, Included] = field(default_factory=dict)
    catalogs: tuple[CatalogSpec, ...] = ()


def expand(data: Map, fetched: Fetched, library: Library, report: Report, *, name: str) -> Expanded | None:
    """The manifest in `data`, which is the file `fetched`, with everything that it includes; `name` is the stack's.

    None when an included file could not be had; why is then in `report`. Other problems leave something to go on with.
    """
    if data.get("include") is None:
        return Expanded(data)
    before = len(report.errors)
    root = Node(fetched, _settled(data))
    _Grower(library, report).grow(root)
    if len(report.errors) > before:
        return None
    part = _fold(root, report)
    prefixes = {full: _prefixes(node) for node in root.walk() for full in map(node.service, node.own())}
    for own in root.own():
        part.facts.setdefault(own, Included(root.label))
    add_networks(part, prefixes, text(data.get("name")) or name)
    facts = {service: fact for service, fact in part.facts.items() if fact.file != root.label}
    catalogs = tuple(spec for node in root.walk() if node is not root for spec in _catalogs(node, report))
    return Expanded(with_parts(root.data, part), facts, catalogs)


def _catalogs(node: Node, report: Report) -> Iterator[CatalogSpec]:
    """The catalogs that an included file names; a remote file's lie in its own tree, or in a repository."""
    if "catalogs" not in node.data:
        return
    for spec in read_catalogs(manifest_node.Node(node.data, "", report, node.data.mark).child("catalogs")):
        key, folder, tree = "git" if spec.git else "path", node.fetched.folder, node.fetched.tree
        written = spec.git or spec.path
        if spec.git and may_not_name(written, node.fetched):
            message = f"'{written}' is a repository of this machine, and the file is from another one"
            report.add("DE343", message, spec.mark, path="catalogs")
        elif spec.git and (not is_path(written) or written.startswith(("/", "~"))):
            yield spec
        elif tree is not None and escapes(written, folder, tree):
            report.add("DE343", f"'{written}' leads out of its own repository", spec.mark, path="catalogs")
        else:
            at = written if written.startswith(("/", "~")) else normpath(join(folder, written))
            yield replace(spec, **{key: at})


def _settled(data: Map) -> Map:
    settled = settle(data)
    return settled if isinstance(settled, Map) else Map()


class _Grower:
    """Reads included files, those that they include, and so on."""

    def __init__(self, library: Library, report: Report) -> None:
        self._library = library
        self._report = report
        self._count = 0

    def grow(self, node: Node) -> None:
        for entry in read_entries(node.data, self._report):
            identity = self._library.identity(entry, node.fetched)
            if identity is None:
                continue
            back = next((one for one in node.chain() if one.fetched.identity == identity), None)
            if back is not None:
                self._again(node, back, entry)
                continue
            fetched = self._library.read(entry, node.fetched)
            if fetched is not None and (child := self._child(node, entry, fetched)) is not None:
                node.children.append(child)
                self.grow(child)

    def _again(self, node: Node, to: Node, entry: Entry) -> None:
        """An include of a file that is being included: between manifests it means the services that are there."""
        between = node.chain()[len(to.chain()) - 1 :]
        if to is node or any(one.compose for one in between):
            names = " → ".join([*(one.label for one in between), to.label])
            self._report.add("DE342", f"files include each other: {names}", entry.mark, path=entry.path)
        else:
            node.backs.append(Back(to, entry.prefix))

    def _child(self, node: Node, entry: Entry, fetched: Fetched) -> Node | None:
        self._count += 1
        if self._count > _MOST:
            if self._count == _MOST + 1:
                self._report.add("DE342", f"more than {_MOST} files are included", entry.mark, path=entry.path)
            return None
        before = len(self._report.errors)
        data = Map()
        for i, (name, written) in enumerate(fetched.texts):
            read = parse_compose(written, name, self._report)
            if not isinstance(read, Map):
                if len(self._report.errors) == before:
                    message = f"{name} is {'empty' if read is None else 'no mapping'}"
                    self._report.add("DE201", message, entry.mark, path=entry.path)
                return None
            data = merge(data, read) if i else _settled(read)
        compose = "devenv" not in data
        if not check_top(data, fetched.texts[0][0], self._report, compose=compose):
            return None
        given = text(data.get("name"))
        name = given or project_name(fetched.folder.rstrip("/").rpartition("/")[2])
        return Node(fetched, data, entry, node, joined(node.prefix, entry.prefix), name, compose)


def _fold(node: Node, report: Report) -> Part:
    """Everything that comes from a file and from those below it, cut to the mode that its entry picks."""
    part = adapt(node, report)
    for child in node.children:
        part.add(_fold(child, report), report)
    add_shares(node, part, report)
    mode = node.entry.mode if node.entry is not None else ""
    if mode and node.entry is not None:
        members = part.modes.get(node.full(mode))
        if not isinstance(members, list):
            known = [name.removeprefix(before(node.prefix)) for name in part.modes]
            hint = suggest(mode, known) or (f"it has {', '.join(known)}" if known else "it has no modes")
            mark = node.entry.place("mode")
            report.add("DE345", f"{node.label} has no mode '{mode}'", mark, path=f"{node.entry.path}.mode", hint=hint)
        else:
            part.keep(part.closure([text(member) for member in members]))
    return part


def _prefixes(node: Node) -> list[str]:
    """The prefixes that lead to a file, the nearest last."""
    return list(dict.fromkeys(one.prefix for one in node.chain() if one.prefix))
