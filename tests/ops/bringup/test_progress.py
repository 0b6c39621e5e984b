from devenv.events import Phase
from devenv.model.data import Map
from devenv.model.manifest import Ready
from devenv.model.observed import Container
from devenv.model.stack import Condition, Need, Service
from devenv.ops.bringup import progress as bringup
from devenv.ops.bringup.budget import budget, restarts
from devenv.ops.bringup.progress import ASIDE, ENDURE, Progress
from devenv.ops.failures.failures import Cause


def service(name: str, *needs: str, until: Condition = "ready", **fields: object) -> Service:
    compose = Map(fields.pop("compose", {}))
    edges = tuple(Need(n, until) for n in needs)
    return Service(name=name, compose=compose, needs=edges, **fields)  # type: ignore[arg-type]


def container(name: str, state: str = "created", health: str = "none") -> Container:
    return Container(name, name, "shop", name, state, health, "i", "i")  # type: ignore[arg-type]


def begin(*services: Service, done: tuple[str, ...] = (), **states: str) -> tuple[Progress, list[tuple]]:
    told: list[tuple] = []
    containers = [container(s.name, *states.get(s.name, "created").split()) for s in services]
    progress = Progress(
        services, containers, dict.fromkeys(done, "done before"), lambda *news: told.append(news), 100.0
    )
    return progress, told


def test_health_before_the_start_is_seen_is_ignored() -> None:
    progress, _ = begin(service("db"), service("web", "db"))
    assert progress.startable(100) == ["db"]
    progress.checked("db", "healthy", 100)
    assert progress.startable(100) == []
    progress.running("db", 100)
    progress.checked("db", "healthy", 101)
    assert progress.startable(101) == ["web"]


def test_a_start_forgets_the_health_of_the_run_before() -> None:
    progress, _ = begin(service("db", compose={"restart": "always"}), service("web", "db"))
    progress.startable(100)
    progress.running("db", 100)
    progress.checked("db", "starting", 100)
    progress.died("db", 1, 101)
    progress.checked("db", "healthy", 101)
    progress.running("db", 102)
    assert progress.startable(102) == []


def test_a_service_that_somebody_else_started_is_not_waited_for_in_vain() -> None:
    progress, told = begin(service("db"), service("web", "db"))
    progress.startable(100)
    progress.running("web", 100)
    progress.checked("web", "healthy", 100)
    progress.running("db", 101)
    progress.checked("db", "healthy", 101)
    assert progress.startable(101) == []
    assert progress.phases == {"db": Phase.READY, "web": Phase.READY}
    assert told[-1] == ("web", Phase.READY, "", 0.0)


def test_who_is_ready_at_once_unlocks_who_comes_later() -> None:
    progress, _ = begin(service("a"), service("b", "a"), service("c", "b"))
    progress.startable(100)
    progress.running("b", 100)
    progress.checked("b", "healthy", 100)
    progress.running("a", 101)
    progress.checked("a", "healthy", 101)
    assert progress.startable(101) == ["c"]


def test_it_is_over_once_a_service_without_a_health_check_has_stayed_up_for_a_moment() -> None:
    progress, _ = begin(service("web"))
    progress.startable(100)
    progress.running("web", 100)
    progress.checked("web", "none", 100)
    assert not progress.over(100)
    assert progress.wake_at(100) == 100 + bringup.SETTLE
    assert progress.over(100 + bringup.SETTLE)


def test_a_service_with_a_health_check_ends_it_at_once() -> None:
    progress, _ = begin(service("web"))
    progress.startable(100)
    progress.running("web", 100)
    progress.checked("web", "healthy", 101)
    assert progress.over(101)


def test_the_budget_begins_with_the_container_and_not_with_the_command() -> None:
    progress, _ = begin(service("db"), service("web", "db", ready=Ready(http="/", within=10)))
    progress.startable(100)
    progress.running("db", 130)
    progress.checked("db", "healthy", 150)
    progress.startable(150)
    progress.running("web", 151)
    progress.expire(160)
    assert progress.take_failures() == []
    assert progress.wake_at(160) == 161
    progress.expire(161)
    [failure] = progress.take_failures()
    assert (failure.service, failure.cause, failure.seconds) == ("web", Cause.NOT_READY, 10)


def test_everybody_behind_a_failure_is_skipped_in_order() -> None:
    progress, told = begin(service("a"), service("b", "a"), service("c", "b"), service("d"))
    progress.startable(100)
    progress.running("a", 100)
    progress.died("a", 1, 101)
    [failure] = progress.take_failures()
    assert failure.blocked == ("b", "c")
    assert [news[:3] for news in told[-3:]] == [
        ("a", Phase.FAILED, ""),
        ("b", Phase.SKIPPED, "needs a"),
        ("c", Phase.SKIPPED, "needs a"),
    ]


def test_a_second_failure_names_who_waited_for_it_though_the_first_has_skipped_them() -> None:
    e = Service(name="e", compose=Map(), needs=(Need("a", "ready"), Need("b", "started")))
    progress, told = begin(service("a"), service("b"), service("c", "a", "b"), service("d", "c", until="started"), e)
    progress.startable(100)
    progress.running("a", 100)
    progress.running("b", 100)
    progress.died("a", 1, 101)
    progress.died("b", 1, 102)
    first, second = progress.take_failures()
    assert first.blocked == ("c", "e", "d")
    assert second.blocked == ("c", "d")
    assert told[-1][:3] == ("b", Phase.FAILED, "")


def test_a_death_that_is_heard_of_twice_counts_once() -> None:
    progress, _ = begin(service("web", compose={"restart": "always"}))
    progress.startable(100)
    progress.running("web", 100)
    progress.died("web", 1, 101)
    progress.died("web", 1, 101)
    progress.running("web", 102)
    progress.died("web", 1, 103)
    assert progress.take_failures() == []


def test_a_service_without_a_health_check_has_to_stay_up_after_each_start() -> None:
    progress, _ = begin(service("web", compose={"restart": "always"}))
    progress.startable(100)
    soon = bringup.SETTLE / 2
    for start in (100.0, 102.0, 105.0):
        progress.running("web", start)
        progress.checked("web", "none", start)
        assert not progress.over(start + soon)
        progress.died("web", 3, start + soon)
    [failure] = progress.take_failures()
    assert (failure.cause, failure.exit_code) == (Cause.RESTARTS, 3)


def test_a_container_that_the_engine_is_about_to_start_again_has_ended_before() -> None:
    web = service("web", compose={"restart": "always"}, ready=Ready(within=10))
    ended = Container("web", "web", "shop", "web", "restarting", "none", "i", "i", exit_code=3)
    progress = Progress([web], [ended], {}, lambda *news: None, 100.0)
    progress.expire(110)
    [failure] = progress.take_failures()
    assert (failure.cause, failure.exit_code) == (Cause.RESTARTS, 3)


def test_a_container_that_had_died_before_counts_once_it_stays_up() -> None:
    web = service("web", compose={"restart": "always"})

    def found() -> tuple[Progress, list[tuple]]:
        told: list[tuple] = []
        listed = [container("web", "running")]
        return Progress([web], listed, {}, lambda *news: told.append(news), 100.0, restarted={"web"}), told

    progress, told = found()
    assert told == [("web", Phase.STARTING, "it has died before", None)]
    assert not progress.over(109)
    assert progress.wake_at(109) == 100 + ENDURE
    progress.expire(100 + ENDURE)
    assert progress.phases == {"web": Phase.READY}
    progress, _ = found()
    progress.died("web", 3, 101)
    progress.running("web", 105)
    progress.expire(100 + ENDURE)
    assert progress.phases == {"web": Phase.STARTING}
    progress.died("web", 3, 111)
    [failure] = progress.take_failures()
    assert (failure.cause, failure.exit_code) == (Cause.RESTARTS, 3)


def test_a_health_check_tells_of_a_container_that_had_died_before() -> None:
    ended = container("web", "restarting")
    progress = Progress([service("web", compose={"restart": "always"})], [ended], {}, lambda *news: None, 100.0)
    progress.running("web", 101)
    progress.checked("web", "healthy", 102)
    assert progress.phases == {"web": Phase.READY}


def test_how_long_a_service_may_take() -> None:
    assert budget(service("a"), job=False) == 60
    assert budget(service("a"), job=True) is None
    assert budget(service("a", ready=Ready(tcp="80", within=5)), job=False) == 5
    slow = {"healthcheck": {"start_period": "2m", "interval": "10s", "timeout": "5s", "retries": 4}}
    assert budget(service("a", compose=slow), job=False) == 180
    assert budget(service("a", compose={"healthcheck": {"test": ["CMD", "true"]}}), job=False) == 60


def test_restart_policies() -> None:
    def policy(code: int, **compose: object) -> bool:
        return restarts(service("a", compose=compose), code)

    assert not policy(1)
    assert not policy(1, restart="no")
    assert policy(0, restart="always")
    assert policy(1, restart="on-failure:5")
    assert not policy(0, restart="on-failure")
    assert policy(1, deploy={"restart_policy": {"condition": "any"}})
    assert not policy(1, deploy={"restart_policy": {"condition": "none"}})


def test_what_need_not_be_there_is_waited_for_and_may_fail() -> None:
    web = Service("web", Map(), needs=(Need("db", "ready", required=False),))
    progress, _ = begin(service("db", compose={"restart": "no"}), web, service("shop", "db"))
    assert progress.startable(100) == ["db"]
    progress.running("db", 100)
    assert progress.startable(101) == []
    progress.died("db", 1, 102)
    assert progress.startable(102) == ["web"]
    assert progress.phases["shop"] is Phase.SKIPPED


def test_what_the_longest_chain_waits_for_is_started_first() -> None:
    db, cache, lone = service("db"), service("cache"), service("lone")
    progress, _ = begin(lone, cache, db, service("orders", "db"), service("web", "cache", "orders"))
    assert progress.startable(100, at_once=8) == ["db", "cache", "lone"]


def test_who_few_wait_for_starts_behind_who_many_wait_for() -> None:
    services = service("db"), service("cache"), service("lone"), service("orders", "db"), service("web", "orders")
    progress, _ = begin(*services)
    assert progress.startable(100, at_once=1) == ["db"]
    assert progress.startable(100, busy=["db"], at_once=1) == []
    assert progress.startable(100, busy=["db"], at_once=2) == ["cache"]


def test_equals_start_together() -> None:
    progress, _ = begin(service("db"), *(service(f"s{n}", "db") for n in range(6)), service("web", "s0"))
    progress.startable(100)
    progress.running("db", 100)
    progress.checked("db", "healthy", 101)
    assert progress.startable(101, at_once=1) == ["s0"]
    assert progress.startable(101, busy=["s0"], at_once=1) == []
    assert progress.startable(102, at_once=1) == [f"s{n}" for n in range(1, 6)]


def test_what_was_just_made_waits_a_moment_for_a_longer_chain_that_is_being_made() -> None:
    services = (service("db"), service("web", "db"), service("cache"))
    progress = Progress(services, [], {}, lambda *news: None, 100.0, pending={"db", "web", "cache"})
    progress.created("cache", [container("cache")], 101.0)
    assert progress.startable(101.0) == []
    assert progress.wake_at(101.0) == 101.0 + ASIDE
    progress.created("db", [container("db")], 101.01)
    assert progress.startable(101.01, at_once=2) == ["db", "cache"]


def test_it_waits_no_longer_than_that_for_a_container_that_is_late() -> None:
    services = (service("db"), service("web", "db"), service("cache"))
    progress = Progress(services, [], {}, lambda *news: None, 100.0, pending={"db", "web", "cache"})
    progress.created("cache", [container("cache")], 101.0)
    assert progress.startable(101.0 + ASIDE) == ["cache"]


def test_a_service_with_a_health_check_is_not_ready_because_the_engine_has_not_looked_at_it() -> None:
    progress, _ = begin(service("db", has_healthcheck=True))
    progress.startable(100)
    progress.running("db", 100)
    progress.checked("db", "none", 101)
    assert progress.phases["db"] is Phase.STARTING


def test_what_needs_something_that_runs_waits_for_what_that_needs() -> None:
    """A job on a server that is kept would meet one whose database is only being started."""
    chain = service("db"), service("seed", "db", job=True), service("web", "seed"), service("page", "web")
    progress, told = begin(*chain, service("tests", "page", job=True), done=("seed",), web="running", page="running")
    assert ("tests", Phase.WAITING, "for db", None) in told
    assert progress.startable(100) == ["db"]
    progress.running("db", 100)
    progress.checked("db", "healthy", 101)
    assert progress.startable(101) == ["tests"]


def test_what_something_that_runs_could_do_without_is_not_waited_for_once_it_has_failed() -> None:
    kept = Service("web", Map(), needs=(Need("db", "ready", required=False),))
    progress, _ = begin(service("db"), kept, service("tests", "web"), web="running")
    assert progress.startable(100) == ["db"]
    progress.running("db", 100)
    progress.died("db", 1, 101)
    assert progress.startable(101) == ["tests"]


def test_what_waits_behind_something_that_runs_is_told_of_a_failure() -> None:
    progress, _ = begin(service("db"), service("web", "db"), service("tests", "web"), web="running")
    progress.startable(100)
    progress.running("db", 100)
    progress.died("db", 1, 101)
    assert progress.phases == {"db": Phase.FAILED, "web": Phase.KEPT, "tests": Phase.SKIPPED}
    assert progress.take_failures()[0].blocked == ("tests",)
