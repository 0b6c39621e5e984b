import threading
import time
from collections.abc import Callable

import pytest

from devenv.engine import daemon_pull
from devenv.engine.daemon_pull import blame_mirror, patiently, promptly, wait_for_pull
from devenv.engine.pulling import failure
from devenv.errors import DevenvError


def never_asked(host):
    raise AssertionError(f"{host} was asked although the engine answered")


def test_progress_comes_in_order_and_ends_complete():
    seen = []
    lines = [
        {"status": "Downloading", "id": "a", "progressDetail": {"current": 1, "total": 4}},
        {"status": "Downloading", "id": "a", "progressDetail": {"current": 2, "total": 4}},
        {"status": "Pull complete", "id": "a"},
    ]
    wait_for_pull("x", lambda: iter(lines), never_asked, lambda now, total: seen.append((now, total)))
    assert seen[0] == (1, 4) and seen[-1] == (4, 4)


def test_an_error_in_the_stream_is_classified():
    with pytest.raises(DevenvError, match="DE505"):
        wait_for_pull("x", lambda: iter([{"error": "no matching manifest for linux/arm64"}]), never_asked)


def test_an_error_of_the_request_is_passed_on():
    def lines():
        raise failure("x", "manifest unknown")
        yield {}

    with pytest.raises(DevenvError, match="DE501"):
        wait_for_pull("x", lines, never_asked)


def silent(seconds: float):
    def lines():
        threading.Event().wait(seconds)
        yield {"status": "Pulling from x", "id": "latest"}

    return lines


def test_a_silent_registry_that_nobody_reaches_is_given_up(monkeypatch):
    monkeypatch.setattr(daemon_pull, "SILENCE", 0.1)
    started, asked = time.monotonic(), []
    with pytest.raises(DevenvError, match=r"DE502: the registry r.example:5000 cannot be reached"):
        wait_for_pull("r.example:5000/x", silent(5), lambda host: bool(asked.append(host)))
    assert time.monotonic() - started < 2
    assert asked == ["r.example:5000"]


def test_a_slow_registry_that_answers_is_waited_for(monkeypatch):
    monkeypatch.setattr(daemon_pull, "SILENCE", 0.1)
    wait_for_pull("r.example/x", silent(0.5), lambda host: True)


def test_a_mirror_that_lacks_the_image_has_answered():
    error = failure("nosuch:1", "dial tcp: lookup registry-1.docker.io: no such host")
    with pytest.raises(DevenvError, match=r"DE501: .* the mirror http://m does not") as raised:
        blame_mirror(error, "nosuch:1", ("http://other/", "http://m/"), lambda mirror, name: mirror == "http://m/")
    assert "no such host" in raised.value.problems[0].evidence[0]
    blame_mirror(error, "nosuch:1", ("http://m/",), lambda mirror, name: False)


class Flaky:
    """A pull that fails with these words, one after the other, and then succeeds."""

    def __init__(self, *words: str, bytes_first: bool = False) -> None:
        self.words = list(words)
        self.bytes_first = bytes_first
        self.pauses: list[float] = []
        self.reasons: list[str] = []

    def __call__(self, count: Callable[[int, int], None]) -> None:
        if self.bytes_first:
            count(1, 2)
        if self.words:
            raise failure("a:1", self.words.pop(0))

    def pull(self) -> None:
        patiently(self, None, self.reasons.append, self.pauses.append)


@pytest.mark.parametrize(
    "words",
    [
        "read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer",
        "unexpected EOF",
        "received unexpected HTTP status: 503 Service Unavailable",
        "received unexpected HTTP status: 502 Bad Gateway",
    ],
)
def test_what_may_pass_is_tried_again_after_growing_pauses(words: str) -> None:
    flaky = Flaky(words, words)
    flaky.pull()
    assert flaky.pauses == [1.0, 2.0] and flaky.reasons == [words, words]


def test_the_fourth_failure_is_the_answer() -> None:
    flaky = Flaky(*["unexpected EOF"] * 4)
    with pytest.raises(DevenvError, match="DE502"):
        flaky.pull()
    assert flaky.pauses == [1.0, 2.0, 4.0]


@pytest.mark.parametrize(
    "words",
    [
        "manifest unknown",
        "toomanyrequests: slow down",
        "unauthorized: authentication required",
        "no space left on device",
        "dial tcp: lookup registry-1.docker.io: no such host",
        "dial tcp 127.0.0.1:1: connect: connection refused",
    ],
)
def test_a_definite_answer_is_not_asked_for_again(words: str) -> None:
    flaky = Flaky(words)
    with pytest.raises(DevenvError):
        flaky.pull()
    assert flaky.pauses == []


def test_a_network_that_goes_away_in_the_middle_may_come_back() -> None:
    flaky = Flaky("net/http: TLS handshake timeout", bytes_first=True)
    flaky.pull()
    assert flaky.pauses == [1.0]
    with pytest.raises(DevenvError):
        Flaky("net/http: TLS handshake timeout").pull()


def test_platforms_that_are_not_told_soon_are_not_waited_for() -> None:
    assert promptly(lambda: ("linux/arm64",)) == ("linux/arm64",)
    assert promptly(lambda: time.sleep(1) or (), 0.05) == ()

    def refused() -> tuple[str, ...]:
        raise DevenvError.of("DE409", "no")

    assert promptly(refused) == ()
