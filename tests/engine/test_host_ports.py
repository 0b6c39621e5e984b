import os
import socket
from pathlib import Path

import pytest

from devenv.engine.answers import Completed, Holder
from devenv.engine.host_ports import HostPorts
from devenv.engine.process import LocalProcesses
from devenv.model.observed import Container


@pytest.fixture
def ports() -> HostPorts:
    return HostPorts(LocalProcesses())


def container(name: str, port: int, state: str = "running") -> Container:
    return Container(name, name, "shop", "web", state, "none", "i", "i", ports={(80, "tcp"): ("127.0.0.1", port)})


@pytest.mark.parametrize("kind", ["tcp", "udp"])
def test_a_bound_port_is_busy_until_it_is_closed(ports, kind):
    with socket.socket(type=socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as held:
        held.bind(("127.0.0.1", 0))
        if kind == "tcp":
            held.listen()
        port = held.getsockname()[1]
        assert ports.busy(port, protocol=kind)
        assert not ports.busy(port, protocol="udp" if kind == "tcp" else "tcp")
    assert not ports.busy(port, protocol=kind)


def test_free_ports_are_many_and_nobody_has_them(ports):
    found = {ports.free() for _ in range(20)}
    assert len(found) > 10
    assert not any(map(ports.busy, found))


def test_all_addresses_and_one_of_them_collide(ports):
    with socket.create_server(("0.0.0.0", 0)) as held:
        assert ports.busy(held.getsockname()[1], "127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as held:
        assert ports.busy(held.getsockname()[1], "0.0.0.0")


def test_a_port_that_old_connections_remember_is_free(ports):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # this side closes first, so it keeps the connection in TIME_WAIT
        assert client.recv(1) == b""
        client.close()
    assert not ports.busy(port)


def test_ipv6(ports):
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as held:
        assert ports.busy(held.getsockname()[1], "::1")


def test_an_address_of_another_machine_is_not_busy(ports):
    assert not ports.busy(18080, "203.0.113.1")


def test_the_holder_is_the_process_that_listens(ports):
    with socket.create_server(("127.0.0.1", 0)) as held:
        holder = ports.holder(held.getsockname()[1])
    assert (holder.kind, holder.pid) == ("process", os.getpid())
    assert holder.name == Path("/proc/self/comm").read_text().strip()


def test_nobody_is_unknown(ports):
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert ports.holder(port) == Holder("unknown")


def proc_with(folder: Path, port: int, command: str, pid: int = 42) -> Path:
    (folder / "net").mkdir()
    row = f"   0: 0100007F:{port:04X} 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 777 1 0\n"
    (folder / "net/tcp").write_text("  sl  local_address ...\n" + row)
    (folder / f"{pid}/fd").mkdir(parents=True)
    (folder / f"{pid}/fd/3").symlink_to("socket:[777]")
    (folder / f"{pid}/comm").write_text(command + "\n")
    return folder


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_proxy_of_the_engine_is_told_as_its_container(tmp_path, state):
    proc = proc_with(tmp_path, 8080, "docker-proxy")
    there = [container("old", 8080, "exited"), container("shop-web-1", 8080, state)]
    ports = HostPorts(LocalProcesses(), lambda: there, proc)
    assert ports.holder(8080) == Holder("container", "shop-web-1", project="shop")


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_proxy_listens_before_its_container_is_listed_with_its_ports(tmp_path, state):
    looks = [[container("shop-web-1", 0, "created")], [container("shop-web-1", 8080, state)]]
    ports = HostPorts(LocalProcesses(), lambda: looks.pop(0), proc_with(tmp_path, 8080, "docker-proxy"))
    assert ports.holder(8080) == Holder("container", "shop-web-1", project="shop")


def test_a_proxy_is_never_to_be_ended_itself(tmp_path):
    proc = proc_with(tmp_path, 8080, "com.docker.backend"[:15])
    assert HostPorts(LocalProcesses(), list, proc).holder(8080) == Holder("unknown")


def test_a_process_of_its_own_is_not_mistaken_for_a_container(tmp_path):
    ports = HostPorts(LocalProcesses(), lambda: [container("c", 8080)], proc_with(tmp_path, 8080, "nginx"))
    assert ports.holder(8080) == Holder("process", "nginx", 42)


def test_another_users_proxy_is_found_in_the_list(tmp_path):
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text("header\n")
    ports = HostPorts(LocalProcesses(), lambda: [container("c", 8080)], tmp_path)
    assert ports.holder(8080) == Holder("container", "c", project="shop")


class Lsof:
    """Stands in for lsof on a machine without /proc."""

    def find(self, program):
        return Path("/usr/sbin/lsof")

    def run(self, argv, **options):
        return Completed(0, "p512\ncpostgres\nf7\n", "")


def test_lsof_where_there_is_no_proc(tmp_path):
    assert HostPorts(Lsof(), proc=tmp_path).holder(5432) == Holder("process", "postgres", 512)
