"""`include:` as it is written: Compose's forms, and devenv's further keys, checked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from devenv.core.manifest.node import Node, quoted
from devenv.errors import Mark, Report
from devenv.model.data import Map, mark_of, text
from devenv.records import field, frozen

KEYS = ("path", "git", "ref", "prefix", "mode", "share", "project_directory", "env_file")
_PREFIX = re.compile(r"[a-zA-Z0-9](?:[a-zA-Z0-9._-]*[a-zA-Z0-9])?")
_REMOTE = re.compile(r"(?:https?|ssh|git|file)://|git@|github\.com/")
_LONGEST = 40


@frozen
class Entry:
    """One file to include, or several of which the later are merged over the earlier.

    `paths` are as written (relative to the folder of the including file, or inside the repository `git` at `ref`);
    empty means the manifest at the top of the repository. `share` maps a service of the included file to one of the
    including file. `env_file` None means the `.env` of the project's folder.
    """

    paths: tuple[str, ...]
    git: str = ""
    ref: str = ""
    prefix: str = ""
    mode: str = ""
    share: Mapping[str, str] = field(default_factory=dict)
    project_directory: str = ""
    env_file: tuple[str, ...] | None = None
    mark: Mark | None = None
    source: Map = field(default_factory=Map)
    path: str = "include"

    def place(self, key: str) -> Mark | None:
        """Where `key` of it is written."""
        return mark_of(self.source, key) if key in self.source else self.mark

    def __str__(self) -> str:
        return f"{self.git}{f'@{self.ref}' if self.ref else ''}" if self.git else self.paths[0]


def read_entries(data: Map, report: Report) -> list[Entry]:
    """The entries of `include` in a manifest or Compose file; those that are wrong go to `report` and are left out."""
    if data.get("include") is None:
        return []
    node = Node(data, "", report, data.mark).child("include")
    if not isinstance(node.value, list):
        node.wrong_kind("a list of files", "write each file in a line of its own, after '- '")
        return []
    return [entry for item in node.items() if (entry := _entry(item)) is not None]


def _entry(node: Node) -> Entry | None:
    before = len(node.report.errors)
    if not isinstance(node.value, dict):
        written = node.text("a path, or a mapping with 'path' or 'git'")
        if written is None:
            return None
        git, ref, paths = _address(written, node)
        return Entry(paths, git, ref, mark=node.mark, path=node.path) if len(node.report.errors) == before else None
    children = dict(node.children())
    for key in children:
        if key not in KEYS and not key.startswith("x-"):
            node.unknown(key, KEYS)
    entry = _mapping(node, {key: child for key, child in children.items() if key in KEYS})
    return entry if len(node.report.errors) == before else None


def _mapping(node: Node, children: Mapping[str, Node]) -> Entry:
    def one(key: str, wanted: str) -> str:
        return children[key].text(wanted) or "" if key in children else ""

    git, ref = one("git", "the address of a Git repository"), one("ref", "a branch, tag or commit")
    paths = _several(children["path"], "a path, or a list of paths") if "path" in children else ()
    if not git and paths and _REMOTE.match(paths[0]):
        git, ref, paths = _address(paths[0], children["path"])
    elif not {"git", "path"} & set(children) and node.holds_only(KEYS):
        node.problem("DE217", "nothing says what to include", "write 'path: …', or 'git: …' with 'ref: …'")
    if "ref" in children and "git" not in children:
        children["ref"].problem("DE219", "'ref' is of a 'git', and there is none", of_key=True)
    return Entry(
        paths,
        git,
        ref,
        prefix=_prefix(children["prefix"]) if "prefix" in children else "",
        mode=one("mode", "the name of a mode"),
        share=_share(children["share"]) if "share" in children else {},
        project_directory=one("project_directory", "a folder"),
        env_file=_several(children["env_file"], "a file, or a list of files") if "env_file" in children else None,
        mark=node.mark,
        source=node.value,
        path=node.path,
    )


def _address(written: str, node: Node) -> tuple[str, str, tuple[str, ...]]:
    """Compose's own form of a remote file, `https://…/app.git#ref:path`, taken apart."""
    if written.startswith("oci://"):
        node.problem("DE340", "a stack in an image registry (oci://) cannot be included", "include its file from Git")
    if not _REMOTE.match(written):
        return "", "", (written,)
    address, _, fragment = written.partition("#")
    ref, _, path = fragment.partition(":")
    address = f"https://{address}" if address.startswith("github.com/") else address
    return address, ref, (path,) if path else ()


def _several(node: Node, wanted: str) -> tuple[str, ...]:
    if not isinstance(node.value, list):
        written = node.text(wanted)
        return (written,) if written is not None else ()
    if not node.value:
        node.problem("DE204", "the list is empty")
    return tuple(written for item in node.items() if (written := item.text("a path")) is not None)


def _prefix(node: Node) -> str:
    prefix = node.text("a prefix for names") or ""
    if prefix and (not _PREFIX.fullmatch(prefix) or len(prefix) > _LONGEST):
        hint = f"write '{prefix.rstrip('-._')}': names become '{prefix.rstrip('-._')}-NAME'"
        message = (
            f"{quoted(prefix)} is no prefix: letters, digits, '-', '_' and '.', at most {_LONGEST}, no '-' at the end"
        )
        node.problem("DE205", message, hint if prefix.rstrip("-._") not in ("", prefix) else None)
        return ""
    return prefix


def _share(node: Node) -> dict[str, str]:
    if node.mapping("a mapping from its services to yours", "write {db: db}: its service, then yours") is None:
        return {}
    shared = {}
    for name, child in node.children():
        server = child.text("the name of a service of this manifest")
        if server is not None:
            shared[text(name)] = server
    return shared
