"""Which services a command is about."""

from __future__ import annotations

from time import process_time

from devenv.model.data import Map
from devenv.model.stack import Need, Service, Stack
from devenv.ops.checkouts import FOLDER
from devenv.ops.select import choose, select
from tests.fakes import FakeDaemon, FakeProject, fake_world

SERVICES = {
    "db": Service("db", Map()),
    "orders": Service("orders", Map(), needs=(Need("db", "ready"),)),
    "web": Service("web", Map()),
    "telemetry": Service("telemetry", Map()),
}


def test_what_comes_along_comes_with_any_service_and_after_them() -> None:
    stack = Stack("shop", SERVICES, modes={"small": ("web",)}, along=("telemetry",))
    assert select(stack, ["orders"], None, {}) == ["db", "orders", "telemetry"]
    assert select(stack, [], "small", {}) == ["web", "telemetry"]
    assert select(stack, [], None, {}) == ["db", "orders", "web", "telemetry"]
    assert select(stack, ["telemetry"], None, {}) == ["telemetry"]


def test_a_service_comes_with_its_provision() -> None:
    job = Service("db-provision", Map(), needs=(Need("db", "ready"),), job=True, setup_of="db")
    stack = Stack("shop", {**SERVICES, "db-provision": job})
    assert select(stack, ["db"], None, {}) == ["db", "db-provision"]
    assert select(stack, ["orders"], None, {}) == ["db", "orders", "db-provision"]
    assert choose(fake_world(), stack, ["web"], None, ["db"]) == (["web", "db", "db-provision"], ["db-provision"])


def test_what_runs_in_the_namespaces_of_a_service_comes_with_it() -> None:
    def inside(name: str, owner: str, *needs: str, key: str = "network_mode") -> Service:
        return Service(name, Map({key: f"service:{owner}"}), needs=tuple(Need(n, "started") for n in (owner, *needs)))

    lodgers = [inside("proxy", "web", "db"), inside("debug", "proxy", key="pid"), inside("idle", "web")]
    stack = Stack("shop", SERVICES | {one.name: one for one in lodgers}, modes={"front": ("web",)})
    daemon = FakeDaemon()
    world = fake_world(daemon)
    assert choose(world, stack, ["web"], None, [])[0] == ["web"]
    daemon.add("web", state="running")
    daemon.add("proxy", state="running")
    daemon.add("debug", state="paused")
    daemon.add("idle", state="exited")
    daemon.calls.clear()
    assert choose(world, stack, ["web"], None, [])[0] == ["web", "db", "proxy", "debug"]
    assert choose(world, stack, [], "front", [])[0] == ["web", "db", "proxy", "debug"]
    assert daemon.calls == ["list", "list"]
    assert choose(world, stack, ["orders"], None, [])[0] == ["db", "orders"]
    assert set(choose(world, stack, [], None, [])[0]) == set(stack.services)
    assert daemon.calls == ["list", "list"], "nobody asks where nothing could come along"


def test_what_runs_for_another_checkout_does_not_come_along() -> None:
    stack = Stack("shop", SERVICES | {"proxy": Service("proxy", Map({"network_mode": "service:web"}))})
    daemon = FakeDaemon()
    daemon.add("proxy", state="running", labels={FOLDER: "/other/.devenv"})
    world = fake_world(daemon, project=FakeProject({"/other/.devenv/compose.yaml": ""}))
    assert choose(world, stack, ["web"], None, [])[0] == ["web"]


def test_the_whole_of_a_large_stack_takes_as_long_as_its_services() -> None:
    def seconds(count: int) -> float:
        services = {f"s{n}": Service(f"s{n}", Map()) for n in range(count)}
        stack = Stack("x", services)
        begin = process_time()
        assert len(select(stack, (), None, {})) == count
        return process_time() - begin

    assert seconds(8_000) < 16 * seconds(1_000) + 0.1
