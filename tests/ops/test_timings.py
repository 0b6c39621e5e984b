import time

import pytest

from devenv.errors import DevenvError
from devenv.events import Event, Finished, Note, Phase, ServiceChanged, Started
from devenv.model.timings import Idle, Kind, Record
from devenv.ops.bringup.recording import JOURNAL, recorded
from devenv.ops.timings import history, timings
from tests.fakes import FakeProject, Life
from tests.ops.test_up import MANIFEST, Small


def test_an_up_leaves_a_record_of_what_happened() -> None:
    small = Small(db=Life(ready=0.15))
    small.up()
    shown = timings(small.world)
    assert (shown.record.number, shown.record.stack, shown.record.outcome) == (1, "shop", "ready")
    db = shown.record.services[0]
    assert 0.14 <= db.took(Kind.START) <= shown.record.seconds
    assert [leg.service for leg in shown.path if leg.span.kind is Kind.START] == ["db", "seed", "web"]
    assert abs(shown.record.at - time.time()) < 60


def test_a_run_without_anything_to_do_pushes_out_none_and_is_told_of() -> None:
    small = Small()
    small.up()
    for _ in range(300):
        with recorded(small.project, lambda event: None) as sink:
            sink(Started(operation="up", stack="shop"))
            sink(ServiceChanged(service="db", phase=Phase.KEPT))
    small.up()
    shown = timings(small.world)
    assert shown.record.number == 1
    assert {run.outcome for run in shown.idle} == {"ready"}
    assert len(small.project.files[JOURNAL].splitlines()) < 250


def test_the_record_of_an_idle_run_costs_next_to_nothing() -> None:
    small = Small()
    small.up()
    begun = time.process_time()
    for _ in range(50):
        with recorded(small.project, lambda event: None) as sink:
            sink(Started(operation="up", stack="shop"))
    assert (time.process_time() - begun) / 50 < 0.002


def test_failures_and_interruptions_leave_records_too() -> None:
    small = Small(db=Life(ready=None, exit=0.02, code=1))
    small.up()
    failed = timings(small.world).record
    assert (failed.outcome, failed.code) == ("failed", "DE621")
    with pytest.raises(KeyboardInterrupt), recorded(small.project, lambda event: None) as sink:
        sink(Started(operation="up", stack="shop", services=(("db", ()),)))
        sink(ServiceChanged(service="db", phase=Phase.PULLING))
        raise KeyboardInterrupt
    assert timings(small.world).record.outcome == "interrupted"
    with pytest.raises(DevenvError), recorded(small.project, lambda event: None) as sink:
        sink(Started(operation="up", stack="shop"))
        raise DevenvError.of("DE401", "no engine answers")
    last = history(small.world)[-1]
    assert isinstance(last, Idle)
    assert (last.outcome, last.code) == ("failed", "DE401")


def test_what_fails_before_it_began_leaves_nothing() -> None:
    small = Small("devenv: 2\n")
    with pytest.raises(DevenvError):
        small.up()
    assert JOURNAL not in small.project.files


def test_a_record_that_cannot_be_written_does_not_end_the_run() -> None:
    class Full(FakeProject):
        def append(self, path: str, text: str) -> None:
            raise DevenvError.of("DE701", f"cannot write {path}: no space left on device")

    events: list[Event] = []
    with recorded(Full(), events.append) as sink:
        sink(Started(operation="up", stack="shop"))
    assert [e.level for e in events if isinstance(e, Note)] == ["warning"]


def test_who_made_a_container_before_is_not_on_the_path_of_who_waited_for_others() -> None:
    events: list[Event] = []
    with recorded(Small().project, events.append) as sink:
        sink(Started(operation="up", stack="shop", services=(("cache", ()), ("db", ()), ("web", ("db",)))))
        for service, phase in (
            ("cache", Phase.CREATING), ("cache", Phase.STARTING), ("db", Phase.STARTING), ("web", Phase.WAITING),
            ("cache", Phase.READY), ("db", Phase.READY), ("web", Phase.STARTING), ("web", Phase.READY),
        ):  # fmt: skip
            sink(ServiceChanged(service=service, phase=phase))
            time.sleep(0.03)
        sink(Finished(operation="up", ok=True, seconds=0.3))
    finished = next(e for e in events if isinstance(e, Finished))
    assert finished.longest == ("db", "web")


def test_runs_have_numbers() -> None:
    small = Small(MANIFEST)
    with pytest.raises(DevenvError, match="DE730"):
        timings(small.world)
    small.up()
    small.daemon.remove("db")
    small.up()
    assert [e.number for e in history(small.world) if isinstance(e, Record)] == [1, 2]
    assert timings(small.world, 1).record.number == 1
    assert timings(small.world, 2, against=True).comparison is not None
    with pytest.raises(DevenvError, match="DE731"):
        timings(small.world, 3)
