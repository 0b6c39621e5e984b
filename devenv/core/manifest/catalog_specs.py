"""`catalogs:`: further places where templates come from, a folder or a Git repository each."""

from __future__ import annotations

from devenv.core.manifest.node import Node, quoted
from devenv.model.git_address import bad_folder, bad_ref, refused
from devenv.model.manifest import CatalogSpec

KEYS = ("path", "git", "ref")
_WANTED = "a list of catalogs, each `path: FOLDER` or `git: ADDRESS` with a `ref:`"
_HINT = "write `- path: ../catalog`, or `- git: https://host/team/catalog.git` and `ref: v1` below it"


def read_catalogs(node: Node) -> tuple[CatalogSpec, ...]:
    """The catalogs in the order written; what is wrong is told and left out."""
    if node.value is None:
        return ()
    if not isinstance(node.value, list):
        node.wrong_kind(_WANTED, _HINT)
        return ()
    found: dict[tuple[str, str, str], CatalogSpec] = {}
    for item in node.items():
        spec = _catalog(item)
        if spec is None:
            continue
        key = (spec.git, spec.ref, spec.path)
        if key in found:
            item.problem("DE211", "this catalog is named twice", "remove one of the two")
        found.setdefault(key, spec)
    return tuple(found.values())


def _catalog(node: Node) -> CatalogSpec | None:
    if node.mapping("`path: FOLDER`, or `git: ADDRESS` with a `ref:`", _HINT) is None:
        return None
    before = len(node.report.errors)
    for key in node.value:
        if key not in KEYS and not key.startswith("x-"):
            node.unknown(key, KEYS)
    words = {key: node.child(key).text() or "" for key in KEYS if key in node.value}
    if not {"path", "git"} & words.keys():
        if len(node.report.errors) == before:
            node.problem("DE217", "says neither 'path' nor 'git'", _HINT)
    elif "git" in words:
        _check_git(node, words)
    elif "ref" in words:
        node.child("ref").problem("DE218", "'ref' belongs to 'git'; a folder has none", of_key=True)
    return None if len(node.report.errors) > before else CatalogSpec(**words, mark=node.mark)


def _check_git(node: Node, words: dict[str, str]) -> None:
    if words["git"] and (wrong := refused(words["git"])):
        node.child("git").problem("DE772", wrong)
    if words.get("ref") and bad_ref(words["ref"]):
        node.child("ref").problem("DE772", f"{quoted(words['ref'])} is no name of a branch, tag or commit")
    if words.get("path") and bad_folder(words["path"]):
        message = f"{quoted(words['path'])} is no folder in the repository"
        node.child("path").problem("DE772", message, "write it from the repository's top, without '..'")
