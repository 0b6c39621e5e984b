"""Which checkout of a repository containers belong to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from devenv.engine.protocols import Project

if TYPE_CHECKING:
    from devenv.model.observed import Container

FOLDER = "com.docker.compose.project.working_dir"
"""Compose's label with the folder of the file that a container was made from."""


def home(project: Project) -> str:
    """What that label says on containers of this checkout."""
    return f"{project.root}/.devenv"


def elsewhere(project: Project, containers: Sequence[Container]) -> str | None:
    """Another checkout's folder to which containers of this name belong; None when they are this one's (or its
    folder is gone: this one is what it was moved or cloned to)."""
    for container in containers:
        folder = container.labels.get(FOLDER, "")
        if folder and folder != home(project) and project.exists(folder, "directory"):
            return folder.removesuffix("/.devenv")
    return None
