from devenv.core.timing.changes import compare
from devenv.core.timing.lines import KEPT, dump, load, next_number
from devenv.core.timing.timings import longest_path, record
from devenv.events import Event, Output, Phase, ServiceChanged, ServiceFailed, Started
from devenv.model.timings import Idle, Kind, Record, Span, Timeline

SERVICES = (("db", ()), ("cache", ()), ("orders", ("db", "cache")), ("web", ("orders",)))


def at(second, service, phase, seconds=None):
    return ServiceChanged(at=second, clock=100 + second, service=service, phase=phase, seconds=seconds)


UP: list[Event] = [
    Started(at=0, clock=100.1, operation="up", stack="shop", services=SERVICES),
    at(0.2, "db", Phase.PULLING),
    at(0.2, "cache", Phase.PULLING),
    at(0.9, "orders", Phase.BUILDING),
    at(1.0, "orders", Phase.BUILDING),
    at(1.2, "cache", Phase.PULLING, 1.0),
    Output(at=0, clock=101.5, source="build", text="secret"),
    at(2.0, "orders", Phase.BUILDING, 1.1),
    at(4.2, "db", Phase.PULLING, 4.0),
    *(at(4.2, name, Phase.CREATING) for name in ("db", "cache", "orders", "web")),
    at(5.0, "orders", Phase.WAITING),
    at(5.0, "web", Phase.WAITING),
    at(5.0, "db", Phase.STARTING),
    at(5.0, "cache", Phase.STARTING),
    at(5.5, "cache", Phase.READY, 0.5),
    at(7.0, "db", Phase.READY, 2.0),
    at(7.01, "orders", Phase.STARTING),
    at(8.0, "orders", Phase.READY, 1.0),
    at(8.0, "web", Phase.STARTING),
    at(9.0, "web", Phase.READY, 1.0),
]


def made(events=UP, end=109.1, outcome="ready", **more):
    return record(events, begin=100.0, end=end, at=1_700_000_000.0, outcome=outcome, **more)


def spans(run: Record, service: str) -> list[tuple[str, float, float]]:
    timeline = next(t for t in run.services if t.service == service)
    return [(s.kind.value, s.start, s.end) for s in timeline.spans]


def legs(run: Record) -> list[tuple[str, str]]:
    return [(leg.service, leg.span.kind.value) for leg in longest_path(run)]


def test_events_become_spans_of_each_service() -> None:
    run = made(number=3)
    assert (run.number, run.stack, run.outcome, run.seconds, run.code) == (3, "shop", "ready", 9.1, "")
    assert spans(run, "db") == [("pull", 0.2, 4.2), ("create", 4.2, 5.0), ("start", 5.0, 7.0)]
    assert spans(run, "cache")[:2] == [("pull", 0.2, 1.2), ("wait", 1.2, 4.2)]
    assert spans(run, "orders")[0] == ("build", 0.9, 2.0)
    assert spans(run, "web") == [("create", 4.2, 5.0), ("wait", 5.0, 8.0), ("start", 8.0, 9.0)]
    assert {t.service: t.ending for t in run.services} == dict.fromkeys(("db", "cache", "orders", "web"), "ready")


def test_the_longest_path_goes_from_the_slowest_image_over_the_last_needs_to_the_last_service() -> None:
    expected = [("db", "pull"), ("db", "create"), ("db", "start"), ("orders", "start"), ("web", "start")]
    assert legs(made()) == expected
    parts = sum(leg.span.seconds for leg in longest_path(made()))
    assert 8.7 < parts <= 9.0


def test_another_services_image_is_on_the_path_when_all_waited_for_it() -> None:
    events = [e for e in UP if not (isinstance(e, ServiceChanged) and e.service == "db" and e.phase is Phase.PULLING)]
    assert legs(made(events))[:2] == [("orders", "build"), ("db", "create")]


def test_a_need_that_must_only_have_started_is_on_the_path_up_to_then() -> None:
    run = made(
        [
            Started(clock=100, operation="up", stack="s", services=(("slow", ()), ("quick", ("slow",)))),
            at(0.0, "slow", Phase.STARTING),
            at(0.0, "quick", Phase.WAITING),
            at(0.4, "quick", Phase.STARTING),
            at(2.0, "slow", Phase.READY),
            at(3.0, "quick", Phase.READY),
        ],
        end=103,
    )
    first, second = longest_path(run)
    assert (first.service, first.span) == ("slow", Span(Kind.START, 0.0, 0.4))
    assert second.service == "quick"


def test_what_ended_early_says_so() -> None:
    bad = [
        *UP[:13],
        at(6.0, "db", Phase.FAILED),
        at(6.0, "orders", Phase.SKIPPED),
        ServiceFailed(clock=106, service="db", code="DE621", reason="password is hunter2", log=("hunter2",)),
    ]
    run = made(bad, end=106)
    assert (run.outcome, run.code) == ("failed", "DE621")
    assert {t.service: t.ending for t in run.services}["orders"] == "skipped"
    assert "hunter2" not in dump([run])
    stopped = made(UP[:4], end=103, outcome="interrupted")
    assert stopped.outcome == "interrupted"
    assert spans(stopped, "db") == [("pull", 0.2, 3.0)]
    assert stopped.services[0].ending == "unfinished"
    assert legs(stopped)[-1][1] in ("pull", "build")
    assert longest_path(made([UP[0]])) == ()


def test_nothing_of_a_run_but_names_and_times_is_kept() -> None:
    assert "secret" not in dump([made()])


def test_lines_can_be_read_back_and_damaged_ones_are_passed_over() -> None:
    idle = Idle(1.0, "shop", "ready", 0.02, "")
    text = dump([made(number=1), idle, made(number=2)])
    assert load(text) == [made(number=1), idle, made(number=2)]
    lines = text.splitlines()
    damaged = [lines[0][:40], "null", "[]", '{"at": 1}', lines[1].replace("0.02", "NaN"), "[" * 10_000, lines[2]]
    assert load("\n".join(damaged)) == [made(number=2)]


def test_only_the_last_runs_are_kept_and_idle_ones_push_out_none() -> None:
    entries = [made(number=n) for n in range(1, KEPT + 11)]
    entries += [Idle(float(n), "shop", "ready", 0.0, "") for n in range(3 * KEPT)]
    kept = load(dump(entries))
    assert [e.number for e in kept if isinstance(e, Record)] == list(range(11, KEPT + 11))
    assert sum(isinstance(e, Idle) for e in kept) == KEPT
    assert next_number(kept) == KEPT + 11
    assert next_number([]) == 1


def run_of(number: int, outcome="ready", **starts: float) -> Record:
    services = tuple(
        Timeline(name, (), (Span(Kind.CREATE, 0.0, 1.0), Span(Kind.START, 1.0, 1.0 + seconds)), "ready")
        for name, seconds in starts.items()
    )
    return Record(number, 0.0, "shop", outcome, 1.0 + max(starts.values()), "", services)


def test_what_became_slower_is_named_the_greatest_loss_first() -> None:
    earlier = [run_of(1, db=2.0, web=1.0, x=1.0), run_of(2, db=2.2, web=1.2, x=1.0), run_of(3, db=9.0, web=1.1, x=1.0)]
    found = compare(run_of(4, db=5.0, web=2.0, x=1.25), earlier)
    assert [(c.services, c.kind, c.before, c.runs) for c in found.slower] == [
        (("db",), Kind.START, 2.2, 3),
        (("web",), Kind.START, 1.1, 3),
    ]
    assert found.total.before == 3.2
    assert found.total.slower


def test_a_little_slower_is_not_slower() -> None:
    assert compare(run_of(2, db=10.9), [run_of(1, db=10.0)]).slower == ()
    assert compare(run_of(2, db=0.5), [run_of(1, db=0.25)]).slower == ()


def test_only_what_is_alike_is_compared() -> None:
    warm = Record(1, 0, "shop", "ready", 9, "", (Timeline("db", (), (Span(Kind.START, 0, 9),), "ready"),))
    broken = Record(2, 0, "shop", "failed", 9, "", (Timeline("db", (), run_of(2, db=0.1).services[0].spans, "failed"),))
    found = compare(run_of(3, db=2.0), [warm, broken])
    assert found.total.before is None
    assert [c.before for c in found.changes if c.kind is Kind.START] == [None]
    assert found.slower == ()


def test_what_one_command_does_for_several_services_counts_once() -> None:
    found = compare(run_of(2, db=1.0, web=2.0), [run_of(1, db=1.0, web=2.0)])
    assert [c.services for c in found.changes if c.kind is Kind.CREATE] == [("db", "web")]
