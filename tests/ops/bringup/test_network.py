import threading

import pytest

from devenv.errors import DevenvError, Report
from devenv.ops.bringup.network import make_ahead
from devenv.ops.load import load_stack
from tests.fakes import FakeDaemon, FakeProject, fake_world


def made(
    services: str, top: str = "", *, names: tuple[str, ...] = ("web",), daemon: FakeDaemon | None = None
) -> list[str]:
    """What the engine is asked for when `names` come up first."""
    daemon = daemon or FakeDaemon()
    text = f"devenv: 1\nname: shop\nservices:\n  web: {{ {services} }}\n  db: {{ image: db }}\n{top}"
    world = fake_world(daemon, project=FakeProject({"devenv.yaml": text}))
    make_ahead(world, load_stack(world, Report()).stack, names, "shop-2")
    for thread in threading.enumerate():
        if thread.name == "devenv-network":
            thread.join(5)
    return daemon.calls


@pytest.mark.parametrize(
    ("services", "top", "expected"),
    [
        ("image: web", "", ["network shop-2"]),
        ("image: web, networks: [default, back]", "networks: { back: {} }", ["network shop-2"]),
        ("image: web, networks: { default: { aliases: [www] } }", "", ["network shop-2"]),
        ("image: web, networks: [back]", "networks: { back: {} }", []),
        ("image: web, network_mode: host", "", []),
        ("image: web", "networks: { default: { internal: true } }", []),
    ],
)
def test_only_the_network_that_compose_would_make_the_same(services: str, top: str, expected: list[str]) -> None:
    assert made(services, top) == expected


def test_only_the_services_that_come_up_count() -> None:
    assert made("image: web, network_mode: host", names=("web", "db")) == ["network shop-2"]


@pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_goes_wrong_is_left_to_compose() -> None:
    class Refusing(FakeDaemon):
        def make_default_network(self, project: str) -> None:
            super().make_default_network(project)
            raise DevenvError.of("DE401", "gone")

    assert made("image: web", daemon=Refusing()) == ["network shop-2"]
