"""Which services can be asked directly, and how often."""

import socket
from contextlib import closing

from devenv.model.data import Map
from devenv.model.manifest import Ready
from devenv.model.observed import Container
from devenv.model.stack import PublishedPort, Service
from devenv.ops.bringup import direct
from devenv.records import replace

HERE = (("127.0.0.1", "127.0.0.1"),)
ELSEWHERE = (("203.0.113.7", "203.0.113.1"),)


def service(port: int, ready: Ready | None) -> Service:
    named = PublishedPort("main", port, "tcp", None, "DEVENV_PORT_DB_MAIN")
    return Service("db", Map({"healthcheck": Map()}), ports=(named,), ready=ready)


def container(addresses: tuple[tuple[str, str], ...]) -> Container:
    return Container("1", "db-1", "shop", "db", "running", "starting", "x", "y", addresses=addresses)


def test_a_port_is_asked_where_the_network_is_this_machines():
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        ask = direct.asker(service(listening.getsockname()[1], Ready(tcp="main")), container(HERE))
        assert ask is not None
        assert ask()
    assert not ask()


def test_nobody_elses_network_is_asked():
    assert direct.asker(service(5432, Ready(tcp="main")), container(ELSEWHERE)) is None
    assert direct.asker(service(5432, Ready(tcp="main")), container(())) is None


def test_a_command_and_a_health_check_of_ones_own_are_the_engines_to_run():
    assert direct.asker(service(5432, Ready(run=("true",))), container(HERE)) is None
    assert direct.asker(service(5432, None), container(HERE)) is None
    own = replace(service(5432, Ready(tcp="main")), compose=Map())
    assert direct.asker(own, container(HERE)) is None


def test_what_takes_long_is_asked_seldom():
    assert direct.pause(0.0) == 0.02
    assert direct.pause(0.3) == 0.03
    assert direct.pause(60.0) == 0.05
