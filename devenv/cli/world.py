"""The real outside: this machine's files, engine and programs, put together for operations."""

from __future__ import annotations

import os
from pathlib import Path

from devenv.engine.answers import RemoteTree
from devenv.engine.catalog import FolderCatalog
from devenv.engine.daemon import DockerDaemon
from devenv.engine.files import ProjectFolder
from devenv.engine.process import LocalProcesses
from devenv.engine.protocols import Git, Host, Processes
from devenv.engine.world import Catalog, World


class _Git:
    """The machine's git; its module is imported when it is first asked, which an `up` with nothing to do never does."""

    def __init__(self, processes: Processes, root: Path) -> None:
        self._made_of = processes, root

    def commit(self, url: str, ref: str = "") -> str:
        return self._git().commit(url, ref)

    def tags(self, url: str) -> list[str]:
        return self._git().tags(url)

    def tree(self, url: str, commit: str, path: str = "") -> RemoteTree:
        return self._git().tree(url, commit, path)

    def _git(self) -> Git:
        from devenv.engine.git import LocalGit

        return LocalGit(*self._made_of)


def open_catalog() -> Catalog:
    """The built-in templates."""
    return FolderCatalog()


def open_host() -> Host:
    """This machine."""
    from devenv.engine.host import LocalHost

    return LocalHost(LocalProcesses(), DockerDaemon().info)


def open_world(directory: Path, file: str | None) -> World:
    """The project found from `directory`, with the engine that the docker command would use (asked on first use).

    Raises DevenvError DE101 when there is no manifest.
    """
    from devenv.engine.compose import ComposeCli, find_plugin
    from devenv.engine.config import read_files, read_named
    from devenv.engine.host_ports import HostPorts

    project = ProjectFolder.find(directory, file)
    daemon = DockerDaemon()
    processes = LocalProcesses()
    compose = ComposeCli(
        processes,
        project,
        host=lambda: daemon.endpoint.client_environment.get("DOCKER_HOST"),
        plugin=lambda: find_plugin(os.environ),
    )
    return World(
        project=project,
        daemon=daemon,
        compose=compose,
        processes=processes,
        ports=HostPorts(processes, daemon.all_containers),
        catalog=open_catalog(),
        git=_Git(processes, project.root),
        configuration=read_files,
        shared=read_named,
    )
