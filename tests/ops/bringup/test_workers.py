from queue import SimpleQueue
from threading import Event, Semaphore

from devenv.ops.bringup.workers import Workers


def test_twelve_work_at_once_and_the_others_wait_for_them() -> None:
    workers, began, go_on = Workers(lambda error: None), Semaphore(0), Event()

    def work() -> None:
        began.release()
        go_on.wait(10)

    for _ in range(13):
        workers.submit(work)
    assert [began.acquire(timeout=10) for _ in range(12)] == [True] * 12
    assert not began.acquire(timeout=0.1)
    go_on.set()
    assert began.acquire(timeout=10)


def test_what_work_raises_is_told() -> None:
    told: SimpleQueue[BaseException] = SimpleQueue()
    Workers(told.put).submit(int, "x")
    assert isinstance(told.get(timeout=10), ValueError)


def test_once_closed_nothing_begins() -> None:
    workers, began, go_on, after = Workers(lambda error: None), Semaphore(0), Event(), Event()

    def work() -> None:
        began.release()
        go_on.wait(10)

    for _ in range(12):
        workers.submit(work)
    assert all(began.acquire(timeout=10) for _ in range(12))
    workers.submit(after.set)
    workers.close()
    go_on.set()
    assert not after.wait(0.2)
