import threading
import time
from queue import SimpleQueue

import pytest

from devenv.engine.daemon_events import Watch
from devenv.errors import DevenvError


class FakeStream:
    """An event stream fed by hand; None breaks the connection."""

    def __init__(self):
        self.feed = SimpleQueue()
        self.closed = False

    def __iter__(self):
        while (event := self.feed.get()) is not None:
            yield event

    def close(self):
        self.closed = True
        self.feed.put(None)


class FakeEngine:
    """Opens `streams` in order; an exception in the list is raised instead."""

    def __init__(self, *streams):
        self.streams = list(streams)
        self.since = []

    def __call__(self, since):
        self.since.append(since)
        stream = self.streams.pop(0)
        if isinstance(stream, Exception):
            raise stream
        return stream


def event(action: str, at: int = 1):
    return {"Type": "container", "Action": action, "Actor": {"ID": "c", "Attributes": {}}, "timeNano": at}


GONE = DevenvError.of("DE401", "gone")


def test_entering_subscribes_first_and_leaving_closes():
    stream = FakeStream()
    engine = FakeEngine(stream)
    with Watch(engine) as changes:
        assert engine.since == [None]
        stream.feed.put(event("start"))
        assert next(changes).action == "start"
    assert stream.closed
    assert next(changes, None) is None


def test_no_engine_at_the_start_is_an_error():
    with pytest.raises(DevenvError, match="DE401"), Watch(FakeEngine(GONE)):
        pass


def test_a_lost_connection_is_resumed_after_the_last_event_and_told():
    first, second = FakeStream(), FakeStream()
    engine = FakeEngine(first, GONE, second)
    with Watch(engine) as changes:
        first.feed.put(event("start", 5_000_000_001))
        assert next(changes).action == "start"
        first.feed.put(None)
        assert next(changes).away
        lost = next(changes)
        assert lost.lost and lost.at == pytest.approx(5.0)
        second.feed.put(event("die", 5_000_000_002))
        assert next(changes).action == "die"
    assert engine.since == [None, "5.000000002", "5.000000002"]


def test_before_any_event_a_resumed_stream_starts_now():
    first, second = FakeStream(), FakeStream()
    engine = FakeEngine(first, second)
    with Watch(engine) as changes:
        first.feed.put(None)
        assert next(changes).away
        assert next(changes).lost
    assert engine.since == [None, None]


def test_closing_from_another_thread_ends_the_iterator_at_once():
    watch = Watch(FakeEngine(FakeStream()))
    changes = watch.__enter__()
    threading.Timer(0.2, watch.__exit__, (None, None, None)).start()
    started = time.monotonic()
    assert list(changes) == []
    assert time.monotonic() - started < 1
