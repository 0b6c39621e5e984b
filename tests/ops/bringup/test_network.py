import time
from contextlib import suppress

import pytest

from devenv.errors import DevenvError, Report
from devenv.ops.bringup.network import Ahead
from devenv.ops.load import load_stack
from tests.fakes import FakeDaemon, FakeProject, fake_world


def made(
    services: str, top: str = "", *, names: tuple[str, ...] = ("web",), daemon: FakeDaemon | None = None
) -> list[str]:
    """What the engine is asked for when `names` come up first."""
    daemon = daemon or FakeDaemon("shop-2")
    text = f"devenv: 1\nname: shop\nservices:\n  web: {{ {services} }}\n  db: {{ image: db }}\n{top}"
    world = fake_world(daemon, project=FakeProject({"devenv.yaml": text}))
    with Ahead(world) as network:
        network.make(load_stack(world, Report()).stack, names, "shop-2")
        daemon.add("web")
    return [call for call in daemon.calls if call != "list"]


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

    assert made("image: web", daemon=Refusing("shop-2")) == ["network shop-2"]


def test_the_network_is_there_or_never_comes_when_the_bring_up_has_ended() -> None:
    class Slow(FakeDaemon):
        def make_default_network(self, project: str) -> None:
            time.sleep(0.2)
            super().make_default_network(project)

    assert made("image: web", daemon=Slow("shop-2")) == ["network shop-2"]


@pytest.mark.parametrize("interrupted", [True, False])
def test_a_bring_up_leaves_no_network_without_containers(interrupted: bool) -> None:
    daemon = FakeDaemon("shop-2")
    text = "devenv: 1\nname: s\nservices: { a: { image: a } }\n"
    world = fake_world(daemon, project=FakeProject({"devenv.yaml": text}))
    stack = load_stack(world, Report()).stack
    for containers in (False, True):
        daemon.calls.clear()
        if containers:
            daemon.add("a")
        with suppress(KeyboardInterrupt), Ahead(world) as network:
            network.make(stack, ["a"], "shop-2")
            if interrupted:
                raise KeyboardInterrupt
        assert ("delete network default" in daemon.calls) is not containers
