import threading
from datetime import UTC, datetime

import pytest

from devenv.errors import DevenvError
from devenv.ops.logs import logs, moment
from tests.fakes import FakeDaemon, FakeProject, Life, fake_world

NOW = datetime(2024, 5, 1, 12, 0, tzinfo=UTC)


def project() -> FakeProject:
    made = FakeProject()
    made.kept = {"project": "shop"}
    return made


def test_lines_of_all_services_are_merged_by_time() -> None:
    daemon = FakeDaemon()
    daemon.add("db", Life(log=("one", "three")), state="running")
    daemon.add("web", Life(log=("two",)), state="exited")
    lines = list(logs(fake_world(daemon, project=project())))
    assert [(line.service, line.text) for line in lines] == [("db", "one"), ("web", "two"), ("db", "three")]


def test_only_the_named_service_and_only_the_last_lines() -> None:
    daemon = FakeDaemon()
    daemon.add("db", Life(log=("one", "two", "three")), state="running")
    daemon.add("web", Life(log=("four",)), state="running")
    lines = logs(fake_world(daemon, project=project()), ["db"], tail=2)
    assert [line.text for line in lines] == ["two", "three"]


def test_following_takes_up_containers_that_start_later() -> None:
    daemon = FakeDaemon()
    daemon.add("db", Life(log=("one",)), state="running")
    daemon.add("web", Life(log=("later",)))
    threading.Timer(0.1, lambda: daemon.start("web-1")).start()
    stream = logs(fake_world(daemon, project=project()), follow=True)
    assert {next(stream).text, next(stream).text} == {"one", "later"}
    stream.close()  # type: ignore[attr-defined]
    daemon.close()


def test_without_containers_it_says_that_the_stack_is_not_up() -> None:
    with pytest.raises(DevenvError, match="DE630"):
        logs(fake_world(project=project()))


def test_an_unknown_service_gets_a_suggestion() -> None:
    daemon = FakeDaemon()
    daemon.add("orders")
    with pytest.raises(DevenvError) as caught:
        logs(fake_world(daemon, project=project()), ["order"])
    assert caught.value.problems[0].code == "DE720"
    assert caught.value.problems[0].hint == "did you mean 'orders'?"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("10m", datetime(2024, 5, 1, 11, 50, tzinfo=UTC)),
        ("1h30m", datetime(2024, 5, 1, 10, 30, tzinfo=UTC)),
        ("2d", datetime(2024, 4, 29, 12, 0, tzinfo=UTC)),
        ("45s", datetime(2024, 5, 1, 11, 59, 15, tzinfo=UTC)),
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, 0, tzinfo=UTC)),
        ("2024-05-01T10:00:00+02:00", datetime(2024, 5, 1, 8, 0, tzinfo=UTC)),
    ],
)
def test_times_and_ages(text: str, when: datetime) -> None:
    assert moment(text, NOW) == when


@pytest.mark.parametrize("text", ["", "soon", "10", "m", "10 minutes"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(DevenvError, match="is not a time"):
        moment(text, NOW)
