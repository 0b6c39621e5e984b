"""The base image for machines without a registry, made from Debian's archive on an engine that has nothing."""

from __future__ import annotations

import pytest

from devenv.engine import debian_image
from devenv.engine.daemon import DockerDaemon
from devenv.engine.process import LocalProcesses
from tests.journeys.engines import Engine, private_engine, short_folder

pytestmark = pytest.mark.engine


def test_the_base_image_is_debian_and_small(engine: Engine) -> None:
    lines: list[str] = []
    with short_folder() as short, private_engine(short / "e") as private:
        daemon = DockerDaemon({"DOCKER_HOST": str(private.host)})
        assert daemon.image(debian_image.BASE) is None
        debian_image.make_base(LocalProcesses(), daemon, lambda question: False, lines.append)
        image = daemon.image(debian_image.BASE)
        assert image is not None and image.size < 200_000_000
        assert image.architecture == daemon.info().architecture
        script = ". /etc/os-release; echo $VERSION_CODENAME; apt-config dump --format %v%n Acquire::Languages"
        run = ("run", "--rm", "--network=none", debian_image.BASE, "sh", "-c", script)
        assert private.docker(*run).split() == ["trixie", "none"]
    assert lines
