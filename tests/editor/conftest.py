"""One language server for all tests of this folder, in a project as `devenv init` leaves it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from devenv.engine.catalog import FolderCatalog
from devenv.engine.repository import Repository
from devenv.ops.init import init
from tests.editor.server import Server, server


@pytest.fixture(scope="session")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("project")
    init(Repository(root), FolderCatalog())
    with server(root) as made:
        yield made
