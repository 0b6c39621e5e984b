"""Reads what `include:` names in Git repositories: at the commit that the lock pins, from the files of that commit."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from posixpath import dirname, join, normpath

from devenv.core.inclusion.entries import Entry
from devenv.core.inclusion.mounts import check_nested, reached
from devenv.core.inclusion.tree import Fetched, may_not_name
from devenv.core.inclusion.variables import FromFile, over
from devenv.engine import dotenv
from devenv.engine.git import ask
from devenv.engine.remote_files import RemoteFiles
from devenv.engine.user_folders import expanded
from devenv.engine.world import World
from devenv.errors import DevenvError
from devenv.model.git_address import is_path
from devenv.model.lock import Source
from devenv.model.stack import Stack
from devenv.ops.including.local import FILES, LocalFiles, values_of
from devenv.ops.sources import Sources
from devenv.records import field, frozen, mutable

FOLDER = ".devenv/includes"
"""Where the files of remote includes are for the engine to build from and to mount."""


@frozen
class Checkout:
    """The files of a commit: where they are kept, and what they are called in messages."""

    address: str
    name: str
    files: RemoteFiles


@mutable
class RemoteIncludes:
    """Included files of repositories, by the folder below `.devenv/includes` that stands for each commit.

    `local` reads files of this machine, and holds what both have in common.
    """

    world: World
    sources: Sources
    local: LocalFiles
    checkouts: dict[str, Checkout] = field(default_factory=dict)
    _around: dict[str, tuple[str, frozenset[str]] | None] = field(default_factory=dict)

    def identity(self, entry: Entry, base: Fetched, folders: Mapping[str, None]) -> str | None:
        """Stands for a file of a repository: for one of a repository that a file in `folders` lies in, that very
        file."""
        if not entry.git:
            return self._identity(base.source, self._inside(entry, base))
        address = self.address(entry, base)
        if address is None:
            return None
        path = normpath(entry.paths[0]) if entry.paths else ""
        for folder in folders:
            around = self._repository(folder)
            if around is not None and plain(address, self.world.project.root) in around[1]:
                return self.local.real(_manifest_in(join(around[0], path)))
        return self._identity(plain(address, self.world.project.root), path)

    def read(self, entry: Entry, base: Fetched) -> Fetched | None:
        tree = base.tree if not entry.git else self._checkout(entry, base)
        if tree is None:
            return None
        checkout = self.checkouts[tree]
        at = "" if entry.git else self._at(base)
        try:
            paths = [checkout.files.file(normpath(join(at, path)), FILES) for path in entry.paths or (".",)]
            texts = tuple((f"{checkout.name}:{path}", checkout.files.read(path)) for path in paths)
            inside = normpath(join(at, entry.project_directory)) if entry.project_directory else dirname(paths[0])
            if inside.startswith(("..", "/", "~")):
                raise DevenvError.of("DE343", f"'{inside}' leads out of its own repository")
            variables = self._variables(entry, base, checkout, inside)
        except DevenvError as error:
            self.local.tell(error, entry)
            return None
        return Fetched(
            f"{checkout.address}#{paths[0]}",
            texts,
            normpath(join(tree, inside)),
            tree=tree,
            source=checkout.address,
            variables=variables,
            variables_of=lambda path: self._variables_of(checkout.files, inside, path, variables),
        )

    def address(self, entry: Entry, base: Fetched) -> str | None:
        """The repository's address; one that is a path is made relative to the stack's folder."""
        relative = is_path(entry.git) and not entry.git.startswith(("/", "~"))
        if base.tree is not None and (relative or may_not_name(entry.git, base)):
            message = f"'{entry.git}': a file from another repository names repositories by their addresses"
            hint = "write its address there (https or ssh): on another machine this one means something else"
            self.local.tell(DevenvError.of("DE343", message, hint=hint), entry)
            return None
        return self.local.at(base.folder, entry.git) if relative else entry.git

    def place(self) -> None:
        """Puts the files where the engine finds them. Raises DevenvError DE701."""
        for tree, checkout in self.checkouts.items():
            self.world.project.adopt(checkout.files.folder, tree)

    def check(self, stack: Stack) -> None:
        """Reports paths that lead through a link, or could be made to by a container."""
        paths = reached(stack, self.checkouts)
        check_nested(paths, self.local.report)
        home = self.local.real(FOLDER)
        for one in paths:
            if self.local.real(one.path) != normpath(join(home, one.path.removeprefix(FOLDER).lstrip("/"))):
                message = f"'{one.inside}' is a link, or leads through one"
                hint = "name what it leads to"
                self.local.report.add("DE343", message, one.mark, path=one.key, hint=hint)

    def _identity(self, address: str, path: str) -> str:
        """That of `read`: a folder stands for its manifest, which is known of what has been read before."""
        for checkout in self.checkouts.values():
            if checkout.address == address:
                with suppress(DevenvError):
                    return f"{address}#{checkout.files.file(path or '.', FILES)}"
        return f"{address}#{path}"

    def _inside(self, entry: Entry, base: Fetched) -> str:
        return normpath(join(self._at(base), entry.paths[0]))

    def _at(self, base: Fetched) -> str:
        """The folder of a remote file in its tree."""
        return base.folder.removeprefix(base.tree or "").lstrip("/")

    def _checkout(self, entry: Entry, base: Fetched) -> str | None:
        address = self.address(entry, base)
        if address is None:
            return None
        found = self.sources.tree("includes", Source(git=address, ref=entry.ref), entry.place("git"), entry.path)
        if found is None:
            return None
        short = re.sub(r"[^a-z0-9]+", "-", plain(address, Path("/")).rpartition("/")[2].lower()).strip("-")
        tree = f"{FOLDER}/{short or 'repository'}-{found.content.rpartition(':')[2][:12]}"
        name = re.sub(r"^(?:https?|ssh|file)://", "", address) + (f"@{entry.ref}" if entry.ref else "")
        self.checkouts[tree] = Checkout(plain(address, self.world.project.root), name, RemoteFiles(found.folder))
        return tree

    def _variables(self, entry: Entry, base: Fetched, checkout: Checkout, inside: str) -> dict[str, FromFile]:
        """Those of the entry's own files, else of the tree's `.env`: a remote file sees no others."""
        given = dict(base.variables) if base.tree is not None else {}
        found: dict[str, FromFile] = {}
        names: list[str] = []
        if entry.env_file is None:
            beside = normpath(join(inside, ".env"))
            names = [beside] if checkout.files.exists(beside) else []
        elif base.tree is None:
            found = self.local.variables(entry, base, "")
        else:  # a file of the one who includes, whose tree may be another one
            checkout = self.checkouts[base.tree]
            names = [normpath(join(self._at(base), path)) for path in entry.env_file]
        for name in names:
            found = over(found, values_of(checkout.files.read(name), f"{checkout.name}:{name}", given.get))
        return over(found, given)

    def _variables_of(
        self, files: RemoteFiles, inside: str, path: str, variables: Mapping[str, str]
    ) -> Mapping[str, str] | None:
        at = normpath(join(inside, path))
        try:
            return dotenv.parse(files.read(at), variables.get) if files.exists(at) else None
        except DevenvError:
            return None

    def _repository(self, folder: str) -> tuple[str, frozenset[str]] | None:
        """The top of the checkout that a folder lies in, and the addresses by which it is known."""
        if folder not in self._around:
            self._around[folder] = self._ask_git(folder)
        return self._around[folder]

    def _ask_git(self, folder: str) -> tuple[str, frozenset[str]] | None:
        project, processes = self.world.project, self.world.processes
        if processes.find("git") is None:
            return None
        at = Path(os.path.normpath(project.root / folder))
        top = ask(processes, at, "rev-parse", "--show-toplevel", timeout=20)
        if top.code:
            return None
        known = ask(processes, at, "config", "--get-regexp", r"^remote\..*\.url$", timeout=20)
        written = [line.partition(" ")[2] for line in known.output.splitlines()]
        home = top.output.strip()
        return home, frozenset(plain(address, Path(home)) for address in [*written, home])


def plain(address: str, root: Path) -> str:
    """An address of a repository, whichever way it is written: `host/path`, or a path of this machine."""
    if is_path(address):
        address = os.path.realpath(root / expanded(address))
    elif "://" not in address:
        address = address.replace(":", "/", 1)
    bare = re.sub(r"^\w+://", "", address)
    bare = re.sub(r"^[^/@]*@", "", bare).rstrip("/").removesuffix(".git").rstrip("/")
    host, slash, rest = bare.partition("/")
    return f"{host.lower()}{slash}{rest}"


def _manifest_in(path: str) -> str:
    """The file that an entry means when it names a folder."""
    found = Path(path)
    if not found.is_dir():
        return path
    return str(next((found / name for name in FILES if (found / name).is_file()), found / FILES[0]))
