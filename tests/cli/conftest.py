import pytest

from tests.cli.running import Outside, run
from tests.fakes import FakeDaemon, FakeProject, Life, fake_world

SHOP = """\
devenv: 1
name: shop
services:
  db:
    image: postgres:17
    ports: { main: 5432 }
  web:
    image: web:1
    needs: [db]
    ports: { http: 8080 }
    open: http
modes:
  data: [db]
"""


class Shop:
    """A stack of two services in a world of fakes, and command lines on it."""

    def __init__(self, manifest=SHOP):
        self.project = FakeProject({"devenv.yaml": manifest})
        self.daemon = FakeDaemon()
        self.daemon.lives = {"db": Life(log=("ready to accept",)), "web": Life(log=("\x1b[32mGET\x1b[0m /\x1b[2J",))}
        self.world = fake_world(self.daemon, project=self.project)
        self.outside = Outside(a_world=self.world)

    def __call__(self, *argv, **options):
        return run(*argv, outside=self.outside, **options)

    def runs(self, *services):
        for service in services:
            ports = {"db": {(5432, "tcp"): ("127.0.0.1", 5432)}, "web": {(8080, "tcp"): ("127.0.0.1", 8080)}}[service]
            self.daemon.add(service, state="running", health="healthy", ports=ports, image=f"{service}:1")


@pytest.fixture
def shop():
    made = Shop()
    yield made
    made.daemon.close()
