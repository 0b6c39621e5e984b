import signal
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from devenv.engine.answers import Holder
from devenv.errors import DevenvError
from devenv.events import Event, Note, Phase, ServiceChanged, ServiceFailed
from devenv.model.data import Map
from devenv.model.manifest import Ready
from devenv.model.stack import Condition, Need, Origin, PublishedPort, Service
from devenv.ops.bringup.execute import execute
from devenv.ops.bringup.results import Outcome
from tests.fakes import FakeDaemon, FakePorts, Life, fake_world


def service(name: str, *needs: str, until: Condition = "ready", **fields: object) -> Service:
    compose = Map(fields.pop("compose", {}))
    edges = tuple(Need(n, until) for n in needs)
    return Service(name=name, compose=compose, needs=edges, **fields)  # type: ignore[arg-type]


@pytest.fixture
def daemon() -> Iterator[FakeDaemon]:
    made = FakeDaemon()
    yield made
    made.close()


def run(daemon: FakeDaemon, *services: Service, **options: object) -> tuple[Outcome, list[Event]]:
    """Adds a container for every service that has none, and brings all up."""
    there = {c.service for c in daemon.containers("shop")}
    for one in services:
        if one.name not in there:
            daemon.add(one.name)
    events: list[Event] = []
    world = options.pop("world", None) or fake_world(daemon)
    outcome = execute(world, "shop", services, events.append, **options)  # type: ignore[arg-type]
    return outcome, events


def phases(events: list[Event], name: str) -> list[Phase]:
    return [e.phase for e in events if isinstance(e, ServiceChanged) and e.service == name]


def test_starts_each_service_when_its_needs_are_ready(daemon: FakeDaemon) -> None:
    daemon.lives["db"] = Life(ready=0.1)
    outcome, events = run(daemon, service("db"), service("orders", "db"), service("web", "orders"))
    assert outcome.ok
    assert daemon.starts == ["db", "orders", "web"]
    assert daemon.times["orders"] - daemon.times["db"] >= 0.1
    assert phases(events, "web") == [Phase.WAITING, Phase.STARTING, Phase.READY]
    assert set(outcome.phases.values()) == {Phase.READY}


def test_a_diamond_starts_both_arms_at_once_and_the_point_after_both(daemon: FakeDaemon) -> None:
    daemon.lives |= {"left": Life(ready=0.15), "right": Life(ready=0.05)}
    outcome, _ = run(
        daemon, service("top"), service("left", "top"), service("right", "top"), service("end", "left", "right")
    )
    assert outcome.ok
    assert abs(daemon.times["left"] - daemon.times["right"]) < 0.1
    assert daemon.times["end"] - daemon.times["left"] >= 0.15


def test_a_need_that_must_only_be_started_is_not_waited_for(daemon: FakeDaemon) -> None:
    daemon.lives["db"] = Life(ready=0.3)
    outcome, _ = run(daemon, service("db"), service("web", "db", until="started"))
    assert outcome.ok
    assert daemon.times["web"] - daemon.times["db"] < 0.25


def test_a_slow_start_call_holds_up_nobody_else(daemon: FakeDaemon) -> None:
    daemon.lives["slow"] = Life(slow=0.3)
    outcome, _ = run(daemon, service("slow"), service("a"), service("b", "a"))
    assert outcome.ok
    assert daemon.times["b"] - daemon.times["a"] < 0.25


def test_a_job_that_exits_0_lets_its_dependants_start(daemon: FakeDaemon) -> None:
    daemon.lives["setup"] = Life(checked=False, exit=0.05, code=0)
    outcome, events = run(daemon, service("setup", job=True), service("web", "setup", until="completed"))
    assert outcome.ok
    assert phases(events, "setup") == [Phase.STARTING, Phase.COMPLETED]
    assert daemon.times["web"] - daemon.times["setup"] >= 0.05


def test_a_service_that_must_complete_is_a_job_without_saying_so(daemon: FakeDaemon) -> None:
    daemon.lives["init"] = Life(checked=False, exit=0.05, code=0)
    outcome, _ = run(daemon, service("init"), service("web", "init", until="completed"))
    assert outcome.phases == {"init": Phase.COMPLETED, "web": Phase.READY}


def test_a_failed_job_blocks_who_waits_for_it_and_nobody_else(daemon: FakeDaemon) -> None:
    daemon.lives["orders-setup"] = Life(checked=False, exit=0.02, code=3, log=("migrating", "no such table"))
    outcome, events = run(
        daemon,
        service("orders-setup", job=True, setup_of="orders"),
        service("orders", "orders-setup", until="completed"),
        service("web", "orders"),
        service("cache"),
    )
    assert not outcome.ok
    assert outcome.phases == {
        "orders-setup": Phase.FAILED,
        "orders": Phase.SKIPPED,
        "web": Phase.SKIPPED,
        "cache": Phase.READY,
    }
    [failure] = outcome.failures
    assert failure.code == "DE623"
    assert failure.reason.startswith("the setup of orders failed with exit code 3")
    assert failure.log == ("migrating", "no such table")
    assert failure.blocked == ("orders", "web")
    assert failure.steps[0] == "`devenv logs orders-setup` shows the whole log"
    assert [e for e in events if isinstance(e, ServiceFailed)] == [failure]


def test_the_failing_middle_of_a_chain_skips_what_comes_after(daemon: FakeDaemon) -> None:
    daemon.lives["b"] = Life(ready=None, exit=0.02, code=1)
    outcome, _ = run(daemon, service("a"), service("b", "a"), service("c", "b"), service("d", "c"))
    assert [outcome.phases[n] for n in "abcd"] == [Phase.READY, Phase.FAILED, Phase.SKIPPED, Phase.SKIPPED]
    assert daemon.starts == ["a", "b"]
    assert outcome.failures[0].code == "DE621"
    assert outcome.failures[0].blocked == ("c", "d")


def test_two_failures_are_both_told(daemon: FakeDaemon) -> None:
    daemon.lives |= {"a": Life(ready=None, exit=0.02, code=1), "b": Life(ready=None, exit=0.05, code=2)}
    outcome, _ = run(daemon, service("a"), service("b"), service("c", "a", "b"))
    assert sorted(f.service for f in outcome.failures) == ["a", "b"]
    assert outcome.phases["c"] is Phase.SKIPPED


def test_a_service_that_ends_well_but_is_no_job_has_failed(daemon: FakeDaemon) -> None:
    daemon.lives["tool"] = Life(ready=None, exit=0.02, code=0)
    outcome, _ = run(daemon, service("tool"))
    assert outcome.failures[0].reason.startswith("ended with exit code 0 after ")
    assert "`job: true`" in outcome.failures[0].steps[0]


def test_a_server_of_a_template_is_never_advised_to_be_a_job(daemon: FakeDaemon) -> None:
    daemon.lives["flags"] = Life(ready=None, exit=0.02, code=0)
    outcome, _ = run(daemon, service("flags", origin=Origin("unleash", "8", "flags")))
    assert not any("job" in step for step in outcome.failures[0].steps)


def test_a_signal_has_a_name_and_want_of_memory_is_told(daemon: FakeDaemon) -> None:
    daemon.lives |= {
        "killed": Life(ready=None, exit=0.02, code=137),
        "greedy": Life(ready=None, exit=0.02, code=137, oom=True),
    }
    outcome, _ = run(daemon, service("killed"), service("greedy"))
    by = {f.service: f for f in outcome.failures}
    assert "exit code 137 (SIGKILL)" in by["killed"].reason
    assert by["greedy"].code == "DE622"
    assert "out of memory" in by["greedy"].reason


def test_a_service_without_a_health_check_that_falls_over_at_once_is_seen(
    daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devenv.ops.bringup.progress.SETTLE", 1.0)
    daemon.lives["web"] = Life(checked=False, exit=0.15, code=127, log=("sh: 1: serve: not found",))
    outcome, _ = run(daemon, service("web"))
    assert outcome.failures[0].code == "DE621"
    assert "exit code 127 (a command was not found)" in outcome.failures[0].reason


def test_a_service_that_dies_after_it_was_ready_while_others_come_up_has_failed(daemon: FakeDaemon) -> None:
    daemon.lives |= {"db": Life(exit=0.1, code=1), "slow": Life(ready=0.3)}
    outcome, _ = run(daemon, service("db"), service("slow"))
    assert outcome.phases == {"db": Phase.FAILED, "slow": Phase.READY}
    assert outcome.failures[0].code == "DE624"


def test_the_budget_counts_from_the_start_and_shows_the_last_probe(daemon: FakeDaemon) -> None:
    daemon.lives["db"] = Life(ready=0.15)
    daemon.lives["web"] = Life(ready=None, probes=((0, ""), (1, "connection refused\n")), log=("listening on 1234",))
    before = time.monotonic()
    outcome, _ = run(daemon, service("db"), service("web", "db", ready=Ready(http="/", within=0.3)))
    assert 0.45 <= time.monotonic() - before < 1.5
    [failure] = outcome.failures
    reason = "did not become ready within 0.3 s: waited for an answer to `GET /`"
    assert (failure.code, failure.reason) == ("DE620", reason)
    assert failure.probe == "connection refused"
    assert failure.log == ("listening on 1234",)


def test_unhealthy_within_the_budget_is_no_failure(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(unhealthy=0.05, ready=0.2)
    outcome, _ = run(daemon, service("web", ready=Ready(http="/", within=5.0)))
    assert outcome.ok


def test_the_whole_time_ends_what_is_awaited(daemon: FakeDaemon) -> None:
    daemon.lives["setup"] = Life(checked=False)
    outcome, _ = run(daemon, service("setup", job=True), service("web", "setup", until="completed"), timeout=0.2)
    assert outcome.phases == {"setup": Phase.FAILED, "web": Phase.SKIPPED}
    assert outcome.failures[0].code == "DE626"


@pytest.mark.parametrize("timeout", [None, 0.2])
def test_the_loop_rests_while_a_failure_is_explained(
    daemon: FakeDaemon, timeout: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.lives["web"] = Life(checked=False) if timeout else Life(ready=9.0, exit=0.05, code=1)
    turns: list[float] = []
    at_the_logs: list[int] = []

    def clock() -> float:
        turns.append(time.monotonic())
        return turns[-1]

    def logs(*arguments: object, **options: object) -> Iterator[tuple[datetime, str]]:
        at_the_logs.append(len(turns))
        time.sleep(0.3)
        at_the_logs.append(len(turns))
        return iter(())

    monkeypatch.setattr(daemon, "logs", logs)
    world = fake_world(daemon, clock=clock)
    outcome, _ = run(daemon, service("web", job=bool(timeout)), timeout=timeout, world=world)
    assert outcome.phases == {"web": Phase.FAILED}
    assert at_the_logs[1] - at_the_logs[0] < 20


def test_a_container_that_is_restarted_may_still_become_ready(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(ready=0.2, exit=0.05, code=1, restart=0.01)
    daemon.add("web")
    threading.Timer(0.1, lambda: setattr(daemon.lives["web"], "exit", None)).start()
    outcome, _ = run(daemon, service("web", compose={"restart": "unless-stopped"}))
    assert outcome.ok


def test_the_third_death_of_a_restarted_container_is_a_failure(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(ready=None, exit=0.02, code=1, restart=0.01)
    outcome, _ = run(daemon, service("web", compose={"restart": "always"}))
    assert outcome.failures[0].code == "DE625"
    assert daemon.starts == ["web"]


def test_a_restart_policy_that_leaves_a_clean_end_alone(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(ready=None, exit=0.02, code=0)
    outcome, _ = run(daemon, service("web", compose={"restart": "on-failure:3"}))
    assert outcome.failures[0].code == "DE621"


def test_health_from_before_the_start_does_not_count(daemon: FakeDaemon) -> None:
    daemon.lives["db"] = Life(ready=0.2)
    daemon.add("db", state="exited", health="healthy")
    outcome, _ = run(daemon, service("db"), service("web", "db"))
    assert outcome.ok
    assert daemon.times["web"] - daemon.times["db"] >= 0.2


def test_what_runs_is_kept_and_what_is_still_starting_is_awaited(daemon: FakeDaemon) -> None:
    daemon.add("db", state="running", health="healthy")
    daemon.add("broker", state="running", health="starting")
    threading.Timer(0.1, lambda: daemon._check("broker-1", "healthy")).start()
    outcome, events = run(daemon, service("db"), service("broker"), service("web", "db", "broker"))
    assert outcome.phases == {"db": Phase.KEPT, "broker": Phase.READY, "web": Phase.READY}
    assert daemon.starts == ["web"]
    assert phases(events, "db") == [Phase.KEPT]


def test_what_was_just_stopped_is_started_even_if_the_listing_is_behind(daemon: FakeDaemon) -> None:
    daemon.add("db", state="running", health="healthy")
    outcome, _ = run(daemon, service("db"), stopped=frozenset({"db"}))
    assert outcome.phases == {"db": Phase.READY}
    assert daemon.starts == ["db"]


def test_a_job_that_is_done_is_not_run_again(daemon: FakeDaemon) -> None:
    daemon.add("setup", state="exited", exit_code=0)
    outcome, _ = run(
        daemon, service("setup", job=True), service("web", "setup", until="completed"), done={"setup": "succeeded"}
    )
    assert outcome.phases == {"setup": Phase.KEPT, "web": Phase.READY}
    assert daemon.starts == ["web"]


def test_a_service_with_two_containers_is_ready_when_both_are(daemon: FakeDaemon) -> None:
    daemon.add("worker", Life(ready=0.05), number=1)
    daemon.add("worker", number=2)
    outcome, events = run(daemon, service("worker"), service("web", "worker"))
    assert outcome.ok
    assert daemon.starts == ["worker", "worker", "web"]
    assert phases(events, "worker") == [Phase.STARTING, Phase.READY]


def test_lost_events_are_made_up_for_by_listing(daemon: FakeDaemon) -> None:
    daemon.lives |= {"setup": Life(checked=False, exit=0.05), "db": Life(ready=0.05)}
    daemon.lose()
    threading.Timer(0.3, daemon.reconnect).start()
    outcome, _ = run(
        daemon,
        service("db"),
        service("setup", job=True),
        service("bad", "db"),
        service("web", "setup", until="completed"),
    )
    assert outcome.phases["web"] is Phase.READY
    assert outcome.ok


def test_an_end_that_nobody_heard_is_found_after_reconnecting(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(ready=None, exit=0.05, code=4)
    daemon.lose()
    threading.Timer(0.3, daemon.reconnect).start()
    outcome, _ = run(daemon, service("web"))
    assert "exit code 4" in outcome.failures[0].reason


def test_a_container_that_is_removed_meanwhile_has_failed(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(ready=None)
    threading.Timer(0.1, lambda: daemon.remove("web")).start()
    outcome, _ = run(daemon, service("web"))
    assert outcome.failures[0].code == "DE627"


def test_a_service_without_a_container_has_failed(daemon: FakeDaemon) -> None:
    daemon.add("a")
    events: list[Event] = []
    outcome = execute(fake_world(daemon), "shop", [service("a"), service("b"), service("c", "b")], events.append)
    assert outcome.phases == {"a": Phase.READY, "b": Phase.FAILED, "c": Phase.SKIPPED}
    assert outcome.failures[0].code == "DE628"


def test_a_refused_start_names_who_holds_the_port(daemon: FakeDaemon) -> None:
    words = "Bind for 127.0.0.1:8080 failed: port is already allocated"
    daemon.lives["web"] = Life(refuse=DevenvError.of("DE602", "a port of web is taken", evidence=[words]))
    world = fake_world(daemon, ports=FakePorts({8080: Holder("process", "nginx", 12)}))
    outcome, _ = run(daemon, service("web"), world=world)
    [failure] = outcome.failures
    assert failure.code == "DE602"
    assert failure.reason == "port 8080 is taken by process 'nginx' (pid 12)"
    assert failure.steps[0] == "`kill 12` ends the process, and frees the port"


def test_services_that_only_compose_can_start_go_through_it(daemon: FakeDaemon) -> None:
    world = fake_world(daemon)
    outcome, _ = run(daemon, service("db"), service("web", "db", engine_starts=False), world=world)
    assert outcome.ok
    assert world.compose.calls == ["up web"]  # type: ignore[attr-defined]


def test_an_engine_that_goes_away_ends_the_run(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(refuse=DevenvError.of("DE401", "the engine does not answer"))
    with pytest.raises(DevenvError, match="DE401"):
        run(daemon, service("web"))


def test_an_image_without_a_shell_is_asked_from_outside(daemon: FakeDaemon) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        missing = 'exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown'
        daemon.lives["web"] = Life(ready=None, probes=((-1, missing),), ports={(80, "tcp"): ("127.0.0.1", port)})
        web = service(
            "web",
            ready=Ready(tcp="http"),
            has_healthcheck=True,
            ports=(PublishedPort("http", 80, "tcp", port, "DEVENV_PORT_WEB_HTTP"),),
        )
        outcome, events = run(daemon, web)
    assert outcome.ok
    assert any(isinstance(e, Note) and "from outside" in e.text for e in events)


def test_an_image_without_a_shell_and_without_a_published_port_cannot_be_asked(daemon: FakeDaemon) -> None:
    daemon.lives["web"] = Life(ready=None, probes=((-1, "executable file not found in $PATH"),))
    outcome, _ = run(daemon, service("web", ready=Ready(tcp="80"), has_healthcheck=True))
    assert outcome.failures[0].code == "DE629"


def test_an_interrupt_leaves_containers_as_they_are_and_says_what_is_missing(daemon: FakeDaemon) -> None:
    daemon.lives["db"] = Life(ready=None)
    daemon.add("db")
    daemon.add("web")
    events: list[Event] = []
    before = threading.active_count()
    threading.Timer(0.2, lambda: signal.raise_signal(signal.SIGINT)).start()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        execute(fake_world(daemon), "shop", [service("db"), service("web", "db")], events.append)
    assert isinstance(events[-1], Note)
    assert events[-1].text == "interrupted; still coming up: db, web. `devenv up` goes on from here."
    assert daemon.starts == ["db"]
    time.sleep(0.1)
    assert threading.active_count() <= before


def test_an_interrupt_waits_a_moment_for_why_a_service_has_just_failed(
    daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.lives |= {"db": Life(exit=0.05, code=3), "web": Life(ready=None)}
    daemon.add("db")
    daemon.add("web")
    logs = daemon.logs

    def interrupted(*args: Any, **options: Any) -> Any:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)  # as the kernel hands it to the main thread
        time.sleep(0.3)
        return logs(*args, **options)

    monkeypatch.setattr(daemon, "logs", interrupted)
    events: list[Event] = []
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        execute(fake_world(daemon), "shop", [service("db"), service("web")], events.append)
    assert isinstance(events[-2], ServiceFailed)
    assert events[-2].service == "db"
    assert events[-1].text == "interrupted; still coming up: web. `devenv up` goes on from here."


def test_a_hundred_services_in_one_layer_all_start(daemon: FakeDaemon) -> None:
    services = [service("base"), *(service(f"s{i}", "base") for i in range(100))]
    outcome, _ = run(daemon, *services)
    assert outcome.ok
    assert len(daemon.starts) == 101


def test_a_daemon_that_comes_back_in_time_is_waited_for_and_what_ended_meanwhile_is_told(daemon: FakeDaemon) -> None:
    daemon.lives |= {"db": Life(ready=None, exit=0.1, code=143), "slow": Life(ready=0.9)}
    daemon.lose()
    threading.Timer(0.05, daemon.away).start()
    threading.Timer(0.7, daemon.reconnect).start()
    outcome, events = run(daemon, service("db", ready=Ready(http="/", within=0.2)), service("slow"))
    assert outcome.phases == {"db": Phase.FAILED, "slow": Phase.READY}
    assert outcome.failures[0].code == "DE636"
    assert "143 (SIGTERM) while the Docker engine did not answer" in outcome.failures[0].reason
    notes = [event.text for event in events if isinstance(event, Note)]
    assert notes == [
        "the Docker engine does not answer; it is waited for up to 15 s",
        "the Docker engine answers again",
    ]


def test_an_engine_that_stays_away_ends_the_run(daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devenv.ops.bringup.absence._PATIENCE", 0.2)
    daemon.lives["web"] = Life(ready=None)

    def gone() -> None:
        for name in ("containers", "inspect"):
            monkeypatch.setattr(daemon, name, refuse)
        daemon.away()

    def refuse(_: str) -> None:
        raise DevenvError.of("DE401", "no Docker engine answers")

    threading.Timer(0.6, gone).start()
    before = time.monotonic()
    with pytest.raises(DevenvError, match="DE401"):
        run(daemon, service("web"))
    assert 0.75 <= time.monotonic() - before < 2


def test_what_ran_before_and_is_not_healthy_is_asked_at_once(daemon: FakeDaemon) -> None:
    answers = iter([(1, "refused\n"), (0, "")])
    daemon.add("web", Life(probe=lambda: next(answers)), state="running", health="unhealthy")
    before = time.monotonic()
    outcome, _ = run(daemon, service("web"))
    assert outcome.phases == {"web": Phase.READY}
    assert time.monotonic() - before < 3


def test_what_the_probe_says_now_is_told_and_that_it_was_healthy_before(daemon: FakeDaemon) -> None:
    life = Life(probe=lambda: (1, "now\n"), probes=((1, "then"),))
    daemon.add("db", life, state="running", health="unhealthy", lapsed=True)
    outcome, _ = run(daemon, service("db", ready=Ready(http="/", within=0.2)))
    [failure] = outcome.failures
    assert (failure.code, failure.probe) == ("DE637", "now")
    assert failure.steps[0] == "`devenv restart db` starts it anew"


def test_what_the_engine_ends_before_it_stops_itself_is_told_as_its_doing(
    daemon: FakeDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    daemon.lives["db"] = Life(ready=None)

    def refuse(_: str) -> None:
        raise DevenvError.of("DE401", "no Docker engine answers")

    def stop() -> None:
        with monkeypatch.context() as now:
            now.setattr(daemon, "containers", refuse)
            daemon.kill("db-1", 143)
            time.sleep(0.3)
        daemon.away()
        daemon.reconnect()

    threading.Timer(0.1, stop).start()
    outcome, _ = run(daemon, service("db"))
    assert [failure.code for failure in outcome.failures] == ["DE636"]
