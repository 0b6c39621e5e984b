"""Remote Git repositories, read and never run: which commit a ref names, and the files of a commit."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from devenv.engine import git_cache
from devenv.engine.answers import Completed, RemoteTree
from devenv.engine.git_tree import Entry, read_listing, unpack
from devenv.engine.process import TIMED_OUT
from devenv.engine.protocols import Processes
from devenv.engine.user_folders import expanded
from devenv.errors import DevenvError
from devenv.model.git_address import bad_folder, bad_ref, hide_password, is_path, refused

ASKING = 60.0
"""Seconds that a remote has to say which refs it has."""

FETCHING = 600.0
"""Seconds that fetching one commit may take."""

IN_A_CHECKOUT = ("git", "-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false", "--no-optional-locks")
_ALONE = {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1", "LC_ALL": "C"}

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

# What a repository around this process (a hook that runs devenv) has set for its own work.
_OF_ANOTHER = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"),
    *("GIT_PREFIX", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_SHALLOW_FILE"),
    *("GIT_GRAFT_FILE", "GIT_NAMESPACE", "GIT_REPLACE_REF_BASE", "GIT_NO_REPLACE_OBJECTS", "GIT_TEMPLATE_DIR"),
    *("GIT_EXTERNAL_DIFF", "GIT_TRACE"),
)
# The person's own credentials, ssh agent and proxies stay; nothing may wait for a person, and only these transports are
# known, whatever a configuration rewrites an address to.
_OURS = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file:http:https:ssh",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "SSH_ASKPASS_REQUIRE": "never",
    "LC_ALL": "C",
}
_SAFE = (
    *("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"),
    *("-c", "fetch.recurseSubmodules=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"),
    *("-c", "protocol.version=2", "-c", "fetch.writeCommitGraph=false", "-c", "init.templateDir="),
)
# `git archive` would let a tree's own .gitattributes choose what is in it, and in which form.
_RAW = "* -export-ignore -export-subst -text -ident -filter -working-tree-encoding -eol\n"


def ask(processes: Processes, folder: Path, *words: str, timeout: float = ASKING, contents: bool = False) -> Completed:
    """What Git says of the repository around a folder of this machine. Somebody else may have filled it, its own
    configuration included, which names programs: none of them runs. So a folder that is made to look like a repository
    is none, and what a partial clone lacks is not fetched; with `contents`, for what compares files of the working
    tree, filters that only this repository knows are off."""
    environment = {**os.environ, **_ALONE}
    for name in _own_filters(processes, folder) if contents else ():
        for key, value in (("clean", ""), ("process", ""), ("required", "false")):
            number = int(environment.get("GIT_CONFIG_COUNT") or 0)
            environment |= {f"GIT_CONFIG_KEY_{number}": f"{name}.{key}", f"GIT_CONFIG_VALUE_{number}": value}
            environment["GIT_CONFIG_COUNT"] = str(number + 1)
    return processes.run([*IN_A_CHECKOUT, *words], cwd=folder, env=environment, timeout=timeout)


def _own_filters(processes: Processes, folder: Path) -> set[str]:
    """The filters that the repository's own configuration names: `filter.lfs`."""
    said = ask(processes, folder, "config", "--show-scope", "--name-only", "-z", "--get-regexp", r"^filter\.")
    scopes, names = said.output.split("\0")[::2], said.output.split("\0")[1::2]
    return {
        name.rpartition(".")[0] for scope, name in zip(scopes, names, strict=False) if scope in ("local", "worktree")
    }


class LocalGit:
    """This machine's git. Addresses that are paths are relative to `root`; what is fetched is kept in `cache`."""

    def __init__(
        self, processes: Processes, root: Path, cache: Path | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self._processes = processes
        self._root = root
        self._cache = cache
        self._environ = os.environ if environ is None else environ

    def commit(self, url: str, ref: str = "") -> str:
        """See `protocols.Git`."""
        if _COMMIT.fullmatch(ref):
            return ref
        at = self._address(url)
        if ref and bad_ref(ref):
            raise DevenvError.of("DE772", f"{ref!r} is no name of a branch, tag or commit")
        names = ["HEAD"]
        if ref:
            names = [ref] if ref.startswith("refs/") else [f"refs/tags/{ref}", f"refs/heads/{ref}"]
        asked = [pattern for name in names for pattern in (name, f"{name}^{{}}")]
        done = self._git(["ls-remote", "--", at, *asked], ASKING)
        if done.code:
            raise _unreachable(url, done)
        found = dict(line.split("\t", 1)[::-1] for line in done.output.splitlines() if "\t" in line)
        for name in _in_order(names):
            if _COMMIT.fullmatch(found.get(name, "")):
                return found[name]
        hint = f"`git ls-remote --refs {url}` lists what there is"
        if not ref:
            raise DevenvError.of("DE771", f"{url} has no default branch with a commit", hint=f"name a ref; {hint}")
        short = re.fullmatch(r"[0-9a-f]{4,63}", ref)
        hint = "write a commit id in full" if short else f"check its spelling; {hint}"
        raise DevenvError.of("DE771", f"{url} has no branch or tag '{ref}'", hint=hint)

    def tags(self, url: str) -> list[str]:
        """See `protocols.Git`."""
        done = self._git(["ls-remote", "--tags", "--refs", "--", self._address(url)], ASKING)
        if done.code:
            raise _unreachable(url, done)
        return [line.partition("\trefs/tags/")[2] for line in done.output.splitlines() if "\trefs/tags/" in line]

    def tree(self, url: str, commit: str, path: str = "") -> RemoteTree:
        """See `protocols.Git`."""
        if not _COMMIT.fullmatch(commit):
            raise DevenvError.of("DE772", f"{commit!r} is no commit id in full")
        inside = _inside(path)
        at = self._address(url)
        store = git_cache.Store(self._cache or git_cache.default(), at, commit, inside)
        if (kept := store.find()) is not None:
            return kept
        with store.staging() as staging:
            repository = staging / "repository.git"
            self._fetch(url, at, commit, repository)
            spec = f"{commit}:{inside}" if inside else commit
            entries = self._entries(repository, url, spec, commit, inside)
            tar = staging / "files.tar"
            done = self._in(repository, ["archive", "--format=tar", f"--output={tar}", spec], FETCHING)
            if done.code:  # git itself refuses names such as `..`
                message = f"the files of {url} at {commit[:12]} are not taken: git refuses them"
                raise DevenvError.of("DE774", message, evidence=_words(done))
            content, left_out = unpack(tar, entries, staging / "tree", f"{url} at {commit[:12]}")
            shutil.rmtree(repository, ignore_errors=True)
            tar.unlink()
            return store.keep(staging, content, left_out)

    def _fetch(self, url: str, at: str, commit: str, repository: Path) -> None:
        """Gets one commit into a new bare repository; from a server that hands out only what a ref names,
        or files and nothing else, all refs."""
        with tempfile.TemporaryDirectory() as empty:
            kind = ["--object-format=sha256"] if len(commit) == 64 else []
            done = self._git(["init", "--quiet", "--bare", f"--template={empty}", *kind, "--", str(repository)], ASKING)
        if done.code:
            raise _broken(url, done)
        (repository / "info").mkdir(exist_ok=True)
        (repository / "info" / "attributes").write_text(_RAW)
        quiet = ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-auto-maintenance"]
        done = self._in(repository, [*quiet, "--depth=1", "--", at, f"{commit}:refs/devenv/it"], FETCHING)
        if done.code and re.search(r"unadvertised object|not our ref|no such remote ref|dumb http", done.errors):
            everything = ["+refs/heads/*:refs/devenv/heads/*", "+refs/tags/*:refs/devenv/tags/*"]
            done = self._in(repository, [*quiet, "--", at, *everything], FETCHING)
        if done.code:
            raise _unreachable(url, done)
        if self._in(repository, ["cat-file", "-e", f"{commit}^{{commit}}"], ASKING).code:
            raise DevenvError.of("DE771", f"{url} has no commit {commit}")

    def _entries(self, repository: Path, url: str, spec: str, commit: str, path: str) -> list[Entry]:
        kind = self._in(repository, ["cat-file", "-t", spec], ASKING)
        if kind.output.strip() not in ("tree", "commit"):
            hint = "write it as it is called from the repository's top"
            raise DevenvError.of("DE771", f"{url} at {commit[:12]} has no folder '{path}'", hint=hint)
        done = self._in(repository, ["ls-tree", "-r", "-l", "--full-tree", spec], FETCHING)
        if done.code:
            raise _broken(url, done)
        return read_listing(done.output, f"{url} at {commit[:12]}")

    def _in(self, repository: Path, arguments: Sequence[str], timeout: float) -> Completed:
        return self._git([f"--git-dir={repository}", *arguments], timeout)

    def _git(self, arguments: Sequence[str], timeout: float) -> Completed:
        if self._processes.find("git") is None:
            raise DevenvError.of("DE773", "git is not installed, and remote sources are read with it")
        environment = {name: value for name, value in self._environ.items() if name not in _OF_ANOTHER} | _OURS
        command = ["git", *_SAFE, *arguments]
        return self._processes.run(command, cwd=Path(tempfile.gettempdir()), env=environment, timeout=timeout)

    def _address(self, url: str) -> str:
        """What git is given: a path made whole, or an address of a kind that is asked. Raises DevenvError DE772."""
        wrong = refused(url)
        if wrong:
            raise DevenvError.of("DE772", wrong)
        if is_path(url):
            return str(Path(os.path.normpath(self._root.resolve() / expanded(url))))
        return url


def _in_order(names: Sequence[str]) -> list[str]:
    """In which order answers count: of an annotated tag the commit, and not the tag itself."""
    return [wanted for name in names for wanted in (f"{name}^{{}}", name)]


def _inside(path: str) -> str:
    """A folder in a tree, without `.` and slashes at its ends. Raises DevenvError DE772 when it leads out."""
    if bad_folder(path):
        raise DevenvError.of("DE772", f"{path!r} is no folder in a repository")
    return "/".join(part for part in path.replace("\\", "/").split("/") if part not in ("", "."))


def _unreachable(url: str, done: Completed) -> DevenvError:
    late = " in time" if done.code == TIMED_OUT else ""
    hint = "check the address, the network, and that `git ls-remote` works for you"
    return DevenvError.of("DE770", f"{hide_password(url)} cannot be read{late}", hint=hint, evidence=_words(done))


def _words(done: Completed) -> list[str]:
    """Git's own last words."""
    return [hide_password(line) for line in done.errors.splitlines() if line.strip()][-8:]


def _broken(url: str, done: Completed) -> DevenvError:
    return DevenvError.of("DE770", f"git cannot read {hide_password(url)}", evidence=_words(done))
