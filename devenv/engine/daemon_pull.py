"""Waits for one image pull: sums its progress, and does not wait for a registry that nobody can reach."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue
from time import monotonic, sleep
from typing import Any

from devenv.engine import pulling
from devenv.engine.protocols import OnBytes, OnLine
from devenv.errors import DevenvError
from devenv.model.image_name import host_of

Line = Mapping[str, Any]

SILENCE = 4.0
"""Seconds without a word from the engine until its registry is asked directly."""

PAUSES = (1.0, 2.0, 4.0)
"""Seconds before a pull is tried again."""

PROMPT = 3.0
"""Seconds that a registry has to say for which platforms it has an image."""

_OFTEN = 0.1  # seconds between two reports of progress


def wait_for_pull(
    reference: str,
    lines: Callable[[], Iterator[Line]],
    answers: Callable[[str], bool],
    on_bytes: OnBytes | None = None,
) -> None:
    """Reads `lines` (the engine's pull stream, which raises DevenvError when the pull is refused) to its end.

    The engine says nothing before a registry has answered, and may try one that swallows packets for minutes: after
    SILENCE the registry's host is asked with `answers`, and the pull is given up as DE502 when it does not answer
    either. Raises DevenvError as `protocols.Daemon.pull` says.
    """
    queue: SimpleQueue[Line | BaseException | None] = SimpleQueue()
    threading.Thread(target=_read, args=(lines, queue), name=f"devenv-pull {reference}", daemon=True).start()
    tally, reported = pulling.Tally(), 0.0
    try:
        line = queue.get(timeout=SILENCE)
    except Empty:
        host = host_of(reference)
        if not answers(host):
            raise pulling.failure(reference, f"no answer from {host}: i/o timeout") from None
        line = queue.get()
    while line is not None:
        if isinstance(line, BaseException):
            raise line
        if words := line.get("error"):
            raise pulling.failure(reference, str(words))
        if tally.add(line) and on_bytes is not None and monotonic() - reported >= _OFTEN:
            reported = monotonic()
            on_bytes(tally.current, tally.total)
        line = queue.get()
    if on_bytes is not None and tally.total:
        on_bytes(tally.total, tally.total)


def patiently(
    pull: Callable[[OnBytes], None],
    on_bytes: OnBytes | None = None,
    on_retry: OnLine | None = None,
    sleep: Callable[[float], None] = sleep,
) -> None:
    """Calls `pull` until it succeeds or fails for good: again after each of PAUSES when what went wrong may pass.
    Raises what the last call raised."""
    begun = False

    def count(current: int, total: int) -> None:
        nonlocal begun
        begun = True
        if on_bytes is not None:
            on_bytes(current, total)

    for pause in PAUSES:
        begun = False
        try:
            return pull(count)
        except DevenvError as error:
            words = "\n".join(error.problems[0].evidence)
            if error.problems[0].code != "DE502" or not (begun or pulling.passing(words)):
                raise
            if on_retry is not None:
                on_retry(words)
        sleep(pause)
    return pull(count)


def promptly(ask: Callable[[], tuple[str, ...]], seconds: float = PROMPT) -> tuple[str, ...]:
    """What `ask` returns; empty when that takes longer, or when it raises DevenvError."""
    answer: SimpleQueue[tuple[str, ...]] = SimpleQueue()

    def work() -> None:
        try:
            answer.put(ask())
        except DevenvError:
            answer.put(())

    threading.Thread(target=work, name="devenv-platforms", daemon=True).start()
    try:
        return answer.get(timeout=seconds)
    except Empty:
        return ()


def _read(lines: Callable[[], Iterator[Line]], queue: SimpleQueue[Line | BaseException | None]) -> None:
    try:
        for line in lines():
            queue.put(line)
    except BaseException as error:  # handed to the thread that waits, which raises it
        queue.put(error)
    queue.put(None)


def blame_mirror(
    error: DevenvError, reference: str, mirrors: tuple[str, ...], lacks: Callable[[str, str], bool]
) -> None:
    """When Docker Hub cannot be reached the engine only says that, although a mirror may have answered that it has no
    such image. Then that is the answer: raises DevenvError DE501 if `lacks` says so of a mirror."""
    for mirror in mirrors:
        if lacks(mirror, reference):
            evidence = [line for problem in error.problems for line in problem.evidence]
            raise DevenvError.of(
                "DE501",
                f"there is no image {reference}: the mirror {mirror.rstrip('/')} does not have it",
                hint="check the name and the tag; Docker Hub itself cannot be reached from here",
                evidence=evidence,
            ) from error
