"""The real outside: this machine's files, engine and programs, put together for operations."""

from __future__ import annotations

from pathlib import Path

from devenv.engine.catalog import FolderCatalog
from devenv.engine.daemon import DockerDaemon
from devenv.engine.files import ProjectFolder
from devenv.engine.process import LocalProcesses
from devenv.engine.protocols import Host
from devenv.engine.world import Catalog, World


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
    from devenv.engine.compose import ComposeCli
    from devenv.engine.config import read_files
    from devenv.engine.host_ports import HostPorts

    project = ProjectFolder.find(directory, file)
    daemon = DockerDaemon()
    processes = LocalProcesses()
    compose = ComposeCli(processes, project, host=lambda: daemon.endpoint.client_environment.get("DOCKER_HOST"))
    return World(
        project=project,
        daemon=daemon,
        compose=compose,
        processes=processes,
        ports=HostPorts(processes, daemon.all_containers),
        catalog=open_catalog(),
        configuration=read_files,
    )
