"""Which services a command is about."""

from __future__ import annotations

from time import process_time

from devenv.model.data import Map
from devenv.model.stack import Need, Service, Stack
from devenv.ops.select import choose, select

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
    assert choose(stack, ["web"], None, ["db"], {}) == (["web", "db", "db-provision"], ["db-provision"])


def test_the_whole_of_a_large_stack_takes_as_long_as_its_services() -> None:
    def seconds(count: int) -> float:
        services = {f"s{n}": Service(f"s{n}", Map()) for n in range(count)}
        stack = Stack("x", services)
        begin = process_time()
        assert len(select(stack, (), None, {})) == count
        return process_time() - begin

    assert seconds(8_000) < 16 * seconds(1_000) + 0.1
