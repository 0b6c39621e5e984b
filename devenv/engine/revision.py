"""A project's files as they were in a Git revision, read from Git's objects: no checkout is touched."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, cast

from devenv.engine.answers import Completed
from devenv.engine.files import ProjectFolder
from devenv.engine.git import ask
from devenv.engine.protocols import Git, Processes, Project
from devenv.engine.signatures import Ignore
from devenv.errors import DevenvError
from devenv.records import frozen

_LIMIT = 4 << 20
_NOT_FETCHED = re.compile(r"lazy fetching disabled|transport '.*' not allowed")


@frozen
class Repository:
    """The Git repository around the folder `root`; `top` is its own folder, and `prefix` the path from there to `root`,
    with `/` at its end."""

    processes: Processes
    root: Path
    prefix: str = ""
    top: str = ""

    @classmethod
    def around(cls, processes: Processes, root: Path) -> Repository:
        """Raises DevenvError DE761 where there is none, DE703 without Git."""
        said = cls(processes, root).git("rev-parse", "--show-prefix", "--show-toplevel")
        if said.code != 0:
            hint = "`devenv diff --running` compares with what runs, without Git"
            words = (said.errors or said.output).strip().splitlines()[:2]
            raise DevenvError.of("DE761", f"{root} is in no Git repository", hint=hint, evidence=words)
        prefix, _, top = said.output.removesuffix("\n").partition("\n")
        return cls(processes, root, prefix, top)

    def commit(self, revision: str) -> str:
        """The commit that a revision names. Raises DevenvError DE762."""
        said = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        if said.code == 0 and said.output.strip():
            return said.output.strip()
        refs = self.git("for-each-ref", "--format=%(refname:short)").output.split()
        named = re.split(r"[~^@:]", revision)[0]
        remote = next((f"{one}/" for one in self.git("remote").output.split() if named.startswith(f"{one}/")), "")
        tails = [ref.removeprefix(remote) for ref in refs if ref.startswith(remote) and named not in (*refs, "HEAD")]
        near = [ref for ref in tails if ref.endswith(f"/{named}")]
        near = near or get_close_matches(named.removeprefix(remote), tails, n=1)
        empty = not refs and self.git("rev-parse", "--verify", "--quiet", "HEAD").code != 0
        hint = f"did you mean '{remote}{near[0]}'?" if near else self._lacks(named, remote, refs)
        raise DevenvError.of(
            "DE762", f"Git knows no revision '{revision}'", hint="there is no commit yet" if empty else hint
        )

    def merge_base(self, one: str, other: str) -> str:
        """The commit from which two went apart. Raises DevenvError DE762."""
        said = self.git("merge-base", self.commit(one), self.commit(other))
        if said.code != 0:
            raise DevenvError.of("DE762", f"'{one}' and '{other}' have no commit in common", hint=self._older())
        return said.output.strip()

    def _lacks(self, named: str, remote: str, refs: Collection[str]) -> str:
        """What to do about a revision that is not there: a clone may have one branch only, or few commits."""
        if not remote or named in refs:
            return self._older() or "`git log --oneline` shows the commits"
        deeper = "--unshallow " if self._older() else ""
        branch = f"{remote.removesuffix('/')} +{named.removeprefix(remote)}:refs/remotes/{named}"
        return f"this clone may lack it: `git fetch {deeper}{branch}` gets it (in CI: `fetch-depth: 0`)"

    def _older(self) -> str | None:
        """What to do where the clone lacks older commits; None where it has all."""
        shallow = self.git("rev-parse", "--is-shallow-repository").output.strip() == "true"
        return "this clone lacks older commits: `git fetch --unshallow` gets them" if shallow else None

    def tracked(self, path: str) -> bool:
        """Whether Git keeps a file of the folder."""
        return self.git("ls-files", "--error-unmatch", "--", path).code == 0

    def shared(self, paths: Iterable[str]) -> set[str]:
        """Those of some files that Git keeps, or would take with the next `git add`; what it ignores is not among them,
        nor what lies outside. The paths have no `./` before them."""
        inside = [path for path in paths if not is_outside(self.at(path)) and not path.startswith("~")]
        options = ("-z", "--cached", "--others", "--exclude-standard")
        return set(self.git("ls-files", *options, "--", *inside).output.split("\0")[:-1]) if inside else set()

    def changed(self, old: str, new: str | None, paths: Iterable[str]) -> set[str]:
        """Those of some files whose content is another one in the commit `new`, or in the working tree (None), than in
        `old`. What Git does not keep is not among them. Raises DevenvError DE762, DE102."""
        inside = {path: at for path in paths if not is_outside(at := self.at(path)) and not path.startswith("~")}
        if not inside:
            return set()
        commits = [self.commit(one) for one in (old, new) if one is not None]
        options = ("--numstat", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")
        said = self.git("-c", "diff.relative=false", "diff", *options, *commits, "--", *inside, contents=new is None)
        if said.code != 0:
            raise DevenvError.of("DE102", "Git cannot compare files", evidence=said.errors.splitlines()[:2])
        lines = [line.split("\t", 2) for line in said.output.removesuffix("\n").split("\0") if line]
        found = {path for added, removed, path in lines if (added, removed) != ("0", "0")}  # else only its mode
        return {path for path, at in inside.items() if at in found}

    def at(self, path: str) -> str:
        """Where a path of the folder is, as seen from the top of the repository."""
        return posixpath.normpath(posixpath.join(self.prefix, path))

    def git(self, *words: str, contents: bool = False) -> Completed:
        """Runs Git in the folder, as `git.ask` does; nothing of it waits for input, and nothing is written."""
        return ask(self.processes, self.root, "--literal-pathspecs", *words, contents=contents)


class Revision:
    """The files of one commit below the manifest's folder; implements `protocols.Project` for reading. `manifest` is
    the name of the manifest's file, `name` what people call the revision; `git` unpacks folders. Nothing can be
    written. What lies outside the repository is as it is now: a revision says nothing of it. A submodule has the
    commit that the revision says, out of its own repository."""

    def __init__(self, repository: Repository, revision: str, manifest: str, git: Git, *, name: str = "") -> None:
        self.root = repository.root
        self.manifest = manifest
        self.name = name or revision
        self._repository = repository
        self._git = git
        self._commit = repository.commit(revision)
        self._kinds: dict[str, str] = {}
        self._submodules: dict[str, str] | None = None
        self._inner: dict[str, Revision] = {}
        self._beside = ProjectFolder(repository.root, manifest, {})
        self.outside: dict[str, None] = {}
        """What was read that lies outside of the repository."""

    def read(self, path: str, *, limit: int = _LIMIT, exact: bool = False) -> str:
        """Text of a file of the commit, of at most `limit` bytes. Raises DevenvError DE102, DE103, and DE763 for the
        manifest itself."""
        if self._is_outside(path):
            self.outside[path] = None
            return self._beside.read(path, limit=limit)
        if (within := self._within(path)) is not None:
            return within[0].read(within[1], limit=limit, exact=exact)
        kind = self._kind(path)
        if kind != "blob":
            if path == self.manifest:
                ever = self._repository.git("log", "--all", "-1", "--format=%h", "--", path).output.strip()
                hint = f"`git log --all --oneline -- {path}` shows the commits that changed it"
                raise DevenvError.of(
                    "DE763",
                    f"there was no {path} in {self.name}",
                    hint=hint if ever else "no commit has it yet: `git add` and `git commit` it first",
                )
            raise DevenvError.of("DE102", f"{path} is not a file in {self.name}")
        said = self._repository.git("cat-file", "blob", self._object(path))
        if said.code != 0:
            raise DevenvError.of("DE102", f"cannot read {path} in {self.name}", evidence=said.errors.splitlines()[:2])
        if len(said.output) > limit:
            raise DevenvError.of("DE103", f"{path} is larger than {limit >> 20} MiB in {self.name}")
        return said.output if exact else said.output.removeprefix("\ufeff")

    def exists(self, path: str, kind: Literal["file", "directory"]) -> bool:
        """Whether a path is there, as a file or as a folder."""
        if self._is_outside(path):
            return self._beside.exists(path, kind)
        if (within := self._within(path)) is not None:
            return within[0].exists(within[1], kind)
        return self._kind(path) == ("blob" if kind == "file" else "tree")

    def folder(self, path: str) -> Path:
        """A folder of the commit, unpacked outside of the checkout. Raises DevenvError as `Git.tree` does."""
        if self._is_outside(path):
            self.outside[path] = None
            return self._beside.folder(path)
        if (within := self._within(path)) is not None:
            return within[0].folder(within[1])
        inside = self._repository.at(path)
        return self._git.tree(self._repository.top, self._commit, "" if inside == "." else inside).folder

    def environment(self) -> dict[str, str]:
        """No variables: what a revision means does not depend on a machine."""
        return {}

    def layers(self) -> list[tuple[str, Mapping[str, str]]]:
        """The same: no sources."""
        return []

    def settings(self) -> dict[str, str]:
        """None: what a machine remembers is in no revision."""
        return {}

    def state(self) -> dict[str, object]:
        """None, for the same reason."""
        return {}

    def digest(self, pattern: str) -> str:
        """Git's own digest of a file or folder; '' when there is none, and for a glob."""
        if (within := self._within(pattern)) is not None:
            return within[0].digest(within[1])
        said = self._repository.git("rev-parse", "--verify", "--quiet", "--end-of-options", self._object(pattern))
        return said.output.strip() if said.code == 0 else ""

    def signature(self, path: str) -> str:
        return self.digest(path)

    def tree(self, folder: str, ignore: Ignore) -> str:
        return self.digest(folder)

    def weigh(self, folder: str, size: int, files: int) -> tuple[int, int]:
        """Nothing: what is large in a working tree (modules, data) is in no revision."""
        return 0, 0

    def above(self) -> str:
        return self._repository.prefix.rstrip("/")

    def idle(self) -> bool:
        return True

    def write(self, path: str, text: str, *, private: bool = False) -> bool:
        raise self._unwritable(path)

    def append(self, path: str, text: str) -> None:
        raise self._unwritable(path)

    def adopt(self, folder: Path, path: str) -> None:
        """Nothing is built from a revision, so nothing need be there."""

    def save_settings(self, settings: Mapping[str, str]) -> None:
        raise self._unwritable(".devenv/.env")

    def save_state(self, state: Mapping[str, object]) -> None:
        raise self._unwritable(".devenv/state.json")

    @contextmanager
    def lock(self, wait: float = 0.0) -> Iterator[None]:
        yield

    def claim(self, what: str) -> bool:
        return True

    def claimed(self, what: str) -> bool:
        return False

    def _within(self, path: str) -> tuple[Revision, str] | None:
        """The submodule that a path lies in, and the path in there. Raises DevenvError DE102 where that is not here."""
        at = self._repository.at(path)
        folder = next((one for one in self._links() if at == one or at.startswith(f"{one}/")), None)
        if folder is None:
            return None
        if folder not in self._inner:
            self._inner[folder] = self._opened(folder, self._links()[folder])
        return self._inner[folder], posixpath.relpath(at, folder)

    def _links(self) -> dict[str, str]:
        """The folder of each submodule, as seen from the top, and its commit."""
        if self._submodules is None:
            blob, keys = f"{self._commit}:.gitmodules", r"^submodule\..*\.path$"
            said = self._repository.git("config", "--blob", blob, "-z", "--get-regexp", keys).output
            named = [entry.partition("\n")[2] for entry in said.split("\0")[:-1]]
            listing = ("ls-tree", "-z", "--full-tree", self._commit, "--", *named)
            found = self._repository.git(*listing).output.split("\0")[:-1] if named else []
            links = (entry.partition("\t")[::2] for entry in found if entry.startswith("160000 "))
            self._submodules = {folder: words.split()[2] for words, folder in links}
        return self._submodules

    def _opened(self, folder: str, commit: str) -> Revision:
        top = Path(self._repository.top, folder)
        if not (top / ".git").exists() or Path(self._repository.top).resolve() not in top.resolve().parents:
            hint = f"`git submodule update --init {folder}` in {self._repository.top} fills it"
            raise DevenvError.of("DE102", f"{folder} is a submodule that is not checked out", hint=hint)
        inside = Repository(self._repository.processes, top, top=str(top))
        try:
            return Revision(inside, commit, self.manifest, self._git, name=self.name)
        except DevenvError:
            message = f"the submodule {folder} lacks {commit[:10]}, which is its commit in {self.name}"
            raise DevenvError.of("DE102", message, hint=f"`git -C {top} fetch` gets it") from None

    def _unwritable(self, path: str) -> DevenvError:
        return DevenvError.of("DE701", f"cannot write {path}: {self.name} is a revision")

    def _kind(self, path: str) -> str:
        if path not in self._kinds:
            said = None if self._is_outside(path) else self._repository.git("cat-file", "-t", self._object(path))
            if said is not None and _NOT_FETCHED.search(said.errors):
                hint = f"this clone is a partial one: `git diff --stat {self._commit}` fetches what it lacks"
                raise DevenvError.of("DE102", f"this clone lacks {path} of {self.name}", hint=hint)
            self._kinds[path] = said.output.strip() if said is not None and said.code == 0 else ""
        return self._kinds[path]

    def _is_outside(self, path: str) -> bool:
        """Whether a path leads out of the repository, as that of an included file may."""
        return is_outside(self._repository.at(path))

    def _object(self, path: str) -> str:
        at = self._repository.at(path)
        return f"{self._commit}:{'' if at == '.' else at}"


def is_outside(path: str) -> bool:
    """Whether a path, as seen from the top of a repository, leads out of it."""
    return posixpath.isabs(path) or path.startswith("../")


class _Without:
    """A project in which some files are not there."""

    def __init__(self, project: Project, hides: Callable[[str], bool]) -> None:
        self._project = project
        self._hides = hides

    def exists(self, path: str, kind: Literal["file", "directory"]) -> bool:
        return self._project.exists(path, kind) and not (kind == "file" and self._hides(path))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._project, name)


def without(project: Project, hides: Callable[[str], bool]) -> Project:
    """`project` as if it had none of the files that it `hides`, which is asked about those that are there."""
    return cast(Project, _Without(project, hides))
