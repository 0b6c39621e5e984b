"""Work on images in threads of its own: what is done for which services, and how much of it at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue

from devenv.errors import DevenvError, Problem
from devenv.model.stack import Service
from devenv.records import mutable, replace

_AT_ONCE = 4  # pulls, and as many builds: more than that only share the same line and the same processors


@mutable
class Task:
    """One image on its way: for which services, and what makes it present (raises DevenvError)."""

    services: tuple[Service, ...]
    run: Callable[[], None]
    builds: bool = False

    def problem(self, service: Service, error: DevenvError) -> Problem:
        """What `error` means for one of the services, at its place in the manifest."""
        path = f"services.{service.name}"
        found = next((p for p in error.problems if p.path == path), error.problems[0])
        if (switch := service.origin.switch) is not None:
            hint = f"`{switch}: false` in devenv.local.yaml leaves it out on this machine"
            found = replace(found, hint=f"{found.hint}; {hint}" if found.hint else hint)
        return found if found.path == path else replace(found, mark=service.mark, path=path)

    def lacking(self, error: BaseException) -> dict[str, DevenvError]:
        """What `error` means for each of the services. Raises an `error` about more than it."""
        if not isinstance(error, DevenvError) or not error.problems[0].code.startswith("DE5"):
            raise error
        return {service.name: DevenvError(self.problem(service, error)) for service in self.services}


Ended = Callable[[Task, BaseException | None], None]
"""Takes a task that has ended, and why it failed; called in the task's own thread."""


def start(tasks: Sequence[Task], ended: Ended, stopped: Callable[[], bool] = lambda: False) -> None:
    """Runs the tasks in threads of their own, a few at once, in their order; none is begun once `stopped` says so."""
    for kind in (True, False):
        left: SimpleQueue[Task] = SimpleQueue()
        for task in (chosen := [task for task in tasks if task.builds is kind]):
            left.put(task)
        for _ in chosen[:_AT_ONCE]:
            threading.Thread(target=_work, args=(left, ended, stopped), name="devenv-image", daemon=True).start()


def _work(left: SimpleQueue[Task], ended: Ended, stopped: Callable[[], bool]) -> None:
    while not stopped():
        try:
            task = left.get_nowait()
        except Empty:
            return
        try:
            task.run()
        except BaseException as error:  # handed to whoever waits for the task
            ended(task, error)
        else:
            ended(task, None)
