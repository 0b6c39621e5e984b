"""Folders that images are built from, as a build sees them. Imports little: an `up` with nothing to do walks them."""

from __future__ import annotations

import posixpath

from devenv.core.compose.dockerignore import Ignore
from devenv.engine.protocols import Project
from devenv.errors import DevenvError

Tree = tuple[str, str]
"""A folder, and the Dockerfile whose own ignore file goes before the folder's; '' where there is none."""


def look(project: Project, tree: Tree) -> str:
    """What stands for the names, sizes and times of a folder's files; '' when it is no folder of this machine."""
    folder, dockerfile = tree
    if "://" in folder:
        return ""
    own = f"{dockerfile}.dockerignore"
    if not dockerfile or not project.exists(own, "file"):
        own = posixpath.join(folder, ".dockerignore")
    return project.tree(folder, Ignore(_read(project, own)))


def _read(project: Project, path: str) -> str:
    try:
        return project.read(path) if project.exists(path, "file") else ""
    except DevenvError:
        return ""  # the build will say so
