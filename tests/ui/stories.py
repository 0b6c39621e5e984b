"""Recorded lists of events that the views are tested on."""

from devenv.events import (
    Event,
    Finished,
    Note,
    Output,
    Phase,
    ServiceChanged,
    ServiceFailed,
    Started,
    Transfer,
)

SERVICES = (("db", ()), ("broker", ()), ("orders", ("db", "broker")), ("web", ("orders",)))


def _at(second: float) -> dict[str, float]:
    return {"at": 1_700_000_000 + second, "clock": 100 + second}


def phase(second: float, service: str, to: Phase, detail: str = "", seconds: float | None = None) -> ServiceChanged:
    return ServiceChanged(**_at(second), service=service, phase=to, detail=detail, seconds=seconds)


BEGIN: list[Event] = [
    Started(**_at(0), operation="up", stack="shop", services=SERVICES),
    phase(0, "orders", Phase.WAITING, "for db, broker"),
    phase(0, "web", Phase.WAITING, "waiting for orders"),
    Note(**_at(0.1), text="port 8080 is taken; web is published on 8081"),
    phase(0.1, "db", Phase.PULLING, "postgres:17"),
    Transfer(**_at(0.2), image="postgres:17", services=("db",), current=0, total=40_000_000),
    Transfer(**_at(2.2), image="postgres:17", services=("db",), current=12_300_000, total=40_000_000),
    phase(2.3, "broker", Phase.BUILDING),
    Output(**_at(2.4), source="broker", text="#7 1.23 step 3/7 RUN make"),
]
GOOD: list[Event] = [
    *BEGIN,
    Transfer(**_at(7.2), image="postgres:17", services=("db",), current=40_000_000, total=40_000_000),
    phase(7.3, "db", Phase.STARTING),
    phase(9.4, "db", Phase.READY, "", 2.1),
    phase(9.4, "broker", Phase.KEPT, "running"),
    phase(9.4, "orders", Phase.STARTING),
    phase(10.0, "orders", Phase.COMPLETED, "", 0.6),
    phase(10.0, "web", Phase.STARTING),
    phase(12.0, "web", Phase.READY, "", 2.0),
    Finished(**_at(12.3), operation="up", ok=True, seconds=12.3, urls=(("web", "http", "http://127.0.0.1:8081"),)),
]
BAD: list[Event] = [
    *BEGIN,
    phase(3, "db", Phase.FAILED),
    phase(3, "orders", Phase.SKIPPED, "needs db"),
    ServiceFailed(
        **_at(3),
        service="db",
        code="DE601",
        reason="exited with code 1 after 0.8 s",
        log=("starting\x1b[2J", "\x1b[31mno space\x1b[0m left"),
        probe="connection refused\n",
        blocked=("orders", "web"),
        steps=("devenv logs db",),
    ),
    Finished(**_at(3.5), operation="up", ok=False, seconds=3.5),
]
REFUSED: list[Event] = [
    Started(**_at(0), operation="down", stack="shop", services=SERVICES),
    Note(**_at(1), text="nothing was changed"),
    Finished(**_at(1), operation="down", ok=False, seconds=1.0),
]
